import type { Ending, Entry } from './entry.ts'

/** What must be known of a call before it is replayed. */
export interface Plan {
  /** What the script read from the wall clock in the turn that the call begins. */
  reads: number[]
  /** How it ended; undefined when the process did before it. */
  how?: Ending['how']
  /** It is a turn, or its recovery, that was cut before its first step: nothing came of it. */
  isVoid?: boolean
  /** It is a turn, or its recovery, that an operator ended after so many milliseconds. */
  interrupted?: number | undefined
}

/** One plan for each call, in their order. */
export function planOf(entries: Iterable<Entry>): Plan[] {
  const plans: Plan[] = []
  /** By version: the call that runs, and that which began the turn. */
  const running = new Map<number, Plan>()
  const turns = new Map<number, Plan>()
  for (const entry of entries) {
    const { version } = entry
    if ('call' in entry) {
      const { call, wall } = entry
      const plan: Plan = { reads: [wall, 1] }
      plans.push(plan)
      running.set(version, plan)
      if (call.do === 'create' || call.do === 'dispatch') turns.set(version, plan)
      else if (call.do === 'recover') plan.interrupted = turns.get(version)?.interrupted
    } else {
      end(entry.ending, running.get(version), turns.get(version))
    }
  }
  return plans
}

function end(ending: Ending, plan: Plan | undefined, turn: Plan | undefined): void {
  if (plan === undefined || turn === undefined) return
  plan.how = ending.how
  if ('interrupted' in ending) plan.interrupted = ending.interrupted
  if (ending.how !== 'turn') return
  if (ending.begun === false) plan.isVoid = turn.isVoid = true
  // The last of a turn has all of them: after a cut there is one more.
  if (ending.turn.reads !== undefined) turn.reads = ending.turn.reads
}
