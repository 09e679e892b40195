import type { Clock } from '../base/clock.ts'
import { handledEvery, ordersMs } from './limits.ts'

export interface OrderQueueOptions<Order> {
  readonly clock: Clock
  take(order: Order): void
  /** So many more have been taken. */
  handled(count: number): void
  /** Runs a function in the next turn of the loop, after what came in meanwhile. */
  defer(run: () => void): void
}

/**
 * What a worker is told, in order. A turn of the loop gives it only so much time: what scripts have to say to ten
 * thousand clients delays no frame.
 */
export class OrderQueue<Order> {
  readonly #options: OrderQueueOptions<Order>
  #orders: Order[] = []
  #at = 0
  #isDeferred = false
  #handled = 0

  constructor(options: OrderQueueOptions<Order>) {
    this.#options = options
  }

  add(orders: readonly Order[]): void {
    for (const order of orders) this.#orders.push(order)
    if (!this.#isDeferred) this.#run()
  }

  #run(): void {
    const { clock, take, handled, defer } = this.#options
    const end = clock.now() + ordersMs
    while (this.#at < this.#orders.length && clock.now() < end) {
      take(this.#orders[this.#at++]!)
      this.#handled++
    }
    if (this.#handled >= handledEvery) {
      handled(this.#handled)
      this.#handled = 0
    }
    this.#isDeferred = this.#at < this.#orders.length
    if (this.#isDeferred) {
      defer(() => this.#run())
      return
    }
    this.#orders = []
    this.#at = 0
  }
}
