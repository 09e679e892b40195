import { ErrorClass, isArray, isThenable, list, reflectApply, TypeErrorClass } from './primordials.ts'
import type { Script } from './stage.ts'

/** Nobody wanted the connection; it is no error of the script's. */
export const unclaimed = new ErrorClass('no handler claimed the connection')

/** `export const connectHandlers`. Throws a TypeError for anything but an array of functions. */
export function readHandlers(given: unknown): Script[] | undefined {
  if (given === undefined) return undefined
  const wrong = 'connectHandlers is an array of functions'
  if (!isArray(given)) throw new TypeErrorClass(wrong)
  const handlers = list<Script>()
  for (let i = 0; i < given.length; i++) {
    if (typeof given[i] !== 'function') throw new TypeErrorClass(`${wrong}: the one at ${i} is none`)
    handlers[i] = given[i]
  }
  return handlers
}

/**
 * Asks one handler after another, each once the one before has said no: the first that gives true or an object has claimed
 * the connection. Throws `unclaimed` when none does.
 */
export function claim(handlers: readonly Script[], values: unknown[], from = 0): unknown {
  for (let i = from; i < handlers.length; i++) {
    const said: unknown = reflectApply(handlers[i] as (...values: unknown[]) => unknown, undefined, values)
    if (isThenable(said)) return claimLater(handlers, values, i, said)
    if (isClaim(said)) return said
  }
  throw unclaimed
}

async function claimLater(handlers: readonly Script[], values: unknown[], at: number, said: PromiseLike<unknown>) {
  const claimed = await said
  return isClaim(claimed) ? claimed : claim(handlers, values, at + 1)
}

function isClaim(said: unknown): boolean {
  return said === true || (typeof said === 'object' && said !== null)
}
