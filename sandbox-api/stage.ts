import type { AppLimits } from '../server/apps/wire.ts'
import type { FieldWatch } from './field-watch.ts'
import type { Incidents } from './incidents.ts'
import type { Outbox } from './outbox.ts'
import { isThenable, list, reflectApply, SafeSet } from './primordials.ts'
import type { HookTally } from './tally.ts'
import type { Timers } from './timers.ts'

/** What became of a piece of the script. `limit` names the one it ran into. */
export type Outcome =
  | { how: 'value'; value: unknown }
  | { how: 'thrown'; error: unknown }
  | { how: 'limit'; text: string }

/** A function of the application. */
export type Script = (...values: never[]) => unknown

interface Piece {
  label: string
  /** Answers. A cut in its midst (values may be Proxies) makes it run again, with a limit. */
  done: (outcome: Outcome) => void
}

/** Where the script's functions are played, one at a time, under the name a cut or a fault will bear. */
export class Stage {
  readonly #outbox: Outbox
  readonly #timers: Timers
  readonly #fields: FieldWatch
  readonly #limits: AppLimits
  readonly #incidents: Incidents
  readonly #tally: HookTally
  #playing: Piece | undefined
  /** What settles those that wait for promises. */
  readonly #waiting = new SafeSet<Piece['done']>()
  /** A piece of this turn gave a promise: what follows it waits for the turn's microtasks. */
  promised = false

  constructor(
    outbox: Outbox,
    timers: Timers,
    limits: AppLimits,
    incidents: Incidents,
    fields: FieldWatch,
    tally: HookTally,
  ) {
    this.#outbox = outbox
    this.#timers = timers
    this.#fields = fields
    this.#limits = limits
    this.#incidents = incidents
    this.#tally = tally
  }

  /**
   * Plays `script` and hands its outcome to `heard`: at once, or when the promise it gave has settled.
   * With `bounded` somebody waits for the answer: a promise has verdictTimeout, and only so many may be open.
   */
  play(label: string, script: Script, self: unknown, values: unknown[], bounded: boolean, heard: Piece['done']): void {
    const tally = this.#tally
    const from = tally.begin(label)
    const done = (outcome: Outcome) => {
      tally.ended(label, from, outcome.how !== 'value')
      heard(outcome)
    }
    const piece = { label, done }
    this.#playing = piece
    let outcome: Outcome | undefined
    try {
      const value = reflectApply(script as (...values: unknown[]) => unknown, self, values)
      if (isThenable(value)) this.#await(piece, value, bounded)
      else outcome = { how: 'value', value }
    } catch (error) {
      outcome = { how: 'thrown', error }
    }
    tally.ran(label, from)
    // Whoever hears the answer is to find what the script wrote.
    this.#fields.tell()
    if (outcome !== undefined) done(outcome)
    this.#playing = undefined
  }

  /** As play(), for what nobody waits for: a throw is a fault, of `whom` if neither `self` nor the first value is a client. */
  tell(label: string, script: Script, self: unknown, values: unknown[], whom: unknown = values[0]): void {
    this.play(label, script, self, values, false, outcome => {
      if (outcome.how === 'value') return
      const about = list<unknown>()
      about[0] = self
      about[1] = whom
      this.#incidents.failed(this, label, outcome, about)
    })
  }

  /** The label of what is playing; between scripts only their promises' reactions run. */
  get playing(): string {
    return this.#playing?.label ?? 'promise'
  }

  /** What was playing will not end by itself. */
  end(outcome: Outcome): void {
    const piece = this.#playing
    this.#playing = undefined
    piece?.done(outcome)
  }

  /** Nobody waits for promises any longer. */
  giveUp(text: string): void {
    this.#waiting.forEach(settle => {
      settle({ how: 'limit', text })
    })
  }

  #await(piece: Piece, promise: PromiseLike<unknown>, bounded: boolean): void {
    this.promised = true
    if (!bounded) {
      void this.#follow(piece, promise, piece.done)
      return
    }
    const { turn } = this.#outbox
    const { pendingCalls, verdictTimeout } = this.#limits
    if (turn.pending >= pendingCalls) {
      void this.#follow(piece, promise, () => {})
      piece.done({ how: 'limit', text: `${piece.label} ran into apps.pendingCalls (${pendingCalls})` })
      return
    }
    let waiting = true
    const settle = (outcome: Outcome) => {
      if (!waiting) return
      piece.done(outcome)
      waiting = false
      this.#waiting.delete(settle)
      turn.pending--
      this.#timers.clear(deadline)
    }
    const deadline = this.#timers.set(verdictTimeout, () => {
      const text = `${piece.label} gave no answer within apps.verdictTimeout (${verdictTimeout} ms)`
      this.#outbox.fault(piece.label, { text, file: '', line: 0, column: 0, stack: '' })
      settle({ how: 'limit', text })
    })
    turn.pending++
    this.#waiting.add(settle)
    void this.#follow(piece, promise, settle)
  }

  /** `await` leans on nothing a script can replace; a hostile thenable can only fail to settle. */
  async #follow(piece: Piece, promise: PromiseLike<unknown>, settle: (outcome: Outcome) => void): Promise<void> {
    let outcome: Outcome
    try {
      outcome = { how: 'value', value: await promise }
    } catch (error) {
      outcome = { how: 'thrown', error }
    }
    this.#playing = { label: piece.label, done: settle }
    this.#fields.tell()
    settle(outcome)
    this.#playing = undefined
  }
}
