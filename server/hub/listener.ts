import { writeDataBody } from '../media/data-body.ts'
import { type Frame, FrameKind, FrameRole } from '../media/frame.ts'
import type { Address } from './address.ts'
import type { Client } from './client.ts'
import { Delivery } from './delivery.ts'
import type { ListenerFacts } from './facts.ts'
import type { ListenerLimits } from './listener-limits.ts'
import { type Batch, bitOf, type Outlet, type WireForm } from './outlet.ts'
import { Passed } from './passed.ts'
import type { Publication } from './publication.ts'
import { Qos } from './qos.ts'
import type { Track } from './tracks.ts'

/** Where a listener's bytes go; each protocol fulfils it. */
export interface ListenerSink {
  readonly form: WireForm
  /**
   * The tracks of this kind that are published, whenever they change: may they be sent? The player is told here when they
   * may not. Without it everything may.
   */
  offered?(kind: FrameKind, tracks: readonly Track[]): boolean
  write(bytes: Buffer): void
  /** So many more messages were in the bytes written: told about once a second, and at the end. */
  passed?(messages: number): void
  /** Bytes written that have not left this process. */
  readonly queuedBytes: number
  /** Somebody publishes the name now (after it had been idle). */
  published(): void
  /** Nobody has published the name for the time of grace. */
  unpublished(): void
  /** The subscription was ended from this side: a status `NetStream.<code>`. */
  closed(code: string, description: string): void
}

/** A lagging listener returns once no more than this part of `queueBytes` is left in its queue. */
const returnPart = 1 / 8

/**
 * One subscription. On the common path it takes the bytes everyone takes; until it has entered with a frame of each
 * kind, and after it lagged, it is served frame by frame with a time of its own.
 */
export class Listener {
  readonly id: number
  readonly client: Client
  readonly publication: Publication
  readonly address: Address
  readonly sink: ListenerSink
  readonly audioQos = new Qos()
  readonly videoQos = new Qos()
  outlet: Outlet | null = null
  /** `asking` until its verdict, then `joined`, then `gone`. */
  state: 'asking' | 'joined' | 'gone' = 'asking'
  /** What a script lets it have. */
  receiveAudio = true
  receiveVideo = true
  /** What its player wants to have, what it can have, and what comes of all. */
  #wishes = { audio: true, video: true }
  #able = { audio: true, video: true }
  #hears = true
  #sees = true
  /** Whether its player may read raw samples and pictures; see allowSamples(). */
  audioSampleAccess = false
  videoSampleAccess = false
  paused = false
  /** When it joined. */
  since = 0
  /** The player has been told that somebody publishes. */
  told = false
  /** It is served from a file: what is published meanwhile is not for it. */
  elsewhere = false
  /** The group of pictures it was paused in, how much of that it has, and the kinds it had entered. */
  #pausedIn: { group: readonly Frame[]; has: number; entered: number } | null = null
  readonly #limits: ListenerLimits
  /** Kinds whose last frame this listener has, so that the shared bytes continue from there. */
  #entered = 0
  /** The publication's time that is 0 for this listener; NaN until its first frame of audio or video. */
  #base = Number.NaN
  #laggingSince = Number.NaN
  readonly #delivery = new Delivery()
  #mark = { written: 0, at: 0 }
  #written = 0
  readonly passed = new Passed()

  constructor(
    id: number,
    client: Client,
    publication: Publication,
    address: Address,
    sink: ListenerSink,
    limits: ListenerLimits,
  ) {
    this.id = id
    this.client = client
    this.publication = publication
    this.address = address
    this.sink = sink
    this.#limits = limits
  }

