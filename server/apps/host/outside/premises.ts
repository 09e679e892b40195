import { OUTSIDE_BYTES } from './limits.ts'
import { Ports } from './ports.ts'
import type { Storage } from './storage.ts'

/** What the versions of one application share: its ports, its storage, and how much it holds out there. */
export class Premises {
  readonly ports = new Ports()
  readonly storage: Storage
  #sockets = 0
  #bytes = 0

  constructor(storage: Storage) {
    this.storage = storage
  }

  /** One socket more; false when there are `most` already. */
  takeSocket(most: number): boolean {
    if (this.#sockets >= most) return false
    this.#sockets++
    return true
  }

  giveSocket(): void {
    this.#sockets--
  }

  /** So many bytes more that wait outside; false when that is too many. */
  takeBytes(bytes: number): boolean {
    if (this.#bytes + bytes > OUTSIDE_BYTES) return false
    this.#bytes += bytes
    return true
  }

  giveBytes(bytes: number): void {
    this.#bytes -= bytes
  }

  close(): void {
    this.ports.close()
    this.storage.close()
  }
}
