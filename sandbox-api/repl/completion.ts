import { REPL_NAMES } from '../limits.ts'
import { memberNames } from '../shown.ts'

/** What could stand at the end of a text: whole words for its last `length` characters. */
export interface Completion {
  names: string[]
  length: number
}

const key = /(?:^|[^\w$.])([A-Za-z_$][\w$.]*)\.(?:get|has)\((['"`])([^'"`\\]*)$/
const member =
  /(?:^|[^\w$.\])])([A-Za-z_$][\w$]*(?:\??\.[A-Za-z_$][\w$]*|\[\d+\]|\.get\('[^'\\]*'\)|\.get\("[^"\\]*"\))*)\??\.([\w$]*)$/
const word = /(?:^|[^\w$.])([A-Za-z_$][\w$]*)$/
const identifier = /^[A-Za-z_$][\w$]*$/

/**
 * Completes members of what is there right now, and keys of what can be iterated. Only names, members and get() are
 * evaluated to find it.
 */
export function complete(text: string, evaluate: (code: string) => unknown, names: readonly string[]): Completion {
  const keyed = key.exec(text)
  if (keyed) return matching(keysOf(evaluate(keyed[1]!)), keyed[3]!)
  const dotted = member.exec(text)
  if (dotted) return matching(membersOf(evaluate(dotted[1]!)), dotted[2]!)
  const [, begun = ''] = word.exec(text) ?? []
  if (begun === '' && text.trim() !== '') return { names: [], length: 0 }
  return matching([...names, ...membersOf(globalThis)], begun)
}

function matching(names: readonly string[], begun: string): Completion {
  const found = new Set(names.filter(name => name.startsWith(begun)))
  return { names: [...found].sort().slice(0, REPL_NAMES), length: begun.length }
}

/** Of a collection or a Map. */
function keysOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  if (!(value instanceof Map) && memberNames(value) === undefined) return []
  const found: string[] = []
  for (const [each] of value as Iterable<[unknown, unknown]>) {
    if (typeof each === 'string') found.push(each)
    if (found.length >= REPL_NAMES * 10) break
  }
  return found
}

/** Names that can stand behind a dot; those of Object itself only where there is nothing else. */
function membersOf(value: unknown): string[] {
  if (value === undefined || value === null) return []
  const found: string[] = []
  for (let at: unknown = Object(value); at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    found.push(...Object.getOwnPropertyNames(at).filter(name => identifier.test(name)))
  }
  return found
}
