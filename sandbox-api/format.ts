import { inspect } from './inspect.ts'

/** Texts stand as they are, everything else inspected, with spaces between; %s %d %i %f %j %o %O %c as in Node. */
export function format(values: unknown[]): string {
  const [first, ...rest] = values
  if (typeof first !== 'string') return values.map(shown).join(' ')
  let next = 0
  const text =
    rest.length === 0
      ? first
      : first.replace(/%([sdifjoOc%])/g, (directive, letter: string) => {
          if (letter === '%') return '%'
          return next < rest.length ? directed(letter, rest[next++]) : directive
        })
  return [text, ...rest.slice(next).map(shown)].join(' ')
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : inspect(value)
}

function directed(letter: string, value: unknown): string {
  switch (letter) {
    case 's':
      return typeof value === 'object' && value !== null ? inspect(value, { depth: 0 }) : textOf(value)
    case 'd':
      return number(value, Number)
    case 'i':
      return number(value, given => Number.parseInt(String(given), 10))
    case 'f':
      return number(value, given => Number.parseFloat(String(given)))
    case 'j':
      return json(value)
    case 'c':
      return ''
    default:
      return inspect(value, { depth: 4 })
  }
}

function number(value: unknown, read: (value: unknown) => number): string {
  if (typeof value === 'bigint') return `${value}n`
  return typeof value === 'object' || typeof value === 'symbol' ? 'NaN' : `${read(value)}`
}

function textOf(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`
  return Object.is(value, -0) ? '-0' : String(value)
}

function json(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'undefined'
  } catch {
    return '[Circular]'
  }
}
