import { memberNames } from './shown.ts'

/**
 * How a value looks in a log: as Node's util.inspect shows it, without ever calling a getter of the script's. The runtime's
 * own objects are shown by what they tell, and those within them by their names.
 */
export interface InspectOptions {
  /** Levels of objects shown within the first. Default 2. */
  depth?: number
}

const itemsMax = 100
const textMax = 10_000
const lineMax = 76
const identifier = /^[A-Za-z_$][\w$]*$/

export function inspect(value: unknown, options: InspectOptions = {}): string {
  return new Inspector(options.depth ?? 2).show(value, 0)
}

class Inspector {
  readonly #depth: number
  readonly #above: object[] = []
  /** Within a client, a publication: what leads from there to others would have no end. */
  #views = 0

  constructor(depth: number) {
    this.#depth = depth
  }

  show(value: unknown, level: number): string {
    if (typeof value === 'string') return quote(value)
    if (typeof value === 'bigint') return `${value}n`
    if (Object.is(value, -0)) return '-0'
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return String(value)
    if (this.#above.includes(value)) return '[Circular]'
    try {
      this.#above.push(value)
      return this.#object(value, level)
    } catch {
      // A Proxy whose traps throw, or one that was revoked.
      return '[object that cannot be shown]'
    } finally {
      this.#above.pop()
    }
  }

  #object(value: object, level: number): string {
    const members = memberNames(value)
    if (members !== undefined) return this.#view(value as View, members, level)
    const leaf = leafOf(value)
    const list = Array.isArray(value) || ArrayBuffer.isView(value)
    const keys = Object.keys(value).filter(key => !list || !/^\d+$/.test(key))
    if (leaf !== undefined && keys.length === 0) return leaf
    const name = leaf ?? nameOf(value)
    if (level > this.#depth) return leaf ?? (Array.isArray(value) ? '[Array]' : `[${name === '' ? 'Object' : name}]`)
    const items = [...this.#items(value, level + 1), ...this.#fields(value, keys, level + 1)]
    const open = Array.isArray(value) || (list && !(value instanceof DataView)) ? '[]' : '{}'
    return wrapped(name, items, open)
  }

  #view(view: View, members: readonly string[], level: number): string {
    const name = view[Symbol.toStringTag]
    const isList = view[Symbol.iterator] !== undefined
    if (this.#views > 0 || level > this.#depth) return isList ? `[${name}(${view.count})]` : `[${name}${briefOf(view)}]`
    if (isList) {
      const show = ([key, item]: [unknown, unknown]) => `${this.show(key, level + 1)} => ${this.show(item, level + 1)}`
      return wrapped(
        `${name}(${view.count})`,
        firstOf(view as Iterable<[unknown, unknown]>, view.count ?? 0, show),
        '{}',
      )
    }
    this.#views++
    try {
      const shown = members.filter(member => typeof view[member] !== 'function')
      const told = shown.map(member => `${member}: ${this.show(view[member], level + 1)}`)
      return wrapped(name, [...told, ...this.#fields(view, Object.keys(view), level + 1)], '{}')
    } finally {
      this.#views--
    }
  }

  #items(value: object, level: number): string[] {
    if (Array.isArray(value)) return this.#elements(value, value.length, level)
    if (value instanceof Map) {
      return firstOf(value, value.size, ([key, item]) => `${this.show(key, level)} => ${this.show(item, level)}`)
    }
    if (value instanceof Set) return firstOf(value, value.size, item => this.show(item, level))
    if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
      return this.#elements(value as unknown as ArrayLike<unknown>, (value as Uint8Array).length, level)
    }
    return []
  }

  #elements(value: ArrayLike<unknown>, length: number, level: number): string[] {
    const items: string[] = []
    let holes = 0
    const endHoles = () => {
      if (holes > 0) items.push(`<${holes} empty item${holes === 1 ? '' : 's'}>`)
      holes = 0
    }
    const shown = Math.min(length, itemsMax)
    for (let index = 0; index < shown; index++) {
      const element = Object.getOwnPropertyDescriptor(value, index)
      if (element === undefined) {
        holes++
        continue
      }
      endHoles()
      items.push('value' in element ? this.show(element.value, level) : accessor(element))
    }
    endHoles()
    return length > shown ? [...items, `... ${length - shown} more`] : items
  }

  #fields(value: object, keys: string[], level: number): string[] {
    const shown = keys.slice(0, itemsMax).map(key => {
      const field = Object.getOwnPropertyDescriptor(value, key)!
      const name = identifier.test(key) ? key : quote(key)
      return `${name}: ${'value' in field ? this.show(field.value, level) : accessor(field)}`
    })
    return keys.length > itemsMax ? [...shown, `... ${keys.length - itemsMax} more`] : shown
  }
}

