import { functionGiven } from '../given.ts'
import { renamed } from '../named.ts'
import { percentDecode, percentEncode } from './percent.ts'

type Init = string | Iterable<[string, string]> | Record<string, string> | URLSearchParams

const formSet = ' !"#$%&\'()+,/:;<=>?@[\\]^`{|}~'

/** The params of a URL, and what reads them anew: `changed` hears every change a script makes. */
export let paramsOf: (query: string, changed: (text: string) => void) => [URLSearchParams, (query: string) => void]

/** Names and values of a query, after the URL Standard §6. */
export class URLSearchParams {
  #list: [string, string][] = []
  #changed: ((text: string) => void) | undefined

  static {
    paramsOf = (query, changed) => {
      const params = new URLSearchParams()
      params.#read(query)
      params.#changed = changed
      return [params, text => params.#read(text)]
    }
  }

  constructor(init: Init = '') {
    try {
      this.#fill(init)
    } catch (error) {
      throw renamed(error, 'URLSearchParams: init')
    }
  }

  #fill(init: Init): void {
    if (typeof init === 'object' && init !== null) {
      if (Symbol.iterator in init) {
        for (const pair of init as Iterable<[string, string]>) {
          if (typeof pair !== 'object' || pair === null) throw new TypeError('each pair is an array')
          const [name, value, ...more] = pair
          if (value === undefined || more.length > 0) throw new TypeError('each pair has a name and a value')
          this.append(name, value)
        }
      } else {
        for (const name of Object.keys(init)) this.append(name, init[name]!)
      }
    } else {
      this.#read(String(init).replace(/^\?/, ''))
    }
  }

  get size(): number {
    return this.#list.length
  }

  append(name: string, value: string): void {
    this.#list.push([String(name).toWellFormed(), String(value).toWellFormed()])
    this.#tell()
  }

  delete(name: string, value?: string): void {
    this.#list = this.#list.filter(([n, v]) => n !== String(name) || (value !== undefined && v !== String(value)))
    this.#tell()
  }

  get(name: string): string | null {
    return this.#list.find(([n]) => n === String(name))?.[1] ?? null
  }

  getAll(name: string): string[] {
    return this.#list.filter(([n]) => n === String(name)).map(([, value]) => value)
  }

  has(name: string, value?: string): boolean {
    return this.#list.some(([n, v]) => n === String(name) && (value === undefined || v === String(value)))
  }

  set(name: string, value: string): void {
    const first = this.#list.find(([n]) => n === String(name))
    if (first === undefined) {
      this.append(name, value)
      return
    }
    first[1] = String(value).toWellFormed()
    this.#list = this.#list.filter(pair => pair === first || pair[0] !== String(name))
    this.#tell()
  }

  sort(): void {
    this.#list.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    this.#tell()
  }

  forEach(visit: (value: string, name: string, params: URLSearchParams) => void, self?: unknown): void {
    functionGiven(visit, 'forEach: the function')
    for (const [name, value] of this) visit.call(self, value, name, this)
  }

  *entries(): IterableIterator<[string, string]> {
    for (let at = 0; at < this.#list.length; at++) yield [...this.#list[at]!]
  }

  *keys(): IterableIterator<string> {
    for (const [name] of this) yield name
  }

  *values(): IterableIterator<string> {
    for (const [, value] of this) yield value
  }

  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.entries()
  }

  toString(): string {
    return this.#list.map(([name, value]) => `${formEncode(name)}=${formEncode(value)}`).join('&')
  }

  #read(query: string): void {
    this.#list = query
      .toWellFormed()
      .split('&')
      .filter(part => part !== '')
      .map(part => {
        const at = part.includes('=') ? part.indexOf('=') : part.length
        return [formDecode(part.slice(0, at)), formDecode(part.slice(at + 1))]
      })
  }

  #tell(): void {
    this.#changed?.(this.toString())
  }
}

function formEncode(text: string): string {
  return percentEncode(text, formSet).replaceAll('%20', '+')
}

function formDecode(text: string): string {
  return percentDecode(text.replaceAll('+', ' '))
}
