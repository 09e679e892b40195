import type { Clock, Timer } from '../base/clock.ts'
import type { Hub } from '../hub/hub.ts'
import type { App } from './app.ts'
import { figuresPerTurn, manageMs } from './limits.ts'
import type { Roster } from './roster.ts'
import type { AppEvent } from './wire.ts'

type Stats = AppEvent & { e: 'stats' }

export interface ManageOptions {
  readonly hub: Hub
  readonly roster: Roster
  readonly clock: Clock
  /** Runs a function in the next turn of the loop. */
  defer(run: () => void): void
  /** Is what belongs to this application none of the scripts' business? */
  foreign(path: string): boolean
}

/**
 * Every two seconds: the figures of clients, publications and listeners for the mirrors, gathered in slices so that
 * ten thousand of them delay no frame, and then onManage for those that define it.
 */
export class ManageRound {
  readonly #options: ManageOptions
  #timer: Timer | null = null
  #isRunning = false

  constructor(options: ManageOptions) {
    this.#options = options
  }

  start(): void {
    this.#timer = this.#options.clock.every(manageMs, () => this.#round())
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = null
  }

  #round(): void {
    // A round that takes longer than its pause is not overtaken by the next one.
    if (this.#isRunning) return
    this.#isRunning = true
    this.#slice(this.#figures())
  }

  #slice(figures: Iterator<[string, (stats: Stats) => void]>): void {
    if (!this.#timer) return
    const told = new Map<App, Stats>()
    for (let i = 0; i < figuresPerTurn; i++) {
      const { value, done } = figures.next()
      if (done) {
        this.#tell(told)
        this.#isRunning = false
        for (const app of this.#options.roster) if (app.hooks.has('onManage')) app.channel.call({ e: 'onManage' })
        return
      }
      const [path, add] = value
      for (const app of this.#options.roster.chain(path)) {
        if (app.standing !== 'up') continue
        let stats = told.get(app)
        if (!stats) {
          stats = { e: 'stats', clients: [], publications: [], listeners: [] }
          told.set(app, stats)
        }
        add(stats)
      }
    }
    this.#tell(told)
    this.#options.defer(() => this.#slice(figures))
  }

  #tell(told: Map<App, Stats>): void {
    for (const [app, stats] of told) app.channel.tell(stats)
  }

  /** Whose figures, and how to add them. The lists are copied: members come and go between two slices. */
  *#figures(): Generator<[string, (stats: Stats) => void]> {
    const { hub, foreign } = this.#options
    for (const { id, app, peer, state } of [...hub.clients.values()]) {
      if (state !== 'joined' || foreign(app)) continue
      const { ping, bytesIn, bytesOut, silence, messagesIn, messagesOut } = peer.figures()
      yield [app, stats => stats.clients.push([id, ping, bytesIn, bytesOut, silence, messagesIn, messagesOut])]
    }
    for (const { key, app, publisher, audioQos, videoQos } of [...hub.publications.values()]) {
      if (!publisher || foreign(app)) continue
      const figures = { publication: key, audio: audioQos.facts(), video: videoQos.facts() }
      yield [app, stats => stats.publications.push(figures)]
    }
    for (const { id, client, state, audioQos, videoQos } of [...hub.listeners.values()]) {
      if (state !== 'joined' || foreign(client.app)) continue
      const figures = { listener: id, audio: audioQos.facts(), video: videoQos.facts() }
      yield [client.app, stats => stats.listeners.push(figures)]
    }
  }
}
