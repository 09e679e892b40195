import { ProtocolError } from '../../base/errors.ts'
import { ChunkType, chunkSizeInitial, chunkSizeMax, messageHeaderBytes, timestampExtended } from './chunk.ts'
import { decodeAbort, decodeChunkSize } from './control.ts'
import { messagesBetweenLooks, type RtmpLimits, trustedBytes } from './limits.ts'
import { type Message, MessageType } from './message.ts'

export type ChunkReaderLimits = Pick<RtmpLimits, 'messageBytes' | 'pendingBytes' | 'chunkStreams'>

/** What the reader remembers of one chunk stream: its last header, and the message that is coming in. */
interface ChunkStream {
  type: number
  streamId: number
  length: number
  timestamp: number
  /** What a type 3 chunk that begins a message adds; after a type 0 header its whole timestamp (§5.3.1.2.4). */
  delta: number
  /** The extended timestamp field of the last header, -1 if it had none. */
  extended: number
  /** The message's bytes so far are the first `filled` of `payload`; 0: none is coming in. */
  filled: number
  payload: Buffer
}

const nothing = Buffer.alloc(0)

/**
 * Joins messages from their chunks (RTMP 1.0 §5.3), however the bytes are cut. SetChunkSize and Abort take effect
 * here, at once; every other message is handed to `message`. The first bad byte throws a ProtocolError, after which
 * the reader is not to be used again.
 *
 * A message that came in one chunk and takes at least half of its read buffer is handed on as a view of that buffer
 * (30 ns; a copy of a 10 kB frame costs 2 µs), any other is copied into memory of just its size: frames are kept for
 * a while, and a kept view of a small part would pin all of the read. So kept messages pin at most twice their bytes,
 * and what is given to receive() must not be written to again.
 */
export class ChunkReader {
  readonly #limits: ChunkReaderLimits
  readonly #message: (message: Message) => void
  readonly #mayGoOn: () => boolean
  readonly #streams = new Map<number, ChunkStream>()
  #chunkSize = chunkSizeInitial
  /** The chunk being read, and how many of its bytes are to come; 0: a header comes next. */
  #current: ChunkStream | null = null
  #chunkLeft = 0
  /** A header that was cut by the end of a read. */
  #cut: Buffer | null = null
  /** What a read held beyond the time it was given. */
  #rest: Buffer | null = null
  #messages = 0
  #pending = 0
  #held = 0
  #stopped = false

  /** `mayGoOn` is asked every few messages; false leaves the rest of a read to `goOn`. */
  constructor(limits: ChunkReaderLimits, message: (message: Message) => void, mayGoOn: () => boolean = () => true) {
    this.#limits = limits
    this.#message = message
    this.#mayGoOn = mayGoOn
  }

  /** Bytes were left for `goOn`. */
  get isBehind(): boolean {
    return this.#rest !== null
  }

  /** Bytes received of messages that are not whole yet. */
  get pendingBytes(): number {
    return this.#pending
  }

  /** Bytes of memory taken for them. */
  get heldBytes(): number {
    return this.#held
  }

  /** Hands on nothing more, not even of the bytes being read. */
  stop(): void {
    this.#stopped = true
    this.#streams.clear()
    this.#current = null
    this.#cut = null
    this.#rest = null
    this.#pending = 0
    this.#held = 0
  }

  receive(read: Buffer): void {
    const before = this.#rest ?? this.#cut
    this.#rest = this.#cut = null
    this.#read(before ? Buffer.concat([before, read]) : read)
  }

  /** Takes up what was left when it was not to go on. */
  goOn(): void {
    const rest = this.#rest
    this.#rest = null
    if (rest) this.#read(rest)
  }

