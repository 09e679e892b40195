import type { Timer } from '../base/clock.ts'
import type { TagDescription } from '../media/codec.ts'
import { describeTag } from '../media/flv-tag.ts'
import { type Frame, FrameKind, FrameRole } from '../media/frame.ts'
import { Timeline } from '../media/timeline.ts'
import { type Address, publicationKey } from './address.ts'
import { Arrival } from './arrival.ts'
import type { Client } from './client.ts'
import type { PublicationFacts } from './facts.ts'
import { GopCache, type GopLimits } from './gop-cache.ts'
import type { FrameTap } from './judge.ts'
import type { Listener } from './listener.ts'
import { Outlet } from './outlet.ts'
import { Pace } from './pace.ts'
import { Qos } from './qos.ts'
import { Tracks } from './tracks.ts'

/** Who sends the frames, as the publication sees it: a client's stream, a script, a relay from another server. */
export interface Publisher {
  /** The client's id, 'script' or 'relay'. */
  readonly id: string
  /** Null for a script or a relay. */
  readonly client: Client | null
  /** The name in the client's own words, for what it is told. */
  readonly given?: string
  /** Its publication was ended from this side: a status `NetStream.<code>`. */
  closed(code: string, description: string): void
}

/** What a publication asks of the hub around it. */
export interface PublicationHost {
  /** Milliseconds, monotonic. */
  now(): number
  /** Runs `flush` once this turn's bytes have been read. */
  soon(flush: () => void): void
  /** Runs `flush` in so many ms. */
  later(ms: number, flush: () => void): Timer
  lagged(listener: Listener, queuedBytes: number): void
  tooSlow(listener: Listener): void
  metadataChanged(publication: Publication): void
  codecsChanged(publication: Publication): void
}

/** Takes all that listeners elsewhere need. */
export interface Feed extends FrameTap {
  /** Metadata that was kept for newcomers is not any more. */
  forget(): void
}

/** A name within an application: somebody publishes it, or somebody waits for it. */
export class Publication {
  readonly app: string
  readonly address: Address
  readonly key: string
  readonly listeners = new Map<number, Listener>()
  readonly cache: GopCache
  readonly audioQos = new Qos()
  readonly videoQos = new Qos()
  /** `asking`: its publisher's verdict is out; `grace`: the publisher is gone, players have not been told. */
  state: 'idle' | 'asking' | 'live' | 'grace' = 'idle'
  publisher: Publisher | null = null
  /** Subscriptions whose verdicts are out, and what else needs it to be known. */
  waiting = 0
  /** How many of its listeners are the server itself. */
  insiders = 0
  /** Grows with every publish of the name. */
  generation = 0
  /** Milliseconds since 1970; 0 while idle. */
  startedAt = 0
  /** The hub's time of the last frame from its publisher. */
  lastHeard = 0
  /** How far `lastHeard` may lag behind the truth, ms: not at all where the frames pass. */
  readonly heardEvery: number = 0
  query: Record<string, string> = {}
  readonly tracks = new Tracks()
  hasVideo = false
  /** The publication's time of its newest frame. */
  lastTimestamp = 0
  /** Hands the frames on to other processes. */
  feed: Feed | null = null
  /** Those who record it. */
  readonly recorders = new Set<FrameTap>()
  #tap: FrameTap | null = null
  readonly #timeline = new Timeline()
  readonly #arrival = new Arrival()
  /** The hub's time of its present publisher's beginning. */
  #begunAt = 0
  /** What is added to the times of frames that were timed elsewhere; NaN until the first of them. */
  #shift = Number.NaN
  readonly #outlets = new Map<string, Outlet>()
  readonly #host: PublicationHost
  readonly #pace: Pace
  /** Video tracks whose pictures have begun: those of others make no sense before their key frames. */
  readonly #begun = new Set<number>()

  constructor(app: string, address: Address, limits: GopLimits, mergeMs: number, host: PublicationHost) {
    this.app = app
    this.address = address
    this.key = publicationKey(app, address.address)
    this.cache = new GopCache(limits)
    this.#host = host
    this.#pace = new Pace(mergeMs, host, () => this.flush())
  }

  /** Its frames pass through this process. */
  get passesHere(): boolean {
    return true
  }

