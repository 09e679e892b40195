import { realpath } from 'node:fs/promises'
import { dirname, extname, isAbsolute, join, relative, sep } from 'node:path'
import type { Load } from '../../../sandbox-api/glass.ts'
import { hookNames } from '../../../sandbox-api/hook-names.ts'
import { EVALUATOR } from '../../../sandbox-api/repl/scope.ts'
import { codeFrame } from '../../base/code-frame.ts'
import type { AppSetup, PinnedSources, ScriptFault } from '../wire.ts'
import { importPlace } from './import-place.ts'
import { FRAMES, MODULE_BYTES, MODULES } from './limits.ts'
import { readSettled } from './read-settled.ts'
import { faultAt, ScriptError } from './script-error.ts'
import type { Source, Sources } from './source.ts'
import { stripTypes } from './strip-types.ts'

/** Under which the main module shows its hooks: a name no author would choose. */
export const HOOKS_EXPORT = '$cumulus$hooks'

/** Under which it shows its scope. Not a function itself: other applications may call those a module exports. */
export const SCOPE_EXPORT = '$cumulus$scope'

/** One line behind the last: hooks are top-level functions, exported or not, and every line keeps its number. */
const hooksLine = `\n;export const ${HOOKS_EXPORT} = { __proto__: null, ${hookNames
  .map(name => `${name}: typeof ${name} === 'undefined' ? undefined : ${name}`)
  .join(', ')} }`

