import { faultAt, ScriptError } from '../script-error.ts'
import type { Source, Sources } from '../source.ts'

/** The modules of one version, and which import leads to which: [id, specifier, id]. */
export interface KeptSources {
  main: Source
  sources: Source[]
  ways: [string, string, string][]
}

/** Keeps what is found on the way. */
export class KeepingSources implements Sources {
  readonly kept: KeptSources
  readonly #sources: Sources
  readonly #known: Set<string>

  constructor(main: Source, sources: Sources) {
    this.kept = { main, sources: [], ways: [] }
    this.#sources = sources
    this.#known = new Set([main.id])
  }

  async resolve(specifier: string, from: Source): Promise<Source> {
    const source = await this.#sources.resolve(specifier, from)
    if (!this.#known.has(source.id)) this.kept.sources.push(source)
    this.#known.add(source.id)
    this.kept.ways.push([from.id, specifier, source.id])
    return source
  }
}

/** Finds what was kept, and nothing else. */
export class FoundAgain implements Sources {
  readonly #ways: Map<string, Source | undefined>

  constructor({ main, sources, ways }: KeptSources) {
    const byId = new Map([main, ...sources].map(source => [source.id, source]))
    this.#ways = new Map(ways.map(([from, specifier, to]) => [wayOf(from, specifier), byId.get(to)]))
  }

  async resolve(specifier: string, from: Source): Promise<Source> {
    const source = this.#ways.get(wayOf(from.id, specifier))
    if (source !== undefined) return source
    throw new ScriptError('import-missing', faultAt(`"${specifier}" is not in the journal`, from.file, 0, 0))
  }
}

function wayOf(from: string, specifier: string): string {
  return JSON.stringify([from, specifier])
}
