import type { Settled } from '../../../sandbox-api/glass.ts'
import { readStack } from '../../../sandbox-api/stack.ts'
import { AppError, messageOf } from '../../base/errors.ts'
import type { AppSetup, ScriptFault } from '../wire.ts'

/** Something is wrong with an author's file: which, where, and what. */
export class ScriptError extends AppError {
  readonly fault: ScriptFault

  constructor(code: string, fault: ScriptFault) {
    super(code, fault.text)
    this.fault = fault
  }
}

const textMax = 8_192
const nowhere = { file: '', line: 0, column: 0, stack: '' }

export function faultAt(text: string, file: string, line: number, column: number): ScriptFault {
  return { text, file, line, column, stack: '' }
}

/** What an isolate threw: a SyntaxError with its place behind the message, an Error with a stack, or anything. */
export function faultOf(thrown: unknown): ScriptFault {
  if (thrown instanceof ScriptError) return thrown.fault
  const text = messageOf(thrown).slice(0, textMax)
  if (!(thrown instanceof Error)) return { ...nowhere, text }
  const place = /^(.*) \[(.+):(\d+):(\d+)\]$/s.exec(text)
  if (thrown instanceof SyntaxError && place !== null) {
    return faultAt(`SyntaxError: ${place[1]}`, place[2]!, Number(place[3]), Number(place[4]))
  }
  const named = thrown.name === 'Error' || text.startsWith(thrown.name) ? text : `${thrown.name}: ${text}`
  return { ...readStack((thrown.stack ?? '').slice(0, textMax)), text: named }
}

/** The limit as it is named to people. */
export function memoryLimit(setup: AppSetup): string {
  return `apps.memory (${setup.limits.memory} MB)`
}

/** A cut, with the place where the script was. */
export function cutAt(error: unknown, limit: string): ScriptError {
  return new ScriptError('script-cut', { ...faultOf(error), text: `cut: it ran into ${limit}` })
}

/** What somebody reads who asked a version that is no more. */
export function unanswered(ticket: number): Settled {
  const text = 'the version was given up'
  return { c: 'settled', ticket, ok: false, fault: { text, file: '', line: 0, column: 0, stack: '' } }
}

/** Some texts begin with the hook they are about. */
export function wordsAbout(hook: string, text: string): string {
  return text.startsWith(hook) ? text : `${hook}: ${text}`
}
