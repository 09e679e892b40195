import { stripTypeScriptTypes } from 'node:module'
import { messageOf } from '../../base/errors.ts'
import { faultAt, ScriptError } from './script-error.ts'

/**
 * JavaScript from TypeScript: types become spaces, so that every line and column stays where its author put it.
 * Throws a ScriptError for what is no TypeScript, or is more than types (enum, namespace, parameter properties).
 */
export function stripTypes(code: string, file: string): string {
  try {
    return stripTypeScriptTypes(code, { mode: 'strip' })
  } catch (error) {
    const [line, column] = placeIn(error)
    throw new ScriptError('script-syntax', faultAt(`SyntaxError: ${messageOf(error)}`, file, line, column))
  }
}

/** Node puts ":line", the source line and carets below it in front of the stack. */
function placeIn(error: unknown): [number, number] {
  const lines = error instanceof Error ? (error.stack ?? '').split('\n') : []
  const line = Number(/:(\d+)$/.exec(lines[0] ?? '')?.[1] ?? 0)
  const carets = lines.slice(1, 4).find(text => /^\s*\^+\s*$/.test(text))
  return [line, carets === undefined ? 0 : carets.indexOf('^') + 1]
}
