import type { AmfTypes } from '../server/media/amf0.ts'
import { CLASS_NAME_TEXT, CLASSES } from './limits.ts'
import {
  getPrototypeOf,
  RangeErrorClass,
  reflectApply,
  reflectConstruct,
  SafeMap,
  TypeErrorClass,
} from './primordials.ts'
import type { Script } from './stage.ts'

/** A class of the application's. */
export type Constructor = new () => object

interface Registered {
  readonly construct: Constructor
  readonly prototype: object
}

/**
 * How AMF objects with a class name become objects of the application, and back: the classes it has registered (R29),
 * and its hook onTypedObject (C148).
 */
export class Classes implements AmfTypes {
  readonly #byName = new SafeMap<string, Registered>()
  readonly #names = new SafeMap<object, string>()
  #hook: Script | undefined
  #fault: ((hook: string, error: unknown) => void) | undefined

  /** The application's hook; what it throws goes to `fault`, and the object stays as it is. */
  watch(hook: Script | undefined, fault: (hook: string, error: unknown) => void): void {
    this.#hook = hook
    this.#fault = fault
  }

  /** Objects of the class are written under that name, and those that come are made by its constructor; null ends it. */
  register(name: unknown, given: unknown): void {
    if (typeof name !== 'string' || name === '' || name.length > CLASS_NAME_TEXT) {
      throw new TypeErrorClass(`registerClass: name must be a text of 1 to ${CLASS_NAME_TEXT} characters`)
    }
    const known = this.#byName.get(name)
    if (given === null) {
      this.#byName.delete(name)
    } else {
      const prototype = typeof given === 'function' ? (given.prototype as unknown) : undefined
      if (typeof prototype !== 'object' || prototype === null) {
        throw new TypeErrorClass(`registerClass: Class must be a class, or null to forget "${name}"`)
      }
      if (known === undefined && this.#byName.size >= CLASSES) {
        throw new RangeErrorClass(`registerClass: ${CLASSES} classes are registered, more are not allowed`)
      }
      this.#byName.set(name, { construct: given as Constructor, prototype })
      this.#names.set(prototype, name)
    }
    if (known !== undefined && this.#byName.get(name)?.prototype !== known.prototype) {
      if (this.#names.get(known.prototype) === name) this.#names.delete(known.prototype)
    }
  }

  create(type: string): object | undefined {
    const known = this.#byName.get(type)
    if (known === undefined) return undefined
    const made = reflectConstruct(known.construct, [])
    if (typeof made === 'object') return made
    throw new TypeErrorClass(`the class registered as "${type}" made no object`)
  }

  /** By its very class: an instance of a subclass is none of the class. */
  typeOf(object: object): string | undefined {
    const prototype = this.#names.size > 0 ? getPrototypeOf(object) : null
    return prototype === null ? undefined : this.#names.get(prototype)
  }

  onTypedObject(type: string, object: object): void {
    if (this.#hook === undefined) return
    try {
      reflectApply(this.#hook as (...values: unknown[]) => unknown, undefined, [type, object])
    } catch (error) {
      this.#fault?.('onTypedObject', error)
    }
  }
}

/** Those of this isolate's application. */
export const classes = new Classes()
