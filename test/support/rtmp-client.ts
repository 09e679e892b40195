import { connect, type Socket } from 'node:net'
import { connect as connectSecurely } from 'node:tls'
import { type CodedError, messageOf } from '../../server/base/errors.ts'
import { decodeAmf0, encodeAmf0 } from '../../server/media/amf0.ts'
import { encodeCommand, withoutEnvelope } from '../../server/protocol/netconnection/command.ts'
import { setChunkSize } from '../../server/protocol/rtmp/control.ts'
import type { DigestScheme } from '../../server/protocol/rtmp/digest.ts'
import { ClientHandshake } from '../../server/protocol/rtmp/handshake.ts'
import { rtmpLimits } from '../../server/protocol/rtmp/limits.ts'
import { type Message, MessageType } from '../../server/protocol/rtmp/message.ts'
import { RtmpSession } from '../../server/protocol/rtmp/rtmp-session.ts'
import type { RtmpSessionHost } from '../../server/protocol/rtmp/session-host.ts'
import { Collected } from './collected.ts'
import { type Info, RtmpRefusal } from './rtmp-refusal.ts'
import { RtmpShared } from './rtmp-shared.ts'
import { RtmpStream } from './rtmp-stream.ts'

export interface RtmpClientOptions {
  /** `rtmp://host:port/app`, or `rtmps://…`: all behind the host is the application, its room and its query. */
  readonly url: string
  /** From where, of the loopback's many addresses. */
  readonly localAddress?: string
  /** What follows connect()'s command object. */
  readonly args?: readonly unknown[]
  readonly objectEncoding?: 0 | 3
  /** The handshake's digest; plain without. */
  readonly digest?: DigestScheme
  /** Ask for RTMPE. */
  readonly encryption?: boolean
  /** Members of connect()'s command object, over the usual ones. */
  readonly properties?: Readonly<Record<string, unknown>>
  /** Functions the server may call from its first moment on; more may be added to `handlers` later. */
  readonly handlers?: Readonly<Record<string, Handler>>
}

/** Called by the server; what it returns, or resolves with, is the answer, and what it throws the error. */
export type Handler = (...args: unknown[]) => unknown

/** A call of the server's, whether there was a handler or not. */
export interface ReceivedCall {
  readonly name: string
  readonly args: readonly unknown[]
  readonly transactionId: number
}

interface PendingCall {
  readonly name: string
  resolve(values: readonly unknown[]): void
  reject(error: Error): void
}

/** A small RTMP client on the server's own machines: `await using` closes it. */
export class RtmpClient implements RtmpSessionHost, AsyncDisposable {
  /** What connect() was answered with. */
  info!: Info
  properties: unknown
  readonly objectEncoding: 0 | 3
  readonly handlers = new Map<string, Handler>()
  readonly streams = new Map<number, RtmpStream>()
  /** The shared objects it uses, by name. */
  readonly shared = new Map<string, RtmpShared>()
  readonly session: RtmpSession
  readonly socket: Socket
  /** Resolves when the connection is gone, whoever ended it. */
  readonly closed: Promise<void>
  /** Messages of the server that belong to no stream, neither command nor status, as they came. */
  readonly messages: Message[] = []
  readonly #options: RtmpClientOptions
  readonly #statuses = new Collected<Info>('status')
  readonly #calls = new Collected<ReceivedCall>('call of the server')
  readonly #pending = new Map<number, PendingCall>()
  #lastId = 0
  #over: Error | null = null
  #onReady: () => void = () => {}

