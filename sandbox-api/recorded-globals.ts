import { sha256 } from './crypto/sha256.ts'
import {
  DateClass,
  defineProperty,
  getOwnPropertyDescriptor,
  ProxyClass,
  prepend,
  reflectApply,
  reflectConstruct,
} from './primordials.ts'
import { wallNow } from './wall-clock.ts'

const dateText = DateClass.prototype.toString
const { imul } = Math

/**
 * What V8 itself would bring into the isolate past the journal: the time in `Date` and in formats without a date, and
 * `Math.random`. With a journal scripts find these in their places, at recording and at replay alike.
 */
export function recordGlobals(seed: Uint8Array): void {
  replace(DateClass, 'now', wallNow)
  const RecordedDate = new ProxyClass(DateClass, {
    __proto__: null,
    apply: () => reflectApply(dateText, new DateClass(wallNow()), []),
    construct: (target: DateConstructor, values: unknown[], made: new () => unknown) =>
      reflectConstruct(target, values.length === 0 ? prepend(wallNow(), []) : values, made),
  } as ProxyHandler<DateConstructor>)
  replace(DateClass.prototype, 'constructor', RecordedDate)
  replace(globalThis, 'Date', RecordedDate)
  replace(Math, 'random', randomOf(seed))
  recordFormats()
}

/** xoshiro128** (Blackman and Vigna, 2018), with 53 bits of two steps; its state says nothing of the seed. */
function randomOf(seed: Uint8Array): () => number {
  const hash = sha256(seed)
  const word = (at: number) => hash[at]! | (hash[at + 1]! << 8) | (hash[at + 2]! << 16) | (hash[at + 3]! << 24)
  let a = word(0)
  let b = word(4)
  let c = word(8)
  let d = word(12) | 1
  const turned = (value: number, by: number) => (value << by) | (value >>> (32 - by))
  const step = () => {
    const result = imul(turned(imul(b, 5), 7), 9)
    const kept = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= kept
    d = turned(d, 11)
    return result >>> 0
  }
  return function random() {
    return ((step() >>> 5) * 2 ** 26 + (step() >>> 6)) / 2 ** 53
  }
}

/** `format()` and `formatToParts()` without a date mean now (ECMA-402 §11.1.5 and §11.3.3). */
function recordFormats(): void {
  const prototype = Intl.DateTimeFormat.prototype
  const format = getOwnPropertyDescriptor(prototype, 'format')!.get!
  const get = function (this: Intl.DateTimeFormat) {
    const bound = reflectApply(format, this, []) as (date: unknown) => string
    return (date?: unknown) => bound(date === undefined ? wallNow() : date)
  }
  defineProperty(prototype, 'format', { __proto__: null, get, configurable: true } as never)
  const { formatToParts } = prototype
  replace(prototype, 'formatToParts', function (this: unknown, date?: unknown) {
    return reflectApply(formatToParts, this, prepend(date === undefined ? wallNow() : date, []))
  })
}

function replace(object: object, key: string, value: unknown): void {
  defineProperty(object, key, { __proto__: null, value, writable: true, configurable: true } as never)
}
