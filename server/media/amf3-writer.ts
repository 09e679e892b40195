import { utf8Length } from '../base/utf8.ts'
import { ExternalWriter, releaseWriter } from './amf-external-writer.ts'
import { Amf3Marker } from './amf-markers.ts'
import type { AmfOutput } from './amf-output.ts'
import { isInteger29, writeU29 } from './amf-u29.ts'
import {
  bytesOf,
  elementsOf,
  entriesOf,
  isField,
  noBigInt,
  Shape,
  shapeOf,
  timeOf,
  typeOf,
  unboxed,
} from './amf-values.ts'

/** Flags of an object whose class is described on the spot (AMF3 §3.12), without sealed members. */
const anonymousOrTyped = 0b1011
const externalizable = 0b0111

/** Writes AMF3 values (AMF 3 Specification, January 2013), each from `write` with empty tables of references. */
export class Amf3Writer {
  readonly #output: AmfOutput
  readonly #strings = new Map<string, number>()
  readonly #objects = new Map<object, number>()

  constructor(output: AmfOutput) {
    this.#output = output
  }

  write(value: unknown): void {
    if (this.#strings.size > 0) this.#strings.clear()
    if (this.#objects.size > 0) this.#objects.clear()
    this.#value(value)
  }

  #value(value: unknown): void {
    const output = this.#output
    switch (typeof value) {
      case 'string':
        output.u8(Amf3Marker.String)
        this.#string(value)
        return
      case 'number':
        if (isInteger29(value)) {
          output.u8(Amf3Marker.Integer)
          writeU29(output, value & 0x1fffffff)
        } else {
          output.u8(Amf3Marker.Double)
          output.f64(value)
        }
        return
      case 'boolean':
        output.u8(value ? Amf3Marker.True : Amf3Marker.False)
        return
      case 'undefined':
        output.u8(Amf3Marker.Undefined)
        return
      case 'bigint':
        throw noBigInt()
      case 'object': {
        if (value === null) return output.u8(Amf3Marker.Null)
        const held = unboxed(value)
        if (held === value) this.#object(value)
        else this.#value(held)
        return
      }
      default:
        output.warn(`a ${typeof value} cannot be sent, null goes in its place`)
        output.u8(Amf3Marker.Null)
    }
  }

  #string(text: string): void {
    if (text === '') {
      this.#output.u8(1)
      return
    }
    const index = this.#strings.get(text)
    if (index !== undefined) {
      writeU29(this.#output, index << 1)
      return
    }
    this.#strings.set(text, this.#strings.size)
    this.#text(text)
  }

  #text(text: string): void {
    const length = utf8Length(text)
    writeU29(this.#output, (length << 1) | 1)
    this.#output.utf8(text, length)
  }

  /** The marker, then either a reference, or the length or whatever else stands in the same number. */
  #object(object: object): void {
    const shape = shapeOf(object)
    this.#output.u8(markers[shape])
    const index = this.#objects.get(object)
    if (index !== undefined) {
      writeU29(this.#output, index << 1)
      return
    }
    this.#objects.set(object, this.#objects.size)
    switch (shape) {
      case Shape.Object:
        this.#fields(object)
        return
      case Shape.Externalizable:
        this.#external(object)
        return
      case Shape.Array:
        this.#array(object as unknown[])
        return
      case Shape.Set:
        this.#dense([...elementsOf(object as Set<unknown>)])
        return
      case Shape.Map:
        this.#dictionary([...entriesOf(object as Map<unknown, unknown>)])
        return
      case Shape.Date:
        this.#output.u8(1)
        this.#output.f64(timeOf(object as Date))
        return
      case Shape.Error:
        this.#error(object as Error)
        return
      case Shape.Bytes:
        this.#bytes(bytesOf(object))
        return
      case Shape.Xml:
        this.#text((object as { __xml: string }).__xml)
        return
      default:
        this.#vector(shape, object as ArrayLike<number>)
    }
  }

  #fields(object: object): void {
    const type = typeOf(this.#output.types, object)
    this.#output.u8(anonymousOrTyped)
    this.#string(type)
    this.#output.enter()
    for (const name of Object.keys(object)) {
      const value = (object as Record<string, unknown>)[name]
      if (isField(name, value, type)) this.#property(name, value)
    }
    this.#end()
  }

  #external(object: object): void {
    this.#output.u8(externalizable)
    this.#string(typeOf(this.#output.types, object))
    this.#output.enter()
    const writer = new ExternalWriter(this.#output, value => this.#value(value))
    try {
      ;(object as WritesExternal).__writeExternal(writer)
    } finally {
      releaseWriter(writer)
    }
    this.#output.leave()
  }

  /** The elements up to the first that is missing go into the dense part, whatever else there is goes by its name. */
  #array(array: unknown[]): void {
    const names = Object.keys(array)
    let dense = 0
    while (dense < names.length && dense < array.length && names[dense] === String(dense)) dense++
    if (dense === names.length) {
      this.#dense(array)
      return
    }
    writeU29(this.#output, (dense << 1) | 1)
    this.#output.enter()
    for (let at = dense; at < names.length; at++) {
      this.#property(names[at]!, (array as unknown as Record<string, unknown>)[names[at]!])
    }
    this.#output.u8(1)
    for (let index = 0; index < dense; index++) this.#value(array[index])
    this.#output.leave()
  }

  #dense(values: readonly unknown[]): void {
    const count = values.length
    writeU29(this.#output, (count << 1) | 1)
    this.#output.u8(1)
    this.#output.enter()
    for (let index = 0; index < count; index++) this.#value(values[index])
    this.#output.leave()
  }

  #dictionary(entries: readonly [unknown, unknown][]): void {
    writeU29(this.#output, (entries.length << 1) | 1)
    this.#output.u8(0)
    this.#output.enter()
    for (const [key, value] of entries) {
      this.#value(key)
      this.#value(value)
    }
    this.#output.leave()
  }

  #error(error: Error): void {
    this.#output.u8(anonymousOrTyped)
    this.#output.u8(1)
    this.#output.enter()
    this.#property('name', error.name)
    this.#property('message', error.message)
    this.#end()
  }

