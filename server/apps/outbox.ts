import type { AppEvent } from './wire.ts'

/** Gathers the events of one application within a turn of the loop, so that they leave as one message, in order. */
export class Outbox {
  readonly #defer: (run: () => void) => void
  readonly #send: (events: AppEvent[]) => void
  #events: AppEvent[] = []

  /** `defer` runs a function at the end of the turn. */
  constructor(defer: (run: () => void) => void, send: (events: AppEvent[]) => void) {
    this.#defer = defer
    this.#send = send
  }

  /** The event told last, as long as it has not left: what it carries may still grow. */
  get last(): AppEvent | undefined {
    return this.#events.at(-1)
  }

  push(event: AppEvent): void {
    this.#events.push(event)
    if (this.#events.length === 1) this.#defer(() => this.flush())
  }

  flush(): void {
    const events = this.#events
    if (events.length === 0) return
    this.#events = []
    this.#send(events)
  }

  /** What was told is not to arrive any more. */
  drop(): void {
    this.#events = []
  }
}
