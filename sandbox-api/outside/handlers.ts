import { TypeErrorClass } from '../primordials.ts'
import type { Script } from '../stage.ts'

/** What a script puts on a socket or a mail as `name`: a function, or nothing. */
export function readHandler(script: unknown, name: string): Script | undefined {
  if (script === undefined || script === null) return undefined
  if (typeof script !== 'function') throw new TypeErrorClass(`${name} is a function`)
  return script as Script
}
