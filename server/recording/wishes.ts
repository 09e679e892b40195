import type { RecordWish } from '../hub/archive.ts'

/** What the configuration says of an application. */
interface Said {
  readonly record: 'off' | RecordWish['format']
  readonly recordSegment: number
}

/** How the configuration wants publications recorded: what is there is continued, so that nothing is ever lost to it. */
export function wishOf({ record, recordSegment }: Said): RecordWish | null {
  if (record === 'off') return null
  return { format: record, mode: 'append', segment: recordSegment, path: '', by: 'config' }
}