const declared = /^(?:export\s+)?(?:async\s+)?(?:function\s*\*?|class|const|let|var)\s+([A-Za-z_$][\w$]*)/gm
const imported = /^import\s+([^'";]+?)\s+from\b/gm

/**
 * The operator's lines see what the module's own functions see. The closure costs what any other does: it makes the
 * engine keep the module's variables, and is called by nobody else.
 */
function scopeLine(code: string): string {
  const names = [...code.matchAll(declared)].map(([, name]) => name!)
  for (const [, list] of code.matchAll(imported)) {
    names.push(...(list!.match(/[A-Za-z_$][\w$]*(?=\s*(?:[,}]|$))/g) ?? []))
  }
  return `;export const ${SCOPE_EXPORT} = { __proto__: null, evaluate: ${EVALUATOR}, names: ${JSON.stringify(names)} }\n`
}

const javaScript = ['.js', '.mjs']
const typeScript = ['.ts', '.mts']

/** Where they are. */
export type AppPlace = Pick<AppSetup, 'folder' | 'libFolder' | 'wwwFolder' | 'main' | 'home' | 'instance'>

/** The files of one application: its own folder and www/lib, and nothing else, whatever a path or a link says. */
export class AppSources implements Sources {
  readonly #setup: AppPlace
  readonly #read = new Map<string, Source>()
  /** What the files hold, by the names errors carry. */
  readonly #written = new Map<string, string>()
  readonly #shown = new Set<string>()
  readonly #ways: PinnedSources['ways'] = []
  #main = ''
  #folder = ''
  #lib: string | undefined

  constructor(setup: AppPlace) {
    this.#setup = setup
  }

  /** The main module, with its hooks made known. Throws a ScriptError when it cannot be read. */
  async main(): Promise<Source> {
    const { folder, libFolder, main, home, instance } = this.#setup
    const shown = [home.slice(1), main].filter(part => part !== '').join('/')
    const refuse = (text: string) => new ScriptError('script-unreadable', faultAt(text, shown, 0, 0))
    try {
      this.#folder = await realpath(folder)
      this.#lib = await realpath(libFolder).catch(() => undefined)
      const path = await realpath(join(this.#folder, main))
      if (!this.#allowed(path)) throw refuse('it is a link to what lies outside this application and www/lib')
      const source = await this.#load(path)
      if (instance === null) source.tail = hooksLine + scopeLine(source.code)
      this.#main = source.id
      return source
    } catch (error) {
      // Not the system's own words: they name folders of this machine, and clients may read what is wrong here.
      throw error instanceof ScriptError ? error : refuse(`it cannot be read (${(error as { code?: string }).code})`)
    }
  }

  async resolve(specifier: string, from: Source): Promise<Source> {
    const refuse = (code: string, text: string): never => {
      const [line, column] = importPlace(from.code, specifier)
      throw new ScriptError(code, faultAt(text, from.file, line, column))
    }
    const path = this.#path(specifier, from)
    if (path === undefined) {
      return refuse('import-bare', `cannot import "${specifier}": only files (./name.js, ../name.js, /lib/name.js)`)
    }
    const real = await realpath(path).catch(() => undefined)
    if (!this.#allowed(real ?? path)) {
      return refuse('import-outside', `cannot import "${specifier}": it lies outside this application and www/lib`)
    }
    if (real === undefined) return refuse('import-missing', `cannot import "${specifier}": there is no such file`)
    if (![...javaScript, ...typeScript].includes(extname(real))) {
      return refuse('import-kind', `cannot import "${specifier}": modules end in .js, .mjs, .ts or .mts`)
    }
    try {
      const source = await this.#load(real)
      this.#ways.push([from.id, specifier, source.id])
      return source
    } catch (error) {
      if (error instanceof ScriptError) throw error
      return refuse('import-unreadable', `cannot import "${specifier}": it cannot be read`)
    }
  }

  /**
   * What a script of Adobe's dialect loads: a file beside its main.asc, else of www/lib, which stands where Adobe had its
   * folder of libraries. Undefined when it has been loaded before.
   */
  async loaded({ name, place }: Load): Promise<Source | undefined> {
    const refuse = (code: string, text: string) => new ScriptError(code, { ...place, text, column: 0, stack: '' })
    const said = `cannot load "${name}"`
    if (!['.asc', '.js'].includes(extname(name))) throw refuse('load-kind', `${said}: scripts end in .asc or .js`)
    const inLib = name.startsWith('/lib/') ? name.slice('/lib/'.length) : name
    const beside = inLib === name ? await realpath(join(this.#folder, name)).catch(() => undefined) : undefined
    const real = beside ?? (this.#lib && (await realpath(join(this.#lib, inLib)).catch(() => undefined)))
    if (real === undefined) throw refuse('load-missing', `${said}: there is no such file`)
    if (!this.#allowed(real)) throw refuse('load-outside', `${said}: it lies outside this application and www/lib`)
    if (this.#read.has(real)) return undefined
    try {
      const source = await this.#load(real)
      this.#ways.push(['', name, source.id])
      return source
    } catch (error) {
      throw error instanceof ScriptError ? error : refuse('load-unreadable', `${said}: it cannot be read`)
    }
  }

  /** The fault with the author's own lines, the first time that something goes wrong at its place. */
  framed<Fault extends ScriptFault>(fault: Fault): Fault {
    const { file, line, column } = fault
    const place = `${file}:${line}:${column}`
    const text = this.#written.get(file)
    if (text === undefined || this.#shown.has(place) || this.#shown.size >= FRAMES) return fault
    this.#shown.add(place)
    const frame = codeFrame(text, line, column)
    return frame === '' ? fault : { ...fault, frame }
  }

  pin(): PinnedSources {
    const sources = [...this.#read.values()].map(({ id, file, code, tail = '' }) => ({ id, file, code, tail }))
    return { main: this.#main, sources, ways: this.#ways }
  }

  #path(specifier: string, from: Source): string | undefined {
    if (specifier.startsWith('./') || specifier.startsWith('../')) return join(dirname(from.id), specifier)
    if (specifier.startsWith('/lib/')) return join(this.#setup.libFolder, specifier.slice(5))
    if (specifier.startsWith('/')) return join(this.#setup.wwwFolder, specifier)
    return undefined
  }

  #allowed(path: string): boolean {
    return isWithin(path, this.#folder) || (this.#lib !== undefined && isWithin(path, this.#lib))
  }

  async #load(path: string): Promise<Source> {
    const known = this.#read.get(path)
    if (known !== undefined) return known
    const file = this.#name(path)
    if (this.#read.size >= MODULES) {
      throw new ScriptError('script-count', faultAt(`an application may have ${MODULES} source files`, file, 0, 0))
    }
    const read = await readSettled(path)
    if (read === undefined) {
      throw new ScriptError('script-size', faultAt(`a source file may have ${MODULE_BYTES} bytes`, file, 0, 0))
    }
    const text = read.replace(/^\ufeff/, '')
    this.#written.set(file, text)
    const code = typeScript.includes(extname(path)) ? stripTypes(text, file) : text
    const source = this.#read.get(path) ?? { id: path, file, code }
    this.#read.set(path, source)
    return source
  }

  /** Relative to www/, though the folder itself may be a link to somewhere else. */
  #name(path: string): string {
    const inLib = this.#lib !== undefined && isWithin(path, this.#lib)
    const within = relative(inLib ? this.#lib! : this.#folder, path)
    return [inLib ? 'lib' : this.#setup.home.slice(1), ...within.split(sep)].filter(part => part !== '').join('/')
  }
}

function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path)
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}
