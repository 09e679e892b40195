import type { Engine } from './engine.ts'
import type { Events } from './events.ts'
import type { InnerEvent } from './glass.ts'
import type { Handover } from './handover.ts'
import type { HookName } from './hook-names.ts'
import type { Hooks } from './hooks.ts'
import type { Outcome } from './stage.ts'
import type { Meter } from './tally.ts'
import { faultOf } from './thrown.ts'
import { structuredClone } from './web/structured-clone.ts'

/** What the host itself asks while one version takes over from another. Every event is settled exactly once. */
export class InnerEvents {
  readonly #engine: Engine
  readonly #events: Events
  readonly #hooks: Hooks
  readonly #handover: Handover
  readonly #meter: Meter

  constructor(engine: Engine, events: Events, hooks: Hooks, handover: Handover, meter: Meter) {
    this.#engine = engine
    this.#events = events
    this.#hooks = hooks
    this.#handover = handover
    this.#meter = meter
  }

  handle(event: InnerEvent): void {
    const { ticket } = event
    switch (event.e) {
      case 'handOver':
        this.#play('onStop', ticket, [event.path, 'reload'])
        break
      case 'takeOver':
        if (event.reason === 'reload') this.#engine.counts.rolledBack = ''
        this.#events.grants.handOver(false)
        this.#play('onStart', ticket, [event.path, { reason: event.reason, state: event.state }])
        break
      case 'packEstate':
        this.#events.grants.handOver(true)
        this.#settle(ticket, { how: 'value', value: this.#handover.estate() })
        break
      case 'packFields':
        this.#engine.stage.play(
          'reload',
          () => this.#handover.fields(),
          undefined,
          [],
          true,
          outcome => this.#settle(ticket, outcome),
        )
        break
      case 'unpack':
        this.#handover.unpack(event.estate, event.fields)
        this.#settle(ticket, { how: 'value', value: undefined })
        break
      case 'adoptAsked':
        this.#events.adopt(event.client, () => this.#settle(ticket, { how: 'value', value: undefined }))
        break
      case 'spent':
        this.#meter.note(event.spent, this.#engine.counts)
        break
      case 'rolledBack':
        this.#engine.counts.rollbacks++
        this.#engine.counts.rolledBack = event.text
        break
      case 'giveUp':
        this.#engine.stage.giveUp(event.text)
        this.#settle(ticket, { how: 'value', value: undefined })
        break
      default:
        event satisfies never
    }
  }

  #play(name: HookName, ticket: number, values: unknown[]): void {
    const hook = this.#hooks.get(name)
    if (hook === undefined) {
      this.#settle(ticket, { how: 'value', value: undefined })
      return
    }
    this.#engine.stage.play(name, hook, undefined, values, true, outcome => {
      // What onStop leaves is cloned here, where a getter or a Proxy of the script's is still under its time limit.
      if (name === 'onStop' && outcome.how === 'value') this.#settle(ticket, this.#bag(outcome.value))
      else this.#settle(ticket, outcome.how === 'value' ? { how: 'value', value: undefined } : outcome)
    })
  }

  #bag(state: unknown): Outcome {
    try {
      return { how: 'value', value: structuredClone(state) }
    } catch (error) {
      return { how: 'thrown', error }
    }
  }

  #settle(ticket: number, outcome: Outcome): void {
    const { outbox } = this.#engine
    if (outcome.how === 'value') {
      outbox.answer({ c: 'settled', ticket, ok: true, value: outcome.value })
    } else {
      const fault =
        outcome.how === 'thrown'
          ? faultOf(outcome.error)
          : { text: outcome.text, file: '', line: 0, column: 0, stack: '' }
      outbox.answer({ c: 'settled', ticket, ok: false, fault })
    }
  }
}
