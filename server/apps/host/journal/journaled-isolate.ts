import type { GlassEvent, GlassSetup, Load, Turn } from '../../../../sandbox-api/glass.ts'
import { type Cell, type Interruption, Isolate } from '../isolate.ts'
import { faultOf } from '../script-error.ts'
import type { Source, Sources } from '../source.ts'
import type { Call, Ending } from './entry.ts'
import type { Journal } from './journal.ts'
import { KeepingSources } from './kept-sources.ts'

/** An isolate of which everything is kept that goes in, and what comes of it. */
export class JournaledIsolate implements Cell {
  readonly #isolate: Isolate
  readonly #journal: Journal
  readonly #version: number
  /** What runs was cut from outside. */
  #interrupted = false
  #disposed = false

  private constructor(isolate: Isolate, journal: Journal, version: number) {
    this.#isolate = isolate
    this.#journal = journal
    this.#version = version
  }

  static async create(megabytes: number, setup: GlassSetup, lost: () => void, journal: Journal) {
    const version = journal.nextVersion()
    const at = performance.now()
    journal.write({ version, wall: Date.now(), call: { do: 'create', setup, megabytes, at } })
    try {
      const isolate = await Isolate.create(megabytes, setup, lost, { at })
      return new JournaledIsolate(isolate, journal, version)
    } catch (error) {
      journal.left()
      throw error
    }
  }

  async compile(main: Source, sources: Sources): Promise<void> {
    const keeping = new KeepingSources(main, sources)
    try {
      await this.#isolate.compile(main, keeping)
    } finally {
      this.#begin({ do: 'compile', sources: keeping.kept })
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
    const at = performance.now()
    this.#interrupted = false
    return this.#kept(
      { do: 'dispatch', events, timeout, at },
      () => this.#isolate.dispatch(events, timeout, { at }),
      turn => ({ how: 'turn', turn, label: '' }),
    )
  }

  interruptionOf(error: unknown): Interruption {
    return this.#isolate.interruptionOf(error)
  }

  recover(limit: string, text = ''): Promise<{ label: string; turn: Turn }> {
    return this.#kept(
      { do: 'recover', limit, text },
      () => this.#isolate.recover(limit, text),
      ({ turn, label }) => ({ how: 'turn', turn, label }),
    )
  }

  interrupt(): void {
    this.#interrupted = true
    this.#isolate.interrupt()
  }

  absorb(): Promise<void> {
    return this.#isolate.absorb()
  }

  get heapUsed(): number {
    return this.#isolate.heapUsed
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
      this.#end(thrown(error, this.#isolate.interruptionOf(error), this.#interrupted))
      throw error
    }
  }

  #begin(call: Call): void {
    this.#journal.write({ version: this.#version, wall: Date.now(), call })
  }

  #end(ending: Ending): void {
    this.#journal.write({ version: this.#version, ending })
  }
}

const done = (): Ending => ({ how: 'done' })

/** What an isolate threw, as a journal tells it. */
export function thrown(error: unknown, { how }: Interruption, interrupted = false): Ending {
  if (how === 'lost') return { how }
  return { how: how === 'cut' || interrupted ? 'cut' : 'thrown', fault: faultOf(error) }
}
