import type { GlassEvent, GlassSetup, Load, Recovered, Turn } from '../../../../sandbox-api/glass.ts'
import type { Spent } from '../../../../sandbox-api/tally.ts'
import type { Clock } from '../../../base/clock.ts'
import type { PinnedSources } from '../../wire.ts'
import { type Cell, type InspectorLine, type Interruption, Isolate, type IsolateOptions } from '../isolate.ts'
import { faultOf } from '../script-error.ts'
import type { Source, Sources } from '../source.ts'
import type { Call, Ending, Unended } from './entry.ts'
import type { Journal } from './journal.ts'

/** An isolate of which everything is kept that goes in, and what comes of it. */
export class JournaledIsolate implements Cell {
  readonly #isolate: Isolate
  readonly #clock: Clock
  readonly #journal: Journal
  readonly #version: number
  /** What runs is being cut from outside. */
  #interrupted = false
  /** When the turn began, on performance.now(). */
  #turnBegan = 0
  #disposed = false

  private constructor(isolate: Isolate, clock: Clock, journal: Journal, version: number) {
    this.#isolate = isolate
    this.#clock = clock
    this.#journal = journal
    this.#version = version
  }

  static async create(megabytes: number, setup: GlassSetup, options: IsolateOptions, journal: Journal) {
    const version = journal.nextVersion()
    const at = options.clock.now()
    journal.write({ version, wall: Date.now(), call: { do: 'create', setup, megabytes, at } })
    try {
      const isolate = await Isolate.create(megabytes, setup, { ...options, moment: { at } })
      return new JournaledIsolate(isolate, options.clock, journal, version)
    } catch (error) {
      journal.left()
      throw error
    }
  }

  /** Told when it is over: only then all sources are known. */
  async compile(main: Source, sources: Sources & { pin(): PinnedSources }): Promise<void> {
    try {
      await this.#isolate.compile(main, sources)
    } finally {
      this.#begin({ do: 'compile', sources: sources.pin() })
    }
    this.#end({ how: 'done' })
  }

  evaluate(timeout: number): Promise<void> {
    return this.#kept({ do: 'evaluate', timeout }, () => this.#isolate.evaluate(timeout), done)
  }

  run(source: Source, timeout: number): Promise<void> {
    return this.#kept({ do: 'run', source, timeout }, () => this.#isolate.run(source, timeout), done)
  }

  loads(): Promise<Load[]> {
    return this.#kept(
      { do: 'loads' },
      () => this.#isolate.loads(),
      loads => ({ how: 'loads', loads }),
    )
  }

  beginScripts(): Promise<string[]> {
    return this.#kept(
      { do: 'beginScripts' },
      () => this.#isolate.beginScripts(),
      hooks => ({ how: 'hooks', hooks }),
    )
  }

  begin(): Promise<string[] | undefined> {
    return this.#kept(
      { do: 'begin' },
      () => this.#isolate.begin(),
      hooks => ({ how: 'hooks', hooks }),
    )
  }

  dispatch(events: GlassEvent[], timeout: number): Promise<Turn> {
    const at = this.#clock.now()
    this.#interrupted = false
    this.#turnBegan = performance.now()
    return this.#kept(
      { do: 'dispatch', events, timeout, at },
      () => this.#isolate.dispatch(events, timeout, { at }),
      turn => ({ how: 'turn', turn, label: '', ...this.#interruption }),
    )
  }

  interruptionOf(error: unknown): Interruption {
    return this.#isolate.interruptionOf(error)
  }

  recover(limit: string, text = ''): Promise<Recovered> {
    return this.#kept(
      { do: 'recover', limit, text },
      () => this.#isolate.recover(limit, text),
      recovered => ({ how: 'turn', ...recovered }),
    )
  }

  /** What a debugger evaluates or changes is not kept. */
  inspect(heard: (message: string) => void): InspectorLine {
    return this.#isolate.inspect(heard)
  }

  interrupt(): void {
    this.#interrupted = true
    this.#isolate.interrupt()
  }

  absorb(): Promise<void> {
    return this.#isolate.absorb()
  }

  get spent(): Spent {
    return this.#isolate.spent
  }

  get disposed(): boolean {
    return this.#isolate.disposed
  }

  dispose(): void {
    if (!this.#disposed) {
      this.#begin({ do: 'dispose' })
      this.#journal.left()
    }
    this.#disposed = true
    this.#isolate.dispose()
  }

  /** What goes in is written before it runs: also of what the process does not survive the journal tells. */
  async #kept<T>(call: Call, work: () => Promise<T>, endingOf: (value: T) => Ending): Promise<T> {
    this.#begin(call)
    try {
      const value = await work()
      this.#end(endingOf(value))
      return value
    } catch (error) {
      this.#end(this.#thrown(error))
      throw error
    }
  }

  #thrown(error: unknown): Ending {
    const ending = thrown(error, this.#isolate.interruptionOf(error))
    return this.#interrupted && ending.how !== 'lost' ? { ...ending, how: 'cut', ...this.#interruption } : ending
  }

  get #interruption(): { interrupted?: number } {
    return this.#interrupted ? { interrupted: performance.now() - this.#turnBegan } : {}
  }

  #begin(call: Call): void {
    this.#journal.write({ version: this.#version, wall: Date.now(), call })
  }

  #end(ending: Ending): void {
    this.#journal.write({ version: this.#version, ending })
  }
}

/** Isolate.create() with a journal. */
export function journaled(journal: Journal) {
  return (megabytes: number, setup: GlassSetup, options: IsolateOptions): Promise<Cell> =>
    JournaledIsolate.create(megabytes, setup, options, journal)
}

const done = (): Ending => ({ how: 'done' })

/** What an isolate threw, as a journal tells it. */
export function thrown(error: unknown, { how }: Interruption): Unended {
  if (how === 'lost') return { how }
  return { how: how === 'cut' ? 'cut' : 'thrown', fault: faultOf(error) }
}
