import { connect, type Socket } from 'node:net'
import { ChunkSkimmer, type SkimmerSink } from './chunk-skimmer.ts'
import { answerBytes, command, control, hello, outChunkSize, type, userControl } from './wire.ts'

/** Where to, in one piece: `rtmp://host:port/app/stream`. */
export interface Target {
  readonly host: string
  readonly port: number
  /** C2 and `connect`, the same for all connections to there. */
  readonly opening: Buffer
  readonly stream: string
}

export function targetOf(url: string): Target {
  const { hostname, port, pathname } = new URL(url)
  const slash = pathname.lastIndexOf('/')
  const app = pathname.slice(1, slash)
  const tcUrl = `rtmp://${hostname}:${port}/${app}`
  const object = { app, type: 'nonprivate', flashVer: 'LNX 9,0,124,2', tcUrl, fpad: false, capabilities: 15 }
  const asked = command(0, 'connect', 1, { ...object, audioCodecs: 4071, videoCodecs: 252, videoFunction: 1 })
  // C2 should repeat S1; no server of these checks it, and the bytes of one are as good as those of another.
  const c2 = hello.subarray(1)
  return {
    host: hostname,
    port: Number(port),
    opening: Buffer.concat([c2, control(type.setChunkSize, outChunkSize), asked]),
    stream: pathname.slice(slash + 1),
  }
}

/** What a connection tells whoever opened it. */
export interface Caller {
  /** The server has let it in and created a stream. */
  opened(): void
  media(messageType: number, length: number, head: Uint8Array): void
  /** A command of the server's, its name first, which answers nothing asked so far. */
  called(name: string, body: Buffer): void
  /** The answer to transaction `id` (above 4). */
  answered(id: number): void
  /** Transaction `id` failed; without this an error ends the connection. */
  failed?(id: number): void
  /** Whoever ended it. */
  closed(why: string): void
}

const createStream = command(0, 'createStream', 4, null)

/** All sockets read into these bytes, one after another. */
const readBuffer = Buffer.allocUnsafeSlow(512 * 1024)

/** Bytes read by all connections of this process. */
export const traffic = { bytes: 0, reads: 0 }

/** One RTMP client, as cheap as Node can have it: connect, createStream, and then whatever its caller does. */
export class Connection implements SkimmerSink {
  streamId = 0
  /** On the clock of performance.now(). */
  readonly begunAt = performance.now()
  readonly #caller: Caller
  readonly #target: Target
  readonly #socket: Socket
  readonly #skimmer: ChunkSkimmer
  /** Bytes of the server's handshake still to come. */
  #handshake = answerBytes
  #isOpen = false
  #read = 0
  #acknowledged = 0
  #window = 0

  constructor(target: Target, caller: Caller) {
    this.#target = target
    this.#caller = caller
    this.#skimmer = new ChunkSkimmer(this)
    this.#socket = connect({
      host: target.host,
      port: target.port,
      noDelay: true,
      onread: { buffer: readBuffer, callback: length => this.#receive(length) },
    })
    this.#socket.write(hello)
    let why = 'closed by the server'
    this.#socket.on('error', error => {
      why = error.message
    })
    this.#socket.on('close', () => caller.closed(why))
  }

  write(bytes: Buffer): void {
    this.#socket.write(bytes)
  }

  get queuedBytes(): number {
    return this.#socket.writableLength
  }

  /** Reads nothing more, as a player whose line is cut. */
  stall(): void {
    this.#socket.pause()
  }

  end(): void {
    this.#socket.destroy()
  }

  media(messageType: number, length: number, head: Uint8Array): void {
    this.#caller.media(messageType, length, head)
  }

  message(messageType: number, body: Buffer): void {
    if (messageType === type.command) this.#command(body)
    else if (messageType === type.windowSize) this.#window = body.readUInt32BE(0)
    else if (messageType === type.userControl && body.readUInt16BE(0) === 6) {
      this.write(userControl(7, body.readUInt32BE(2)))
    }
  }

  #receive(length: number): boolean {
    traffic.bytes += length
    traffic.reads++
    this.#read += length
    let at = 0
    if (this.#handshake > 0) {
      at = Math.min(this.#handshake, length)
      this.#handshake -= at
      if (this.#handshake === 0) this.write(this.#target.opening)
    }
    if (at < length) this.#skimmer.read(readBuffer, at, length)
    if (this.#window > 0 && this.#read - this.#acknowledged >= this.#window) {
      this.#acknowledged = this.#read
      this.write(control(type.acknowledgement, this.#read))
    }
    return true
  }

  /** AMF0 read by hand: a string, a number, and for createStream null and a number. */
  #command(body: Buffer): void {
    const nameEnd = 3 + body.readUInt16BE(1)
    const name = body.toString('latin1', 3, nameEnd)
    const id = body.length >= nameEnd + 9 ? body.readDoubleBE(nameEnd + 1) : 0
    if (name === '_error' && this.#isOpen && this.#caller.failed) this.#caller.failed(id)
    else if (name === '_error') this.#fail(body)
    else if (name !== '_result') this.#caller.called(name, body)
    else if (this.#isOpen) this.#caller.answered(id)
    else if (id === 1) this.write(createStream)
    else if (id === 4) {
      this.streamId = body.readDoubleBE(nameEnd + 11)
      this.#isOpen = true
      this.#caller.opened()
    }
  }

  #fail(body: Buffer): void {
    this.#socket.destroy(new Error(`refused: ${body.toString('latin1').replace(/[^ -~]+/g, ' ')}`))
  }
}
