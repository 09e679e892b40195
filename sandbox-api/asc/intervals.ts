import type { Engine } from '../engine.ts'
import { ErrorClass, list, prepend, reflectApply, TypeErrorClass, toNumber } from '../primordials.ts'
import type { Script } from '../stage.ts'
import { timerFunctions } from '../timer-functions.ts'
import type { Timers } from '../timers.ts'

/**
 * Timers of this dialect: `setInterval(object, 'method', ms, …)` beside `setInterval(run, ms, …)`. The method is looked up
 * when it rings, so that it may be replaced meanwhile.
 */
export function ascTimers(engine: Engine, timers: Timers) {
  const usual = timerFunctions(engine, timers)
  function setInterval(first: unknown, second?: unknown, third?: unknown, ...values: unknown[]): number {
    if (typeof first === 'function') {
      const given = third === undefined && values.length === 0 ? list<unknown>() : prepend(third, values)
      const all = prepend(first, prepend(second, given))
      return reflectApply(usual.setInterval as (...values: unknown[]) => number, undefined, all)
    }
    if (typeof first !== 'object' || first === null || typeof second !== 'string') {
      throw new TypeErrorClass(
        'setInterval: takes a function and milliseconds, or an object, the name of its method and milliseconds',
      )
    }
    const object = first as Record<string, unknown>
    const ring = () => {
      const method = object[second]
      if (typeof method !== 'function') throw new ErrorClass(`setInterval: the object has no method ${second}`)
      return reflectApply(method as (...values: unknown[]) => unknown, object, values)
    }
    return usual.setInterval(ring as Script, toNumber(third))
  }
  return { ...usual, setInterval }
}
