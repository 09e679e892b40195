import { headBytes } from './chunk-skimmer.ts'
import { type Caller, Connection, type Target, targetOf, traffic } from './connection.ts'
import { Histogram } from './histogram.ts'
import { Countdown, type Role, type RoleOptions, ramped, streamName } from './role.ts'
import { monotonicMicros, readStamp, type Stamp, stampAt } from './stamp.ts'
import { command, type, userControl } from './wire.ts'

/** What all players of the process measure together. Only frames sent after a player began count for latency. */
class Meter {
  readonly video = new Histogram()
  readonly audio = new Histogram()
  readonly firstKey = new Histogram()
  measures = false
  /** Frames of the window, of those that were missing, and of those that came broken, twice or of another stream. */
  frames = 0
  gaps = 0
  faults = 0
  closed = 0

  clear(): void {
    this.video.clear()
    this.audio.clear()
    this.frames = this.gaps = this.faults = 0
  }
}

const stamp: Stamp = { stream: 0, sequence: 0, micros: 0, length: 0 }

/** One player: connects, plays, and looks at the head of every frame. */
class Player implements Caller {
  readonly #connection: Connection
  readonly #name: string
  readonly #nth: number
  readonly #meter: Meter
  readonly #playing: Countdown
  readonly #stalls: boolean
  #playedAt = 0
  #sawKey = false
  #lastVideo = -1
  #lastAudio = -1

  constructor(target: Target, name: string, nth: number, stalls: boolean, meter: Meter, playing: Countdown) {
    this.#name = name
    this.#nth = nth
    this.#stalls = stalls
    this.#meter = meter
    this.#playing = playing
    this.#connection = new Connection(target, this)
  }

  opened(): void {
    const { streamId } = this.#connection
    this.#connection.write(
      Buffer.concat([command(streamId, 'play', 5, null, this.#name, -2000), userControl(3, streamId, 3000)]),
    )
    this.#playedAt = monotonicMicros()
  }

  media(messageType: number, length: number, head: Uint8Array): void {
    const isVideo = messageType === type.video
    // A codec header has no stamp.
    if (length < headBytes || !readStamp(head, isVideo ? stampAt.video : stampAt.audio, stamp)) return
    if (!this.#sawKey) {
      if (!isVideo) return
      this.#sees()
    }
    const meter = this.#meter
    const last = isVideo ? this.#lastVideo : this.#lastAudio
    const { sequence, micros } = stamp
    if (isVideo) this.#lastVideo = sequence
    else this.#lastAudio = sequence
    if (!meter.measures) return
    meter.frames++
    if (sequence <= last || stamp.length !== length || stamp.stream !== this.#nth) meter.faults++
    else if (last >= 0) meter.gaps += sequence - last - 1
    if (micros < this.#playedAt) return
    const late = (monotonicMicros() - micros) / 1000
    if (isVideo) meter.video.add(late)
    else meter.audio.add(late)
  }

  called(): void {}
  answered(): void {}

  closed(why: string): void {
    this.#meter.closed++
    if (!this.#sawKey) this.#playing.fail(`a player: ${why}`)
  }

  #sees(): void {
    this.#sawKey = true
    this.#meter.firstKey.add((monotonicMicros() - this.#playedAt) / 1000)
    this.#playing.one()
    if (this.#stalls) this.#connection.stall()
  }
}

/** Hundreds of players in one process. The first `stalled` of them read nothing once they have seen a picture. */
export class Players implements Role {
  readonly ready: Promise<void>
  readonly #meter = new Meter()
  readonly #players: Player[] = []
  #begun = { at: 0, cpu: process.cpuUsage(), bytes: 0, reads: 0 }

  constructor({ url, count, ramp, streams, stalled }: RoleOptions) {
    const playing = new Countdown(count)
    const target = targetOf(url)
    ramped(count, ramp, nth => {
      const name = streamName(target.stream, streams, nth)
      this.#players.push(new Player(target, name, nth % streams, nth < stalled, this.#meter, playing))
    })
    this.ready = playing.done
  }

  perform(task: string): unknown {
    if (task === 'begin') return this.#begin()
    if (task === 'end') return this.#end()
    throw new Error(`players cannot ${task}`)
  }

  #begin(): void {
    this.#meter.clear()
    this.#meter.measures = true
    this.#begun = { at: performance.now(), cpu: process.cpuUsage(), ...traffic }
  }

  #end(): PlayersFigures {
    const meter = this.#meter
    const { at, cpu, bytes, reads } = this.#begun
    const used = process.cpuUsage(cpu)
    meter.measures = false
    return {
      seconds: (performance.now() - at) / 1000,
      cpuSeconds: (used.user + used.system) / 1e6,
      bytes: traffic.bytes - bytes,
      reads: traffic.reads - reads,
      frames: meter.frames,
      gaps: meter.gaps,
      faults: meter.faults,
      closed: meter.closed,
      video: meter.video.percentiles(),
      audio: meter.audio.percentiles(),
      firstKey: meter.firstKey.percentiles(),
    }
  }
}

export interface PlayersFigures {
  readonly seconds: number
  /** The load's own. */
  readonly cpuSeconds: number
  readonly bytes: number
  readonly reads: number
  readonly frames: number
  readonly gaps: number
  readonly faults: number
  readonly closed: number
  readonly video: ReturnType<Histogram['percentiles']>
  readonly audio: ReturnType<Histogram['percentiles']>
  readonly firstKey: ReturnType<Histogram['percentiles']>
}
