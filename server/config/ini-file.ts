import { parse } from 'ini'
import { ConfigError } from '../base/errors.ts'

/** One `key = value` as it stands in a file. */
export interface IniEntry {
  /** Empty before the first [section]. */
  readonly section: string
  readonly key: string
  /** Text without quotes and comments; true and false are themselves, and a key without `=` is true. */
  readonly value: string | boolean
  /** From 1. */
  readonly line: number
}

/** The entries of an ini text in their order; `file` only names it in errors. */
export function readIni(source: string, file: string): IniEntry[] {
  const entries: IniEntry[] = []
  const seen = new Map<string, number>()
  let section = ''
  for (const [index, raw] of source
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    const line = index + 1
    const found = readLine(raw)
    if (found === 'nothing') continue
    if (found === 'nonsense') {
      throw new ConfigError(
        'CONFIG_SYNTAX',
        `${file}:${line}: expected [section], key = value, or a comment after ; or #, got '${raw.trim()}'`,
      )
    }
    if ('section' in found) {
      section = found.section
      continue
    }
    const name = JSON.stringify([section, found.key])
    const first = seen.get(name)
    if (first !== undefined) {
      throw new ConfigError(
        'CONFIG_TWICE',
        `${file}:${line}: [${section}] ${found.key} is written a second time, first on line ${first}`,
        'Keep one of the two lines.',
      )
    }
    seen.set(name, line)
    entries.push({ section, ...found, line })
  }
  return entries
}

/** Needs no quotes: nothing in it means anything to `ini`. */
const plain = /^[\p{L}\p{N}_./:@,+-]+( +[\p{L}\p{N}_./:@,+-]+)*$/u

/** A key or a value as it is written; what `ini` could take for something else stands in quotes. */
export function encodeIni(text: string): string {
  return plain.test(text) ? text : JSON.stringify(text)
}

type Line = 'nothing' | 'nonsense' | { section: string } | { key: string; value: string | boolean }

/** The `ini` package reads each line by itself: its quoting, escapes and comments, and still the line's number. */
function readLine(raw: string): Line {
  const line = raw.trim()
  if (line === '' || line.startsWith(';') || line.startsWith('#')) return 'nothing'
  const [name, value] = Object.entries(parse(line, { bracketedArray: false }))[0] ?? []
  if (name === undefined || name === '') return 'nonsense'
  if (typeof value === 'object' && value !== null) return { section: sectionName(line) }
  if (line.startsWith('[')) return 'nonsense'
  return { key: name, value: typeof value === 'boolean' ? value : String(value) }
}

/** As written: `ini` would make levels of its dots, which belong to the reader of the whole. */
function sectionName(line: string): string {
  return line.slice(1, line.lastIndexOf(']')).trim()
}
