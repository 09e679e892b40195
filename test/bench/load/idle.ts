import { type Caller, Connection, targetOf } from './connection.ts'
import { Countdown, type Role, type RoleOptions, ramped } from './role.ts'

/** Connections with a stream that nobody publishes or plays. */
export class Idle implements Role {
  readonly ready: Promise<void>
  readonly #connections: Connection[] = []
  #closed = 0

  constructor({ url, count, ramp }: RoleOptions) {
    const open = new Countdown(count)
    const target = targetOf(url)
    const caller: Caller = {
      opened: () => open.one(),
      closed: why => {
        this.#closed++
        open.fail(`an idle connection: ${why}`)
      },
      media: () => {},
      called: () => {},
      answered: () => {},
    }
    ramped(count, ramp, () => this.#connections.push(new Connection(target, caller)))
    this.ready = open.done
  }

  perform(task: string): unknown {
    if (task !== 'figures') throw new Error(`idle connections cannot ${task}`)
    return { open: this.#connections.length - this.#closed }
  }
}
