import type { EncodedPacket, EncodedPacketSink, InputTrack, Input as MediaInput } from 'mediabunny'
import { messageOf } from '../base/errors.ts'
import { encodeAmf0 } from '../media/amf0.ts'
import { writeDataBody } from '../media/data-body.ts'
import { type Frame, FrameKind, FrameRole } from '../media/frame.ts'
import type { DiskFile } from './disk.ts'
import { Damage, type Film } from './film.ts'
import { reorderMax } from './limits.ts'
import { durationInHead } from './mp4/fragments.ts'
import { codecOf, headerTag, packetTag, type TagCodec } from './tag-writer.ts'

/** Bytes that the reader may keep of a file. */
const cacheBytes = 2 * 1024 * 1024

/**
 * An MP4 (fragmented or not) or MP3 file, read by a library that knows their many forms. It tells when pictures are
 * shown; when they are decoded, which a player of FLV tags wants to know, follows from their order.
 */
export class MediaFilm implements Film {
  duration: number
  readonly #file: DiskFile
  #bytes: number
  #input: MediaInput
  #tracks: TrackReader[]
  readonly #metadata: Record<string, number>

  private constructor(file: DiskFile, bytes: number, opened: Opened) {
    this.#file = file
    this.#bytes = bytes
    this.#input = opened.input
    this.#tracks = opened.tracks
    this.duration = opened.duration
    this.#metadata = opened.metadata
  }

  /** Rejects with Damage when there is nothing in it that can be played. */
  static async open(file: DiskFile): Promise<MediaFilm> {
    const bytes = await file.size()
    return new MediaFilm(file, bytes, await damaging(() => openInput(file, bytes)))
  }

