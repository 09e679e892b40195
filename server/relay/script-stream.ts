import type { NetCommand } from '../apps/net-wire.ts'
import type { Log } from '../base/log.ts'
import { addressIn, readName } from '../hub/address.ts'
import type { Hub } from '../hub/hub.ts'
import type { Listener, ListenerSink } from '../hub/listener.ts'
import type { Publication } from '../hub/publication.ts'
import { encodeAmf0 } from '../media/amf0.ts'
import type { RemoteConnection } from '../protocol/netconnection/remote-connection.ts'
import { RemotePlay, type RemotePlayOwner } from '../protocol/netconnection/remote-play.ts'
import { RemotePublish, type RemotePublishOwner } from '../protocol/netconnection/remote-publish.ts'
import type { RemoteStatus } from '../protocol/netconnection/remote-status.ts'
import { failure } from '../protocol/netconnection/status.ts'
import type { Message } from '../protocol/rtmp/message.ts'
import { Inflow, type InflowOwner } from './inflow.ts'
import { insider } from './insider.ts'

/** One stream on a script's connection (NetStream): a publication here is published there, or the other way round. */
export class ScriptStream implements RemotePublishOwner, RemotePlayOwner, InflowOwner {
  readonly #connection: RemoteConnection
  readonly #hub: Hub
  readonly #log: Log
  readonly #tell: (info: Uint8Array) => void
  #publish: RemotePublish | null = null
  #play: RemotePlay | null = null
  #inflow: Inflow | null = null
  #listening: { publication: Publication; listener: Listener } | null = null
  #publication: Publication | null = null

  /** `tell` is given information objects. */
  constructor(connection: RemoteConnection, hub: Hub, log: Log, tell: (info: Uint8Array) => void) {
    this.#connection = connection
    this.#hub = hub
    this.#log = log
    this.#tell = tell
  }

  publish({ name, kind, publication: key }: NetCommand & { c: 'netPublish' }): void {
    const [app = '', given = ''] = key.split('\n')
    const read = readName(given)
    if (!read) return this.#say('NetStream.Publish.BadName', 'there is no such publication here')
    this.#publication = this.#hub.publishing.find(app, addressIn('', read))
    this.#publish = new RemotePublish(this.#connection, name, kind, this)
    this.#publish.start()
  }

  play({ name, args, publication: key, bufferMs }: NetCommand & { c: 'netPlay' }): void {
    const [app = '', address = ''] = key.split('\n')
    this.#inflow = new Inflow(this.#hub.publishing, app, address, this, this.#log.child({ app, publication: address }))
    this.#play = new RemotePlay(this.#connection, name, args, bufferMs, this)
    this.#play.start()
  }

  send(name: string, values: Uint8Array): void {
    this.#publish?.send(name, values)
  }

  buffer(ms: number): void {
    this.#play?.buffer(ms)
  }

  stop(): void {
    if (this.#listening) this.#hub.attendance.leave(this.#listening.publication, this.#listening.listener)
    else if (this.#publication) this.#hub.publishing.prune(this.#publication)
    this.#inflow?.end()
    this.#publish?.end()
    this.#play?.end()
    this.#listening = this.#publication = this.#inflow = this.#publish = this.#play = null
  }

  // ------------------------------------------------------------------------------------------- what is told

  started(sink: ListenerSink): void {
    const known = this.#publication
    if (!known) return
    // It may have been forgotten, and be there anew, while the other server was asked.
    const publication = this.#hub.publishing.find(known.app, known.address)
    const client = insider(publication.app, ({ description }) => this.failed(description))
    this.#listening = { publication, listener: this.#hub.attendance.join(publication, client, sink) }
  }

  status({ info }: RemoteStatus): void {
    this.#tell(info)
  }

  media(message: Message): void {
    if (this.#inflow?.media(message) !== false) return
    this.stop()
    this.#say('NetStream.Play.Failed', 'somebody else publishes the name here')
  }

  dried(): void {
    this.#inflow?.end()
  }

  begun(): void {}

  closed(code: string, description: string): void {
    this.stop()
    this.#say('NetStream.Play.Stop', description || `it was ended here (${code})`)
  }

  failed(text: string): void {
    if (!this.#publish && !this.#play) return
    const what = this.#publish ? 'NetStream.Publish.Failed' : 'NetStream.Play.Failed'
    this.stop()
    this.#say(what, text)
  }

  #say(code: string, text: string): void {
    this.#tell(encodeAmf0([failure(code, text)]))
  }
}
