import { Duplex } from 'node:stream'
import { readBytes, tunnelUnreadBytes, tunnelWaitingBytes } from './limits.ts'

/**
 * One connection through the HTTP tunnel, as a stream of bytes: requests bring what the client sends, and take along
 * what waits for it. Bytes that wait count as `writableLength`, like those of a socket that nobody reads.
 */
export class Tunnel extends Duplex {
  /** Number of the last request; a proxy that asks again repeats it. */
  #last = -1
  #left = false
  #waiting: Buffer[] = []
  #taken: (() => void) | null = null

  constructor() {
    super({ allowHalfOpen: false, writableHighWaterMark: tunnelWaitingBytes })
  }

  /** Bytes of the client's, in its request of that number. Those of a repeated one are known already. */
  bring(number: number, bytes: Buffer): void {
    if (this.destroyed || this.#left || number === this.#last) return
    this.#last = number
    // In the portions a socket would bring them in, so that others have their turn between them.
    for (let at = 0; at < bytes.length; at += readBytes) this.push(bytes.subarray(at, at + readBytes))
    if (this.readableLength > tunnelUnreadBytes) this.destroy()
  }

  /** The client sends nothing more. */
  leave(): void {
    if (this.destroyed || this.#left) return
    this.#left = true
    this.push(null)
  }

  /** Everything that waits for the client. */
  collect(): Buffer {
    const parts: Buffer[] = []
    while (this.#waiting.length > 0) {
      // One by one: a hundred thousand arguments would be more than a call takes.
      for (const part of this.#waiting) parts.push(part)
      this.#waiting = []
      // Writes that came meanwhile follow at once.
      this.#taken?.()
    }
    return Buffer.concat(parts)
  }

  override _read(): void {}

  override _write(bytes: Buffer, _encoding: string, done: () => void): void {
    this.#wait([bytes], done)
  }

  override _writev(parts: { chunk: Buffer }[], done: () => void): void {
    this.#wait(
      parts.map(part => part.chunk),
      done,
    )
  }

  #wait(bytes: Buffer[], done: () => void): void {
    this.#waiting = bytes
    this.#taken = done
  }
}
