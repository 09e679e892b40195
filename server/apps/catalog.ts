import { isCleanPath } from '../hub/address.ts'
import type { Place } from '../hub/judge.ts'
import { pathCharsMax } from './limits.ts'

/** What makes a folder's script, the first that is there wins. */
export const mainFiles = ['main.js', 'main.ts', 'main.asc'] as const

/** What an author tests an application with; no part of it. */
export const testFile = /\.test\.m?[jt]s$/

/** In Adobe's dialect each room is an application of its own, an instance. */
export function isAdobes(main: string | undefined): boolean {
  return main?.endsWith('.asc') ?? false
}

/** The instance of whoever names none, as Adobe called it. */
export const defaultInstance = '_definst_'

/** Folders for code that applications share or bring along; neither they nor what is below them is an application. */
const helperFolders = new Set(['lib', 'node_modules'])

export interface CatalogOptions {
  /** May this application be served at all? */
  enabled(path: string): boolean
  /** Has the root application opted in to paths that have no folder? */
  acceptsUnknown(): boolean
  /** Has the application clients? A deleted folder is located as long as it has. */
  inUse(path: string): boolean
}

interface Folder {
  readonly path: string
  readonly mains: Set<string>
  /** False once it has been deleted; it may still be in use. */
  present: boolean
}

/**
 * The folders under www, kept in memory as the watcher sees them: which application a URL means is answered without
 * the disk, and a name from the network is only ever compared with names that are known. Application paths are '' for
 * the root, '/chat', '/chat/kid'.
 */
export class Catalog {
  readonly #options: CatalogOptions
  readonly #folders = new Map<string, Folder>()
  readonly #chains = new Map<string, readonly string[]>()

  constructor(options: CatalogOptions) {
    this.#options = options
  }

  addFolder(path: string): void {
    const folder = this.#folders.get(path)
    if (folder) folder.present = true
    else this.#folders.set(path, { path, mains: new Set(), present: true })
  }

  removeFolder(path: string): void {
    const folder = this.#folders.get(path)
    if (folder) folder.present = false
    for (const [key, { present }] of this.#folders) {
      if (!present && !this.#options.inUse(key)) this.#folders.delete(key)
    }
    folder?.mains.clear()
    this.#chains.clear()
  }

  addMain(path: string, file: string): void {
    this.addFolder(path)
    this.#folders.get(path)!.mains.add(file)
    this.#chains.clear()
  }

  removeMain(path: string, file: string): void {
    this.#folders.get(path)?.mains.delete(file)
    this.#chains.clear()
  }

  has(path: string): boolean {
    return this.#folders.get(path)?.present ?? false
  }

  /** The main file of an application, undefined when it has none. */
  mainOf(path: string): string | undefined {
    const mains = this.#folders.get(path)?.mains
    return mains && mainFiles.find(file => mains.has(file))
  }

  /** Every application that has a main file, parents before children. */
  withMain(): string[] {
    return [...this.#folders.keys()].filter(path => this.mainOf(path) !== undefined).sort()
  }

  /** The application whose folder and configuration are meant: an instance has those of the .asc application above it. */
  homeOf(path: string): string {
    const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')))
    return path !== '' && !this.#folders.has(path) && isAdobes(this.mainOf(parent)) ? parent : path
  }

  /**
   * Has it a script that is served? In a folder without one nobody is asked, and a folder with a main.asc is
   * served by its instances alone.
   */
  isScripted(path: string): boolean {
    const home = this.homeOf(path)
    const main = this.mainOf(home)
    return main !== undefined && isAdobes(main) === (home !== path) && this.#options.enabled(home)
  }

  /** Those that hear of what happens in an application, nearest first: itself and its ancestors, as far as they have a script. */
  chain(path: string): readonly string[] {
    let chain = this.#chains.get(path)
    if (!chain) {
      chain = lineage(path).filter(each => this.isScripted(each))
      // Names from the network are not kept: there is no end of them.
      if (this.#folders.has(path)) this.#chains.set(path, chain)
    }
    return chain
  }

  /** The application and room that the path of a URL means: its longest prefix that is a folder, and what is left. */
  locate(given: string): Place {
    const segments = given.length > pathCharsMax ? [] : given.split('/').filter(segment => segment !== '')
    const asked = `/${segments.join('/')}`
    const missing: Place = { found: false, text: `Application ${asked} does not exist` }
    if (given.length > pathCharsMax) {
      return { found: false, text: `Application ${given.slice(0, 64).toWellFormed()}… does not exist` }
    }
    if (!isCleanPath(segments.join('/')) || !this.#isServed('')) return missing
    let path = ''
    let depth = 0
    for (let at = '', i = 0; i < segments.length; i++) {
      at += `/${segments[i]}`
      if (!this.#folders.has(at)) break
      if (!this.#isServed(at)) continue
      path = at
      depth = i + 1
    }
    if (depth === 0 && segments.length > 0 && !this.#options.acceptsUnknown()) return missing
    if (!this.#options.enabled(path)) return { found: false, text: `Application ${path || '/'} is not enabled` }
    const room = segments.slice(depth).join('/')
    if (!isAdobes(this.mainOf(path))) return { found: true, app: path, room }
    return { found: true, app: `${path}/${instanceSegment(room)}`, room: '', home: path }
  }

  #isServed(path: string): boolean {
    const folder = this.#folders.get(path)
    return folder !== undefined && (folder.present || this.#options.inUse(path))
  }
}

/** One segment for the whole name of an instance, so that none is ever above another. */
function instanceSegment(room: string): string {
  return room === '' ? defaultInstance : room.replaceAll('%', '%25').replaceAll('/', '%2F')
}

/** The name of an instance, as its script reads it: `chat/lobby`. */
export function instanceName(path: string, home: string): string {
  const segment = path
    .slice(home.length + 1)
    .replaceAll('%2F', '/')
    .replaceAll('%25', '%')
  return `${home.slice(1)}/${segment}`.replace(/^\//, '')
}

/** The path itself and its ancestors up to the root, nearest first. */
export function lineage(path: string): string[] {
  const paths = [path]
  for (let at = path; at !== ''; ) {
    at = at.slice(0, at.lastIndexOf('/'))
    paths.push(at)
  }
  return paths
}

/** Is `path` the application `app` or one below it? */
export function isWithin(app: string, path: string): boolean {
  return path === app || path.startsWith(`${app}/`)
}

/** The application's path of a folder, given relative to www with `/`; null when it is none and so are those below it. */
export function appPathOf(folder: string): string | null {
  if (folder === '') return ''
  if (!isCleanPath(folder)) return null
  const isApp = folder.split('/').every(name => !helperFolders.has(name) && !/^[._]/.test(name))
  return isApp ? `/${folder}` : null
}
