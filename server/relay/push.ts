import type { RtmpStreamUrl } from '../base/rtmp-url.ts'
import type { Client } from '../hub/client.ts'
import type { Hub } from '../hub/hub.ts'
import type { Listener, ListenerSink } from '../hub/listener.ts'
import type { Publication } from '../hub/publication.ts'
import type { RemoteConnection } from '../protocol/netconnection/remote-connection.ts'
import { RemotePublish, type RemotePublishOwner } from '../protocol/netconnection/remote-publish.ts'
import { insider } from './insider.ts'
import { Link, type LinkTask, type LinkWorld } from './link.ts'

/** One publication that is published at another server too: a listener like any other, who comes back. */
export class Push implements LinkTask, RemotePublishOwner {
  readonly #hub: Hub
  readonly #publication: Publication
  readonly #url: RtmpStreamUrl
  readonly #link: Link
  readonly #client: Client
  #publish: RemotePublish | null = null
  #listener: Listener | null = null

  constructor(publication: Publication, url: RtmpStreamUrl, hub: Hub, world: LinkWorld) {
    const { app, address } = publication
    this.#hub = hub
    this.#publication = publication
    this.#url = url
    this.#client = insider(app, ({ description }) => this.#link.fail(description))
    const log = world.log.child({ relay: 'push', app, publication: address.address })
    this.#link = new Link(url, this, () => viaOf(publication), world, log)
    this.#link.start()
  }

  stop(): void {
    this.#link.stop()
  }

  begin(connection: RemoteConnection): void {
    this.#publish = new RemotePublish(connection, this.#url.name, 'live', this)
    this.#publish.start()
  }

  end(): void {
    if (this.#listener) this.#hub.attendance.leave(this.#publication, this.#listener)
    this.#publish?.end()
    this.#listener = null
    this.#publish = null
  }

  started(sink: ListenerSink): void {
    this.#link.works()
    this.#link.log.info({}, 'pushing')
    this.#listener = this.#hub.attendance.join(this.#publication, this.#client, sink)
  }

  status(): void {}

  failed(text: string): void {
    this.#link.fail(text)
  }
}

/** The servers that a publication came through before this one. */
export function viaOf({ publisher }: Publication): readonly string[] {
  return publisher?.client?.facts.via ?? []
}
