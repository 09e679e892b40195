import type { ByteReader } from '../base/bytes.ts'
import { type AmfBudget, badMarker, badReference, endlessExternalizable } from './amf-budget.ts'
import { Amf0Marker, Amf3Marker } from './amf-markers.ts'
import { readU29 } from './amf-u29.ts'

/** What skipping has to know of a class: how many values its objects hold, and whether named ones follow. */
interface Layout {
  readonly externalizable: boolean
  readonly dynamic: boolean
  readonly count: number
}

/**
 * Passes over AMF values and makes nothing of them, checking markers, lengths, references and bounds as the readers
 * do: what it passes, they can read, unless a class is externalizable.
 */
export class AmfSkipper {
  /** How many objects and arrays of AMF0 there were so far. */
  references = 0
  readonly #input: ByteReader
  readonly #budget: AmfBudget
  #strings = 0
  #objects = 0
  readonly #layouts: Layout[] = []

  constructor(input: ByteReader, budget: AmfBudget) {
    this.#input = input
    this.#budget = budget
  }

  /** One AMF0 value. */
  skip(): void {
    this.#budget.element()
    const input = this.#input
    const marker = input.u8()
    switch (marker) {
      case Amf0Marker.Number:
        input.skip(8)
        return
      case Amf0Marker.Boolean:
        input.skip(1)
        return
      case Amf0Marker.String:
        this.#text(input.u16())
        return
      case Amf0Marker.Object:
        this.#container()
        return
      case Amf0Marker.Null:
      case Amf0Marker.Undefined:
      case Amf0Marker.Unsupported:
        return
      case Amf0Marker.Reference:
        this.#known('object', input.u16(), this.references)
        return
      case Amf0Marker.EcmaArray:
        input.skip(4)
        this.#container()
        return
      case Amf0Marker.StrictArray:
        this.#strictArray()
        return
      case Amf0Marker.Date:
        input.skip(10)
        return
      case Amf0Marker.LongString:
      case Amf0Marker.XmlDocument:
        this.#text(input.u32())
        return
      case Amf0Marker.TypedObject:
        this.#text(input.u16())
        this.#container()
        return
      case Amf0Marker.AvmPlus:
        this.#strings = 0
        this.#objects = 0
        this.#layouts.length = 0
        this.#skip3()
        return
      default:
        throw badMarker(0, marker)
    }
  }

  #text(length: number): void {
    this.#budget.stringBytes(length)
    this.#input.skip(length)
  }

  #known(what: string, index: number, count: number): void {
    if (index >= count) throw badReference(what, index)
  }

  #container(): void {
    const input = this.#input
    this.#budget.enter()
    this.references++
    for (;;) {
      const length = input.u16()
      if (length === 0 && input.peek() === Amf0Marker.ObjectEnd) break
      this.#text(length)
      this.skip()
    }
    input.skip(1)
    this.#budget.leave()
  }

  #strictArray(): void {
    const count = this.#input.u32()
    this.#budget.announced(this.#input, count, 1)
    this.#budget.enter()
    this.references++
    for (let index = 0; index < count; index++) this.skip()
    this.#budget.leave()
  }

  #skip3(): void {
    this.#budget.element()
    const marker = this.#input.u8()
    if (marker <= Amf3Marker.True) return
    if (marker === Amf3Marker.Integer) readU29(this.#input)
    else if (marker === Amf3Marker.Double) this.#input.skip(8)
    else if (marker === Amf3Marker.String) this.#string()
    else if (marker <= Amf3Marker.Dictionary) this.#complex(marker)
    else throw badMarker(3, marker)
  }

  /** Tells whether the string was empty, which ends a list of names. */
  #string(): boolean {
    const flags = readU29(this.#input)
    if (flags === 1) return true
    if ((flags & 1) === 0) this.#known('string', flags >> 1, this.#strings)
    else {
      this.#text(flags >> 1)
      this.#strings++
    }
    return false
  }

  #complex(marker: number): void {
    const input = this.#input
    const flags = readU29(input)
    const length = flags >> 1
    if ((flags & 1) === 0) {
      this.#known('object', length, this.#objects)
      return
    }
    if (marker === Amf3Marker.Object) {
      this.#object(flags)
      return
    }
    this.#objects++
    switch (marker) {
      case Amf3Marker.Date:
        input.skip(8)
        return
      case Amf3Marker.ByteArray:
        input.skip(length)
        return
      case Amf3Marker.VectorInt:
      case Amf3Marker.VectorUint:
        input.skip(1)
        input.skip(4 * length)
        return
      case Amf3Marker.VectorDouble:
        input.skip(1)
        input.skip(8 * length)
        return
      case Amf3Marker.VectorObject:
        input.skip(1)
        this.#string()
        this.#values(length, 1, false)
        return
      case Amf3Marker.Dictionary:
        input.skip(1)
        this.#values(length, 2, false)
        return
      case Amf3Marker.Array:
        this.#values(length, 1, true)
        return
      default:
        this.#text(length)
    }
  }

  #values(count: number, each: 1 | 2, named: boolean): void {
    this.#budget.announced(this.#input, count, each)
    this.#budget.enter()
    if (named) this.#named()
    for (let index = 0; index < count * each; index++) this.#skip3()
    this.#budget.leave()
  }

  #named(): void {
    while (!this.#string()) this.#skip3()
  }

  #object(flags: number): void {
    const layout = (flags & 2) === 0 ? this.#layouts[flags >> 2] : this.#newLayout(flags)
    if (layout === undefined) throw badReference('traits', flags >> 2)
    if (layout.externalizable) throw endlessExternalizable()
    this.#objects++
    this.#budget.enter()
    for (let index = 0; index < layout.count; index++) this.#skip3()
    if (layout.dynamic) this.#named()
    this.#budget.leave()
  }

  #newLayout(flags: number): Layout {
    const externalizable = (flags & 4) !== 0
    this.#string()
    const count = externalizable ? 0 : flags >> 4
    this.#budget.announced(this.#input, count, 1)
    for (let index = 0; index < count; index++) {
      this.#budget.element()
      this.#string()
    }
    const layout = { externalizable, dynamic: (flags & 8) !== 0, count }
    this.#layouts.push(layout)
    return layout
  }
}
