/** A member of an object that the other side sent, undefined where there is none: only its own count. */
export function memberOf(object: unknown, name: string): unknown {
  if (typeof object !== 'object' || object === null || !Object.hasOwn(object, name)) return undefined
  return (object as Record<string, unknown>)[name]
}

/** The same for texts; '' for anything else. */
export function textOf(object: unknown, name: string): string {
  const value = memberOf(object, name)
  return typeof value === 'string' ? value : ''
}
