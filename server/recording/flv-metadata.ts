import { ProtocolError } from '../base/errors.ts'
import { Amf0Writer, decodeAmf0 } from '../media/amf0.ts'
import { tagOverheadBytes, writeTag } from '../media/flv-file.ts'
import { FrameKind } from '../media/frame.ts'
import { indexEntriesMax, keptTextChars, keptValuesMax } from './limits.ts'

/** A place to seek to. */
export interface IndexEntry {
  /** Milliseconds of the file's time. */
  readonly time: number
  /** Byte at which the tag begins. */
  readonly position: number
}

/** What is said of a file once it is whole. */
export interface FileFigures {
  /** Milliseconds. */
  readonly duration: number
  readonly bytes: number
  readonly index: readonly IndexEntry[]
}

export type KeptValues = Readonly<Record<string, string | number | boolean>>

/** Names whose values are the writer's to know. */
const own = new Set(['duration', 'filesize', 'lasttimestamp', 'keyframes', 'spacer', 'canSeekToEnd'])

/**
 * The first tag of an FLV file: onMetaData. It is written when the file begins, and again in the same place when it
 * ends, so both have the same size: where the index of key frames will stand, `spacer` keeps its room until then.
 */
export function metadataTag(kept: KeptValues, figures: FileFigures): Buffer {
  const index = figures.index.slice(0, indexEntriesMax)
  const writer = new Amf0Writer().string('onMetaData')
  const names = Object.keys(kept)
  // An ECMA array (AMF 0 §2.10), which is what players look for here.
  writer.raw(Uint8Array.of(0x08)).raw(uint32(names.length + 5))
  const member = (name: string, value: unknown): void => void writer.raw(key(name)).value(value)
  member('duration', figures.duration / 1000)
  member('filesize', figures.bytes)
  member('lasttimestamp', figures.duration / 1000)
  for (const name of names) member(name, kept[name])
  const times = index.map(({ time }) => time / 1000)
  member('keyframes', { filepositions: index.map(({ position }) => position), times })
  member('spacer', new Array<number>(2 * (indexEntriesMax - index.length)).fill(0))
  writer.raw(Uint8Array.of(0, 0, 0x09))
  const bytes = writer.finish()
  const out: Buffer[] = []
  writeTag(FrameKind.Data, 0, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), out)
  return Buffer.concat(out)
}

/** What of an encoder's onMetaData (the body of a data frame) is worth keeping in a file: plain values, and not too many. */
export function keptValues(body: Uint8Array | undefined): KeptValues {
  const said = body === undefined ? undefined : objectIn(body)
  if (!said) return {}
  const entries = Object.entries(said).filter(([name, value]) => !own.has(name) && name.length <= 64 && isKept(value))
  return Object.fromEntries(entries.slice(0, keptValuesMax)) as KeptValues
}

/** What the first tag of a file says of it. */
export interface FileMetadata {
  readonly kept: KeptValues
  readonly figures: FileFigures
  /** Written by this writer, so that it can be written again: its bytes with header and trailer. */
  readonly tagBytes: number
}

/** Reads the body of a file's onMetaData; null when it is none, or cannot be read. */
export function readFileMetadata(body: Uint8Array): FileMetadata | null {
  const said = objectIn(body)
  if (!said) return null
  const { duration, filesize, keyframes } = said
  const { filepositions, times } = (keyframes ?? {}) as { filepositions?: unknown; times?: unknown }
  const index: IndexEntry[] = []
  if (Array.isArray(filepositions) && Array.isArray(times)) {
    for (const [at, position] of filepositions.entries()) {
      const time = Number(times[at]) * 1000
      if (isAmount(position) && isAmount(time)) index.push({ time: Math.round(time), position })
    }
  }
  const figures = {
    duration: isAmount(duration) ? Math.round(duration * 1000) : 0,
    bytes: isAmount(filesize) ? filesize : 0,
    index: index.sort((a, b) => a.position - b.position),
  }
  return { kept: keptValues(body), figures, tagBytes: body.length + tagOverheadBytes }
}

function objectIn(body: Uint8Array): Record<string, unknown> | null {
  try {
    const [name, said] = decodeAmf0(body)
    return name === 'onMetaData' && typeof said === 'object' ? (said as Record<string, unknown> | null) : null
  } catch (error) {
    if (error instanceof ProtocolError) return null
    throw error
  }
}

function isKept(value: unknown): boolean {
  if (typeof value === 'string') return value.length <= keptTextChars
  return typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

function uint32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)
}

/** A member's name: its length in bytes, then UTF-8. */
function key(name: string): Uint8Array {
  const text = Buffer.from(name)
  return Buffer.concat([Buffer.of(text.length >> 8, text.length & 0xff), text])
}
