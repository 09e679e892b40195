import { readUtf8 } from '../server/base/utf8.ts'
import { Tag } from './clone-tags.ts'
import {
  ArrayClass,
  BigIntOf,
  Bytes,
  DataViewClass,
  DateClass,
  MapClass,
  ObjectClass,
  RangeErrorClass,
  RegExpClass,
  SafeMap,
  SetClass,
  setOwn,
  textFromCode,
} from './primordials.ts'
import { cloneErrorOf, mapSet, setAdd, typedArrays } from './web/structured-clone.ts'

const double = new Float64Array(1)
const doubleBytes = new Bytes(double.buffer)

/** Reads one value; a RangeError is what is wrong with the bytes. */
export class CloneReader {
  readonly #bytes: Uint8Array
  #at = 0
  readonly #seen = new SafeMap<number, unknown>()

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  value(): unknown {
    const tag = this.#byte()
    switch (tag) {
      case Tag.Undefined:
        return undefined
      case Tag.Null:
        return null
      case Tag.False:
        return false
      case Tag.True:
        return true
      case Tag.Number:
        return this.#double()
      case Tag.Text:
      case Tag.OddText:
        return this.#textOf(tag)
      case Tag.BigInt:
        return BigIntOf(this.#text())
      case Tag.Again:
        return this.#again()
      default:
        return this.#object(tag)
    }
  }

  #object(tag: number): unknown {
    const number = this.#seen.size
    const seen = <T>(value: T): T => {
      this.#seen.set(number, value)
      return value
    }
    switch (tag) {
      case Tag.Object:
        return this.#fields(seen(new ObjectClass()))
      case Tag.List: {
        const length = this.#count(1)
        const items = seen(new ArrayClass<unknown>(length))
        for (let i = 0; i < length; i++) setOwn(items, i, this.value())
        return items
      }
      case Tag.Array:
        return this.#fields(seen(new ArrayClass(this.#count(0))))
      case Tag.Map: {
        const count = this.#count(2)
        const map = seen(new MapClass())
        for (let i = 0; i < count; i++) mapSet(map, this.value(), this.value())
        return map
      }
      case Tag.Set: {
        const count = this.#count(1)
        const set = seen(new SetClass())
        for (let i = 0; i < count; i++) setAdd(set, this.value())
        return set
      }
      case Tag.Date:
        return seen(new DateClass(this.#double()))
      case Tag.RegExp:
        return seen(new RegExpClass(this.#text(), this.#text()))
      case Tag.Error:
        return seen(cloneErrorOf(this.#text(), this.#text(), this.#text()))
      case Tag.Buffer:
        return seen(this.#raw().buffer)
      case Tag.View:
        return seen(new DataViewClass(this.#raw().buffer as ArrayBuffer))
      case Tag.TypedArray: {
        const Kind = typedArrays.get(this.#text())
        if (Kind === undefined) throw broken()
        return seen(new Kind(this.#raw().buffer))
      }
      default:
        throw broken()
    }
  }

  #again(): unknown {
    const number = this.#count(0)
    if (number >= this.#seen.size) throw broken()
    return this.#seen.get(number)
  }

  #fields(object: object): object {
    const count = this.#count(2)
    for (let i = 0; i < count; i++) setOwn(object, this.#text(), this.value())
    return object
  }

  #text(): string {
    return this.#textOf(this.#byte())
  }

  #textOf(tag: number): string {
    if (tag === Tag.Text) {
      const length = this.#count(1)
      this.#at += length
      return readUtf8(this.#bytes, this.#at - length, this.#at)
    }
    if (tag !== Tag.OddText) throw broken()
    const length = this.#count(2)
    let text = ''
    for (let i = 0; i < length; i++) text += textFromCode((this.#byte() << 8) | this.#byte())
    return text
  }

  #double(): number {
    for (let i = 0; i < 8; i++) doubleBytes[i] = this.#byte()
    return double[0]!
  }

  #raw(): Uint8Array {
    const length = this.#count(1)
    const bytes = new Bytes(length)
    for (let i = 0; i < length; i++) bytes[i] = this.#byte()
    return bytes
  }

  /** Of things that take at least so many bytes each: more than there are bytes for is refused before anything is made. */
  #count(least: number): number {
    let count = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#byte()
      count += (byte & 127) * scale
      if (byte < 128) break
      if (scale > 2 ** 28) throw broken()
    }
    if (count * least > this.#bytes.length - this.#at || count >= 2 ** 32) throw broken()
    return count
  }

  #byte(): number {
    if (this.#at >= this.#bytes.length) throw broken()
    return this.#bytes[this.#at++]!
  }
}

function broken(): Error {
  return new RangeErrorClass('these bytes are no value')
}
