import { inspect } from 'node:util'
import type { GlassCommand, GlassEvent } from '../../../../sandbox-api/glass.ts'
import { decodeAmf0 } from '../../../media/amf0.ts'
import type { Ending } from './entry.ts'
import { SHOWN_TEXT } from './limits.ts'

/** Where AMF stands in events and commands. */
const amfKeys = new Set(['args', 'args0', 'args3', 'value', 'values', 'info', 'metadata'])

/** An event in one line: `call { ticket: 3, client: 'a1…', name: 'say', args: ['hello'] }`. */
export function shownEvent({ e, ...rest }: GlassEvent): string {
  return line(e, rest)
}

/** A command in one line; of what a script logged or threw with its place. */
export function shownCommand(command: GlassCommand): string {
  const { c, ...rest } = command
  if (c !== 'log' && c !== 'fault') return line(c, rest)
  const { file, line: number } = command as GlassCommand & { c: 'log' }
  const place = file === '' ? '' : ` at ${file}:${number}`
  if (command.c === 'log') return cut(`log ${command.level}${place}: ${command.text}`)
  return cut(`fault in ${(command as { hook: string }).hook}${place}: ${(command as { text: string }).text}`)
}

/** How a call ended, in one line. */
export function shownEnding(ending: Ending): string {
  switch (ending.how) {
    case 'turn':
      return `a turn with ${ending.turn.commands.length} commands`
    case 'hooks':
      return ending.hooks === undefined ? 'the top level still awaits' : `it defines ${ending.hooks.join(', ')}`
    case 'cut':
    case 'thrown': {
      const { text, file, line } = ending.fault
      return `${ending.how}${file === '' ? '' : ` at ${file}:${line}`}: ${text}`
    }
    case 'loads':
      return `it loads ${ending.loads.map(({ name }) => name).join(', ') || 'nothing'}`
    case 'done':
      return 'it ended well'
    case 'lost':
      return 'the isolate was lost (apps.memory)'
  }
}

/** UTC. */
export function shownTime(wall: number): string {
  return new Date(wall).toISOString().replace('T', ' ').replace('Z', '')
}

function line(name: string, rest: object): string {
  const options = { depth: 6, breakLength: Number.POSITIVE_INFINITY, maxArrayLength: 50, maxStringLength: 500 }
  return cut(Object.keys(rest).length === 0 ? name : `${name} ${inspect(readable(rest, ''), options)}`)
}

function cut(text: string): string {
  return text.length > SHOWN_TEXT ? `${text.slice(0, SHOWN_TEXT)}…` : text
}

function readable(value: unknown, key: string): unknown {
  if (value instanceof Uint8Array) return amfKeys.has(key) ? amf(value) : bytes(value)
  if (Array.isArray(value)) return value.map(each => readable(each, key))
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, readable(each, name)]))
}

function amf(value: Uint8Array): unknown {
  try {
    return decodeAmf0(value)
  } catch {
    return bytes(value)
  }
}

function bytes(value: Uint8Array): { [inspect.custom](): string } {
  const start = Buffer.from(value.subarray(0, 16)).toString('hex')
  const text = `<${value.length} bytes${start === '' ? '' : ` ${start}`}${value.length > 16 ? '…' : ''}>`
  return { [inspect.custom]: () => text }
}