  private constructor(options: RtmpClientOptions) {
    this.#options = options
    this.objectEncoding = options.objectEncoding ?? 0
    for (const [name, handler] of Object.entries(options.handlers ?? {})) this.handlers.set(name, handler)
    const { hostname, port, protocol } = new URL(options.url)
    const { localAddress, digest, encryption = false } = options
    const from = localAddress === undefined ? {} : { localAddress }
    const where = { host: hostname, port: Number(port || 1935), noDelay: true, ...from }
    this.socket = protocol === 'rtmps:' ? connectSecurely({ ...where, rejectUnauthorized: false }) : connect(where)
    const handshake = new ClientHandshake({ encryption, ...(digest !== undefined && { digest }) })
    this.session = new RtmpSession(this, handshake, rtmpLimits, performance.now())
    this.socket.on(protocol === 'rtmps:' ? 'secureConnect' : 'connect', () => this.session.start())
    this.socket.on('data', bytes => this.session.receive(bytes, performance.now()))
    this.socket.on('error', error => this.#end(error))
    this.closed = new Promise(resolve => {
      this.socket.on('close', () => {
        this.#end(new Error('the server closed the connection'))
        resolve()
      })
    })
  }

  /** Resolves when the server has let us in; rejects with an RtmpRefusal, or an error when it just closed. */
  static async connect(options: RtmpClientOptions): Promise<RtmpClient> {
    const client = new RtmpClient(options)
    try {
      await client.#connect()
      return client
    } catch (error) {
      client.destroy()
      throw error
    }
  }

  /** Statuses of the connection itself; those of streams are at the streams. */
  get statuses(): readonly Info[] {
    return this.#statuses.items
  }

  /** All that the server called, but for onStatus, in order. */
  get calls(): readonly ReceivedCall[] {
    return this.#calls.items
  }

  /** The first status of the connection with that code, come already or to come, from number `from` on. */
  status(code: string, from = 0): Promise<Info> {
    return this.#statuses.first(info => info.code === code, { from })
  }

  /** The first call of the server by that name, come already or to come, from number `from` on. */
  called(name: string, from = 0): Promise<ReceivedCall> {
    return this.#calls.first(call => call.name === name, { from })
  }

  async createStream(): Promise<RtmpStream> {
    const id = await this.call('createStream')
    const stream = new RtmpStream(this, Number(id))
    if (this.#over) stream.end(this.#over)
    this.streams.set(stream.id, stream)
    return stream
  }

  /** Uses a shared object; resolves once its state has come, rejects with the code of the refusal. */
  async use(name: string, persistent = false): Promise<RtmpShared> {
    const shared = new RtmpShared(this, name, persistent)
    if (this.#over) shared.end(this.#over)
    this.shared.set(name, shared)
    await shared.use()
    return shared
  }

  /** A new stream that publishes; rejects with an RtmpRefusal. */
  async publish(name: string, type?: string): Promise<RtmpStream> {
    const stream = await this.createStream()
    await stream.publish(name, type)
    return stream
  }

  /** A new stream that plays; rejects with an RtmpRefusal. */
  async play(name: string, ...args: unknown[]): Promise<RtmpStream> {
    const stream = await this.createStream()
    await stream.play(name, ...args)
    return stream
  }

  /** Resolves with the value returned; rejects with an RtmpRefusal, or an error when the connection ends first. */
  async call(name: string, ...args: unknown[]): Promise<unknown> {
    const values = await this.#ask(name, null, args)
    return values[1]
  }

  /** A call whose answer nobody wants (transaction id 0). */
  notify(name: string, ...args: unknown[]): void {
    this.#command(name, 0, null, args)
  }

  send(message: Message): void {
    this.session.send(message)
  }

  /** Bytes as they are, past all machines. */
  writeRaw(bytes: Uint8Array): void {
    this.socket.write(bytes)
  }

  /** Reads nothing more, as a player that stalls: the system's buffers fill, then the server's. */
  pauseReading(): void {
    this.socket.pause()
  }

  resumeReading(): void {
    this.socket.resume()
  }

  /** Ends it in order; resolves when the server has closed its side too. */
  async close(): Promise<void> {
    this.#end(new Error('the client was closed'))
    if (this.socket.destroyed) return
    this.socket.resume()
    this.socket.end()
    await this.closed
  }

  /** Cuts the connection (a reset, without a goodbye). */
  destroy(): void {
    this.#end(new Error('the client was destroyed'))
    this.socket.resetAndDestroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  // ------------------------------------------------------------------------------------------- for the session

  write(bytes: Buffer): void {
    this.socket.write(bytes)
  }

  ready(): void {
    this.#onReady()
  }

  message(message: Message): void {
    switch (message.type) {
      case MessageType.CommandAmf0:
      case MessageType.CommandAmf3:
        this.#receiveCommand(message)
        return
      case MessageType.Audio:
      case MessageType.Video:
      case MessageType.DataAmf0:
      case MessageType.DataAmf3: {
        const stream = this.streams.get(message.streamId)
        if (stream) stream.receive(message)
        else this.messages.push(message)
        return
      }
      case MessageType.SharedObjectAmf0:
      case MessageType.SharedObjectAmf3:
        RtmpShared.receive(this, message)
        return
      default:
        this.messages.push(message)
    }
  }

  failed(error: CodedError): void {
    this.#end(error)
    this.socket.destroy()
  }

  // --------------------------------------------------------------------------------------------------- within

  async #connect(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#onReady = resolve
      this.closed.then(() => reject(this.#over))
    })
    const { url, args = [], properties } = this.#options
    const { pathname, search } = new URL(url)
    const object = {
      app: pathname.slice(1) + search,
      flashVer: 'LNX 32,0,0,1',
      tcUrl: url,
      fpad: false,
      capabilities: 239,
      audioCodecs: 3575,
      videoCodecs: 252,
      videoFunction: 1,
      objectEncoding: this.objectEncoding,
      ...properties,
    }
    this.send(setChunkSize(65_536))
    const [given, info] = await this.#ask('connect', object, args)
    this.properties = given
    this.info = info as Info
  }

  #ask(name: string, object: unknown, args: readonly unknown[]): Promise<readonly unknown[]> {
    if (this.#over) return Promise.reject(this.#over)
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId
      this.#pending.set(id, { name, resolve, reject })
      this.#command(name, id, object, args)
    })
  }

  /** connect() goes out in AMF0, as no encoding has been agreed on; its references count its object, too. */
  #command(name: string, transactionId: number, object: unknown, args: readonly unknown[]): void {
    const encoding = name === 'connect' ? 0 : this.objectEncoding
    const values = encoding === 0 ? args : encodeAmf0(args, { encoding })
    this.send(encodeCommand(encoding, name, { transactionId, object, args: values }))
  }