/** One of the runtime's objects. */
interface View extends Partial<Iterable<unknown>> {
  readonly [Symbol.toStringTag]: string
  readonly count?: number
  readonly [member: string]: unknown
}

function briefOf({ id, name, path }: View): string {
  const told = id ?? name ?? path
  return told === undefined ? '' : ` ${typeof told === 'string' ? quote(told) : told}`
}

function firstOf<T>(values: Iterable<T>, size: number, show: (item: T) => string): string[] {
  const items: string[] = []
  for (const item of values) {
    if (items.length === itemsMax) return [...items, `... ${size - itemsMax} more`]
    items.push(show(item))
  }
  return items
}

/** What is shown in words of its own; undefined for what is a set of fields. */
function leafOf(value: object): string | undefined {
  if (typeof value === 'function') {
    const isClass = /^class\b/.test(Function.prototype.toString.call(value))
    const name = Object.getOwnPropertyDescriptor(value, 'name')?.value
    const shown = typeof name === 'string' && name !== '' ? name : '(anonymous)'
    if (isClass) return `[class ${shown}]`
    return shown === '(anonymous)' ? '[Function (anonymous)]' : `[Function: ${shown}]`
  }
  if (value instanceof Error) {
    const { stack } = value
    return typeof stack === 'string' && stack !== '' ? stack : `[${String(value)}]`
  }
  if (value instanceof RegExp) return String(value)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString()
  if (value instanceof Promise) return 'Promise {}'
  if (value instanceof WeakMap) return 'WeakMap { <items unknown> }'
  if (value instanceof WeakSet) return 'WeakSet { <items unknown> }'
  if (value instanceof ArrayBuffer) return `ArrayBuffer { byteLength: ${value.byteLength} }`
  for (const Boxed of [Number, String, Boolean, Symbol, BigInt]) {
    if (value instanceof (Boxed as unknown as typeof Object)) return `[${Boxed.name}: ${String(value)}]`
  }
  return undefined
}

/** What stands before the brackets: nothing for plain objects and arrays. */
function nameOf(value: object): string {
  const prototype = Object.getPrototypeOf(value)
  const maker = prototype === null ? undefined : Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value
  const tag = Object.prototype.toString.call(value).slice(8, -1)
  const name = typeof maker === 'function' && typeof maker.name === 'string' ? maker.name : tag
  if (value instanceof Map || value instanceof Set) return `${name}(${value.size})`
  if (Array.isArray(value)) return name === 'Array' ? '' : `${name}(${value.length})`
  if (ArrayBuffer.isView(value)) return value instanceof DataView ? name : `${name}(${(value as Uint8Array).length})`
  if (prototype === null) return '[Object: null prototype]'
  return name === 'Object' ? '' : name
}

function accessor(field: PropertyDescriptor): string {
  if (field.get === undefined) return '[Setter]'
  return field.set === undefined ? '[Getter]' : '[Getter/Setter]'
}

function wrapped(name: string, items: string[], [open, close]: string): string {
  const before = name === '' ? '' : `${name} `
  if (items.length === 0) return `${before}${open}${close}`
  const line = `${before}${open} ${items.join(', ')} ${close}`
  if (line.length <= lineMax && !line.includes('\n')) return line
  return `${before}${open}\n  ${items.map(item => item.replaceAll('\n', '\n  ')).join(',\n  ')}\n${close}`
}

function quote(text: string): string {
  const shown = text.length > textMax ? `${text.slice(0, textMax)}...` : text
  const mark = !shown.includes("'") ? "'" : !shown.includes('"') ? '"' : !shown.includes('`') ? '`' : "'"
  const escaped = shown
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    .replace(/\p{Cc}/gu, unit => `\\x${unit.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`)
  return mark + (mark === "'" ? escaped.replaceAll("'", "\\'") : escaped) + mark
}