  async measure(): Promise<void> {
    await this.#follow()
    this.duration = await damaging(async () => {
      const tracks = this.#tracks.map(({ track }) => track)
      return Math.round(1000 * (await this.#input.computeDuration(tracks, { skipLiveWait: true })))
    })
  }

  async seek(ms: number): Promise<Frame[]> {
    await this.#follow()
    return damaging(async () => {
      const [leading, ...others] = this.#tracks
      const at = await leading!.enter(ms)
      for (const track of others) await track.enter(Math.min(at, ms), true)
      const said = { ...this.#metadata, duration: this.duration / 1000 }
      const payload = writeDataBody('onMetaData', encodeAmf0([said]))
      const metadata = { kind: FrameKind.Data, role: FrameRole.Metadata, track: 0, timestamp: at, payload }
      return [metadata, ...this.#tracks.flatMap(track => track.header(at))]
    })
  }

  async next(): Promise<Frame | null> {
    const frame = await damaging(() => this.#earliest())
    if (frame || !(await this.#follow())) return frame
    return damaging(() => this.#earliest())
  }

  async close(): Promise<void> {
    this.#input.dispose()
    await this.#file.close()
  }

  async #earliest(): Promise<Frame | null> {
    let first: TrackReader | null = null
    for (const track of this.#tracks) {
      if ((await track.peek()) && (!first || track.sentAt < first.sentAt)) first = track
    }
    return first?.take() ?? null
  }

  /** A recording in progress has grown: what came is behind what was read. */
  async #follow(): Promise<boolean> {
    const bytes = await this.#file.size()
    if (bytes === this.#bytes) return false
    const before = this.#tracks
    const opened = await damaging(() => openInput(this.#file, bytes))
    this.#input.dispose()
    this.#bytes = bytes
    this.#input = opened.input
    this.#tracks = opened.tracks
    this.duration = Math.max(this.duration, opened.duration)
    for (const track of opened.tracks) {
      const same = before.find(({ kind }) => kind === track.kind)
      if (same) await damaging(() => track.goOn(same))
    }
    return true
  }
}

interface Opened {
  readonly input: MediaInput
  readonly tracks: TrackReader[]
  readonly duration: number
  readonly metadata: Record<string, number>
}

async function openInput(file: DiskFile, bytes: number): Promise<Opened> {
  // Loaded when it is needed: it takes a while and some memory, and most servers play FLV.
  const { CustomSource, EncodedPacketSink, Input, MP3, MP4, QTFF } = await import('mediabunny')
  const source = new CustomSource({
    getSize: () => bytes,
    read: async (from, to) => {
      const read = await file.read(from, to - from)
      if (read.length < to - from) throw new Damage(`it ends at byte ${from + read.length}`)
      return read
    },
    maxCacheSize: cacheBytes,
    prefetchProfile: 'fileSystem',
    handleUnhandledError: () => {},
  })
  const input = new Input({ formats: [MP4, QTFF, MP3], source })
  const tracks: TrackReader[] = []
  const metadata: Record<string, number> = {}
  const video = await input.getPrimaryVideoTrack()
  const audio = await input.getPrimaryAudioTrack()
  for (const track of [video, audio]) {
    if (!track) continue
    const codec = codecOf(track.codec)
    if (!codec) continue
    const config = await (track.isVideoTrack() || track.isAudioTrack() ? track.getDecoderConfig() : null)
    const description = config?.description
    const kind = track.isVideoTrack() ? FrameKind.Video : FrameKind.Audio
    tracks.push(new TrackReader(kind, codec, bytesOf(description), track, new EncodedPacketSink(track)))
    if (track.isVideoTrack()) Object.assign(metadata, { width: track.displayWidth, height: track.displayHeight })
  }
  if (tracks.length === 0) throw new Damage('there is nothing in it that can be played')
  // Everything is moved by the same time, so that no picture is decoded before 0.
  const shift = Math.max(...(await Promise.all(tracks.map(track => track.learn()))))
  for (const track of tracks) track.shift = shift
  // Of fragments the library tells no duration but by reading all of them; the head of a whole recording of ours does.
  const told = await input.getDurationFromMetadata()
  const duration = told === null ? await durationInHead(file) : Math.round(1000 * told)
  return { input, tracks, duration, metadata }
}

/** One track, its packets in the order in which they are decoded. */
class TrackReader {
  readonly kind: FrameKind
  readonly track: InputTrack
  /** Milliseconds added to every time. */
  shift = 0
  readonly #codec: TagCodec
  readonly #config: Buffer | null
  readonly #sink: EncodedPacketSink
  /** Read ahead; the first is next. */
  #packets: EncodedPacket[] = []
  /** Their times in ms, in order: the first is when the next packet is decoded. */
  #times: number[] = []
  #last: EncodedPacket | null = null
  #fresh = true
  /** Why nothing can be read any more. */
  #failure: unknown = null

  constructor(kind: FrameKind, codec: TagCodec, config: Buffer | null, track: InputTrack, sink: EncodedPacketSink) {
    this.kind = kind
    this.track = track
    this.#codec = codec
    this.#config = config
    this.#sink = sink
  }

  /** When the next packet is decoded; after peek(). */
  get time(): number {
    return this.#times[0]!
  }

  /**
   * The time of the frame that take() will give: pictures keep their order of decoding and are shown later by the shift;
   * sounds are moved by it.
   */
  get sentAt(): number {
    return Math.max(0, this.kind === FrameKind.Video ? this.time : this.time + this.shift)
  }

  /** Milliseconds by which its pictures are shown earlier than their place in the order of decoding allows. */
  async learn(): Promise<number> {
    await this.peek()
    const delay = Math.max(0, ...this.#packets.map((packet, at) => this.#times[at]! - ms(packet)))
    this.#rewind()
    return delay
  }

  /** Goes to the last key packet at or before `wanted` ms, or to the first `after` that; gives its time. */
  async enter(wanted: number, after = false): Promise<number> {
    this.#rewind()
    let packet = (await this.#sink.getKeyPacket(wanted / 1000)) ?? (await this.#sink.getFirstPacket())
    while (after && packet && ms(packet) < wanted) packet = await this.#sink.getNextPacket(packet)
    this.#fresh = false
    if (!packet) return 0
    this.#push(packet)
    await this.peek()
    return this.time
  }

  /** Goes on where another reader of the same track has come to. */
  async goOn(other: TrackReader): Promise<void> {
    this.shift = other.shift
    this.#fresh = other.#fresh
    const last = other.#packets.at(-1) ?? other.#last
    const same = last && (await this.#sink.getPacket(last.timestamp))
    if (!same) return
    this.#packets = [...other.#packets.slice(0, -1)]
    this.#times = [...other.#times]
    if (other.#packets.length > 0) this.#packets.push(same)
    this.#last = same
  }

  header(timestamp: number): Frame[] {
    const payload = this.#config && headerTag(this.#codec, this.#config)
    if (!payload) return []
    return [{ kind: this.kind, role: FrameRole.Header, track: 0, timestamp, payload }]
  }

  /** Is there another packet? Reads as far ahead as order asks for. */
  async peek(): Promise<boolean> {
    if (this.#fresh) {
      this.#fresh = false
      const first = await this.#sink.getFirstPacket()
      if (first) this.#push(first)
    }
    const ahead = this.kind === FrameKind.Video ? reorderMax : 1
    while (this.#last && this.#packets.length < ahead && this.#failure === null) {
      try {
        const next = await this.#sink.getNextPacket(this.#last)
        if (!next) break
        this.#push(next)
      } catch (error) {
        // What was read before the damage is shown first.
        this.#failure = error
      }
    }
    if (this.#packets.length === 0 && this.#failure !== null) throw this.#failure
    return this.#packets.length > 0
  }

  take(): Frame | null {
    const timestamp = this.sentAt
    const packet = this.#packets.shift()
    const time = this.#times.shift()
    if (!packet || time === undefined) return null
    const isKey = packet.type === 'key'
    const isPicture = this.kind === FrameKind.Video
    const offset = isPicture ? Math.max(0, ms(packet) + this.shift - time) : 0
    const payload = packetTag(this.#codec, packet.data, isKey, offset)
    const role = isPicture && isKey ? FrameRole.Key : FrameRole.Inter
    return { kind: this.kind, role, track: 0, timestamp, payload }
  }

  #push(packet: EncodedPacket): void {
    this.#packets.push(packet)
    this.#last = packet
    const time = ms(packet)
    let at = this.#times.length
    while (at > 0 && this.#times[at - 1]! > time) at--
    this.#times.splice(at, 0, time)
  }

  #rewind(): void {
    this.#packets = []
    this.#times = []
    this.#last = null
    this.#fresh = true
    this.#failure = null
  }
}

function ms(packet: EncodedPacket): number {
  return Math.round(packet.timestamp * 1000)
}

function bytesOf(description: unknown): Buffer | null {
  if (description instanceof Uint8Array) {
    return Buffer.from(description.buffer, description.byteOffset, description.byteLength)
  }
  return description instanceof ArrayBuffer ? Buffer.from(description) : null
}

/** Whatever the library says of a file, the file is at fault. */
async function damaging<Value>(read: () => Promise<Value>): Promise<Value> {
  try {
    return await read()
  } catch (error) {
    throw error instanceof Damage ? error : new Damage(messageOf(error))
  }
}