  #receiveCommand(message: Message): void {
    const [name, transactionId, object, ...args] = decodeAmf0(withoutEnvelope(message)) as [
      string,
      number,
      ...unknown[],
    ]
    if (name === '_result' || name === '_error') {
      const pending = this.#pending.get(transactionId)
      this.#pending.delete(transactionId)
      if (name === '_result') pending?.resolve([object, ...args])
      else pending?.reject(new RtmpRefusal(pending.name, args[0] as Info))
    } else if (name === 'onStatus') {
      const stream = this.streams.get(message.streamId)
      if (stream) stream.tell(args[0] as Info)
      else this.#statuses.push(args[0] as Info)
    } else {
      this.#calls.push({ name, args, transactionId })
      void this.#answer(name, transactionId, args)
    }
  }

  async #answer(name: string, transactionId: number, args: readonly unknown[]): Promise<void> {
    const handler = this.handlers.get(name)
    try {
      if (!handler) throw new Error(`${name} is not a function`)
      const value = await handler(...args)
      if (transactionId !== 0) this.#command('_result', transactionId, null, [value])
    } catch (error) {
      const info = { level: 'error', code: 'NetConnection.Call.Failed', description: messageOf(error) }
      if (transactionId !== 0) this.#command('_error', transactionId, null, [info])
    }
  }

  #end(reason: Error): void {
    if (this.#over) return
    this.#over = reason
    this.session.close()
    for (const { reject } of this.#pending.values()) reject(reason)
    this.#pending.clear()
    this.#statuses.end(reason)
    this.#calls.end(reason)
    for (const stream of this.streams.values()) stream.end(reason)
    for (const shared of this.shared.values()) shared.end(reason)
  }
}
