import { ByteReader } from '../base/bytes.ts'
import { AmfBudget, badMarker, badReference } from './amf-budget.ts'
import { Amf0Marker } from './amf-markers.ts'
import { AmfSkipper } from './amf-skipper.ts'
import { type AmfReadOptions, type AmfTypes, createTyped, finishTyped, put } from './amf-values.ts'
import { Amf3Reader } from './amf3-reader.ts'
import { amfLimits } from './limits.ts'

/**
 * Reads AMF0 values one after another (AMF 0 Specification, December 2007), and AMF3 ones behind the marker 0x11.
 * One reader reads one message: its references reach back over all of it.
 *
 * Every bad input is a ProtocolError, its code AMF_TRUNCATED, AMF_DEPTH, AMF_ELEMENTS, AMF_SIZE, AMF_STRING,
 * AMF_MARKER, AMF_REFERENCE or AMF_EXTERNALIZABLE; time and memory follow the bytes that came. After an error the
 * reader is of no more use. What the functions of `types` throw passes through.
 */
export class Amf0Reader {
  readonly #input: ByteReader
  readonly #budget: AmfBudget
  readonly #types: AmfTypes | undefined
  readonly #references: (object | undefined)[] = []
  /** How many of the message's references came before those in the table. */
  #before: number
  #amf3: Amf3Reader | undefined
  #skipper: AmfSkipper | undefined

  constructor(bytes: Uint8Array, options: AmfReadOptions = {}) {
    this.#budget = new AmfBudget(options.limits ? { ...amfLimits, ...options.limits } : amfLimits)
    this.#budget.message(bytes)
    this.#input = new ByteReader(bytes, 'AMF')
    this.#types = options.types
    this.#before = options.firstReference ?? 0
  }

  /** Index of the byte the next value begins at. */
  get position(): number {
    return this.#input.position
  }

  get done(): boolean {
    return this.#input.remaining === 0
  }

  /** How many objects and arrays were read or skipped that a reference could name: see AmfReadOptions.firstReference. */
  get references(): number {
    return this.#before + this.#references.length
  }

  /** The next value. */
  read(): unknown {
    this.#budget.element()
    const input = this.#input
    const marker = input.u8()
    switch (marker) {
      case Amf0Marker.Number:
        return input.f64()
      case Amf0Marker.Boolean:
        return input.u8() !== 0
      case Amf0Marker.String:
        return this.#text(input.u16())
      case Amf0Marker.Object:
        return this.#object()
      case Amf0Marker.Null:
        return null
      case Amf0Marker.Undefined:
      case Amf0Marker.Unsupported:
        return undefined
      case Amf0Marker.Reference:
        return this.#reference(input.u16())
      case Amf0Marker.EcmaArray:
        // The count is a hint that senders get wrong; the end is marked.
        input.u32()
        return this.#container([])
      case Amf0Marker.StrictArray:
        return this.#strictArray()
      case Amf0Marker.Date:
        return this.#date()
      case Amf0Marker.LongString:
        return this.#text(input.u32())
      case Amf0Marker.XmlDocument:
        return { __xml: this.#text(input.u32()) }
      case Amf0Marker.TypedObject:
        return this.#typedObject()
      case Amf0Marker.AvmPlus:
        this.#amf3 ??= new Amf3Reader(input, this.#budget, this.#types)
        return this.#amf3.read()
      default:
        throw badMarker(0, marker)
    }
  }

  /**
   * Passes over the next value without making anything of it, checking it as `read` would. It cannot pass over an
   * externalizable, whose length only its class knows (AMF_EXTERNALIZABLE); a later reference to what was skipped
   * is AMF_REFERENCE.
   */
  skip(): void {
    this.#skipper ??= new AmfSkipper(this.#input, this.#budget)
    const skipper = this.#skipper
    skipper.references = this.references
    skipper.skip()
    if (this.#references.length === 0) this.#before = skipper.references
    else this.#references.length = skipper.references - this.#before
  }

  #text(length: number): string {
    this.#budget.stringBytes(length)
    return this.#input.utf8(length)
  }

  #object(): object {
    return this.#container({})
  }

  #typedObject(): object {
    const type = this.#text(this.#input.u16())
    if (type === '') return this.#object()
    const object = this.#container(createTyped(this.#types, type))
    finishTyped(this.#types, type, object)
    return object
  }

  /** Names and values up to the end marker: a name of no bytes, then 0x09 (§2.11). */
  #container<Container extends object>(container: Container): Container {
    const input = this.#input
    this.#budget.enter()
    this.#references.push(container)
    for (;;) {
      const length = input.u16()
      if (length === 0 && input.peek() === Amf0Marker.ObjectEnd) break
      const name = this.#text(length)
      put(container, name, this.read())
    }
    input.skip(1)
    this.#budget.leave()
    return container
  }

  #strictArray(): unknown[] {
    const count = this.#input.u32()
    this.#budget.announced(this.#input, count, 1)
    this.#budget.enter()
    const array: unknown[] = []
    this.#references.push(array)
    for (let index = 0; index < count; index++) array.push(this.read())
    this.#budget.leave()
    return array
  }

  #date(): Date {
    const time = this.#input.f64()
    // The time zone is reserved and to be ignored (§2.13).
    this.#input.skip(2)
    return new Date(time)
  }

  #reference(index: number): object {
    const object = this.#references[index - this.#before]
    if (object === undefined) throw badReference('object', index)
    return object
  }
}
