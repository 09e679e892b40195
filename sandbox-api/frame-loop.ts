import type { Engine } from './engine.ts'
import {
  ErrorClass,
  floor,
  isFiniteNumber,
  list,
  max,
  RangeErrorClass,
  TypeErrorClass,
  toNumber,
} from './primordials.ts'
import type { Script } from './stage.ts'

/** Frames a second a script may ask for: a timer rings once a millisecond at most. */
const FPS_MAX = 1_000

/**
 * Calls a script's function for each frame of a stream it renders, with the frame's time: 0, 40, 80 … at 25
 * frames a second. One that takes too long, or is late because others took their time, costs the frames that were due
 * meanwhile: they are skipped, so that nothing ever queues and time goes on as the wall clock has it.
 */
export class FrameLoop {
  readonly #engine: Engine
  readonly #render: Script
  readonly #isOver: () => boolean
  readonly #fps: number
  readonly #begunAt: number
  #timer = 0
  #stopped = false

  constructor(engine: Engine, fps: unknown, render: unknown, isOver: () => boolean) {
    const rate = toNumber(fps)
    if (!isFiniteNumber(rate) || rate <= 0 || rate > FPS_MAX) {
      throw new RangeErrorClass(`fps is a number of frames a second, at most ${FPS_MAX}`)
    }
    if (typeof render !== 'function') throw new TypeErrorClass('onFrame wants a function that renders a frame')
    const { timers, limits } = engine
    if (timers.own >= limits.timers) {
      throw new ErrorClass(`${limits.timers} timers run, more are not allowed: apps.timers`)
    }
    this.#engine = engine
    this.#render = render as Script
    this.#isOver = isOver
    this.#fps = rate
    this.#begunAt = engine.clock.now()
    this.#await(0)
  }

  stop(): void {
    this.#stopped = true
    this.#engine.timers.clear(this.#timer, true)
  }

  #await(frame: number): void {
    if (this.#stopped || this.#isOver()) return
    const due = this.#begunAt + this.#timeOf(frame)
    const ms = max(0, due - this.#engine.clock.now())
    this.#timer = this.#engine.timers.set(ms, () => this.#play(frame), false, true)
  }

  #play(planned: number): void {
    if (this.#stopped || this.#isOver()) return
    const frame = max(planned, this.#newest())
    const values = list<unknown>()
    values[0] = floor(this.#timeOf(frame))
    let isDone = false
    // Bounded as if somebody waited for it: a promise that never settles costs frames, and not the stream.
    this.#engine.stage.play('onFrame', this.#render, undefined, values, true, outcome => {
      if (outcome.how === 'thrown') this.#engine.fault('onFrame', outcome.error)
      if (isDone) return
      isDone = true
      this.#await(max(frame, this.#newest()) + 1)
    })
  }

  /** The last frame that is due by now. */
  #newest(): number {
    return floor(((this.#engine.clock.now() - this.#begunAt) * this.#fps) / 1000)
  }

  #timeOf(frame: number): number {
    return (frame * 1000) / this.#fps
  }
}
