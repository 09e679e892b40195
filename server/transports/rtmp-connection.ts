import type { Duplex } from 'node:stream'
import type { Clock } from '../base/clock.ts'
import { type CodedError, ProtocolError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { RtmpConfig } from '../config/config.ts'
import type { Farewell, PeerFigures } from '../hub/client.ts'
import type { WireForm } from '../hub/outlet.ts'
import type { Reading } from '../media/readable.ts'
import type { MessageChannel } from '../protocol/netconnection/channel.ts'
import type { Conversation } from '../protocol/netconnection/conversation.ts'
import { BandwidthLimit, setChunkSize, setPeerBandwidth, windowAcknowledgementSize } from '../protocol/rtmp/control.ts'
import type { Handshake } from '../protocol/rtmp/handshake.ts'
import { RtmpForm } from '../protocol/rtmp/media-form.ts'
import type { Message } from '../protocol/rtmp/message.ts'
import { RtmpSession } from '../protocol/rtmp/rtmp-session.ts'
import type { RtmpSessionHost } from '../protocol/rtmp/session-host.ts'
import { lingerMs, readMs } from './limits.ts'
import type { Line } from './line.ts'

export interface RtmpConnectionOptions {
  readonly config: RtmpConfig
  /** Bytes that may wait for one peer; past it it is closed. */
  readonly sendQueueBytes: number
  readonly clock: Clock
  readonly log: Log
}

/** Which of the two sides of RTMP is ours. */
export interface Side {
  handshake(): Handshake
  converse(channel: MessageChannel, log: Log): Conversation
}

/** One line and what stands on it: a session, and a conversation with a client, or as one. */
export class RtmpConnection implements RtmpSessionHost, MessageChannel {
  readonly secure: boolean
  readonly address: string
  readonly #line: Line
  readonly #socket: Duplex
  readonly #options: RtmpConnectionOptions
  readonly #session: RtmpSession
  readonly #net: Conversation
  /** It is we who came. */
  readonly #isCaller: boolean
  /** Messages of this turn of the loop, which leave in one write. */
  #gathered: Message[] = []
  #flushing: 'no' | 'after this read' | 'after this turn' = 'no'
  /** When the handshake ended; NaN before. */
  #readyAt = Number.NaN
  /** When the socket is cut if the peer has not closed it by then; Infinity while the connection is open. */
  #cutAt = Number.POSITIVE_INFINITY
  #overflown = false
  /** When the bytes at hand began to be dealt with. */
  #begun = 0

  constructor(line: Line, side: Side, options: RtmpConnectionOptions) {
    const { config, clock } = options
    const socket = line.stream
    this.address = line.address
    this.secure = line.secure
    this.#line = line
    this.#socket = socket
    this.#options = options
    const log = options.log.child({ address: this.address })
    const handshake = side.handshake()
    this.#isCaller = handshake.hello !== null
    this.#net = side.converse(this, log)
    this.#session = new RtmpSession(this, handshake, config, clock.now())
    socket.on('data', bytes => this.#receive(bytes))
    socket.on('end', () => this.#over(null))
    socket.on('error', error => this.#over(wordsOf(error)))
    socket.on('close', () => this.#over(null))
    this.#session.start()
  }

  /** rtmp, rtmps, rtmpt; with an `e` once its handshake asked for encryption. */
  get protocol(): string {
    return this.#session.isEncrypted ? `${this.#line.protocol}e` : this.#line.protocol
  }

  /** Called about once a second. */
  tick(now: number): void {
    const { handshakeTimeout } = this.#options.config
    if (now >= this.#cutAt) this.#socket.destroy()
    else if (this.#net.isFresh && now - this.#readyAt >= handshakeTimeout) {
      this.fail(
        new ProtocolError(
          'rtmp.connect.timeout',
          `${this.#isCaller ? 'no answer to connect' : 'no connect'} within ${handshakeTimeout} ms of the handshake`,
        ),
      )
    } else this.#session.tick(now)
  }

  /** Ends it with these last words, whatever it had come to. */
  close(farewell: Farewell): void {
    this.#net.close(farewell)
  }

  // ------------------------------------------------------------------------------------------- for the session

  write(bytes: Buffer): void {
    if (this.#overflown) return
    if (this.#socket.writableLength + bytes.length > this.#options.sendQueueBytes) this.#overflow()
    else this.#socket.write(bytes)
  }

  ready(): void {
    this.#readyAt = this.#options.clock.now()
    this.#net.ready()
  }

  message(message: Message): void {
    this.#net.receive(message)
  }

  failed(error: CodedError): void {
    this.fail(error)
  }

  mayGoOn(): boolean {
    return this.#options.clock.now() - this.#begun <= readMs
  }

  // ------------------------------------------------------------------------------------- for the NetConnection

  send(message: Message): void {
    this.#gathered.push(message)
    if (this.#flushing !== 'no') return
    this.#flushing = 'after this turn'
    queueMicrotask(() => {
      this.#flushing = 'no'
      this.#flush()
    })
  }

  welcome(): void {
    const { windowSize, chunkSize } = this.#options.config
    this.send(windowAcknowledgementSize(windowSize))
    if (!this.#isCaller) this.send(setPeerBandwidth(windowSize, BandwidthLimit.Dynamic))
    this.send(setChunkSize(chunkSize))
  }

  form(streamId: number, reading: Reading, as?: 'player' | 'publisher'): WireForm {
    return new RtmpForm(streamId, this.#options.config.chunkSize, reading, as)
  }

  sendEncoded(bytes: Buffer): void {
    this.#flush()
    this.#session.write(bytes)
  }

  counted(messages: number): void {
    this.#session.messages.out += messages
  }

  get queuedBytes(): number {
    return this.#socket.writableLength
  }

  ping(): void {
    this.#session.ping(this.#options.clock.now())
  }

  probe(messages: readonly Message[], ponged: (ms: number) => void): void {
    this.#flush()
    this.#session.sendMany(messages)
    this.#session.probe(this.#options.clock.now(), ponged)
  }

  figures(): PeerFigures {
    const { rtt, bytesIn, bytesOut, messages, lastReceived } = this.#session
    const silence = this.#options.clock.now() - lastReceived
    return { ping: rtt ?? 0, bytesIn, bytesOut, messagesIn: messages.in, messagesOut: messages.out, silence }
  }

  /** What the peer still sends is read and thrown away: unread bytes would make the system reset what it has not read. */
  end(): void {
    this.#flush()
    this.#session.close()
    this.#socket.end()
    this.#linger()
  }

  fail(error: CodedError): void {
    const { code, doing, remedy } = error
    if (doing === 'peer') this.#net.log.warn(remedy === '' ? { code } : { code, remedy }, error.message)
    else this.#net.log.error({ code, err: error.cause ?? error }, error.message)
    this.#net.ended(error.message)
    this.end()
  }

  // ---------------------------------------------------------------------------------------------------- within

  /** Whatever is written because of one read leaves in one system call. Without bytes it goes on with those it has. */
  #receive(bytes: Buffer | null): void {
    this.#begun = this.#options.clock.now()
    const written = this.#session.bytesOut
    this.#socket.cork()
    this.#flushing = 'after this read'
    if (bytes) this.#session.receive(bytes, this.#begun)
    else this.#session.goOn(this.#begun)
    this.#flushing = 'no'
    this.#flush()
    if (this.#session.bytesOut === written) this.#session.answerQuiet()
    this.#socket.uncork()
    if (this.#session.isBehind || !this.mayGoOn()) this.#giveWay()
    else if (this.#socket.isPaused()) this.#socket.resume()
  }

  /** Goes on after everybody else had a turn. */
  #giveWay(): void {
    this.#socket.pause()
    setImmediate(() => {
      if (this.#session.isBehind) this.#receive(null)
      else this.#socket.resume()
    })
  }

  #flush(): void {
    if (this.#gathered.length === 0) return
    const messages = this.#gathered
    this.#gathered = []
    this.#session.sendMany(messages)
  }

  /** The peer has closed its side, or the socket broke. */
  #over(failure: string | null): void {
    this.#net.ended(failure)
    this.#session.close()
    this.#linger()
  }

  #linger(): void {
    if (this.#cutAt === Number.POSITIVE_INFINITY) this.#cutAt = this.#options.clock.now() + lingerMs
  }

  /** Later in this turn, because whoever writes to a player is not prepared to lose it meanwhile. */
  #overflow(): void {
    this.#overflown = true
    queueMicrotask(() => {
      const { sendQueueBytes } = this.#options
      this.fail(new ProtocolError('rtmp.unread', `it left more than ${sendQueueBytes} bytes unread`))
      this.#socket.destroy()
    })
  }
}

/** What ended a connection, in words for the application. */
function wordsOf(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ECONNRESET':
    case 'EPIPE':
      return 'the connection was reset'
    case 'ETIMEDOUT':
      return 'the connection timed out'
    default:
      return `the connection broke: ${error.message}`
  }
}
