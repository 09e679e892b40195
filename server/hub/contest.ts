import type { Clock, Timer } from '../base/clock.ts'
import type { Publication, Publisher } from './publication.ts'

/** How often the publisher of a name is looked at while somebody waits for the name, ms: a living one refuses that soon. */
const lookMs = 50

/**
 * Somebody wants a name whose publisher may be gone without having said so: a cable was pulled, a modem started anew.
 * The encoder that comes back a moment later must not be told that its own dead connection is in its way. So it waits,
 * until the publisher gives a sign of life, or has been silent for `publication.staleMs`.
 */
export class Contest {
  readonly #publication: Publication
  readonly #clock: Clock
  readonly #staleMs: number
  /** Told once: may the name be taken away? */
  readonly #decided: (isStale: boolean) => void
  readonly #begunAt: number
  readonly #current: Publisher
  #timer: Timer | null = null

  constructor(
    publication: Publication,
    current: Publisher,
    clock: Clock,
    staleMs: number,
    decided: (isStale: boolean) => void,
  ) {
    this.#publication = publication
    this.#current = current
    this.#clock = clock
    this.#staleMs = staleMs
    this.#decided = decided
    this.#begunAt = clock.now()
  }

  look(): void {
    const now = this.#clock.now()
    const { publisher, heardEvery } = this.#publication
    // It ended or was replaced meanwhile, which the one who waits has to look into anew.
    if (publisher !== this.#current) return this.#decided(true)
    // A script is never silent: its process would be seen to end.
    if (!publisher.client) return this.#decided(false)
    const heardAt = this.#publication.heardAt(now)
    if (now - heardAt > this.#staleMs + heardEvery) return this.#decided(true)
    if (heardAt > this.#begunAt) return this.#decided(false)
    this.#timer = this.#clock.after(lookMs, () => this.look())
  }

  cancel(): void {
    this.#timer?.cancel()
  }
}
