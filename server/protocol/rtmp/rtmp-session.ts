import { CodedError, messageOf, ProtocolError } from '../../base/errors.ts'
import { splitAggregate } from './aggregate.ts'
import { messageLengthMax } from './chunk.ts'
import { ChunkReader } from './chunk-reader.ts'
import { ChunkWriter, chunkedBytes } from './chunk-writer.ts'
import {
  acknowledgement,
  decodeAcknowledgement,
  decodePeerBandwidth,
  decodeUserControl,
  decodeWindowAcknowledgementSize,
  UserEvent,
  userControl,
  windowAcknowledgementSize,
} from './control.ts'
import type { Cipher } from './encryption.ts'
import type { Handshake } from './handshake.ts'
import { promptReadsMax, type RtmpLimits, replyCreditMax } from './limits.ts'
import { type Message, MessageType } from './message.ts'
import type { RtmpSessionHost } from './session-host.ts'

type State = { name: 'handshake'; handshake: Handshake } | { name: 'ready' } | { name: 'closed' }

/**
 * RTMP on one connection, either side: handshake, chunks, acknowledgements, pings. Bytes go in with `receive`, messages
 * come out at the host; time is told with both `receive` and `tick`. Which side it is, the handshake decides.
 */
export class RtmpSession {
  /** An aggregate came as one; those in the bytes of write() are for its caller to count. */
  readonly messages = { in: 0, out: 0 }
  readonly #host: RtmpSessionHost
  readonly #limits: RtmpLimits
  readonly #reader: ChunkReader
  readonly #writer = new ChunkWriter()
  readonly #startedAt: number
  #state: State
  /** RTMPE. */
  #cipher: Cipher | null = null
  #now: number
  #lastReceived: number
  #bytesIn = 0
  #bytesOut = 0
  #ignored = 0
  #unanswered = 0
  /** The peer wants to hear an acknowledgement within so many bytes; 0: never. */
  #window: number
  #acknowledged = 0
  #promptReads = 0
  /** The window we told the peer last. */
  #windowTold = 0
  /** Answers that wait for the end of the read, and what the peer has earned of them. */
  #replies: Message[] = []
  #credit = 0
  #ping = { value: -1, sentAt: Number.NEGATIVE_INFINITY }
  #rtt: number | null = null
  #probe: { value: number; sentAt: number; ponged: (ms: number) => void } | null = null