  get lagging(): boolean {
    return !Number.isNaN(this.#laggingSince)
  }

  facts(): ListenerFacts {
    return {
      id: this.id,
      client: this.client.id,
      publication: this.publication.key,
      receiveAudio: this.receiveAudio,
      receiveVideo: this.receiveVideo,
      audioSampleAccess: this.audioSampleAccess,
      videoSampleAccess: this.videoSampleAccess,
      query: this.address.query,
    }
  }

  /** Its player is told at once while it plays, else when it starts. */
  allowSamples(audio: boolean, video: boolean): void {
    this.audioSampleAccess = audio
    this.videoSampleAccess = video
    // AMF0 booleans (AMF 0 §2.3).
    const values = Uint8Array.of(1, audio ? 1 : 0, 1, video ? 1 : 0)
    if (this.state === 'joined') this.tell(writeDataBody('|RtmpSampleAccess', values))
  }

  /** Everything a newcomer needs to see a picture at once. The outlet has been flushed: it continues from here. */
  enter(): void {
    if (this.paused) return
    this.#entered = 0
    const { frames } = this.publication.cache
    if (Number.isNaN(this.#base) && frames.length > 0) {
      // The earliest time in the group, lest a sound a little older than the key frame would come before 0.
      this.#base = frames.reduce((least, frame) => Math.min(least, frame.timestamp), Number.POSITIVE_INFINITY)
    }
    const out: Buffer[] = []
    this.#writePrelude(frames[0]?.timestamp ?? this.publication.lastTimestamp, out)
    for (const frame of frames) this.#takeKept(frame, out)
    this.#write(out)
  }

  /** What gathered in the outlet. This runs for every listener at every flush: on the common path it is one write. */
  deliver(batch: Batch, now: number): void {
    // What a player does not want to have now is not missing.
    if (this.paused) {
      this.#entered = 0
      return
    }
    const queued = this.sink.queuedBytes
    if (queued === 0) this.#mark.written = Number.NaN
    else if (this.#falls(queued, now)) return this.#lag(batch, queued, now)
    if (this.lagging && !this.#returns(batch, queued)) return this.#lag(batch, queued, now)
    if ((batch.kinds & ~this.#entered) === 0) {
      const { bytes } = batch
      this.#written += bytes.length
      if (batch.audioFrames > 0) this.audioQos.count(batch.audioBytes, batch.audioFrames)
      if (batch.videoFrames > 0) this.videoQos.count(batch.videoBytes, batch.videoFrames)
      this.sink.write(bytes)
      return
    }
    const out: Buffer[] = []
    for (const frame of batch.frames) this.#take(frame, out)
    this.#write(out)
  }

  /** A data message for this listener alone: AMF0 values, the name first. */
  tell(payload: Buffer): void {
    if (!this.outlet) return
    const out: Buffer[] = []
    const timestamp = this.publication.lastTimestamp
    const frame = { kind: FrameKind.Data, role: FrameRole.Inter, track: 0, timestamp, payload }
    this.#encode(frame, this.#timeOf(timestamp), out)
    this.passed.others++
    // What is shared continues from the frame that everybody has.
    this.#entered &= ~bitOf(FrameKind.Data)
    this.#write(out)
  }

  /** A script mutes or unmutes; a kind that comes back enters anew (video with its next key frame). */
  receive(audio: boolean, video: boolean): void {
    this.receiveAudio = audio
    this.receiveVideo = video
    this.#settle()
  }

  /** The player's own muting, which does not undo a script's, nor the other way round. */
  wish(audio: boolean, video: boolean): void {
    this.#wishes = { audio, video }
    this.#settle()
  }

  /** Other codecs come than before: its player may have no use for them. */
  offer(kind: FrameKind): void {
    const able = this.sink.offered?.(kind, this.publication.tracks.of(kind)) ?? true
    this.#able = kind === FrameKind.Audio ? { ...this.#able, audio: able } : { ...this.#able, video: able }
    this.#settle()
  }

  #settle(): void {
    const hears = this.receiveAudio && this.#wishes.audio && this.#able.audio
    const sees = this.receiveVideo && this.#wishes.video && this.#able.video
    if (hears !== this.#hears) this.#entered &= ~bitOf(FrameKind.Audio)
    if (sees !== this.#sees) this.#entered &= ~bitOf(FrameKind.Video)
    this.#hears = hears
    this.#sees = sees
  }

  /**
   * The player's own pause: what passes meanwhile is not sent. At its end the listener enters like a newcomer, or goes
   * on where it was while that group of pictures lasts. The outlet has been flushed.
   */
  pause(paused: boolean): void {
    if (paused === this.paused) return
    this.paused = paused
    const { frames } = this.publication.cache
    if (!paused) this.#resume(frames)
    else if (this.outlet) this.#pausedIn = { group: frames, has: frames.length, entered: this.#entered }
  }

  #resume(frames: readonly Frame[]): void {
    const pausedIn = this.#pausedIn
    this.#pausedIn = null
    if (pausedIn?.group !== frames || this.lagging) return this.enter()
    this.#entered = pausedIn.entered
    const out: Buffer[] = []
    for (const frame of frames.slice(pausedIn.has)) this.#takeKept(frame, out)
    this.#write(out)
  }

  /** Milliseconds this listener has lagged, 0 when it does not. */
  lagMs(now: number): number {
    return this.lagging ? now - this.#laggingSince : 0
  }

  /** A second has passed. */
  turn(ms: number, now: number): void {
    this.passed.tell(this)
    const { ping } = this.client.peer.figures()
    const { hasVideo } = this.publication
    const state = { waiting: this.sink.queuedBytes, ping, lagMs: this.lagMs(now), hasVideo }
    this.#delivery.turn(this.audioQos, this.videoQos, state, Math.min(ms, now - this.since))
  }

  #falls(queued: number, now: number): boolean {
    if (this.lagging) return false
    if (queued > this.#limits.queueBytes) return true
    const left = this.#written - queued
    if (!(left < this.#mark.written)) {
      // All that was queued at the last mark has left (or there was no mark): the next one stands here.
      this.#mark = { written: this.#written, at: now }
      return false
    }
    return now - this.#mark.at > this.#limits.queueMs
  }

  #lag(batch: Batch, queued: number, now: number): void {
    if (!this.lagging) {
      this.#laggingSince = now
      this.publication.lagged(this, queued)
    }
    this.#skip(batch)
    if (this.lagMs(now) > this.#limits.lagMs) this.publication.tooSlow(this)
  }

  #returns(batch: Batch, queued: number): boolean {
    if (queued > this.#limits.queueBytes * returnPart) return false
    const needsKey = this.publication.hasVideo && this.#sees
    if (needsKey && !batch.frames.some(frame => frame.role === FrameRole.Key)) return false
    this.#laggingSince = Number.NaN
    const out: Buffer[] = []
    this.#writePrelude(batch.frames[0]!.timestamp, out)
    this.#write(out)
    return true
  }

  #skip(batch: Batch): void {
    this.#entered = 0
    if (this.#hears) this.audioQos.drop(batch.audioFrames, batch.audioBytes)
    if (this.#sees) this.videoQos.drop(batch.videoFrames, batch.videoBytes)
  }

  #qos(kind: FrameKind): Qos | undefined {
    return kind === FrameKind.Audio ? this.audioQos : kind === FrameKind.Video ? this.videoQos : undefined
  }

  /** Metadata and codec headers, outside of time: they are not frames to continue from. */
  #writePrelude(timestamp: number, out: Buffer[]): void {
    const at = this.#timeOf(timestamp)
    for (const frame of this.publication.cache.prelude()) {
      const fit = this.#wants(frame.kind) && this.outlet?.fit(frame)
      if (!fit) continue
      this.#encode(fit, at, out)
      this.passed.others++
    }
  }

  /** A frame as it was published. */
  #takeKept(frame: Frame, out: Buffer[]): void {
    const fit = this.outlet?.fit(frame)
    if (!fit) return
    this.#take(fit, out)
    if (fit.kind === FrameKind.Data) this.passed.others++
  }

  /** One frame for this listener alone. */
  #take(frame: Frame, out: Buffer[]): void {
    if (!this.#wants(frame.kind)) return
    const bit = bitOf(frame.kind)
    const entering = (this.#entered & bit) === 0
    if (entering && frame.kind === FrameKind.Video && frame.role === FrameRole.Inter) {
      this.videoQos.drop(1)
      return
    }
    const isMedia =
      frame.kind !== FrameKind.Data && frame.role !== FrameRole.Header && frame.role !== FrameRole.Metadata
    if (isMedia && Number.isNaN(this.#base)) this.#base = frame.timestamp
    const timestamp = this.#timeOf(frame.timestamp)
    this.#encode(frame, timestamp, out)
    this.#qos(frame.kind)?.count(frame.payload.length, 1)
    // Shared bytes carry differences of time: they may follow only where this listener's time is exact, and video
    // only from a key frame on.
    const exact = timestamp === frame.timestamp - this.#base
    const opens = frame.kind !== FrameKind.Video || frame.role === FrameRole.Key || !entering
    if (exact && opens) this.#entered |= bit
  }

  #timeOf(timestamp: number): number {
    return Number.isNaN(this.#base) ? 0 : Math.max(0, timestamp - this.#base)
  }

  #wants(kind: FrameKind): boolean {
    return kind === FrameKind.Audio ? this.#hears : kind === FrameKind.Video ? this.#sees : true
  }

  #encode(frame: Frame, timestamp: number, out: Buffer[]): void {
    this.outlet!.encoder.entry(frame, timestamp, out)
  }

  #write(out: Buffer[]): void {
    if (out.length === 0) return
    const bytes = out.length === 1 ? out[0]! : Buffer.concat(out)
    this.#written += bytes.length
    this.sink.write(bytes)
  }
}
