import type { Clock, Timer } from '../base/clock.ts'
import type { Client } from '../hub/client.ts'
import type { Listener } from '../hub/listener.ts'
import type { Bus } from './bus.ts'
import { figuresMs, figuresOfAllEvery, figuresPerTurn } from './limits.ts'
import type { Stage } from './stage.ts'
import type { WorkerReport } from './wire.ts'
import type { WorkerPublishing } from './worker-publishing.ts'

type Report = WorkerReport & { r: 'figures' }

export interface FiguresOptions {
  readonly bus: Bus<WorkerReport>
  readonly clock: Clock
  readonly stage: Stage
  readonly publishing: Pick<WorkerPublishing, 'live'>
  clients(): Iterable<{ readonly number: number; readonly client: Client }>
  listeners(): Iterable<Listener>
  defer(run: () => void): void
}

/**
 * Once a second: rates are measured, and publications reported; every other time clients and listeners too, in slices so
 * that ten thousand of them delay no frame.
 */
export class Figures {
  readonly #options: FiguresOptions
  #turnedAt: number
  #turns = 0
  #isSlicing = false

  constructor(options: FiguresOptions) {
    this.#options = options
    this.#turnedAt = options.clock.now()
  }

  start(): Timer {
    return this.#options.clock.every(figuresMs, () => this.#turn())
  }

  #turn(): void {
    const { clock, stage, publishing, bus } = this.#options
    const now = clock.now()
    const ms = now - this.#turnedAt
    this.#turnedAt = now
    for (const publication of stage.publications()) publication.turn(ms)
    const report = empty()
    for (const [stream, publication] of publishing.live()) {
      const { audioQos, videoQos } = publication
      const silence = Math.max(0, now - publication.heardAt(now))
      report.publications.push({ stream, audio: audioQos.facts(), video: videoQos.facts(), silence })
    }
    bus.post(report)
    this.#turns++
    if (this.#turns % figuresOfAllEvery !== 0 || this.#isSlicing) return
    this.#isSlicing = true
    this.#slice(this.#all())
  }

  #slice(steps: Iterator<(report: Report) => void>): void {
    const report = empty()
    for (let left = figuresPerTurn; left > 0; left--) {
      const { done, value } = steps.next()
      if (done) {
        this.#isSlicing = false
        break
      }
      value(report)
    }
    if (report.clients.length > 0 || report.listeners.length > 0) this.#options.bus.post(report)
    if (this.#isSlicing) this.#options.defer(() => this.#slice(steps))
  }

  /** The lists are copied: members come and go between two slices. */
  *#all(): Generator<(report: Report) => void> {
    for (const { number, client } of [...this.#options.clients()]) {
      if (client.state === 'joined') yield ({ clients }) => clients.push([number, client.peer.figures()])
    }
    for (const { id, state, audioQos, videoQos } of [...this.#options.listeners()]) {
      if (state !== 'joined') continue
      const figures = { stream: id, audio: audioQos.facts(), video: videoQos.facts() }
      yield ({ listeners }) => listeners.push(figures)
    }
  }
}

function empty(): Report {
  return { r: 'figures', clients: [], publications: [], listeners: [] }
}
