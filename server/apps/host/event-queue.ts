import type { GlassEvent } from '../../../sandbox-api/glass.ts'

/** An operator's line, in its turn. */
export interface Line {
  readonly ticket: number
  interrupted: boolean
}

/** Events that wait for their turn; an operator's line has one of its own, so that a cut in it is the line's alone. */
export class EventQueue {
  #events: GlassEvent[] = []

  get length(): number {
    return this.#events.length
  }

  push(events: readonly GlassEvent[]): void {
    for (const event of events) this.#events.push(event)
  }

  /** Events of a turn that never began come first again. */
  putBack(events: readonly GlassEvent[]): void {
    this.#events = [...events, ...this.#events]
  }

  /** Everything there is. */
  take(): GlassEvent[] {
    const events = this.#events
    this.#events = []
    return events
  }

  /** What the next turn is for. */
  takeTurn(): { events: GlassEvent[]; line: Line | undefined } {
    const at = this.#events.findIndex(isLine)
    if (at < 0) return { events: this.take(), line: undefined }
    const events = this.#events.splice(0, Math.max(1, at))
    const [first] = events
    return { events, line: first && isLine(first) ? { ticket: first.ticket, interrupted: false } : undefined }
  }

  /** A line that has not begun never does. */
  withdraw(ticket: number): void {
    const at = this.#events.findIndex(event => isLine(event) && event.ticket === ticket)
    if (at >= 0) this.#events.splice(at, 1)
  }
}

function isLine(event: GlassEvent): event is GlassEvent & { e: 'evaluate' | 'complete' } {
  return event.e === 'evaluate' || event.e === 'complete'
}
