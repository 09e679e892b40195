import { utf8Length, writeUtf8 } from '../server/base/utf8.ts'
import { Tag } from './clone-tags.ts'
import {
  ArrayBufferClass,
  Bytes,
  copyBytes,
  DataViewClass,
  DateClass,
  ErrorClass,
  isArray,
  MapClass,
  ownKeys,
  RegExpClass,
  SafeMap,
  SetClass,
  textCode,
  textIsWellFormed,
  toText,
  typedArrayName,
} from './primordials.ts'
import { dateValue, eachOfMap, eachOfSet, regExpFlags, regExpSource } from './web/structured-clone.ts'

const double = new Float64Array(1)
const doubleBytes = new Bytes(double.buffer)

/** Writes one value, which holds nothing but what structuredClone() leaves. */
export class CloneWriter {
  #bytes = new Bytes(64)
  #at = 0
  readonly #seen = new SafeMap<object, number>()

  get bytes(): Uint8Array {
    return copyBytes(this.#bytes, 0, this.#at)
  }

  value(value: unknown): void {
    switch (typeof value) {
      case 'undefined':
        return this.#byte(Tag.Undefined)
      case 'boolean':
        return this.#byte(value ? Tag.True : Tag.False)
      case 'number':
        this.#byte(Tag.Number)
        return this.#double(value)
      case 'string':
        return this.#text(value)
      case 'bigint':
        this.#byte(Tag.BigInt)
        return this.#text(toText(value))
      default:
        if (value === null) this.#byte(Tag.Null)
        else this.#object(value as object)
    }
  }

  #object(value: object): void {
    const number = this.#seen.get(value)
    if (number !== undefined) {
      this.#byte(Tag.Again)
      return this.#count(number)
    }
    this.#seen.set(value, this.#seen.size)
    const typedArray = typedArrayName(value)
    if (isArray(value)) this.#array(value)
    else if (typedArray !== undefined) {
      this.#byte(Tag.TypedArray)
      this.#text(typedArray)
      // structuredClone() has given it a buffer of its own.
      this.#raw(new Bytes((value as Uint8Array).buffer))
    } else if (value instanceof MapClass) {
      this.#byte(Tag.Map)
      this.#count(value.size)
      eachOfMap(value, (item, key) => {
        this.value(key)
        this.value(item)
      })
    } else if (value instanceof SetClass) {
      this.#byte(Tag.Set)
      this.#count(value.size)
      eachOfSet(value, item => this.value(item))
    } else if (value instanceof DateClass) {
      this.#byte(Tag.Date)
      this.#double(dateValue(value))
    } else if (value instanceof RegExpClass) {
      this.#byte(Tag.RegExp)
      this.#text(regExpSource(value))
      this.#text(regExpFlags(value))
    } else if (value instanceof ErrorClass) {
      this.#byte(Tag.Error)
      for (const part of [value.name, value.message, value.stack]) this.#text(toText(part ?? ''))
    } else if (value instanceof ArrayBufferClass) {
      this.#byte(Tag.Buffer)
      this.#raw(new Bytes(value))
    } else if (value instanceof DataViewClass) {
      this.#byte(Tag.View)
      this.#raw(new Bytes(value.buffer, value.byteOffset, value.byteLength))
    } else {
      this.#byte(Tag.Object)
      this.#fields(value)
    }
  }

  #array(value: readonly unknown[]): void {
    const keys = ownKeys(value)
    // Indices come first, then `length`: in a list without holes and names they are all there is.
    const isList = keys.length === value.length + 1 && keys[value.length] === 'length'
    this.#byte(isList ? Tag.List : Tag.Array)
    this.#count(value.length)
    if (!isList) return this.#fields(value)
    for (let i = 0; i < value.length; i++) this.value(value[i])
  }

  #fields(value: object): void {
    const keys = ownKeys(value) as string[]
    let count = 0
    for (let i = 0; i < keys.length; i++) if (isField(value, keys[i]!)) count++
    this.#count(count)
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i]!
      if (!isField(value, key)) continue
      this.#text(key)
      this.value((value as Record<string, unknown>)[key])
    }
  }

  #text(text: string): void {
    if (!textIsWellFormed(text)) {
      this.#byte(Tag.OddText)
      this.#count(text.length)
      for (let i = 0; i < text.length; i++) {
        const unit = textCode(text, i)
        this.#byte(unit >> 8)
        this.#byte(unit & 255)
      }
      return
    }
    const length = utf8Length(text)
    this.#byte(Tag.Text)
    this.#count(length)
    this.#need(length)
    writeUtf8(text, this.#bytes, this.#at)
    this.#at += length
  }

  #double(value: number): void {
    double[0] = value
    for (let i = 0; i < 8; i++) this.#byte(doubleBytes[i]!)
  }

  #raw(bytes: Uint8Array): void {
    this.#count(bytes.length)
    this.#need(bytes.length)
    for (let i = 0; i < bytes.length; i++) this.#bytes[this.#at++] = bytes[i]!
  }

  /** Seven bits a byte, the lowest first; the highest bit says that more follow. */
  #count(count: number): void {
    let rest = count
    while (rest > 127) {
      this.#byte((rest % 128) | 128)
      rest = (rest - (rest % 128)) / 128
    }
    this.#byte(rest)
  }

  #byte(byte: number): void {
    this.#need(1)
    this.#bytes[this.#at++] = byte
  }

  #need(more: number): void {
    if (this.#at + more <= this.#bytes.length) return
    const larger = new Bytes((this.#at + more) * 2)
    for (let i = 0; i < this.#at; i++) larger[i] = this.#bytes[i]!
    this.#bytes = larger
  }
}

function isField(value: object, key: string): boolean {
  return !(isArray(value) && key === 'length')
}
