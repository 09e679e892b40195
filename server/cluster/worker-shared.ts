import type { Client } from '../hub/client.ts'
import type { SharedMessage, SharedSink } from '../hub/shared-events.ts'
import type { Bus } from './bus.ts'
import { sharedOutstanding } from './limits.ts'
import type { WorkerReport } from './wire.ts'

/** Shared objects as a worker knows them: what its clients say of them goes to the main process, what they are told comes from there. */
export class WorkerShared {
  readonly #bus: Bus<WorkerReport>
  readonly #seatOf: (client: Client) => number | undefined
  readonly #sinks = new Map<number, SharedSink>()
  #count = 0
  #bytes = 0

  constructor(bus: Bus<WorkerReport>, seatOf: (client: Client) => number | undefined) {
    this.#bus = bus
    this.#seatOf = seatOf
  }

  receive(client: Client, sink: SharedSink, message: SharedMessage): void {
    const seat = this.#seatOf(client)
    if (seat === undefined || client.state !== 'joined') return
    const bytes = sizeOf(message)
    if (this.#count >= sharedOutstanding.count || this.#bytes + bytes > sharedOutstanding.bytes) {
      const description = 'too many changes of shared objects wait'
      return client.peer.close({ code: 'Connect.Closed', description })
    }
    this.#count++
    this.#bytes += bytes
    this.#sinks.set(seat, sink)
    this.#bus.post({ r: 'shared', seat, message, bytes })
  }

  /** What one of them is told. */
  told(seat: number, message: SharedMessage): void {
    this.#sinks.get(seat)?.shared(message)
  }

  /** The main process has taken a message of so many bytes. */
  taken(bytes: number): void {
    this.#count--
    this.#bytes -= bytes
  }

  left(seat: number): void {
    this.#sinks.delete(seat)
  }
}

function sizeOf({ events }: SharedMessage): number {
  let bytes = 0
  for (const event of events) {
    if (event.kind === 'requestChange') bytes += event.value.length
    else if (event.kind === 'message') bytes += event.args.length
  }
  return bytes
}