  #bytes(bytes: Uint8Array): void {
    writeU29(this.#output, (bytes.length << 1) | 1)
    this.#output.put(bytes)
  }

  #vector(shape: Shape, numbers: ArrayLike<number>): void {
    writeU29(this.#output, (numbers.length << 1) | 1)
    this.#output.u8(0)
    for (let index = 0; index < numbers.length; index++) {
      if (shape === Shape.Doubles) this.#output.f64(numbers[index]!)
      else this.#output.u32(numbers[index]!)
    }
  }

  #property(name: string, value: unknown): void {
    if (name === '') {
      this.#output.warn('a property without a name cannot be sent in AMF3')
      return
    }
    this.#string(name)
    this.#value(value)
  }

  #end(): void {
    this.#output.u8(1)
    this.#output.leave()
  }
}

const markers: Record<Shape, number> = {
  [Shape.Object]: Amf3Marker.Object,
  [Shape.Externalizable]: Amf3Marker.Object,
  [Shape.Error]: Amf3Marker.Object,
  [Shape.Array]: Amf3Marker.Array,
  [Shape.Set]: Amf3Marker.Array,
  [Shape.Map]: Amf3Marker.Dictionary,
  [Shape.Date]: Amf3Marker.Date,
  [Shape.Bytes]: Amf3Marker.ByteArray,
  [Shape.Ints]: Amf3Marker.VectorInt,
  [Shape.Uints]: Amf3Marker.VectorUint,
  [Shape.Doubles]: Amf3Marker.VectorDouble,
  [Shape.Xml]: Amf3Marker.Xml,
}

interface WritesExternal {
  __writeExternal(writer: ExternalWriter): void
}