  #read(bytes: Buffer): void {
    let at = 0
    while (at < bytes.length && !this.#stopped) {
      if (this.#messages >= messagesBetweenLooks) {
        this.#messages = 0
        if (!this.#mayGoOn()) {
          this.#rest = bytes.subarray(at)
          return
        }
      }
      if (this.#chunkLeft === 0) {
        const end = this.#readHeader(bytes, at)
        if (end < 0) {
          // A slice of Node's shared pool would pin 64 kB for each connection that rests here.
          this.#cut = Buffer.allocUnsafeSlow(bytes.length - at)
          bytes.copy(this.#cut, 0, at)
          return
        }
        at = end
      } else {
        at = this.#readBody(bytes, at)
      }
    }
  }

  /** Returns where the header at `at` ends, or -1 when its end has not come yet. */
  #readHeader(bytes: Buffer, start: number): number {
    const first = bytes[start]!
    const chunkType = (first >> 6) as ChunkType
    let id = first & 0x3f
    let at = start + (id > 1 ? 1 : id + 2)
    if (at > bytes.length) return -1
    if (id === 0) id = 64 + bytes[start + 1]!
    else if (id === 1) id = 64 + bytes.readUInt16LE(start + 1)

    const stream = this.#streams.get(id) ?? this.#open(id, chunkType)
    if (chunkType === ChunkType.Same) {
      const repeated = stream.extended < 0 ? 0 : repeatedBytes(bytes, at, stream.extended)
      if (repeated < 0) return -1
      if (stream.filled === 0) stream.timestamp = (stream.timestamp + stream.delta) >>> 0
      at += repeated
    } else {
      if (stream.filled > 0) throw interrupted(id, stream)
      const fields = at
      at += messageHeaderBytes[chunkType]!
      if (at > bytes.length) return -1
      let time = readUInt24(bytes, fields)
      let extended = -1
      if (time === timestampExtended) {
        if (at + 4 > bytes.length) return -1
        extended = time = bytes.readUInt32BE(at)
        at += 4
      }
      stream.extended = extended
      stream.delta = time
      stream.timestamp = chunkType === ChunkType.Full ? time : (stream.timestamp + time) >>> 0
      if (chunkType !== ChunkType.SameKind) {
        stream.length = readUInt24(bytes, fields + 3)
        stream.type = bytes[fields + 6]!
        if (chunkType === ChunkType.Full) stream.streamId = bytes.readUInt32LE(fields + 7)
        if (stream.length > this.#limits.messageBytes) throw tooLong(stream.length, this.#limits.messageBytes)
      }
    }
    this.#current = stream
    this.#chunkLeft = Math.min(this.#chunkSize, stream.length - stream.filled)
    if (stream.length === 0) this.#finish(stream, nothing)
    return at
  }

