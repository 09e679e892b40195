import type { RtmpStreamUrl } from '../base/rtmp-url.ts'
import type { Hub } from '../hub/hub.ts'
import type { RemoteConnection } from '../protocol/netconnection/remote-connection.ts'
import { RemotePlay, type RemotePlayOwner } from '../protocol/netconnection/remote-play.ts'
import type { RemoteStatus } from '../protocol/netconnection/remote-status.ts'
import type { Message } from '../protocol/rtmp/message.ts'
import { Inflow, type InflowOwner } from './inflow.ts'
import { pullBufferMs } from './limits.ts'
import { Link, type LinkTask, type LinkWorld } from './link.ts'

/** One stream of another server that is published here: a publisher like any other, who comes back. */
export class Pull implements LinkTask, RemotePlayOwner, InflowOwner {
  readonly #url: RtmpStreamUrl
  readonly #link: Link
  readonly #inflow: Inflow
  #play: RemotePlay | null = null

  /** `via`: the servers that those came through who want it. */
  constructor(
    app: string,
    address: string,
    url: RtmpStreamUrl,
    via: () => readonly string[],
    hub: Hub,
    world: LinkWorld,
  ) {
    const log = world.log.child({ relay: 'pull', app, publication: address })
    this.#url = url
    this.#link = new Link(url, this, via, world, log)
    this.#inflow = new Inflow(hub.publishing, app, address, this, this.#link.log)
    this.#link.start()
  }

  /** Why nothing comes, '' when that is not known. */
  get trouble(): string {
    return this.#link.trouble
  }

  get isLive(): boolean {
    return this.#inflow.isLive
  }

  stop(): void {
    this.#link.stop()
  }

  begin(connection: RemoteConnection): void {
    this.#play = new RemotePlay(connection, this.#url.name, new Uint8Array(), pullBufferMs, this)
    this.#play.start()
  }

  end(): void {
    this.#play?.end()
    this.#play = null
    this.#inflow.end()
  }

  media(message: Message): void {
    if (!this.#inflow.media(message)) this.#link.fail('somebody else publishes the name here')
  }

  status({ code }: RemoteStatus): void {
    if (code === 'NetStream.Play.Start') this.#link.stands()
  }

  dried(): void {
    this.#inflow.end()
  }

  failed(text: string): void {
    this.#link.fail(text)
  }

  begun(): void {
    this.#link.works()
    this.#link.log.info({}, 'pulling')
  }

  closed(code: string, description: string): void {
    this.#link.fail(description || `it was ended here (${code})`)
  }
}
