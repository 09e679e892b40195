import type { DiskFile } from '../disk.ts'
import { FileWindow } from '../file-window.ts'
import { headBytesMax } from '../limits.ts'
import { tellDuration, timescale, toldDuration } from './movie.ts'
import type { Mp4Beginning } from './mp4-container.ts'

interface Box {
  readonly type: string
  readonly at: number
  readonly size: number
}

/**
 * What a file of ours holds, up to its last whole fragment; null when it is none of ours, or holds none. Only heads of
 * boxes and the tables of fragments are read, never what is in them.
 */
export async function readBeginning(file: DiskFile): Promise<Mp4Beginning | null> {
  const window = new FileWindow(file)
  const size = await file.size()
  const head = await readHead(window, size)
  if (!head) return null
  let beginning: Mp4Beginning | null = null
  let moof: Box | null = null
  for (let at = head.length; ; ) {
    const box = await boxAt(window, at, size)
    if (!box) break
    if (box.type === 'moof') moof = box
    else if (box.type === 'mdat' && moof) {
      const told = readFragment(await window.read(moof.at, moof.size))
      if (told) beginning = { head, bytes: box.at + box.size, ...told }
      moof = null
    } else break
    at += box.size
  }
  if (!beginning) return null
  // The duration of the file is that of its end, whatever its head says: it is compared without.
  tellDuration(head, 0)
  return beginning
}

/** How long a file of fragments says it is, in ms; 0 when it does not say. */
export async function durationInHead(file: DiskFile): Promise<number> {
  const head = await readHead(new FileWindow(file), await file.size())
  return head ? toldDuration(head) : 0
}

/** ftyp and moov, if a moov with room for its duration follows at once. */
async function readHead(window: FileWindow, size: number): Promise<Buffer | null> {
  const ftyp = await boxAt(window, 0, size)
  const moov = ftyp?.type === 'ftyp' ? await boxAt(window, ftyp.size, size) : null
  if (!ftyp || moov?.type !== 'moov' || ftyp.size + moov.size > headBytesMax) return null
  const head = Buffer.from(await window.read(0, ftyp.size + moov.size))
  return head.includes('mehd', 0, 'latin1') ? head : null
}

/** Null at the end, and where a box would go past it. */
async function boxAt(window: FileWindow, at: number, size: number): Promise<Box | null> {
  if (at + 8 > size) return null
  const bytes = await window.read(at, 8)
  const length = bytes.readUInt32BE()
  if (length < 8 || at + length > size) return null
  return { type: bytes.toString('latin1', 4, 8), at, size: length }
}

/** The sequence number of a fragment, and when its last sample ends, in ms. */
function readFragment(moof: Buffer): { sequence: number; duration: number } | null {
  let sequence = 0
  let duration = 0
  for (const { type, body } of boxesIn(moof.subarray(8))) {
    if (type === 'mfhd' && body.length >= 8) sequence = body.readUInt32BE(4)
    if (type !== 'traf') continue
    let time = 0
    for (const { type: inner, body: inside } of boxesIn(body)) {
      if (inner === 'tfdt' && inside.length >= 12) time = Number(inside.readBigUInt64BE(4))
      if (inner === 'trun') time += lastedOf(inside)
    }
    duration = Math.max(duration, time)
  }
  return sequence > 0 ? { sequence, duration: Math.round((duration * 1000) / timescale) } : null
}

/** Up to when its last sample begins: durations of all but that. */
function lastedOf(trun: Buffer): number {
  if (trun.length < 12 || (trun.readUInt32BE() & 0xffffff) !== 0x000f01) return 0
  const count = Math.min(trun.readUInt32BE(4), Math.floor((trun.length - 12) / 16))
  let sum = 0
  for (let nth = 0; nth < count - 1; nth++) sum += trun.readUInt32BE(12 + 16 * nth)
  return sum
}

function* boxesIn(bytes: Buffer): Generator<{ type: string; body: Buffer }> {
  for (let at = 0; at + 8 <= bytes.length; ) {
    const size = bytes.readUInt32BE(at)
    if (size < 8 || at + size > bytes.length) return
    yield { type: bytes.toString('latin1', at + 4, at + 8), body: bytes.subarray(at + 8, at + size) }
    at += size
  }
}
