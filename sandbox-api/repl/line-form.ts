import { isArray } from '../primordials.ts'
import { EVALUATOR } from './scope.ts'

/** Under which name stacks show what an operator typed. */
export const INPUT_NAME = 'input'

/** Places at which a text with `await` is tried to be parted; each costs the engine one look at it. */
const PARTS_TRIED = 200

const AsyncFunction = (async () => {}).constructor as new (body: string) => unknown
/** A declaration has no value, so that the line's own remains; and of a line that threw nothing is kept. */
const keep = `\n;let $cumulus$kept = $cumulus$keep(${EVALUATOR})`
const declaring = /\b(?:let|const|var|class|function|using)\b/
const declared = /\b(?:let|const|var|class|function)\b\s*\*?\s*([A-Za-z_$][\w$]*)/g
const destructured = /\b(?:let|const|var)\s*([[{][^=]*[A-Za-z_$][^=]*)=/g
/** Names in a pattern; what stands before a colon is a key. */
const bound = /[A-Za-z_$][\w$]*(?!\s*:|[\w$])/g

/** The text to evaluate for what an operator typed: its value is that of the last expression, awaited where it says so. */
export function formOf(code: string): string {
  // What declares nothing leaves no scope behind.
  const tail = declaring.test(code) ? keep : ''
  const text = awaits(code) ? asynchronous(code, tail) : plain(code, tail)
  return `${text}\n//# sourceURL=${INPUT_NAME}`
}

/** Names a text declares, for completion. */
export function namesIn(code: string): string[] {
  const names = [...code.matchAll(declared)].map(([, name]) => name!)
  for (const [, pattern] of code.matchAll(destructured)) names.push(...(pattern!.match(bound) ?? []))
  return names
}

function plain(code: string, tail: string): string {
  // As in any console: what begins with a brace is an object, if it can be one.
  const isObject = /^\s*\{/.test(code) && compiles(`(${code}\n)`)
  if (isObject) return `(${code}\n)`
  // What is wrong with it, or missing at its end, is better read without what we put behind it.
  return tail === '' || parses(code) ? code + tail : code
}

/** In a static block `await` is allowed in functions only: what compiles there awaits nothing at its own level. */
function awaits(code: string): boolean {
  return /\bawait\b/.test(code) && !compiles(`class A { static {\n${code}\n} }`)
}

function asynchronous(code: string, tail: string): string {
  const parts = partsOf(code.replace(/[\s;]+$/, ''))
  const body = isArray(parts) ? `${parts[0]} ${tail};return (${parts[1]}\n)` : code + tail
  const text = `(async () => { ${body}\n})()`
  // The same holds for what we put around it.
  return compiles(text) ? text : plain(code, tail)
}

/** Statements, and the expression at their end whose value is wanted. */
function partsOf(code: string): [string, string] | undefined {
  if (compiles(`return (${code}\n)`)) return ['', code]
  let tried = 0
  for (let at = code.length - 1; at > 0 && tried < PARTS_TRIED; at--) {
    const mark = code[at]
    if (mark !== ';' && mark !== '\n') continue
    tried++
    const first = code.slice(0, at)
    const last = code.slice(at + 1)
    // On one line: a comment in front would swallow what follows it, and nothing in it is run.
    if (compiles(`${first} ;return (${last}\n)`) && compiles(first)) return [first, last]
  }
  return undefined
}

function compiles(body: string): boolean {
  return parses(`'use strict';${body}`)
}

/** Sloppy, which allows all that a line may be. */
function parses(body: string): boolean {
  try {
    new AsyncFunction(body)
    return true
  } catch {
    return false
  }
}
