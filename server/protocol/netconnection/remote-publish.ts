import type { ListenerSink } from '../../hub/listener.ts'
import type { WireForm } from '../../hub/outlet.ts'
import { encodeAmf0 } from '../../media/amf0.ts'
import type { RemoteConnection } from './remote-connection.ts'
import type { RemoteStatus } from './remote-status.ts'
import type { RemoteStream, StreamPart } from './remote-stream.ts'

export interface RemotePublishOwner {
  /** The other server takes it: a listener of the publication may write to this sink from here on. */
  started(sink: ListenerSink): void
  status(status: RemoteStatus): void
  /** It will not be published, or not any more. Told at most once, and nothing after it. */
  failed(text: string): void
}

/** One publish() at another server; to the publication here it is where a listener's bytes go. */
export class RemotePublish implements StreamPart {
  readonly #connection: RemoteConnection
  readonly #name: string
  readonly #kind: string
  readonly #owner: RemotePublishOwner
  #stream: RemoteStream | null = null
  #state: 'asking' | 'publishing' | 'over' = 'asking'

  /** `kind`: live, record, append. */
  constructor(connection: RemoteConnection, name: string, kind: string, owner: RemotePublishOwner) {
    this.#connection = connection
    this.#name = name
    this.#kind = kind
    this.#owner = owner
  }

  /** Encoders announce a stream before they make it, and some servers wait for that. */
  start(): void {
    const name = encodeAmf0([this.#name])
    this.#connection.call('releaseStream', name, () => {})
    this.#connection.call('FCPublish', name, () => {})
    this.#connection.open(this, text => this.#fail(text))
  }

  /** A data message of ours between the frames. */
  send(name: string, values: Uint8Array): void {
    if (this.#state === 'publishing') this.#stream?.data(name, values)
  }

  /** We end it. Harmless twice. */
  end(): void {
    const wasOver = this.#state === 'over'
    this.#state = 'over'
    if (wasOver || !this.#stream) return
    this.#connection.call('FCUnpublish', encodeAmf0([this.#name]))
    this.#connection.delete(this.#stream)
  }

  // ------------------------------------------------------------------------------------------ of the stream

  opened(stream: RemoteStream): void {
    if (this.#state === 'over') return this.#connection.delete(stream)
    this.#stream = stream
    stream.command('publish', [this.#name, this.#kind])
  }

  status(status: RemoteStatus): void {
    if (this.#state === 'over') return
    this.#owner.status(status)
    if (status.code === 'NetStream.Publish.Start') this.#started()
    else if (status.isError || status.code === 'NetStream.Unpublish.Success')
      this.#fail(status.description || status.code)
  }

  media(): void {}

  dried(): void {}

  #started(): void {
    if (this.#state !== 'asking' || !this.#stream) return
    this.#state = 'publishing'
    this.#owner.started(new RemoteSink(this.#stream))
  }

  #fail(text: string): void {
    if (this.#state === 'over') return
    this.end()
    this.#owner.failed(text)
  }
}

/** Who publishes what they hear; that nobody publishes for a while is not the other server's affair. */
class RemoteSink implements ListenerSink {
  readonly form: WireForm
  readonly #stream: RemoteStream

  constructor(stream: RemoteStream) {
    this.#stream = stream
    this.form = stream.channel.form(stream.id, stream.reading, 'publisher')
  }

  get queuedBytes(): number {
    return this.#stream.channel.queuedBytes
  }

  write(bytes: Buffer): void {
    this.#stream.channel.sendEncoded(bytes)
  }

  passed(messages: number): void {
    this.#stream.channel.counted(messages)
  }

  published(): void {}

  unpublished(): void {}

  closed(): void {}
}
