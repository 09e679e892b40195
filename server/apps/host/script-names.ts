import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { RUNTIME_PREFIX } from '../../../sandbox-api/stack.ts'

interface Message {
  method?: string
  params?: Record<string, unknown>
}

/**
 * In the isolate a script is called `chat/main.js`; a debugger finds it on the disk, and keeps its breakpoints there, when it
 * is called file:///…/www/chat/main.js. Messages are translated on their way.
 */
export class ScriptNames {
  readonly #www: string
  readonly #known = new Set<string>()
  /** By the numbers the engine gives them. */
  readonly #byId = new Map<unknown, string>()

  constructor(www: string) {
    this.#www = www
  }

  /** From the engine to the debugger. */
  outward(text: string): string {
    if (!/"method":"Debugger\.(scriptParsed|scriptFailedToParse)"/.test(text.slice(0, 100))) return text
    const message = JSON.parse(text) as Message
    const { params = {} } = message
    if (typeof params.url === 'string') {
      this.#byId.set(params.scriptId, params.url)
      // A name that evaluated code has given itself is no file.
      if (params.hasSourceURL !== true) params.url = this.#named(params.url)
    }
    // Of what the engine was given: without types, and with lines of ours behind it. Editors that compare it with the file
    // would take that for another one.
    params.hash = ''
    return JSON.stringify(message)
  }

  /** What the isolate calls the script of that number. */
  nameOf(scriptId: unknown): string {
    return this.#byId.get(scriptId) ?? ''
  }

  /** From the debugger to the engine. */
  inward(message: Message): void {
    const { method, params } = message
    if (method !== 'Debugger.setBreakpointByUrl' || params === undefined) return
    const { url, urlRegex } = params
    if (typeof url === 'string') params.url = this.#within(url) ?? url
    if (typeof urlRegex !== 'string') return
    const file = this.#matching(urlRegex)
    if (file === undefined) return
    params.url = file
    delete params.urlRegex
  }

  /** What a debugger calls a file of that name. */
  urlOf(file: string): string {
    if (file === '' || file.startsWith(RUNTIME_PREFIX) || /^\w+:/.test(file)) return file
    return pathToFileURL(join(this.#www, file)).href
  }

  #named(file: string): string {
    const url = this.urlOf(file)
    if (url !== file) this.#known.add(file)
    return url
  }

  #within(url: string): string | undefined {
    const www = `${pathToFileURL(this.#www).href}/`
    return url.startsWith(www) ? decodeURIComponent(url.slice(www.length)) : undefined
  }

  /** Editors ask for files by patterns that fit their path or URL. */
  #matching(pattern: string): string | undefined {
    let fits: RegExp
    try {
      fits = new RegExp(pattern)
    } catch {
      return undefined
    }
    for (const file of this.#known) {
      const { href } = pathToFileURL(join(this.#www, file))
      if (fits.test(href) || fits.test(fileURLToPath(href))) return file
    }
    return undefined
  }
}