  /** Sees the frames for scripts. */
  get tap(): FrameTap | null {
    return this.#tap
  }

  set tap(tap: FrameTap | null) {
    this.#tap = tap
  }

  /** Codecs of the default tracks by name (`avc1`, `mp4a` …), '' until seen. */
  get audioCodec(): string {
    return this.tracks.codec(FrameKind.Audio)
  }

  get videoCodec(): string {
    return this.tracks.codec(FrameKind.Video)
  }

  facts(): PublicationFacts {
    return {
      app: this.app,
      address: this.address.address,
      room: this.address.room,
      name: this.address.name,
      publisherId: this.publisher?.id ?? '',
      generation: this.generation,
      startedAt: this.startedAt,
      query: this.query,
    }
  }

  /**
   * A publisher takes the name, subject to its verdict. Its time continues that of the one before, its codec headers
   * replace theirs.
   */
  begin(publisher: Publisher, query: Record<string, string>, epoch: number): void {
    this.flush()
    this.state = 'asking'
    this.publisher = publisher
    this.query = query
    this.generation++
    this.startedAt = epoch
    this.lastHeard = this.#host.now()
    this.#begunAt = this.lastHeard
    this.#timeline.restart(this.lastHeard)
    this.cache.clear()
    this.#forgetTracks()
  }

  /** The hub's time at which anything came from the publisher, be it a part of a frame. */
  heardAt(now: number): number {
    const silence = this.publisher?.client?.peer.figures().silence ?? Number.POSITIVE_INFINITY
    return Math.max(this.lastHeard, now - silence)
  }

  /** The publisher is gone; listeners stay. */
  end(): void {
    this.flush()
    this.state = 'idle'
    this.publisher = null
    this.startedAt = 0
    this.cache.clear()
    this.audioQos.reset()
    this.videoQos.reset()
    this.#arrival.reset()
    for (const { audioQos, videoQos } of this.listeners.values()) {
      audioQos.reset()
      videoQos.reset()
    }
  }

  /** A frame as it came: `timestamp` is the publisher's own, 32 bit. */
  receive(kind: FrameKind, tag: TagDescription, timestamp: number, payload: Buffer): void {
    const { role, track } = tag
    const now = this.#host.now()
    this.lastHeard = now
    if (kind === FrameKind.Video) {
      this.hasVideo = true
      if (role === FrameRole.Key) this.#begin(tag)
      else if (role === FrameRole.Inter && !this.#begun.has(track)) {
        this.videoQos.drop(1, payload.length)
        return
      }
    }
    const time = this.#timeline.at(kind, timestamp, now)
    if (kind !== FrameKind.Data && role !== FrameRole.Header) this.#arrival.note(time, now)
    this.#note(kind, tag)
    this.#push({ kind, role, track, timestamp: time, payload })
  }

  /** Frames come next from another process, where the publisher is: time goes on here as if it had moved. */
  beginRelay(): void {
    this.end()
    this.#forgetTracks()
    this.#shift = Number.NaN
  }

