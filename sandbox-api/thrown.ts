import type { ScriptFault } from '../server/apps/wire.ts'
import { LOG_TEXT } from './limits.ts'
import { textSlice, textStartsWith, toJson, toText } from './primordials.ts'
import { readStack } from './stack.ts'

/** Reading what a script threw may run the script's code: a getter, a Proxy. Nothing of it gets out of here. */
function read(thrown: unknown, key: 'message' | 'description' | 'reason' | 'name' | 'stack'): string {
  if (typeof thrown !== 'object' || thrown === null) return ''
  try {
    const value = (thrown as Record<string, unknown>)[key]
    return typeof value === 'string' ? value : ''
  } catch {
    return ''
  }
}

function cut(text: string, length: number): string {
  return text.length > length ? textSlice(text, 0, length) : text
}

/** The words of whatever was thrown, without file and line; '' for undefined and null. */
export function textOf(thrown: unknown, length: number): string {
  if (thrown === undefined || thrown === null) return ''
  if (typeof thrown === 'string') return cut(thrown, length)
  if (typeof thrown === 'object') {
    const message = read(thrown, 'message')
    if (message !== '' || read(thrown, 'stack') !== '') return cut(message, length)
    const said = read(thrown, 'description') || read(thrown, 'reason')
    if (said !== '') return cut(said, length)
  }
  try {
    const text = toText(thrown)
    // What every plain object says of itself says nothing.
    return cut(text === '[object Object]' ? (toJson(thrown) ?? text) : text, length)
  } catch {
    return 'something that has no text was thrown'
  }
}

/** What a log says about whatever was thrown, with the author's own file, line and column. */
export function faultOf(thrown: unknown): ScriptFault {
  const text = textOf(thrown, LOG_TEXT)
  const name = read(thrown, 'name')
  const stack = readStack(cut(read(thrown, 'stack'), LOG_TEXT))
  const named = name !== '' && name !== 'Error' && !textStartsWith(text, name)
  return { ...stack, text: named ? `${cut(name, 64)}: ${text}` : text }
}
