import type { Publication } from '../../hub/publication.ts'
import { describeTag } from '../../media/flv-tag.ts'
import { FrameKind } from '../../media/frame.ts'
import { readDataMessage } from '../../media/metadata.ts'
import { type Message, MessageType } from '../rtmp/message.ts'

/** Data that is not passed on, and why. */
export interface RefusedData {
  readonly code: string
  readonly reason: string
}

/** A publisher's audio, video or data becomes a frame of the publication; gives what is wrong with data that does not. */
export function takeMedia({ type, timestamp, payload }: Message, publication: Publication): RefusedData | null {
  if (type === MessageType.Audio || type === MessageType.Video) {
    const kind = type === MessageType.Audio ? FrameKind.Audio : FrameKind.Video
    publication.receive(kind, describeTag(kind, payload), timestamp, payload)
    return null
  }
  const data = readDataMessage(type, payload)
  if (data.is === 'refused') return data
  if (data.is === 'clear') publication.forget(data.name)
  else publication.receive(FrameKind.Data, { role: data.role, codec: '', track: 0 }, timestamp, data.payload)
  return null
}
