import { utf8Length } from '../base/utf8.ts'
import { Amf0Marker } from './amf-markers.ts'
import { AmfOutput } from './amf-output.ts'
import { isInteger29 } from './amf-u29.ts'
import {
  type AmfWriteOptions,
  elementsOf,
  isDense,
  isField,
  noBigInt,
  Shape,
  shapeOf,
  timeOf,
  typeOf,
  unboxed,
} from './amf-values.ts'
import { Amf3Writer } from './amf3-writer.ts'

/**
 * Writes one message of AMF0 values (AMF 0 Specification, December 2007). With encoding 3, `value` puts behind the
 * marker 0x11 what AMF3 says better; with encoding 0 only what AMF0 has no word for: ByteArray, Vector, Dictionary and
 * externalizable. What a script cannot send is an AppError AMF_DEPTH or AMF_SIZE, a BigInt a TypeError.
 */
export class Amf0Writer {
  readonly #output: AmfOutput
  readonly #encoding: 0 | 3
  readonly #amf3Arrays: boolean
  #amf3: Amf3Writer | undefined
  /** Which objects and arrays of AMF0 were begun, and as which of them all. */
  #references: Map<object, number> | undefined
  #count = 0

  constructor(options: AmfWriteOptions = {}) {
    this.#output = new AmfOutput(options)
    this.#encoding = options.encoding ?? 0
    this.#amf3Arrays = options.amf3Arrays ?? false
  }

  /** The message; the writer is done with. */
  finish(): Uint8Array {
    return this.#output.finish()
  }

  /** Values written before, as they are. They must hold no AMF0 references unless they come first. */
  raw(values: Uint8Array): this {
    this.#output.put(values)
    return this
  }

  null(): this {
    this.#output.u8(Amf0Marker.Null)
    return this
  }

  boolean(value: boolean): this {
    this.#output.u8(Amf0Marker.Boolean)
    this.#output.u8(value ? 1 : 0)
    return this
  }

  /** An AMF0 number, whatever the encoding: transaction ids and stream ids are that. */
  number(value: number): this {
    this.#output.u8(Amf0Marker.Number)
    this.#output.f64(value)
    return this
  }

  /** An AMF0 string, whatever the encoding: names of commands are that. */
  string(text: string): this {
    const length = utf8Length(text)
    if (length <= 0xffff) {
      this.#output.u8(Amf0Marker.String)
      this.#output.u16(length)
    } else {
      this.#output.u8(Amf0Marker.LongString)
      this.#output.u32(length)
    }
    this.#output.utf8(text, length)
    return this
  }

  value(value: unknown): this {
    switch (typeof value) {
      case 'string':
        return this.#encoding === 3 ? this.#behindMarker(value) : this.string(value)
      case 'number':
        return this.#encoding === 3 && isInteger29(value) ? this.#behindMarker(value) : this.number(value)
      case 'boolean':
        return this.boolean(value)
      case 'undefined':
        this.#output.u8(Amf0Marker.Undefined)
        return this
      case 'bigint':
        throw noBigInt()
      case 'object': {
        if (value === null) return this.null()
        const held = unboxed(value)
        if (held !== value) return this.value(held)
        if (this.#encoding === 3) return this.#behindMarker(value)
        this.#object(value)
        return this
      }
      default:
        this.#output.warn(`a ${typeof value} cannot be sent, null goes in its place`)
        return this.null()
    }
  }

  #behindMarker(value: unknown): this {
    this.#output.u8(Amf0Marker.AvmPlus)
    this.#amf3 ??= new Amf3Writer(this.#output)
    this.#amf3.write(value)
    return this
  }

  #object(object: object): void {
    if (this.#refer(object)) return
    const shape = shapeOf(object)
    if (this.#amf3Arrays && (shape === Shape.Array || shape === Shape.Set)) {
      this.#behindMarker(object)
      return
    }
    switch (shape) {
      case Shape.Object:
        this.#fields(object)
        return
      case Shape.Array:
        this.#array(object as unknown[])
        return
      case Shape.Set:
        this.#remember(object)
        this.#strictArray([...elementsOf(object as Set<unknown>)])
        return
      case Shape.Error:
        this.#remember(object)
        this.#error(object as Error)
        return
      case Shape.Date:
        this.#output.u8(Amf0Marker.Date)
        this.#output.f64(timeOf(object as Date))
        this.#output.u16(0)
        return
      case Shape.Xml:
        this.#xml((object as { __xml: string }).__xml)
        return
      default:
        this.#behindMarker(object)
    }
  }

  /** A reference to an object of this message, if it is one that 16 bits can name (§2.9). */
  #refer(object: object): boolean {
    const index = this.#references?.get(object)
    if (index === undefined || index > 0xffff) return false
    this.#output.u8(Amf0Marker.Reference)
    this.#output.u16(index)
    return true
  }

  #remember(object: object): void {
    this.#references ??= new Map()
    this.#references.set(object, this.#count++)
  }

  #fields(object: object): void {
    this.#remember(object)
    let type = typeOf(this.#output.types, object)
    if (type !== '') {
      const length = utf8Length(type)
      if (length <= 0xffff) {
        this.#output.u8(Amf0Marker.TypedObject)
        this.#output.u16(length)
        this.#output.utf8(type, length)
      } else {
        this.#output.warn(`a class name of ${length} bytes cannot be sent in AMF0`)
        type = ''
      }
    }
    if (type === '') this.#output.u8(Amf0Marker.Object)
    this.#output.enter()
    for (const name of Object.keys(object)) {
      const value = (object as Record<string, unknown>)[name]
      if (isField(name, value, type)) this.#property(name, value)
    }
    this.#end()
  }

  #array(array: unknown[]): void {
    this.#remember(array)
    const names = Object.keys(array)
    if (names.length === array.length && isDense(array, names)) {
      this.#strictArray(array)
      return
    }
    this.#output.u8(Amf0Marker.EcmaArray)
    this.#output.u32(names.length)
    this.#output.enter()
    for (const name of names) this.#property(name, (array as unknown as Record<string, unknown>)[name])
    this.#end()
  }

  #strictArray(values: readonly unknown[]): void {
    this.#output.u8(Amf0Marker.StrictArray)
    this.#output.u32(values.length)
    this.#output.enter()
    const count = values.length
    for (let index = 0; index < count; index++) this.value(values[index])
    this.#output.leave()
  }

  #error(error: Error): void {
    this.#output.u8(Amf0Marker.Object)
    this.#output.enter()
    this.#property('name', error.name)
    this.#property('message', error.message)
    this.#end()
  }

  #xml(text: string): void {
    const length = utf8Length(text)
    this.#output.u8(Amf0Marker.XmlDocument)
    this.#output.u32(length)
    this.#output.utf8(text, length)
  }

  #property(name: string, value: unknown): void {
    const length = utf8Length(name)
    if (length > 0xffff) {
      this.#output.warn(`a property name of ${length} bytes cannot be sent in AMF0`)
      return
    }
    this.#output.u16(length)
    this.#output.utf8(name, length)
    this.value(value)
  }

  #end(): void {
    this.#output.u16(0)
    this.#output.u8(Amf0Marker.ObjectEnd)
    this.#output.leave()
  }
}
