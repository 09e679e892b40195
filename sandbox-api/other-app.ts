import { fromCloneBytes, toCloneBytes } from './clone-bytes.ts'
import { Shelf, sealClass } from './collection.ts'
import type { Engine } from './engine.ts'
import { SafeMap, textSlice, toText } from './primordials.ts'

/** An application of this server, as others may call it. */
export class OtherApp {
  readonly #engine: Engine
  readonly #path: string

  constructor(engine: Engine, path: string) {
    this.#engine = engine
    this.#path = path
  }

  get path(): string {
    return this.#path
  }

  get name(): string {
    return textSlice(this.#path, 1)
  }

  /** A promise of what its exported function `name` gives. Values are cloned. */
  call(name: string, ...values: unknown[]): Promise<unknown> {
    const { asks, capabilities, outbox } = this.#engine
    const write = (ticket: number) => {
      capabilities.need({ kind: 'apps', path: this.#path })
      const args = toCloneBytes(values)
      outbox.write({ c: 'callApp', ticket, app: this.#path, name: toText(name), args }, args.length)
    }
    return asks.call('', write, fromCloneBytes)
  }

  get [Symbol.toStringTag](): string {
    return 'Application'
  }
}
sealClass(OtherApp)

/** All applications that have a script, by path. */
export class AppShelf {
  readonly shelf = new Shelf<string, OtherApp>(pathOf)
  paths: string[] = []
  readonly #engine: Engine

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** These there are, and no others. */
  are(paths: string[]): void {
    const { items } = this.shelf
    const known = new SafeMap<string, OtherApp>()
    items.forEach((app, path) => void known.set(path, app))
    items.clear()
    for (let i = 0; i < paths.length; i++) {
      const path = paths[i]!
      items.set(path, known.get(path) ?? new OtherApp(this.#engine, path))
    }
    this.paths = paths
  }
}

/** "" and "/" are the root; a slash at the end makes no difference. */
function pathOf(given: unknown): string | undefined {
  if (typeof given !== 'string') return undefined
  const end = given.length - 1
  return given[end] === '/' ? textSlice(given, 0, end) : given
}
