import { basename, dirname, relative, resolve, sep } from 'node:path'
import { type FSWatcher, watch } from 'chokidar'
import type { Clock, Timer } from '../base/clock.ts'
import { messageOf } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { appPathOf, type Catalog, mainFiles, testFile } from './catalog.ts'

/** What a gathering of saves did to one application. */
export interface AppChange {
  readonly path: string
  /** `appeared`: it has a main file now; `changed`: any of its files did; `deleted`: its main file, or its folder, is gone. */
  readonly what: 'appeared' | 'changed' | 'deleted'
}

export interface WatcherOptions {
  /** Absolute folder of the applications. */
  readonly www: string
  readonly catalog: Catalog
  /** Milliseconds in which saves are gathered, counted from the first. */
  readonly gatherMs: number
  readonly clock: Clock
  readonly log: Log
  /** Told after each gathering, parents before children. */
  changed(changes: AppChange[]): void
}

/** A save replaced by way of a deletion within so many ms is one change, not a deletion (many editors save so). */
const atomicSaveMs = 100

/** Files an application can be made of; whatever else lies in its folder is not code. */
const codeFile = /\.(?:m?[jt]s|json|asc)$/

/** What editors write beside a file while they save it. */
const editorsFile = /^[.#]|[~#]$|^4913$|\.(?:tmp|temp|part|bak|sw[a-z]|crswap)$|___jb_(?:tmp|old)___$/

/**
 * Watches www: tells the catalog of folders and main files at once, and gathers quick saves into one change per
 * application. Symbolic links are not followed, so that nothing outside of www is ever an application.
 */
export class Watcher {
  readonly #options: WatcherOptions
  #watch: FSWatcher | null = null
  #scanned = false
  #gathering: Timer | null = null
  readonly #touched = new Set<string>()
  /** Applications that had a main file when changes were told last. */
  #known = new Set<string>()

  constructor(options: WatcherOptions) {
    this.#options = options
  }

  /** Resolves when the catalog knows all that is there. */
  start(): Promise<void> {
    const { www, log } = this.#options
    const watcher = watch(www, {
      followSymlinks: false,
      atomic: atomicSaveMs,
      ignored: path => path !== www && isIgnored(basename(path)),
    })
    this.#watch = watcher
    watcher.on('addDir', path => this.#folder(path, true))
    watcher.on('unlinkDir', path => this.#folder(path, false))
    watcher.on('add', path => this.#file(path, true))
    watcher.on('change', path => this.#file(path, true))
    watcher.on('unlink', path => this.#file(path, false))
    watcher.on('error', error => {
      log.error({ folder: www }, `the folder of the applications cannot be watched: ${messageOf(error)}`)
    })
    return new Promise(ready => {
      watcher.on('ready', () => {
        this.#known = new Set(this.#options.catalog.withMain())
        this.#scanned = true
        ready()
      })
    })
  }

  async stop(): Promise<void> {
    this.#gathering?.cancel()
    this.#gathering = null
    await this.#watch?.close()
  }

  #folder(absolute: string, isThere: boolean): void {
    const { catalog } = this.#options
    const path = appPathOf(this.#relative(absolute))
    if (path === null) return
    if (isThere) catalog.addFolder(path)
    else catalog.removeFolder(path)
    this.#gather(null)
  }

  #file(absolute: string, isThere: boolean): void {
    const { catalog } = this.#options
    const file = this.#relative(absolute)
    const name = basename(file)
    if (!codeFile.test(name) || testFile.test(name)) return
    const path = appPathOf(folderOf(file))
    if (path !== null && (mainFiles as readonly string[]).includes(name)) {
      if (isThere) catalog.addMain(path, name)
      else catalog.removeMain(path, name)
    }
    this.#gather(file)
  }

  #gather(file: string | null): void {
    if (!this.#scanned) return
    if (file !== null) this.#touched.add(file)
    this.#gathering ??= this.#options.clock.after(this.#options.gatherMs, () => this.#tell())
  }

  #tell(): void {
    const { catalog } = this.#options
    this.#gathering = null
    const touched = new Set<string>()
    for (const file of this.#touched) for (const path of this.#owners(file)) touched.add(path)
    this.#touched.clear()
    const before = this.#known
    this.#known = new Set(catalog.withMain())
    const changes: AppChange[] = []
    for (const path of [...new Set([...before, ...this.#known])].sort()) {
      if (!this.#known.has(path)) changes.push({ path, what: 'deleted' })
      else if (!before.has(path)) changes.push({ path, what: 'appeared' })
      else if (touched.has(path)) changes.push({ path, what: 'changed' })
    }
    if (changes.length > 0) this.#options.changed(changes)
  }

  /** The applications that a file may be part of: that of its folder, or the nearest above it; all of them for www/lib. */
  #owners(file: string): string[] {
    const { catalog } = this.#options
    if (file.startsWith('lib/')) return catalog.withMain()
    let folder = folderOf(file)
    let path = appPathOf(folder)
    while (path === null) {
      folder = folderOf(folder)
      path = appPathOf(folder)
    }
    // The files of a folder that was deleted are reported after it.
    if (!catalog.has(path)) return []
    for (const main of mainFiles) if (file === (path === '' ? main : `${path.slice(1)}/${main}`)) return [path]
    while (path !== '' && catalog.mainOf(path) === undefined) path = path.slice(0, path.lastIndexOf('/'))
    return [path]
  }

  #relative(absolute: string): string {
    const path = relative(resolve(this.#options.www), absolute)
    return sep === '/' ? path : path.replaceAll(sep, '/')
  }
}

function isIgnored(name: string): boolean {
  return name === 'node_modules' || editorsFile.test(name)
}

function folderOf(path: string): string {
  const folder = dirname(path)
  return folder === '.' ? '' : folder
}