  /** A chunk stream not seen before. */
  #open(id: number, chunkType: ChunkType): ChunkStream {
    // A type 1 header lacks only the message stream: librtmp begins its pongs so, and means stream 0 and a delta
    // from 0. Types 2 and 3 would leave the length open, and no client is known to begin with them.
    if (chunkType === ChunkType.SameKind || chunkType === ChunkType.Same) {
      throw new ProtocolError(
        'rtmp.chunk.orphan',
        `chunk stream ${id} begins with a header of type ${chunkType}, which leans on a message before it`,
      )
    }
    if (this.#streams.size >= this.#limits.chunkStreams) {
      throw new ProtocolError(
        'rtmp.chunk.streams',
        `more than ${this.#limits.chunkStreams} chunk streams on one connection`,
        'raise rtmp.chunkStreams if a client really needs so many',
      )
    }
    const stream: ChunkStream = {
      type: 0,
      streamId: 0,
      length: 0,
      timestamp: 0,
      delta: 0,
      extended: -1,
      filled: 0,
      payload: nothing,
    }
    this.#streams.set(id, stream)
    return stream
  }

  /** Takes what there is of the current chunk; returns where that ends. */
  #readBody(bytes: Buffer, at: number): number {
    const stream = this.#current!
    const part = Math.min(this.#chunkLeft, bytes.length - at)
    if (this.#pending + part > this.#limits.pendingBytes) throw overfull(this.#limits.pendingBytes)
    if (part === stream.length && part * 2 >= bytes.buffer.byteLength) {
      this.#chunkLeft = 0
      this.#finish(stream, bytes.subarray(at, at + part))
      return at + part
    }
    this.#makeRoom(stream, part, bytes.length - at)
    if (part < 32) for (let i = 0; i < part; i++) stream.payload[stream.filled + i] = bytes[at + i]!
    else bytes.copy(stream.payload, stream.filled, at, at + part)
    stream.filled += part
    this.#pending += part
    this.#chunkLeft -= part
    if (stream.filled === stream.length) this.#finish(stream, this.#drop(stream))
    return at + part
  }

  /**
   * Room for `part` more bytes. It is never taken on the word of the announced length: the first buffer is as large as
   * what this read may still bring (within `trustedBytes`), and each further one at most twice what has come.
   */
  #makeRoom(stream: ChunkStream, part: number, atHand: number): void {
    const needed = stream.filled + part
    const old = stream.payload
    if (needed <= old.length) return
    const trusted = Math.min(atHand, trustedBytes - (this.#held - this.#pending))
    stream.payload = Buffer.allocUnsafeSlow(Math.min(stream.length, Math.max(needed, 2 * stream.filled, trusted)))
    old.copy(stream.payload, 0, 0, stream.filled)
    this.#held += stream.payload.length - old.length
  }

  /** Gives up the message that is coming in and returns its bytes. */
  #drop(stream: ChunkStream): Buffer {
    const payload = stream.payload
    this.#pending -= stream.filled
    this.#held -= payload.length
    stream.filled = 0
    stream.payload = nothing
    return payload
  }

  #finish(stream: ChunkStream, payload: Buffer): void {
    this.#messages++
    const message = { type: stream.type, streamId: stream.streamId, timestamp: stream.timestamp, payload }
    if (message.type === MessageType.SetChunkSize) this.#chunkSize = Math.min(decodeChunkSize(payload), chunkSizeMax)
    else if (message.type === MessageType.Abort) this.#abort(decodeAbort(payload))
    else this.#message(message)
  }

  /** An id without an unfinished message is harmless: the peer may have finished it meanwhile. */
  #abort(id: number): void {
    const stream = this.#streams.get(id)
    if (stream) this.#drop(stream)
  }
}

/**
 * Whether the extended timestamp stands again at the head of a type 3 chunk: 4 or 0 bytes, -1 when too little has come
 * to tell. The specification wants it there (§5.3.1.3), OBS up to version 30 and others built on librtmp leave it out;
 * so the bytes are compared with the value it would have.
 */
function repeatedBytes(bytes: Buffer, at: number, extended: number): number {
  for (let i = 0; i < 4; i++) {
    if (at + i >= bytes.length) return -1
    if (bytes[at + i] !== ((extended >>> (24 - 8 * i)) & 0xff)) return 0
  }
  return 4
}

function readUInt24(bytes: Buffer, at: number): number {
  return (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!
}

function interrupted(id: number, stream: ChunkStream): ProtocolError {
  return new ProtocolError(
    'rtmp.chunk.interrupted',
    `a new header on chunk stream ${id} after ${stream.filled} of a message's ${stream.length} bytes`,
  )
}

function tooLong(length: number, limit: number): ProtocolError {
  return new ProtocolError(
    'rtmp.message.bytes',
    `a message of ${length} bytes, ${limit} are allowed`,
    'raise rtmp.messageBytes if a client really sends so much at once',
  )
}

function overfull(limit: number): ProtocolError {
  return new ProtocolError(
    'rtmp.pending.bytes',
    `unfinished messages hold more than ${limit} bytes`,
    'raise rtmp.pendingBytes if a client really interleaves so much',
  )
}
