import { availableParallelism } from 'node:os'
import { findProgram } from '../../support/programs.ts'

/** The server has one core and the load another, where there are two and a `taskset`. */
export const isPinned = availableParallelism() > 1 && findProgram('taskset') !== undefined

export const cores = { server: '0', load: '1' } as const

type Command = readonly [string, ...string[]]

/** The command, on those cores: `0`, or `0,1`. */
export function pinned(on: string, command: Command): Command {
  return isPinned ? ['taskset', '-c', on, ...command] : command
}
