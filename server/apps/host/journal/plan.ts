import type { Ending, Entry } from './entry.ts'

/** What must be known of a call before it is replayed. */
export interface Plan {
  /** What the script read from the wall clock in the turn that the call begins. */
  reads: number[]
  /** How it ended; undefined when the process did before it. */
  how?: Ending['how']
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
    } else {
      const { ending } = entry
      const plan = running.get(version)
      if (plan !== undefined) plan.how = ending.how
      // The last of a turn has all of them: after a cut there is one more.
      if (ending.how === 'turn' && ending.turn.reads !== undefined) turns.get(version)!.reads = ending.turn.reads
    }
  }
  return plans
}
