import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { codeFrame } from '../../base/code-frame.ts'
import { messageOf } from '../../base/errors.ts'

/** What a test threw, in the author's own lines as far as they are known. */
export function failureText(error: unknown, file: string): string {
  const text = messageOf(error)
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  const url = pathToFileURL(file).href
  const place = new RegExp(`${url.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?:\\?[^:]*)?:(\\d+)(?::(\\d+))?`).exec(stack)
  if (place === null) return text
  const frame = codeFrame(readFileSync(file, 'utf8'), Number(place[1]), Number(place[2] ?? 0))
  return frame === '' ? text : `${text.trimEnd()}\n${frame}`
}
