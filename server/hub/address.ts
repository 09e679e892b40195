/**
 * Names from the network, made into addresses. An address (`room/name`, or `name` in the default room) names a
 * publication within its application; it is a key in tables and never a path on a disk.
 */

import type { FilmFormat } from './archive.ts'

/** Longest stream name accepted, in characters: generous for keys with tokens, small against a flood of them. */
export const nameCharsMax = 1024

/** Most values read from a query; the rest is ignored. */
export const queryValuesMax = 64

/** Players and publishers say so what kind of file they mean; the live stream is the same whatever they say. */
const prefixes: readonly [string, FilmFormat][] = [
  ['flv:', 'flv'],
  ['mp4:', 'mp4'],
  ['mp3:', 'mp3'],
]

export interface Name {
  /** The name without its query, slashes at the ends removed. */
  readonly name: string
  readonly query: Record<string, string>
  /** What a recording of it is to be, when the name began with `flv:`, `mp4:` or `mp3:`. */
  readonly format: FilmFormat | null
}

export interface Address {
  readonly address: string
  readonly room: string
  /** The last segment. */
  readonly name: string
  readonly query: Record<string, string>
}

/** Reads a stream name as a client gave it (`cam`, `lobby/cam?token=x`, `mp4:cam`); null when it cannot name anything. */
export function readName(given: string): Name | null {
  if (given.length > nameCharsMax) return null
  const mark = given.indexOf('?')
  const whole = mark < 0 ? given : given.slice(0, mark)
  const [prefix, format] = prefixes.find(([prefix]) => whole.startsWith(prefix)) ?? ['', null]
  const name = trimSlashes(whole.slice(prefix.length))
  if (!isCleanPath(name) || name === '') return null
  return { name, format, query: mark < 0 ? {} : readQuery(given.slice(mark + 1)) }
}

/** The address of a name given in a room: `a/cam` in room `lobby` is `lobby/a/cam`, whose room is `lobby/a`. */
export function addressIn(room: string, name: Name): Address {
  const address = room === '' ? name.name : `${room}/${name.name}`
  const slash = address.lastIndexOf('/')
  return { address, room: slash < 0 ? '' : address.slice(0, slash), name: address.slice(slash + 1), query: name.query }
}

/** The key of a publication among all of the server: the application's path, a line feed (no path holds one), the address. */
export function publicationKey(app: string, address: string): string {
  return `${app}\n${address}`
}

/** Values of a query string: `+` is a space, percent escapes decoded where they are whole. The first of equal names wins. */
export function readQuery(text: string): Record<string, string> {
  const values = new Map<string, string>()
  for (const part of text.split('&', queryValuesMax)) {
    if (part === '') continue
    const equals = part.indexOf('=')
    const key = unescapeValue(equals < 0 ? part : part.slice(0, equals))
    if (key !== '' && !values.has(key)) values.set(key, equals < 0 ? '' : unescapeValue(part.slice(equals + 1)))
  }
  // fromEntries defines own properties, so that a key named __proto__ is a key like any other.
  return Object.fromEntries(values)
}

/** A name that is refused may be of any length and hold anything: in texts, enough of it to be recognised. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > 64 ? `${name.slice(0, 64)}…` : name)
}

export function trimSlashes(text: string): string {
  let from = 0
  let to = text.length
  while (from < to && text[from] === '/') from++
  while (to > from && text[to - 1] === '/') to--
  return text.slice(from, to)
}

/** No empty, `.` or `..` segments, no backslashes, no control characters, no lone surrogates. */
export function isCleanPath(path: string): boolean {
  if (path === '') return true
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here.
  if (/[\u0000-\u001f\u007f\\]/.test(path) || !path.isWellFormed()) return false
  return path.split('/').every(segment => segment !== '' && segment !== '.' && segment !== '..')
}

function unescapeValue(text: string): string {
  const spaced = text.replaceAll('+', ' ')
  try {
    return decodeURIComponent(spaced)
  } catch {
    return spaced
  }
}
