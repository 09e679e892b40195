import type { FileTaken } from '../hub/archive.ts'
import type { WorkerLink } from './stand-ins.ts'

/** The main process, among those who write files. */
const main = 'main'
type Holder = WorkerLink | typeof main

interface Entry {
  holder: Holder
  taken: FileTaken
  isEnding: boolean
  readonly waiting: ((isFree: boolean) => void)[]
}

/**
 * The files that are being recorded, whichever process writes them. The main process keeps it; workers ask for files,
 * and are told of all that are written, so that whoever plays one knows whether it grows.
 */
export class FileRegister {
  readonly #entries = new Map<string, Entry>()
  readonly #links = new Set<WorkerLink>()

  /** A worker is told of what is written, from now on. */
  attach(link: WorkerLink): void {
    this.#links.add(link)
    link.post({ o: 'files', files: [...this.#entries.keys()], written: true })
  }

  /** As the recorder of the main process knows it. */
  readonly own = {
    take: (taken: FileTaken): Promise<boolean> => this.take(taken, main),
    ending: (file: string): void => this.ending(file, main),
    release: (file: string): void => this.release(file, main),
    isTaken: (file: string): boolean => this.#entries.has(file),
    isFree: async (file: string): Promise<boolean> => {
      const entry = this.#entries.get(file)
      if (!entry) return true
      return entry.isEnding && new Promise(resolve => entry.waiting.push(resolve))
    },
  }

  async take(taken: FileTaken, holder: Holder): Promise<boolean> {
    const { file } = taken
    for (;;) {
      const entry = this.#entries.get(file)
      if (!entry) break
      if (entry.holder === holder) {
        entry.taken = taken
        entry.isEnding = false
        return true
      }
      if (!entry.isEnding) return false
      await new Promise(resolve => entry.waiting.push(resolve))
    }
    this.#entries.set(file, { holder, taken, isEnding: false, waiting: [] })
    this.#tell(file, true)
    return true
  }

  ending(file: string, holder: Holder): void {
    const entry = this.#entries.get(file)
    if (entry?.holder === holder) entry.isEnding = true
  }

  release(file: string, holder: Holder): void {
    const entry = this.#entries.get(file)
    if (entry?.holder !== holder) return
    this.#entries.delete(file)
    this.#tell(file, false)
    for (const answer of entry.waiting) answer(true)
  }

  /** A worker is gone: gives what it wrote, which the main process has until it releases it. */
  lost(link: WorkerLink): FileTaken[] {
    this.#links.delete(link)
    const left: FileTaken[] = []
    for (const entry of this.#entries.values()) {
      if (entry.holder !== link) continue
      entry.holder = main
      entry.isEnding = true
      left.push(entry.taken)
    }
    return left
  }

  #tell(file: string, written: boolean): void {
    for (const link of this.#links) link.post({ o: 'files', files: [file], written })
  }
}
