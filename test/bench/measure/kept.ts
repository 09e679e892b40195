import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { asked } from './asked.ts'

export interface Line {
  readonly bench: string
  /** Lines of different machines cannot be compared: the name says which it was. */
  readonly machine: string
  readonly date: string
  readonly node: string
  readonly figures: Readonly<Record<string, unknown>>
}

/** Figures within this of the kept ones are not worth a word. */
const quietPart = 0.1

/**
 * Prints the bench's one line, and on the standard error what changed since the line kept of this machine; `--keep`
 * puts the new one in its place.
 */
export function report(bench: string, figures: Readonly<Record<string, unknown>>): void {
  const machine = asked.machine || `${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores`
  const line: Line = { bench, machine, date: new Date().toISOString().slice(0, 10), node: process.version, figures }
  process.stdout.write(`${JSON.stringify(line)}\n`)
  const file = fileURLToPath(new URL(`../results/${bench}.jsonl`, import.meta.url))
  const lines = readLines(file)
  const before = lines.find(each => each.machine === machine)
  if (before) for (const change of changes(before.figures, figures)) process.stderr.write(`${change}\n`)
  else process.stderr.write(`no line of ${bench} is kept for this machine\n`)
  if (!asked.keep) return
  // What was left out this time stays as it was.
  const whole = { ...line, figures: { ...before?.figures, ...figures } }
  const others = lines.filter(each => each.machine !== machine)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, [...others, whole].map(each => `${JSON.stringify(each)}\n`).join(''))
}

/** `players 500 cpuPerGB: 1.3 before, 1.1 now, ×0.85` for each number that is not what it was. */
export function changes(before: Readonly<Record<string, unknown>>, now: Readonly<Record<string, unknown>>): string[] {
  const old = flat(before)
  return [...flat(now)].flatMap(([name, value]) => {
    const was = old.get(name)
    if (was === undefined || was === value) return []
    const ratio = value / was
    if (Math.abs(ratio - 1) <= quietPart) return []
    return [`${name}: ${was} kept, ${value} now${Number.isFinite(ratio) ? `, ×${ratio.toFixed(2)}` : ''}`]
  })
}

function flat(figures: Readonly<Record<string, unknown>>, path = ''): Map<string, number> {
  const found = new Map<string, number>()
  for (const [key, value] of Object.entries(figures)) {
    const name = path === '' ? key : `${path} ${key}`
    if (typeof value === 'number') found.set(name, value)
    else if (typeof value === 'object' && value !== null) {
      for (const [inner, number] of flat(value as Record<string, unknown>, name)) found.set(inner, number)
    }
  }
  return found
}

function readLines(file: string): Line[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map(text => JSON.parse(text))
  } catch {
    return []
  }
}
