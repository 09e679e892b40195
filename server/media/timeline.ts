import { FrameKind } from './frame.ts'
import { timelineLimits } from './limits.ts'
import { timestampDistance } from './timestamp.ts'

/** One kind of frame on the timeline. */
class Track {
  /** Whether the present publisher has sent one. */
  running = false
  /** The last frame's timestamp on the wire, and where it stands on the timeline by the publisher's clock. */
  wire = 0
  place = 0
  /** The time given out last: never less again, though `place` may be. */
  last = 0
  /** When that was, by the wall clock. */
  now = 0
}

/**
 * A publication's own time. Publishers' clocks begin anywhere, wrap at 2^32, jump when an encoder is restarted and
 * change altogether when somebody else takes over; the times given out begin at 0 and never go back within a kind.
 *
 * A step that can be time that passed is taken as it is, so that audio and video keep their distance, also when one
 * of them pauses. Any other is a new clock: the wall clock says how much time passed, and when the other kind follows
 * to the new clock it takes its distance again. Data has no say in this: encoders stamp it carelessly, so it stands
 * where its timestamp says when that is near the media, and beside the newest frame when not.
 */
export class Timeline {
  readonly #audio = new Track()
  readonly #video = new Track()
  readonly #data = new Track()
  /** The track of the newest frame of audio or video. */
  #newest = this.#audio
  /** Where the timeline stood at a moment of the wall clock; `begun` once there was a frame. */
  #begun = false
  #head = 0
  #headNow = 0

  /**
   * The frame's time in milliseconds.
   * @param wire the publisher's timestamp, 32 bit
   * @param now milliseconds of a monotonic clock
   */
  at(kind: FrameKind, wire: number, now: number): number {
    if (!this.#begun) {
      this.#begun = true
      this.#headNow = now
    }
    if (kind === FrameKind.Data) return this.#give(this.#data, wire, this.#placeData(wire, now), now)
    const track = kind === FrameKind.Audio ? this.#audio : this.#video
    const time = this.#give(track, wire, this.#place(track, wire, now), now)
    this.#newest = track
    return time
  }

  /** The next frames come from another publisher, or from the same one anew; time went on meanwhile. */
  restart(now: number): void {
    if (!this.#begun) return
    this.#head = this.#elapsed(now)
    this.#headNow = now
    this.#audio.running = this.#video.running = this.#data.running = false
  }

  /** What must be added to the times of a timeline kept elsewhere, of which `first` is next, so that they continue this one. */
  join(first: number, now: number): number {
    return this.#begun ? this.#elapsed(now) - first : 0
  }

  /** A frame stands at `time` whose place was not asked for here. */
  follow(time: number, now: number): void {
    this.#begun = true
    if (time < this.#head) return
    this.#head = time
    this.#headNow = now
  }

  #place(track: Track, wire: number, now: number): number {
    if (track.running) {
      const step = timestampDistance(track.wire, wire)
      const silence = Math.max(timelineLimits.gap, now - track.now + timelineLimits.slack)
      if (step >= -timelineLimits.stepBack && step <= silence) return track.place + step
    }
    const other = track === this.#audio ? this.#video : this.#audio
    if (other.running) {
      const distance = timestampDistance(other.wire, wire)
      const place = other.place + distance
      const back = track.last - place
      if (Math.abs(distance) <= timelineLimits.skew && back <= timelineLimits.stepBack) return place
    }
    if (track.running) return track.last + Math.max(0, Math.trunc(now - track.now))
    return this.#elapsed(now)
  }

  #placeData(wire: number, now: number): number {
    const media = this.#newest
    if (!media.running) return this.#place(this.#data, wire, now)
    const distance = timestampDistance(media.wire, wire)
    return Math.abs(distance) <= timelineLimits.skew ? media.place + distance : media.last
  }

  #give(track: Track, wire: number, place: number, now: number): number {
    track.running = true
    track.wire = wire
    track.place = place
    track.last = Math.max(track.last, place)
    track.now = now
    if (track.last >= this.#head) {
      this.#head = track.last
      this.#headNow = now
    }
    return track.last
  }

  /** Where the timeline stands by the wall clock. */
  #elapsed(now: number): number {
    return this.#head + Math.max(0, Math.trunc(now - this.#headNow))
  }
}
