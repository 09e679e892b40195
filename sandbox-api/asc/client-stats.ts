import type { ClientState } from '../client-state.ts'
import type { Mirrors } from '../mirrors.ts'

/** Frames that a client's players were spared, because it lagged. */
interface Dropped {
  audio: number
  video: number
}

/** Of the client with that id. */
export type DroppedOf = (client: string) => Dropped

export function droppedIn(mirrors: Mirrors, client: string): Dropped {
  const dropped = { audio: 0, video: 0 }
  mirrors.eachListener(({ facts, audio, video }) => {
    if (facts.client !== client) return
    dropped.audio += audio.droppedFrames
    dropped.video += video.droppedFrames
  })
  return dropped
}

/**
 * What Adobe's Client.getStats() told, as of the latest statistics. Queues are kept for each player as a whole, and
 * bytes are not counted where they are dropped: those fields are there, and 0.
 */
export function clientStats(state: ClientState, dropped: Dropped): object {
  const { facts, bytesIn, bytesOut, inRate, outRate, ping } = state
  return {
    client_id: facts.id,
    client_agent: facts.flashVersion,
    bytes_in: bytesIn,
    bytes_out: bytesOut,
    bw_in: inRate,
    bw_out: outRate,
    ping_rtt: ping,
    msg_in: state.messagesIn,
    msg_out: state.messagesOut,
    msg_dropped: dropped.audio + dropped.video,
    dropped_audio_msgs: dropped.audio,
    dropped_video_msgs: dropped.video,
    dropped_audio_bytes: 0,
    dropped_video_bytes: 0,
    audio_queue_msgs: 0,
    video_queue_msgs: 0,
    so_queue_msgs: 0,
    data_queue_msgs: 0,
    audio_queue_bytes: 0,
    video_queue_bytes: 0,
    so_queue_bytes: 0,
    data_queue_bytes: 0,
  }
}
