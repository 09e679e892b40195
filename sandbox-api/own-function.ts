import { getOwnPropertyDescriptor, hasOwn } from './primordials.ts'
import type { Script } from './stage.ts'

/** A function that a script has put on an object itself; what is inherited does not count. */
export function ownFunction(object: object | undefined, name: string): Script | undefined {
  if (object === undefined) return undefined
  const property = getOwnPropertyDescriptor(object, name)
  if (property?.enumerable !== true || !hasOwn(property, 'value') || typeof property.value !== 'function')
    return undefined
  return property.value
}
