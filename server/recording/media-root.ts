import { isCleanPath } from '../hub/address.ts'
import type { FilmFormat } from '../hub/archive.ts'
import type { Place } from './disk.ts'

/** Longest name of a file or folder, in bytes: the bound of common file systems. */
const segmentBytesMax = 255

/** Endings of files by what is in them; the first is what a name without one gets. */
export const endings: Readonly<Record<FilmFormat, readonly string[]>> = {
  flv: ['.flv'],
  mp4: ['.mp4', '.f4v', '.m4v', '.m4a', '.mov'],
  mp3: ['.mp3'],
}

/**
 * Where the file of an address is: `<root>/<app>/<room>/<name>.<ending>`. Null when there can be none: segments that
 * are hidden, go up, or that file systems read in ways of their own.
 */
export function placeOf(root: string, app: string, address: string, format: FilmFormat): Place | null {
  const path = [...app.split('/').filter(segment => segment !== ''), ...address.split('/')]
  const last = path.pop()!
  const segments = [...path, formatOf(last) === format ? last : `${last}${endings[format][0]}`]
  return segments.every(isFileName) ? { root, segments } : null
}

/** What the ending of a name says is in it; null when it says nothing. */
export function formatOf(name: string): FilmFormat | null {
  const lower = name.toLowerCase()
  for (const format of ['flv', 'mp4', 'mp3'] as const) {
    if (endings[format].some(ending => lower.endsWith(ending) && lower.length > ending.length)) return format
  }
  return null
}

/** The address of a file without its ending, when it is a known one. */
export function withoutEnding(address: string): string {
  return formatOf(address.slice(address.lastIndexOf('/') + 1)) ? address.slice(0, address.lastIndexOf('.')) : address
}

function isFileName(segment: string): boolean {
  if (
    segment === '' ||
    !isCleanPath(segment) ||
    segment.startsWith('.') ||
    segment.endsWith(' ') ||
    segment.endsWith('.')
  )
    return false
  return Buffer.byteLength(segment) <= segmentBytesMax && !/[<>:"|*?/]/.test(segment)
}
