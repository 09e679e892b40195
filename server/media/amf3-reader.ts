import type { ByteReader } from '../base/bytes.ts'
import { type AmfBudget, badMarker, badReference, unknownExternalizable } from './amf-budget.ts'
import { ExternalReader, releaseReader } from './amf-external-reader.ts'
import { Amf3Marker } from './amf-markers.ts'
import { readU29 } from './amf-u29.ts'
import { type AmfTypes, createTyped, finishTyped, put } from './amf-values.ts'

/** How the objects of a class are laid out (AMF3 §3.12). */
interface Traits {
  readonly type: string
  readonly externalizable: boolean
  readonly dynamic: boolean
  readonly names: readonly string[]
}

/**
 * Reads AMF3 values (AMF 3 Specification, January 2013), each from `read` with empty tables of references.
 * Bounds and errors are those of Amf0Reader, whose part it is.
 */
export class Amf3Reader {
  readonly #input: ByteReader
  readonly #budget: AmfBudget
  readonly #types: AmfTypes | undefined
  readonly #strings: string[] = []
  readonly #objects: object[] = []
  readonly #traits: Traits[] = []

  constructor(input: ByteReader, budget: AmfBudget, types: AmfTypes | undefined) {
    this.#input = input
    this.#budget = budget
    this.#types = types
  }

  read(): unknown {
    this.#strings.length = 0
    this.#objects.length = 0
    this.#traits.length = 0
    return this.#value()
  }

  #value(): unknown {
    this.#budget.element()
    const marker = this.#input.u8()
    switch (marker) {
      case Amf3Marker.Undefined:
        return undefined
      case Amf3Marker.Null:
        return null
      case Amf3Marker.False:
        return false
      case Amf3Marker.True:
        return true
      case Amf3Marker.Integer:
        return (readU29(this.#input) << 3) >> 3
      case Amf3Marker.Double:
        return this.#input.f64()
      case Amf3Marker.String:
        return this.#string()
      default:
        if (marker > Amf3Marker.Dictionary) throw badMarker(3, marker)
        return this.#complex(marker)
    }
  }

  /** What may be a reference: the lowest bit of a number says so; the rest is an index, or a length. */
  #complex(marker: number): object {
    const flags = readU29(this.#input)
    const length = flags >> 1
    if ((flags & 1) === 0) {
      const object = this.#objects[length]
      if (object === undefined) throw badReference('object', length)
      return object
    }
    switch (marker) {
      case Amf3Marker.Date:
        return this.#remember(new Date(this.#input.f64()))
      case Amf3Marker.Array:
        return this.#array(length)
      case Amf3Marker.Object:
        return this.#object(flags)
      case Amf3Marker.ByteArray:
        return this.#remember(Uint8Array.from(this.#input.take(length)))
      case Amf3Marker.Dictionary:
        return this.#dictionary(length)
      case Amf3Marker.XmlDocument:
      case Amf3Marker.Xml:
        return this.#remember({ __xml: this.#text(length) })
      default:
        return this.#vector(marker, length)
    }
  }

  #remember<T extends object>(object: T): T {
    this.#objects.push(object)
    return object
  }

  #text(length: number): string {
    this.#budget.stringBytes(length)
    return this.#input.utf8(length)
  }

  /** A string without its marker; the empty one is never referred to (§1.3.2). */
  #string(): string {
    const flags = readU29(this.#input)
    if (flags === 1) return ''
    if ((flags & 1) === 1) {
      const text = this.#text(flags >> 1)
      this.#strings.push(text)
      return text
    }
    const text = this.#strings[flags >> 1]
    if (text === undefined) throw badReference('string', flags >> 1)
    return text
  }

  /** Names and values up to the empty name. */
  #named(object: object): void {
    for (let name = this.#string(); name !== ''; name = this.#string()) put(object, name, this.#value())
  }

  #array(count: number): unknown[] {
    this.#budget.announced(this.#input, count, 1)
    this.#budget.enter()
    const array = this.#remember<unknown[]>([])
    this.#named(array)
    for (let index = 0; index < count; index++) array[index] = this.#value()
    this.#budget.leave()
    return array
  }

  #object(flags: number): object {
    const traits = this.#traitsOf(flags)
    this.#budget.enter()
    const object = this.#remember(traits.type === '' ? {} : createTyped(this.#types, traits.type))
    if (traits.externalizable) {
      this.#external(traits.type, object)
    } else {
      for (const name of traits.names) put(object, name, this.#value())
      if (traits.dynamic) this.#named(object)
      if (traits.type !== '') finishTyped(this.#types, traits.type, object)
    }
    this.#budget.leave()
    return object
  }

  #traitsOf(flags: number): Traits {
    if ((flags & 2) === 0) {
      const known = this.#traits[flags >> 2]
      if (known === undefined) throw badReference('traits', flags >> 2)
      return known
    }
    const externalizable = (flags & 4) !== 0
    const type = this.#string()
    const count = externalizable ? 0 : flags >> 4
    this.#budget.announced(this.#input, count, 1)
    const names: string[] = []
    for (let index = 0; index < count; index++) {
      this.#budget.element()
      names.push(this.#string())
    }
    const traits = { type, externalizable, dynamic: (flags & 8) !== 0, names }
    this.#traits.push(traits)
    return traits
  }

  #external(type: string, object: object): void {
    this.#types?.onTypedObject?.(type, object)
    if (typeof (object as ReadsExternal).__readExternal !== 'function') throw unknownExternalizable(type)
    const reader = new ExternalReader(this.#input, () => this.#value())
    try {
      ;(object as ReadsExternal).__readExternal(reader)
    } finally {
      releaseReader(reader)
    }
  }

  #dictionary(count: number): Map<unknown, unknown> {
    // Whether the keys were held weakly is of no interest here.
    this.#input.skip(1)
    this.#budget.announced(this.#input, count, 2)
    this.#budget.enter()
    const map = this.#remember(new Map<unknown, unknown>())
    for (let index = 0; index < count; index++) {
      const key = this.#value()
      map.set(key, this.#value())
    }
    this.#budget.leave()
    return map
  }

  #vector(marker: number, count: number): object {
    const input = this.#input
    // Whether its length was fixed is of no interest here.
    input.skip(1)
    if (marker === Amf3Marker.VectorObject) return this.#objectVector(count)
    this.#budget.announced(input, count, marker === Amf3Marker.VectorDouble ? 8 : 4)
    if (marker === Amf3Marker.VectorInt) {
      const ints = this.#remember(new Int32Array(count))
      for (let index = 0; index < count; index++) ints[index] = input.i32()
      return ints
    }
    if (marker === Amf3Marker.VectorUint) {
      const uints = this.#remember(new Uint32Array(count))
      for (let index = 0; index < count; index++) uints[index] = input.u32()
      return uints
    }
    const doubles = this.#remember(new Float64Array(count))
    for (let index = 0; index < count; index++) doubles[index] = input.f64()
    return doubles
  }

  #objectVector(count: number): unknown[] {
    // The class of its elements, which each of them says again.
    this.#string()
    this.#budget.announced(this.#input, count, 1)
    this.#budget.enter()
    const array = this.#remember<unknown[]>([])
    for (let index = 0; index < count; index++) array.push(this.#value())
    this.#budget.leave()
    return array
  }
}

interface ReadsExternal {
  __readExternal(reader: ExternalReader): void
}
