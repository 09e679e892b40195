import type { NetEvent } from './net-wire.ts'
import { Outbox } from './outbox.ts'
import { PacketFeed } from './packet-feed.ts'
import { type Answer, type Asker, type Early, Tickets } from './tickets.ts'
import type { AppEvent, HookEvent, MirrorEvent, OperatorEvent, PacketFacts } from './wire.ts'

/**
 * Everything that is said to one application and answered by it. Harmless while nothing runs: facts find nobody, for
 * whoever is raised next is told what is true by then.
 */
export class AppChannel {
  readonly #outbox: Outbox
  readonly #feed: PacketFeed
  readonly #tickets = new Tickets()
  #state: 'closed' | 'open' | 'serving' = 'closed'

  /** `defer` runs a function at the end of the turn, `send` takes what gathered by then. */
  constructor(defer: (run: () => void) => void, send: (events: AppEvent[]) => void) {
    this.#outbox = new Outbox(defer, send)
    this.#feed = new PacketFeed(this.#outbox, () => this.#tickets.next())
  }

  /** Somebody hears what is told. */
  get isOpen(): boolean {
    return this.#state !== 'closed'
  }

  /** The order to raise it is on its way: facts and questions follow. */
  open(): void {
    this.#state = 'open'
  }

  /** onStart was answered: hooks that nobody waits for, and packets, mean something to the script from here on. */
  serve(): void {
    this.#state = 'serving'
  }

  /** The isolate is no more; those who asked are told why. */
  close(text: string): void {
    this.#state = 'closed'
    this.#outbox.drop()
    this.#feed.reset()
    this.#tickets.lose(text)
  }

  tell(
    fact:
      | MirrorEvent
      | NetEvent
      | (HookEvent & { e: 'answer' | 'sharedMessage' | 'sharedStatus' | 'streamStatus' })
      | (OperatorEvent & { e: 'sessionEnded' }),
  ): void {
    if (this.#state !== 'closed') this.#outbox.push(fact)
  }

  /** A hook that nobody waits for. */
  call(hook: HookEvent): void {
    if (this.#state === 'serving') this.#outbox.push(hook)
  }

  /** A packet for its packet hooks; dropped when they do not keep up. */
  show(packet: PacketFacts): void {
    if (this.#state === 'serving') this.#feed.offer(packet)
  }

  /** Which limit keeps it from being asked one thing more; see Tickets. */
  full(weight: { bytes?: number; calls?: number }): string | null {
    return this.#tickets.full(weight)
  }

  /** Something that wants an answer; gives its ticket. */
  ask(asker: Asker, event: (ticket: number) => AppEvent, bytes: number): number {
    const ticket = this.#tickets.open(asker, bytes)
    if (this.#state !== 'closed') this.#outbox.push(event(ticket))
    return ticket
  }

  /** Nobody waits for this ticket any more: its answer will be ignored. */
  forget(ticket: number): void {
    this.#tickets.take(ticket)
  }

  answer(answer: Answer | Early): void {
    if (answer.c === 'early') return this.#tickets.get(answer.ticket)?.early(answer.value)
    const asker = this.#tickets.take(answer.ticket)
    if (asker) asker.answered(answer)
    else this.#feed.answered(answer.ticket)
  }

  /** What gathered leaves now: an order that must not overtake it follows. */
  flush(): void {
    this.#outbox.flush()
  }
}
