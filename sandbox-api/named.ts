/** Errors that name the member they come from, also where nobody had looked at what a script gave. */
import {
  defineProperty,
  getOwnPropertyDescriptor,
  getPrototypeOf,
  ownKeys,
  RangeErrorClass,
  reflectApply,
  TypeErrorClass,
  textIndexOf,
} from './primordials.ts'
import { raisedByEngine } from './stack.ts'

type Callable = (...values: never[]) => unknown

/** Functions and setters of an object: each names itself in the errors it throws of its own accord. */
export function nameErrors(object: object): void {
  const keys = ownKeys(object)
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!
    if (typeof key === 'symbol' || key === 'constructor' || key === 'prototype') continue
    const member = getOwnPropertyDescriptor(object, key)!
    if (!member.configurable) continue
    const { value, set } = member
    if (typeof value === 'function') member.value = named(key, value)
    else if (set !== undefined) member.set = named(key, set)
    else continue
    defineProperty(object, key, { __proto__: null, ...member } as never)
  }
}

/** The same function; of TypeErrors and RangeErrors, V8's own included, the script reads whose they are. */
export function named<F extends Callable>(name: string, script: F): F {
  const wrapped = {
    [name](this: unknown, ...values: unknown[]): unknown {
      try {
        return reflectApply(script as Callable, this, values as never[])
      } catch (error) {
        throw renamed(error, name)
      }
    },
  }
  return wrapped[name] as unknown as F
}

/** A TypeError or RangeError of the engine's under that name; what the script itself threw, in a getter or a Proxy, stays as it is. */
export function renamed(error: unknown, name: string): unknown {
  if (typeof error !== 'object' || error === null) return error
  const prototype = getPrototypeOf(error)
  const Class = prototype === TypeErrorClass.prototype ? TypeErrorClass : RangeErrorClass
  if (prototype !== Class.prototype || !raisedByEngine(error)) return error
  const { message } = error as Error
  return textIndexOf(message, name) >= 0 ? error : new Class(`${name}: ${message}`)
}
