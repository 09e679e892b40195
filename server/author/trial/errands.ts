/** What happens a little later, in order, and is counted: whoever waits until nothing is left to do looks here. */
export class Errands {
  readonly #othersRest: () => boolean
  #open = 0

  /** `othersRest`: nothing is going on elsewhere either. */
  constructor(othersRest: () => boolean) {
    this.#othersRest = othersRest
  }

  get isQuiet(): boolean {
    return this.#open === 0 && this.#othersRest()
  }

  later(run: () => void): void {
    this.#open++
    setImmediate(() => {
      this.#open--
      run()
    })
  }

  /** Resolves when nothing more happens by itself. */
  async settled(): Promise<void> {
    while (!this.isQuiet) await new Promise(setImmediate)
  }
}
