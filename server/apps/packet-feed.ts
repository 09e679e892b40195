import { packetsOutstanding } from './limits.ts'
import type { Outbox } from './outbox.ts'
import type { AppEvent, PacketFacts } from './wire.ts'

type PacketsEvent = AppEvent & { e: 'packets' }

/**
 * Shows packets to one application, beside the players' path: what it has not answered for is bounded, and past that
 * packets are dropped and counted. Nobody waits for a script to have looked at them.
 */
export class PacketFeed {
  readonly #outbox: Outbox
  readonly #nextTicket: () => number
  /** What is outstanding, by ticket. */
  readonly #sent = new Map<number, { count: number; bytes: number }>()
  #count = 0
  #bytes = 0
  #dropped = 0

  constructor(outbox: Outbox, nextTicket: () => number) {
    this.#outbox = outbox
    this.#nextTicket = nextTicket
  }

  offer(packet: PacketFacts): void {
    const bytes = packet.packet.length
    if (this.#count >= packetsOutstanding.count || this.#bytes + bytes > packetsOutstanding.bytes) {
      this.#dropped++
      return
    }
    const event = this.#event()
    const sent = this.#sent.get(event.ticket)!
    event.packets.push(packet)
    event.dropped += this.#dropped
    this.#dropped = 0
    sent.count++
    sent.bytes += bytes
    this.#count++
    this.#bytes += bytes
  }

  /** The hooks have seen the packets of this ticket. */
  answered(ticket: number): void {
    const sent = this.#sent.get(ticket)
    if (!sent) return
    this.#sent.delete(ticket)
    this.#count -= sent.count
    this.#bytes -= sent.bytes
  }

  /** Nothing of what was sent will be answered. */
  reset(): void {
    this.#sent.clear()
    this.#count = this.#bytes = this.#dropped = 0
  }

  /** The event that leaves next, when it is one of packets: nothing may overtake what was told in between. */
  #event(): PacketsEvent {
    const { last } = this.#outbox
    if (last?.e === 'packets') return last
    const event: PacketsEvent = { e: 'packets', ticket: this.#nextTicket(), packets: [], dropped: 0 }
    this.#sent.set(event.ticket, { count: 0, bytes: 0 })
    this.#outbox.push(event)
    return event
  }
}
