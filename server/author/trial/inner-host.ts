import { Host } from '../../apps/host/host.ts'
import type { Rehearsal } from '../../apps/host/rehearsal.ts'
import type { HostOwner, HostProcess } from '../../apps/host-process.ts'
import type { HostOrder } from '../../apps/wire.ts'
import type { Errands } from './errands.ts'

/** An app host in this process: real isolates, and messages that are copied as on their way to another process. */
export class InnerHost implements HostProcess {
  readonly pid = 0
  readonly #host: Host
  readonly #owner: HostOwner
  readonly #errands: Errands
  readonly #paths = new Set<string>()
  #ended = false

  constructor(owner: HostOwner, rehearsal: Rehearsal, errands: Errands) {
    this.#owner = owner
    this.#errands = errands
    this.#host = new Host(
      {
        send: (report, sent) =>
          errands.later(() => {
            sent()
            if (!this.#ended) owner.report(structuredClone(report))
          }),
        end: report => errands.later(() => owner.report(report)),
      },
      rehearsal,
    )
  }

  get resting(): boolean {
    return this.#host.resting
  }

  post(order: HostOrder): void {
    if (this.#ended) return
    if (order.order === 'start') this.#paths.add(order.app.path)
    this.#host.receive(structuredClone(order))
  }

  kill(): void {
    if (this.#ended) return
    this.end()
    this.#errands.later(() => this.#owner.ended('its host ended'))
  }

  end(): void {
    for (const path of this.#paths) this.#host.receive({ order: 'dispose', path })
    this.#ended = true
  }
}
