import { logChars } from './limits.ts'
import type { ScriptFault } from './wire.ts'

/** What a script's author reads first: where, and what. */
export function wordsOf({ file, line, text }: Pick<ScriptFault, 'file' | 'line' | 'text'>): string {
  return (file === '' ? text : line > 0 ? `${file}:${line}: ${text}` : `${file}: ${text}`).slice(0, logChars)
}

/** What a log line about it is about, with the place as far as it is known. */
export function subjectOf(app: string, { file, line, column }: { file: string; line: number; column?: number }) {
  if (file === '') return { app }
  return line === 0 ? { app, file } : { app, file, line, ...(column !== undefined && { column }) }
}

/** A line for the log, and below it the author's own lines where they are known. */
export function shownOf(words: string, { frame }: Pick<ScriptFault, 'frame'>): string {
  return frame === undefined ? words : `${words}\n${frame}`
}
