import { decodeAmf0, encodeAmf0 } from '../../server/media/amf0.ts'
import { encodeCommand, withoutEnvelope } from '../../server/protocol/netconnection/command.ts'
import { setBufferLength } from '../../server/protocol/rtmp/control.ts'
import { type Message, MessageType } from '../../server/protocol/rtmp/message.ts'
import { Collected } from './collected.ts'
import { type Info, RtmpRefusal } from './rtmp-refusal.ts'

/** Something a player received: a message of type 8, 9 or 18. */
export interface ReceivedFrame {
  readonly kind: 'audio' | 'video' | 'data'
  readonly timestamp: number
  readonly payload: Buffer
  /** Of data: its name and its values. */
  readonly values: readonly unknown[]
}

/** The connection beneath. */
interface Connection {
  readonly objectEncoding: 0 | 3
  send(message: Message): void
  notify(name: string, ...args: unknown[]): void
}

/** A NetStream of the client's: publishes or plays under one id. */
export class RtmpStream {
  readonly id: number
  readonly #connection: Connection
  readonly #frames = new Collected<ReceivedFrame>('frame')
  readonly #statuses = new Collected<Info>('status')
  /** Takes the frames in place of `frames`, for players that see too many to keep. */
  onFrame: ((frame: ReceivedFrame) => void) | null = null

  constructor(connection: Connection, id: number) {
    this.#connection = connection
    this.id = id
  }

  /** All frames so far. */
  get frames(): readonly ReceivedFrame[] {
    return this.#frames.items
  }

  /** All statuses so far. */
  get statuses(): readonly Info[] {
    return this.#statuses.items
  }

  /** The first frame that fits, come already or to come, from number `from` on (see `frames.length`). */
  frame(fits: (frame: ReceivedFrame) => boolean, from = 0): Promise<ReceivedFrame> {
    return this.#frames.first(fits, { from })
  }

  /** The first status of that code, come already or to come, from number `from` on. */
  status(code: string, from = 0): Promise<Info> {
    return this.#statuses.first(info => info.code === code, { from })
  }

  /** Resolves at NetStream.Publish.Start; rejects with an RtmpRefusal. `type`: live, record, append. */
  publish(name: string, type = 'live'): Promise<Info> {
    return this.#ask('publish', [name, type], 'NetStream.Publish.Start')
  }

  /** Resolves at NetStream.Play.Start; rejects with an RtmpRefusal. */
  play(name: string, ...args: unknown[]): Promise<Info> {
    this.#connection.send(setBufferLength(this.id, 3000))
    return this.#ask('play', [name, ...args], 'NetStream.Play.Start')
  }

  /** Sends a command of the stream's, which the server answers with a status or not at all. */
  command(name: string, ...args: unknown[]): void {
    const bytes = encodeAmf0(args, { encoding: this.#connection.objectEncoding })
    this.#connection.send(encodeCommand(this.#connection.objectEncoding, name, { streamId: this.id, args: bytes }))
  }

  /** The player's pause, with the server's answer. */
  pause(paused: boolean): Promise<Info> {
    const code = paused ? 'NetStream.Pause.Notify' : 'NetStream.Unpause.Notify'
    return this.#ask('pause', [paused, 0], code)
  }

  receiveAudio(on: boolean): void {
    this.command('receiveAudio', on)
  }

  receiveVideo(on: boolean): void {
    this.command('receiveVideo', on)
  }

  /** Ends publishing or playing; the stream may be used again. */
  closeStream(): void {
    this.command('closeStream')
  }

  /** The id is free again. */
  delete(): void {
    this.#connection.notify('deleteStream', this.id)
  }

  sendAudio(timestamp: number, payload: Buffer): void {
    this.#send(MessageType.Audio, timestamp, payload)
  }

  sendVideo(timestamp: number, payload: Buffer): void {
    this.#send(MessageType.Video, timestamp, payload)
  }

  /** `payload`: AMF0 values, the name first (see dataTag of media-samples). */
  sendData(timestamp: number, payload: Buffer): void {
    this.#send(MessageType.DataAmf0, timestamp, payload)
  }

  // ---------------------------------------------------------------------------------------- for its client

  receive(message: Message): void {
    const kind = message.type === MessageType.Audio ? 'audio' : message.type === MessageType.Video ? 'video' : 'data'
    const values = kind === 'data' ? decodeAmf0(withoutEnvelope(message)) : []
    const frame = { kind, timestamp: message.timestamp, payload: message.payload, values } as const
    if (this.onFrame) this.onFrame(frame)
    else this.#frames.push(frame)
  }

  tell(info: Info): void {
    this.#statuses.push(info)
  }

  end(reason: Error): void {
    this.#frames.end(reason)
    this.#statuses.end(reason)
  }

  // ------------------------------------------------------------------------------------------------ within

  #send(type: MessageType, timestamp: number, payload: Buffer): void {
    this.#connection.send({ type, streamId: this.id, timestamp: timestamp >>> 0, payload })
  }

  async #ask(name: string, args: unknown[], code: string): Promise<Info> {
    const from = this.#statuses.items.length
    this.command(name, ...args)
    const info = await this.#statuses.first(({ level, code: given }) => level === 'error' || given === code, { from })
    if (info.level === 'error') throw new RtmpRefusal(name, info)
    return info
  }
}
