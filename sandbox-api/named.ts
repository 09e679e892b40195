/** Errors that name the member they come from, also where nobody had looked at what a script gave. */
import {
  defineProperty,
  getOwnPropertyDescriptor,
  getPrototypeOf,
  ownKeys,
  PromiseClass,
  RangeErrorClass,
  reflectApply,
  reflectConstruct,
  setOwn,
  setPrototypeOf,
  TypeErrorClass,
  textIndexOf,
  textSlice,
  toText,
} from './primordials.ts'
import { markRaised, raisedByEngine } from './stack.ts'

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
        const value = reflectApply(script as Callable, this, values as never[])
        return value instanceof PromiseClass ? follow(value, name) : value
      } catch (error) {
        throw renamed(error, name)
      }
    },
  }
  return wrapped[name] as unknown as F
}

async function follow(promise: Promise<unknown>, name: string): Promise<unknown> {
  try {
    return await promise
  } catch (error) {
    throw renamed(error, name)
  }
}

/** The same class, static functions included; its constructor names itself too. */
export function namedClass<C extends new (...values: never[]) => object>(name: string, Class: C): C {
  const made = function (this: unknown, ...values: unknown[]): object {
    if (new.target === undefined) throw new TypeErrorClass(`${name} is a class: call it with new`)
    try {
      return reflectConstruct(Class, values as never[], new.target)
    } catch (error) {
      throw renamed(error, name)
    }
  }
  nameErrors(Class)
  nameErrors(Class.prototype)
  setOwn(Class.prototype, 'constructor', made, false)
  defineProperty(made, 'name', { __proto__: null, value: name } as never)
  defineProperty(made, 'prototype', { __proto__: null, value: Class.prototype, writable: false } as never)
  setPrototypeOf(made, Class)
  return made as unknown as C
}

/** A TypeError or RangeError of the engine's under that name; what the script itself threw, in a getter or a Proxy, stays as it is. */
export function renamed(error: unknown, name: string): unknown {
  if (typeof error !== 'object' || error === null) return error
  const prototype = getPrototypeOf(error)
  const Class = prototype === TypeErrorClass.prototype ? TypeErrorClass : RangeErrorClass
  if (prototype !== Class.prototype || !raisedByEngine(error)) return error
  const { message, stack } = error as Error
  if (textIndexOf(message, name) >= 0) return error
  const made = new Class(`${name}: ${message}`)
  // The places stay those of the first one: behind a promise there would be none.
  const at = textIndexOf(toText(stack), '\n    at ')
  const places = at < 0 ? '' : textSlice(toText(stack), at)
  setOwn(made, 'stack', `${Class.name}: ${made.message}${places}`, false)
  markRaised(made)
  return made
}
