/** How long a test waits for what must happen: long enough for a busy machine, only met by failures. */
const limitMs = 60_000

/** What came in, in order, and a way to wait for what is yet to come. */
export class Collected<T> {
  readonly items: T[] = []
  readonly #what: string
  readonly #waiting = new Set<() => void>()
  #ended: Error | null = null

  /** `what`: a noun, for the failure of who waits in vain. */
  constructor(what: string) {
    this.#what = what
  }

  push(item: T): void {
    this.items.push(item)
    this.#wake()
  }

  /** Nothing more will come: who waits for it hears why. */
  end(reason: Error): void {
    this.#ended ??= reason
    this.#wake()
  }

  /** The first item that fits, come already or to come, from item number `from` on (see `items.length`). */
  first(fits: (item: T) => boolean, { from = 0, ms = limitMs } = {}): Promise<T> {
    let looked = from
    return new Promise((resolve, reject) => {
      const look = (): void => {
        while (looked < this.items.length) {
          const item = this.items[looked++]!
          if (fits(item)) {
            settle()
            resolve(item)
            return
          }
        }
        if (this.#ended) fail(this.#ended.message)
      }
      const settle = (): void => {
        clearTimeout(timer)
        this.#waiting.delete(look)
      }
      const fail = (why: string): void => {
        settle()
        const last = this.items.slice(-5).map(item => JSON.stringify(item)?.slice(0, 300))
        const seen = `${this.items.length} came, the last of them: ${last.join(', ') || 'none'}`
        reject(new Error(`no ${this.#what} that fits ${fits}: ${why}; ${seen}`))
      }
      const timer = setTimeout(() => fail(`none within ${ms} ms`), ms)
      this.#waiting.add(look)
      look()
    })
  }

  #wake(): void {
    for (const look of [...this.#waiting]) look()
  }
}
