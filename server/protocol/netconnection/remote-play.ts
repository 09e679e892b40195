import { encodeAmf0 } from '../../media/amf0.ts'
import { setBufferLength } from '../rtmp/control.ts'
import type { Message } from '../rtmp/message.ts'
import type { RemoteConnection } from './remote-connection.ts'
import type { RemoteStatus } from './remote-status.ts'
import type { RemoteStream, StreamPart } from './remote-stream.ts'

export interface RemotePlayOwner {
  media(message: Message): void
  status(status: RemoteStatus): void
  /** What it plays has ended; it may begin again. */
  dried(): void
  /** It will not be played, or not any more. Told at most once, and nothing after it. */
  failed(text: string): void
}

/** Statuses after which nothing comes, unless somebody publishes the name again. */
const ends: ReadonlySet<string> = new Set(['NetStream.Play.UnpublishNotify', 'NetStream.Play.Complete'])

/** One play() at another server. */
export class RemotePlay implements StreamPart {
  readonly #connection: RemoteConnection
  readonly #name: string
  readonly #args: Uint8Array
  readonly #owner: RemotePlayOwner
  #bufferMs: number
  #stream: RemoteStream | null = null
  #isOver = false

  /** `args`: AMF0 values that follow the name. `bufferMs`: what the other server may send ahead of its time. */
  constructor(connection: RemoteConnection, name: string, args: Uint8Array, bufferMs: number, owner: RemotePlayOwner) {
    this.#connection = connection
    this.#name = name
    this.#args = args
    this.#bufferMs = bufferMs
    this.#owner = owner
  }

  start(): void {
    this.#connection.open(this, text => this.#fail(text))
  }

  buffer(ms: number): void {
    this.#bufferMs = ms
    if (this.#stream && !this.#isOver) this.#stream.channel.send(setBufferLength(this.#stream.id, ms))
  }

  /** We end it. Harmless twice. */
  end(): void {
    const wasOver = this.#isOver
    this.#isOver = true
    if (!wasOver && this.#stream) this.#connection.delete(this.#stream)
  }

  // ------------------------------------------------------------------------------------------ of the stream

  opened(stream: RemoteStream): void {
    if (this.#isOver) return this.#connection.delete(stream)
    this.#stream = stream
    this.buffer(this.#bufferMs)
    stream.command('play', Buffer.concat([encodeAmf0([this.#name]), this.#args]))
  }

  status(status: RemoteStatus): void {
    if (this.#isOver) return
    this.#owner.status(status)
    const isMissing = status.code === 'NetStream.Play.StreamNotFound'
    if (status.isError || isMissing || status.code === 'NetStream.Play.Stop')
      this.#fail(status.description || status.code)
    else if (ends.has(status.code)) this.#owner.dried()
  }

  media(message: Message): void {
    if (!this.#isOver) this.#owner.media(message)
  }

  dried(): void {
    if (!this.#isOver) this.#owner.dried()
  }

  #fail(text: string): void {
    if (this.#isOver) return
    this.end()
    this.#owner.failed(text)
  }
}
