import { availableParallelism } from 'node:os'
import { findProgram } from '../../support/programs.ts'

/** The server has one core and the load another, where there are two and a `taskset`. */
export const isPinned = availableParallelism() > 1 && findProgram('taskset') !== undefined

export const cores = { server: '0', load: '1' } as const

/**
 * Whoever may, measures ahead of what else the machine does, servers and load alike: in turns (SCHED_RR), because
 * niceness counts for little between sessions.
 */
const mayGoAhead = process.getuid?.() === 0 && findProgram('chrt') !== undefined

type Command = readonly [string, ...string[]]

/** The command, on those cores: `0`, or `0,1`. With `alone`, what it starts itself does not go ahead of anything. */
export function pinned(on: string, command: Command, alone = false): Command {
  const ahead = mayGoAhead ? ['chrt', ...(alone ? ['--reset-on-fork'] : []), '--rr', '1'] : []
  const [program, ...args] = [...ahead, ...(isPinned ? ['taskset', '-c', on] : []), ...command]
  return [program!, ...args]
}
