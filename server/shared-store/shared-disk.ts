import { existsSync } from 'node:fs'
import { extname, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Clock } from '../base/clock.ts'
import { ConfigError, messageOf } from '../base/errors.ts'
import type { SharedSave, SharedStock, SharedStore } from '../hub/shared-store.ts'
import { closeMs, savesOutstanding } from './limits.ts'
import type { StoreAnswer, StoreOrder } from './wire.ts'

/** The thread's program, as source in a checkout and as plain JavaScript in the published package. */
const program = new URL(`./thread${extname(import.meta.url)}`, import.meta.url)

type Question = StoreOrder extends infer O ? (O extends StoreOrder ? Omit<O, 'ticket'> : never) : never

interface Asked {
  readonly bytes: number
  answered(answer: StoreAnswer): void
}

/**
 * Persistent shared objects below a folder, in one SQLite file that a thread of its own writes: a save costs this thread the
 * copy of what is saved, and never waits for the disk. Folder, file and thread come with the first need of them.
 */
export class SharedDisk implements SharedStore {
  readonly #file: string
  readonly #clock: Clock
  #thread: Worker | null = null
  readonly #asked = new Map<number, Asked>()
  #lastTicket = 0
  #bytes = 0

  constructor(folder: string, clock: Clock) {
    this.#file = join(folder, 'shared.sqlite')
    this.#clock = clock
  }

  /** What is stored. Rejects with a ConfigError when there is something that cannot be read: it is not written over. */
  async load(): Promise<SharedStock> {
    if (!existsSync(this.#file)) return { objects: [], floors: new Map() }
    const answer = await new Promise<StoreAnswer>(resolve => this.#ask({ order: 'load' }, 0, resolve))
    if (answer.answer === 'loaded') return answer.stock
    await this.close()
    throw new ConfigError(
      'SHARED_UNREADABLE',
      `the stored shared objects cannot be read: ${this.#file}: ${answer.answer === 'failed' ? answer.text : 'no answer'}`,
      'Put the file of a backup in its place, or move it away to begin without.',
    )
  }

  save(saves: readonly SharedSave[], done: (error: string | null) => void): void {
    let bytes = 0
    for (const { slots } of saves) for (const [name, value] of slots) bytes += name.length + (value?.length ?? 0)
    const isFull = this.#asked.size >= savesOutstanding.count || this.#bytes + bytes > savesOutstanding.bytes
    if (isFull && this.#asked.size > 0) return done('the disk does not keep up')
    this.#ask({ order: 'save', saves }, bytes, answer => done(answer.answer === 'failed' ? answer.text : null))
  }

  /** Resolves once all that was given has been written, or after a bounded wait. */
  async close(): Promise<void> {
    const thread = this.#thread
    if (!thread) return
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const timer = this.#clock.after(closeMs, resolve)
    await Promise.race([new Promise(closed => this.#ask({ order: 'close' }, 0, closed)), late])
    timer.cancel()
    this.#thread = null
    await thread.terminate()
  }

  #ask(question: Question, bytes: number, answered: (answer: StoreAnswer) => void): void {
    const ticket = ++this.#lastTicket
    this.#asked.set(ticket, { bytes, answered })
    this.#bytes += bytes
    this.#thread ??= this.#start()
    this.#thread.postMessage({ ...question, ticket } as StoreOrder)
  }

  #start(): Worker {
    const thread = new Worker(program, { workerData: { file: this.#file }, env: {}, name: 'shared-store' })
    let error = 'the thread that writes has ended'
    thread.on('message', (answer: StoreAnswer) => this.#answered(answer))
    thread.on('error', thrown => {
      error = messageOf(thrown)
    })
    thread.on('exit', () => {
      if (this.#thread === thread) this.#thread = null
      // Whoever waits is told; the next need starts another one.
      for (const ticket of [...this.#asked.keys()]) this.#answered({ answer: 'failed', ticket, text: error })
    })
    return thread
  }

  #answered(answer: StoreAnswer): void {
    const asked = this.#asked.get(answer.ticket)
    if (!asked) return
    this.#asked.delete(answer.ticket)
    this.#bytes -= asked.bytes
    asked.answered(answer)
  }
}