  /** A frame that was timed where its publisher is. */
  relay(frame: Frame): void {
    const now = this.#host.now()
    const { kind, role } = frame
    if (kind === FrameKind.Video) this.hasVideo = true
    const isMedia = kind !== FrameKind.Data && role !== FrameRole.Header
    if (isMedia && Number.isNaN(this.#shift)) this.#shift = this.#timeline.join(frame.timestamp, now)
    // What stands before the first media is outside of time.
    const timestamp = Number.isNaN(this.#shift) ? this.lastTimestamp : Math.max(0, frame.timestamp + this.#shift)
    if (isMedia) this.#timeline.follow(timestamp, now)
    this.#note(kind, describeTag(kind, frame.payload))
    this.#push({ ...frame, timestamp })
  }

  /** Newcomers are no longer given what is kept under this name of data (@clearDataFrame). */
  forget(name: string): void {
    if (name !== 'onMetaData') return
    this.cache.forgetMetadata()
    this.feed?.forget()
  }

  /** A frame whose time is now, whatever the publisher's clock says: publication.send of a script. */
  receiveNow(payload: Buffer, role: FrameRole = FrameRole.Inter): void {
    this.#push({ kind: FrameKind.Data, role, track: 0, timestamp: this.lastTimestamp, payload })
  }

  /** So many frames are missing before the next one: pictures make no sense any more until a key frame. */
  miss(kind: FrameKind, frames: number): void {
    if (kind === FrameKind.Audio) this.audioQos.lose(frames)
    else if (kind === FrameKind.Video) {
      this.videoQos.lose(frames)
      this.#begun.clear()
    }
  }

  add(listener: Listener): void {
    this.listeners.set(listener.id, listener)
    if (listener.elsewhere || listener.outlet) return
    const { form } = listener.sink
    let outlet = this.#outlets.get(form.key)
    if (!outlet) {
      outlet = new Outlet(form, this.cache.frames)
      this.#outlets.set(form.key, outlet)
    }
    listener.outlet = outlet
    listener.since = this.#host.now()
    listener.offer(FrameKind.Audio)
    listener.offer(FrameKind.Video)
    this.reenter(listener)
    outlet.add(listener)
  }

  /** Gives a listener the way of a newcomer (again). What gathered goes out first, lest it came twice. */
  reenter(listener: Listener): void {
    listener.outlet?.flush(this.#host.now())
    listener.enter()
  }

  /** The player's own pause, and its end. */
  pause(listener: Listener, paused: boolean): void {
    listener.outlet?.flush(this.#host.now())
    listener.pause(paused)
  }

  remove(listener: Listener): void {
    listener.passed.tell(listener)
    if (!this.listeners.delete(listener.id)) return
    const outlet = listener.outlet
    listener.outlet = null
    outlet?.remove(listener)
    if (outlet?.size === 0) this.#outlets.delete(listener.sink.form.key)
  }

  flush(): void {
    this.#pace.flushed()
    const now = this.#host.now()
    for (const outlet of this.#outlets.values()) outlet.flush(now)
  }

  lagged(listener: Listener, queuedBytes: number): void {
    this.#host.lagged(listener, queuedBytes)
  }

  tooSlow(listener: Listener): void {
    this.#host.tooSlow(listener)
  }

  /** A second has passed. */
  turn(ms: number): void {
    const now = this.#host.now()
    if (this.publisher) this.#measure(Math.min(ms, now - this.#begunAt))
    for (const listener of this.listeners.values()) listener.turn(ms, now)
  }

  #measure(ms: number): void {
    if (ms <= 0) return
    this.#arrival.turn(ms)
    const ping = this.publisher?.client?.peer.figures().ping ?? 0
    for (const qos of [this.audioQos, this.videoQos]) {
      qos.congestionRate = this.#arrival.growth
      qos.latency = Math.round(ping / 2 + this.#arrival.waiting)
      qos.turn(ms)
    }
  }

  #push(frame: Frame): void {
    this.lastTimestamp = Math.max(this.lastTimestamp, frame.timestamp)
    this.cache.keep(frame)
    for (const outlet of this.#outlets.values()) outlet.push(frame)
    if (frame.kind === FrameKind.Audio) this.audioQos.count(frame.payload.length, 1)
    else if (frame.kind === FrameKind.Video) this.videoQos.count(frame.payload.length, 1)
    else if (frame.role === FrameRole.Metadata) this.#host.metadataChanged(this)
    if (this.#outlets.size > 0) this.#pace.gathered(frame.kind, this.hasVideo, this.listeners.size)
    this.#tap?.frame(this, frame)
    this.feed?.frame(this, frame)
    for (const recorder of this.recorders) recorder.frame(this, frame)
  }

  #begin({ track, others }: TagDescription): void {
    this.#begun.add(track)
    if (others) for (const other of others) this.#begun.add(other.track)
  }

  /** Listeners hear of new codecs before the first frame of them comes. */
  #note(kind: FrameKind, tag: TagDescription): void {
    if (!this.tracks.note(kind, tag)) return
    for (const listener of this.listeners.values()) listener.offer(kind)
    this.#host.codecsChanged(this)
  }

  #forgetTracks(): void {
    this.tracks.clear()
    this.#begun.clear()
    this.hasVideo = false
    for (const listener of this.listeners.values()) {
      listener.offer(FrameKind.Audio)
      listener.offer(FrameKind.Video)
    }
  }
}
