import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { RUNTIME_PREFIX } from '../../../sandbox-api/stack.ts'
import type { Source, Sources } from './source.ts'
import { stripTypes } from './strip-types.ts'

const root = new URL('../../../', import.meta.url)
/** As this file itself: TypeScript in a checkout, plain JavaScript in the published package. */
const extension = extname(import.meta.url)

/** The modules of the runtime, read once for all isolates of this process. */
class RuntimeSources implements Sources {
  readonly #read = new Map<string, Promise<Source>>()

  entry(): Promise<Source> {
    return this.#load(new URL(`sandbox-api/runtime${extension}`, root))
  }

  resolve(specifier: string, from: Source): Promise<Source> {
    return this.#load(new URL(specifier, from.id))
  }

  #load(url: URL): Promise<Source> {
    let source = this.#read.get(url.href)
    if (source === undefined) {
      source = read(url)
      this.#read.set(url.href, source)
    }
    return source
  }
}

async function read(url: URL): Promise<Source> {
  const text = await readFile(fileURLToPath(url), 'utf8')
  const file = RUNTIME_PREFIX + url.href.slice(root.href.length)
  return { id: url.href, file, code: extension === '.ts' ? stripTypes(text, file) : text }
}

export const runtimeSources = new RuntimeSources()
