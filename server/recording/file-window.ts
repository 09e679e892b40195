import type { ReadableFile } from './disk.ts'
import { windowBytes } from './limits.ts'

/** Reads a file a window at a time: the memory it takes does not grow with the file. */
export class FileWindow {
  readonly #file: ReadableFile
  #bytes: Buffer = Buffer.alloc(0)
  #from = 0

  constructor(file: ReadableFile) {
    this.#file = file
  }

  /** `length` bytes from `at` on, or fewer where the file ends. A view: what is kept must be copied. */
  async read(at: number, length: number): Promise<Buffer> {
    if (!this.#has(at, length)) {
      this.#bytes = await this.#file.read(at, Math.max(length, windowBytes))
      this.#from = at
    }
    const from = at - this.#from
    return this.#bytes.subarray(from, from + length)
  }

  #has(at: number, length: number): boolean {
    return at >= this.#from && at + length <= this.#from + this.#bytes.length
  }
}
