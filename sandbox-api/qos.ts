import type { QosFacts } from '../server/apps/wire.ts'

/** Before the first statistics. */
export const noQos: QosFacts = { byteRate: 0, lostRate: 0, congestionRate: 0, latency: 0, droppedFrames: 0 }

/** What a script gets: its own copy, to keep or compare. */
export function showQos(qos: QosFacts): QosFacts {
  const { byteRate, lostRate, congestionRate, latency, droppedFrames } = qos
  return { byteRate, lostRate, congestionRate, latency, droppedFrames }
}
