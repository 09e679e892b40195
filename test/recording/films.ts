import { describeTag } from '../../server/media/flv-tag.ts'
import { type Frame, FrameKind, FrameRole } from '../../server/media/frame.ts'
import type { Container } from '../../server/recording/container.ts'
import { Damage, type Film } from '../../server/recording/film.ts'
import { audioHeader, audioTag, dataTag, interTag, keyTag, videoHeader } from '../support/media-samples.ts'

export function frame(kind: FrameKind, timestamp: number, payload: Buffer): Frame {
  return { kind, ...describeTag(kind, payload), timestamp, payload } as Frame
}

export const metadataFrame: Frame = {
  kind: FrameKind.Data,
  role: FrameRole.Metadata,
  track: 0,
  timestamp: 0,
  payload: dataTag('onMetaData', { width: 64, height: 64, encoder: 'test' }),
}

/** Metadata, headers, then pictures every 40 ms with a key picture every second, and a sound beside each. */
export function* frames(seconds: number, from = 0): Generator<Frame> {
  yield { ...metadataFrame, timestamp: from }
  yield frame(FrameKind.Video, from, videoHeader)
  yield frame(FrameKind.Audio, from, audioHeader)
  for (let nth = 0; nth < seconds * 25; nth++) {
    const time = from + nth * 40
    yield frame(FrameKind.Video, time, nth % 25 === 0 ? keyTag(Math.floor(nth / 25)) : interTag(nth % 25))
    yield frame(FrameKind.Audio, time + 5, audioTag)
  }
}

/** The bytes of a file, its head told what it came to. */
export function fileBytes(container: Container, given: Iterable<Frame>): Buffer {
  const out: Buffer[] = []
  for (const each of given) container.add(each, each.timestamp, out)
  container.end(out)
  const bytes = Buffer.concat(out)
  for (const patch of container.patches(bytes.length)) patch.bytes.copy(bytes, patch.at)
  return bytes
}

/** Everything from where a film stands, `v0 a5 v40 …`, capitals for key pictures; and why it ended early. */
export async function watch(film: Film): Promise<{ seen: string[]; damage: string | null }> {
  const seen: string[] = []
  try {
    for (;;) {
      const next = await film.next()
      if (!next) return { seen, damage: null }
      if (next.role === FrameRole.Key || next.role === FrameRole.Inter) seen.push(nameOf(next))
    }
  } catch (error) {
    if (!(error instanceof Damage)) throw error
    return { seen, damage: error.message }
  }
}

export function nameOf({ kind, role, timestamp }: Frame): string {
  const letter = kind === FrameKind.Audio ? 'a' : kind === FrameKind.Video ? 'v' : 'd'
  return `${role === FrameRole.Key ? letter.toUpperCase() : letter}${timestamp}`
}
