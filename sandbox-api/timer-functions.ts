import type { Engine } from './engine.ts'
import { functionGiven } from './given.ts'
import { ErrorClass, reflectApply, toNumber } from './primordials.ts'
import type { Script } from './stage.ts'
import type { Timers } from './timers.ts'

/** As Node and browsers have it: past this a timer rings at once. */
const DELAY_MAX = 2 ** 31 - 1

export function timerFunctions(engine: Engine, timers: Timers) {
  const { stage, limits } = engine

  function set(script: Script, delay: unknown, values: unknown[], repeat: boolean): number {
    functionGiven(script, repeat ? 'setInterval: run' : 'setTimeout: run')
    if (timers.own >= limits.timers)
      throw new ErrorClass(`${limits.timers} timers run, more are not allowed: apps.timers`)
    const asked = typeof delay === 'string' ? toNumber(delay) : (delay as number)
    const ms = typeof asked === 'number' && asked >= 1 && asked <= DELAY_MAX ? asked : 1
    return timers.set(ms, () => stage.tell('timer', script, undefined, values), repeat, true)
  }

  /** Runs when the turn's other reactions of promises do; a throw is a fault. */
  function queueMicrotask(script: Script): void {
    functionGiven(script, 'queueMicrotask: run')
    void microtask(script)
  }

  async function microtask(script: Script): Promise<void> {
    await undefined
    reflectApply(script as () => unknown, undefined, [])
  }

  const clear = (id?: number) => {
    if (typeof id === 'number') timers.clear(id, true)
  }
  return {
    setTimeout: (script: Script, delay?: number, ...values: unknown[]) => set(script, delay, values, false),
    setInterval: (script: Script, delay?: number, ...values: unknown[]) => set(script, delay, values, true),
    clearTimeout: clear,
    clearInterval: clear,
    queueMicrotask,
  }
}
