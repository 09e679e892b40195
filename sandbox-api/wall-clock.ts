import { dateNow, list } from './primordials.ts'

/** Times as a turn read them: [milliseconds since 1970, how often, milliseconds, how often …]. */
export type Reads = number[]

/** Reads beyond those that were recorded, after which a replayed clock goes on by a millisecond. */
const READS_PER_MS = 1_000

/** The wall clock of an application with a journal: what it says is kept, or comes from what was kept. */
class Tape {
  /** What was read since the turn began. */
  reads: Reads = list()
  #given: Reads | undefined
  /** Where `#given` is read, and how often it was there. */
  #at = 0
  #times = 0
  #last = 0
  #still = false

  begin(given: Reads | undefined): void {
    this.reads = list()
    this.#given = given
    this.#at = this.#times = 0
    this.#still = false
  }

  /** Until the next turn it says what it said last: nobody takes those reads along. */
  stop(): void {
    this.#still = true
  }

  read(): number {
    if (this.#still) return this.#last
    const now = this.#given === undefined ? dateNow() : this.#replayed(this.#given)
    const { reads } = this
    if (reads.length > 0 && now === this.#last) {
      reads[reads.length - 1]!++
    } else {
      reads[reads.length] = now
      reads[reads.length] = 1
      this.#last = now
    }
    return now
  }

  #replayed(given: Reads): number {
    if (this.#at < given.length) {
      const time = given[this.#at]!
      this.#times++
      if (this.#times >= given[this.#at + 1]!) {
        this.#at += 2
        this.#times = 0
      }
      return time
    }
    // The script was changed and looks more often: it must not wait for ever for a time that never comes.
    return ++this.#times % READS_PER_MS === 0 ? this.#last + 1 : this.#last
  }
}

let tape: Tape | undefined

/** Milliseconds since 1970: every look at the wall clock inside the glass goes through here. */
export function wallNow(): number {
  return tape === undefined ? dateNow() : tape.read()
}

/** From here on what the clock says is kept. */
export function startTape(): void {
  tape = new Tape()
}

/** A turn begins; gives the list in which its reads gather, undefined without a journal. */
export function turnTape(given: Reads | undefined): Reads | undefined {
  tape?.begin(given)
  return tape?.reads
}

export function stopTape(): void {
  tape?.stop()
}
