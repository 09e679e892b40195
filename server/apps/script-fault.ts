import { logChars } from './limits.ts'
import type { ScriptFault } from './wire.ts'

/** What a script's author reads first: where, and what. */
export function wordsOf({ file, line, text }: Pick<ScriptFault, 'file' | 'line' | 'text'>): string {
  return (file === '' ? text : line > 0 ? `${file}:${line}: ${text}` : `${file}: ${text}`).slice(0, logChars)
}

/** What a log line about it is about. */
export function subjectOf(app: string, { file, line, column }: Pick<ScriptFault, 'file' | 'line' | 'column'>) {
  return { app, file, line, column }
}
