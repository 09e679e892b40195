import { functionGiven } from '../given.ts'

type HeadersInit = Headers | Iterable<readonly [string, string]> | Record<string, string>

const tokenText = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
/** What a value may hold (RFC 9110 §5.5): no control characters, and only what fits a byte. */
const valueText = /^[\t\x20-\x7e\x80-\xff]*$/

/** Header fields, whatever the case of their names, after the Fetch Standard. */
export class Headers {
  readonly #fields = new Map<string, string[]>()

  constructor(init: HeadersInit = []) {
    const pairs = Symbol.iterator in init ? init : Object.entries(init)
    for (const [name, value] of pairs as Iterable<readonly [string, string]>) this.append(name, value)
  }

  append(name: string, value: string): void {
    const key = readName(name)
    this.#fields.set(key, [...(this.#fields.get(key) ?? []), readValue(key, value)])
  }

  set(name: string, value: string): void {
    const key = readName(name)
    this.#fields.set(key, [readValue(key, value)])
  }

  delete(name: string): void {
    this.#fields.delete(readName(name))
  }

  get(name: string): string | null {
    return this.#fields.get(readName(name))?.join(', ') ?? null
  }

  has(name: string): boolean {
    return this.#fields.has(readName(name))
  }

  getSetCookie(): string[] {
    return [...(this.#fields.get('set-cookie') ?? [])]
  }

  forEach(visit: (value: string, name: string, headers: Headers) => void): void {
    functionGiven(visit, 'forEach: the function')
    for (const [name, value] of this) visit(value, name, this)
  }

  *entries(): IterableIterator<[string, string]> {
    for (const name of [...this.#fields.keys()].sort()) {
      if (name === 'set-cookie') for (const value of this.#fields.get(name)!) yield [name, value]
      else yield [name, this.#fields.get(name)!.join(', ')]
    }
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

  get [Symbol.toStringTag](): string {
    return 'Headers'
  }
}

function readName(name: unknown): string {
  const text = String(name)
  if (!tokenText.test(text)) throw new TypeError(`'${text.slice(0, 100)}' is no name of a header`)
  return text.toLowerCase()
}

function readValue(name: string, value: unknown): string {
  const text = String(value).replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, '')
  if (!valueText.test(text)) throw new TypeError(`header ${name}: its value holds what a header cannot`)
  return text
}
