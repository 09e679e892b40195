import { lineBytesMax } from './limits.ts'

/** Cuts what a socket brings into lines; holds no more than one line's most of what is unfinished. */
export class LineReader {
  readonly #max: number
  #parts: Buffer[] = []
  #bytes = 0

  constructor(max = lineBytesMax) {
    this.#max = max
  }

  /** The lines that are whole by now; null when one is too long. */
  read(bytes: Buffer): string[] | null {
    const lines: string[] = []
    let from = 0
    for (;;) {
      const end = bytes.indexOf(10, from)
      const part = bytes.subarray(from, end < 0 ? undefined : end)
      this.#bytes += part.length
      if (this.#bytes > this.#max) return null
      if (part.length > 0) this.#parts.push(part)
      if (end < 0) return lines
      const line = Buffer.concat(this.#parts).toString('utf8')
      this.#parts = []
      this.#bytes = 0
      if (line !== '') lines.push(line)
      from = end + 1
    }
  }
}