  /** `now` in ms, as in `receive` and `tick`: the handshake's time begins to run. */
  constructor(host: RtmpSessionHost, handshake: Handshake, limits: RtmpLimits, now: number) {
    this.#host = host
    this.#limits = limits
    this.#reader = new ChunkReader(
      limits,
      message => this.#take(message),
      () => host.mayGoOn?.() ?? true,
    )
    this.#state = { name: 'handshake', handshake }
    this.#startedAt = this.#now = this.#lastReceived = now
    this.#window = limits.windowSize
  }

  get bytesIn(): number {
    return this.#bytesIn
  }

  get bytesOut(): number {
    return this.#bytesOut
  }

  /** When bytes last came, on the clock of `receive`; when the session began, if none have. */
  get lastReceived(): number {
    return this.#lastReceived
  }

  /** Milliseconds the last answered ping took, null before one was. */
  get rtt(): number | null {
    return this.#rtt
  }

  /** Whether it is RTMPE. */
  get isEncrypted(): boolean {
    return this.#cipher !== null
  }

  /** Messages of types and events nobody has assigned. */
  get ignored(): number {
    return this.#ignored
  }

  /** Answers left out because the peer asked for more bytes than it sent. */
  get unanswered(): number {
    return this.#unanswered
  }

  /** Chunk size of what we send. */
  get chunkSize(): number {
    return this.#writer.chunkSize
  }

  /** Greets the peer, if that is for this side to do. */
  start(): void {
    if (this.#state.name === 'handshake' && this.#state.handshake.hello) this.#write(this.#state.handshake.hello)
  }

  /** `bytes` must not be written to afterwards: messages may be views of it. Never throws for what the peer sent. */
  receive(bytes: Buffer, now: number): void {
    if (this.#state.name === 'closed') return
    this.#lastReceived = now
    this.#bytesIn += bytes.length
    this.#credit = Math.min(replyCreditMax, this.#credit + bytes.length)
    this.#work(bytes, now)
  }

  /** The host did not let it go on, so that messages were left for `goOn`; nothing else is to be received before. */
  get isBehind(): boolean {
    return this.#reader.isBehind
  }

  /** Goes on with what was left. */
  goOn(now: number): void {
    if (this.#state.name !== 'closed') this.#work(null, now)
  }

  /** Without bytes it is those that were left. */
  #work(bytes: Buffer | null, now: number): void {
    this.#now = now
    try {
      if (bytes === null) this.#reader.goOn()
      else if (this.#state.name === 'handshake') this.#shakeHands(this.#state.handshake, bytes)
      else this.#reader.receive(this.#cipher ? this.#cipher.decrypt(bytes) : bytes)
      this.#acknowledge()
      this.#flushReplies()
    } catch (thrown) {
      this.#fail(thrown)
    }
  }

  /** Called about once a second: timeouts and pings are as exact as that. */
  tick(now: number): void {
    const { handshakeTimeout, keepAliveTimeout, pingInterval } = this.#limits
    if (this.#state.name === 'handshake') {
      if (now - this.#startedAt < handshakeTimeout) return
      this.#fail(new ProtocolError('rtmp.handshake.timeout', `no handshake within ${handshakeTimeout} ms`))
    } else if (this.#state.name === 'ready') {
      if (now - this.#lastReceived >= keepAliveTimeout) {
        this.#fail(new ProtocolError('rtmp.silent', `nothing was heard for ${keepAliveTimeout} ms, not even a pong`))
      } else if (now - Math.max(this.#lastReceived, this.#ping.sentAt) >= pingInterval) {
        this.ping(now)
      }
    }
  }

  /** A read brought nothing to answer. Before the first frame it is acknowledged all the same: see promptReadsMax. */
  answerQuiet(): void {
    if (this.#state.name !== 'ready' || this.#promptReads >= promptReadsMax) return
    this.#promptReads++
    this.send(acknowledgement(this.#bytesIn))
  }

  /** Asks for a pong; `rtt` is known when it comes. */
  ping(now: number): void {
    this.#ping = { value: Math.floor(now) >>> 0, sentAt: now }
    this.send(userControl(UserEvent.PingRequest, this.#ping.value))
  }

  /** A ping of its own kind: `ponged` hears how many ms the answer took, by when all before it has been read. */
  probe(now: number, ponged: (ms: number) => void): void {
    // Never a value that ping() has: they would be told apart by nothing.
    const value = (Math.floor(now) ^ 0x8000_0000) >>> 0
    this.#probe = { value, sentAt: now, ponged }
    this.send(userControl(UserEvent.PingRequest, value))
  }

  /** Before the host was told `ready`, and after the end, nothing is sent. */
  send(message: Message): void {
    this.sendMany([message])
  }

  /** One write for all of them. A SetChunkSize among them holds at once. One too long for RTMP ends the connection. */
  sendMany(messages: readonly Message[]): void {
    if (this.#state.name !== 'ready' || messages.length === 0) return
    for (const { type, payload } of messages) {
      if (payload.length > messageLengthMax) return this.#fail(unsendable(payload.length))
      if (type === MessageType.WindowAcknowledgementSize) this.#windowTold = payload.readUInt32BE()
    }
    this.messages.out += messages.length
    this.#write(this.#writer.encode(messages))
  }

  /** Bytes that are chunks already: frames as an outlet shares them. */
  write(bytes: Buffer): void {
    if (this.#state.name === 'ready') this.#write(bytes)
  }

  /** Nothing is received, sent or told from here on. Harmless twice. */
  close(): void {
    this.#state = { name: 'closed' }
    this.#reader.stop()
    this.#replies = []
  }

  #write(bytes: Buffer): void {
    this.#bytesOut += bytes.length
    this.#host.write(this.#cipher ? this.#cipher.encrypt(bytes) : bytes)
  }

  #shakeHands(handshake: Handshake, bytes: Buffer): void {
    const { reply, rest, cipher } = handshake.receive(bytes)
    if (reply) this.#write(reply)
    if (rest === null) return
    this.#state = { name: 'ready' }
    this.#cipher = cipher
    this.#host.ready()
    this.#reader.receive(cipher ? cipher.decrypt(rest) : rest)
  }

  #take(message: Message): void {
    this.messages.in++
    switch (message.type) {
      case MessageType.Acknowledgement:
        decodeAcknowledgement(message.payload)
        return
      case MessageType.WindowAcknowledgementSize:
        this.#window = decodeWindowAcknowledgementSize(message.payload)
        return
      case MessageType.SetPeerBandwidth:
        this.#limitBandwidth(decodePeerBandwidth(message.payload).bytes)
        return
      case MessageType.UserControl:
        this.#takeUserControl(message)
        return
      case MessageType.Aggregate:
        for (const inner of splitAggregate(message)) this.#takeInner(inner)
        return
      case MessageType.Audio:
      case MessageType.Video:
        // Frames follow each other without waiting for anything.
        this.#promptReads = promptReadsMax
        this.#host.message(message)
        return
      case MessageType.DataAmf0:
      case MessageType.DataAmf3:
      case MessageType.SharedObjectAmf0:
      case MessageType.SharedObjectAmf3:
      case MessageType.CommandAmf0:
      case MessageType.CommandAmf3:
        this.#host.message(message)
        return
      default:
        this.#ignored++
    }
  }

  #takeInner(message: Message): void {
    if (this.#state.name === 'closed') return
    const { type } = message
    if (type === MessageType.Audio || type === MessageType.Video || type === MessageType.DataAmf0) {
      this.#host.message(message)
    } else {
      this.#ignored++
    }
  }

  #takeUserControl(message: Message): void {
    const { event, value } = decodeUserControl(message.payload)
    switch (event) {
      case UserEvent.PingRequest:
        this.#reply(userControl(UserEvent.PingResponse, value))
        return
      case UserEvent.PingResponse:
        if (value === this.#probe?.value) return this.#probed(this.#probe)
        if (value !== this.#ping.value) return
        this.#rtt = this.#now - this.#ping.sentAt
        this.#ping.value = -1
        return
      case UserEvent.StreamBegin:
      case UserEvent.StreamEof:
      case UserEvent.StreamDry:
      case UserEvent.SetBufferLength:
      case UserEvent.StreamIsRecorded:
        this.#host.message(message)
        return
      default:
        this.#ignored++
    }
  }

  #probed({ sentAt, ponged }: { sentAt: number; ponged: (ms: number) => void }): void {
    this.#probe = null
    ponged(this.#now - sentAt)
  }

  /** We are never held back by a window; the answer of RTMP 1.0 §5.4.5 is given, once for each change. */
  #limitBandwidth(bytes: number): void {
    if (bytes !== this.#windowTold && this.#reply(windowAcknowledgementSize(bytes))) this.#windowTold = bytes
  }

  /** At half of the window (§5.4.3), so that a peer which stops when it is full never has to. */
  #acknowledge(): void {
    if (this.#state.name !== 'ready' || this.#window === 0) return
    if (this.#bytesIn - this.#acknowledged < this.#window / 2) return
    if (this.#reply(acknowledgement(this.#bytesIn))) this.#acknowledged = this.#bytesIn
  }

  /** Queues an answer for the end of this read, if the peer has sent enough to earn it. */
  #reply(message: Message): boolean {
    const size = chunkedBytes(message, this.#writer.chunkSize)
    if (size > this.#credit) {
      this.#unanswered++
      return false
    }
    this.#credit -= size
    this.#replies.push(message)
    return true
  }

  #flushReplies(): void {
    if (this.#replies.length === 0) return
    const replies = this.#replies
    this.#replies = []
    this.sendMany(replies)
  }

  #fail(thrown: unknown): void {
    if (this.#state.name === 'closed') return
    this.close()
    this.#host.failed(thrown instanceof CodedError ? thrown : fault(thrown))
  }
}

function fault(thrown: unknown): CodedError {
  const error = new CodedError('server', 'rtmp.fault', `a message could not be handled: ${messageOf(thrown)}`)
  error.cause = thrown
  return error
}

function unsendable(length: number): CodedError {
  const sentence = `a message of ${length} bytes cannot be sent, RTMP ends at ${messageLengthMax}`
  return new CodedError('server', 'rtmp.message.unsendable', sentence)
}
