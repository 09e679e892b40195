import type { Load } from '../../../sandbox-api/glass.ts'
import type { PinnedSources as Pinned, ScriptFault } from '../wire.ts'
import { faultAt, ScriptError } from './script-error.ts'
import type { Source, Sources } from './source.ts'

/** The sources of a version that ran before, from memory: what has become of its files does not matter. */
export class PinnedSources implements Sources {
  readonly #pinned: Pinned
  readonly #sources: Map<string, Source>
  readonly #ways: Map<string, string>
  readonly #loaded = new Set<string>()

  constructor(pinned: Pinned) {
    this.#pinned = pinned
    this.#sources = new Map(pinned.sources.map(source => [source.id, source]))
    this.#ways = new Map(pinned.ways.map(([from, specifier, to]) => [way(from, specifier), to]))
  }

  async main(): Promise<Source> {
    return this.#find(this.#pinned.main, '')
  }

  async resolve(specifier: string, from: Source): Promise<Source> {
    return this.#find(this.#ways.get(way(from.id, specifier)), from.file)
  }

  /** As AppSources has it: undefined when it has been loaded before. */
  async loaded({ name, place }: Load): Promise<Source | undefined> {
    const source = this.#find(this.#ways.get(way('', name)), place.file)
    if (this.#loaded.has(source.id)) return undefined
    this.#loaded.add(source.id)
    return source
  }

  /** As AppSources has it: its author has seen these lines when they were new. */
  framed<Fault extends ScriptFault>(fault: Fault): Fault {
    return fault
  }

  pin(): Pinned {
    return this.#pinned
  }

  #find(id: string | undefined, file: string): Source {
    const source = this.#sources.get(id ?? '')
    if (source) return source
    throw new ScriptError('import-missing', faultAt('the version before is not whole any more', file, 0, 0))
  }
}

function way(from: string, specifier: string): string {
  return `${from}\0${specifier}`
}
