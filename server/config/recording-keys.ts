import { choice, flag, folder, type Key, size, time } from './kinds.ts'

/** The section [recording]. */
export const recordingKeys = {
  folder: folder({
    sentence: 'The folder that files are recorded to and played from; empty is streams in apps.data.',
  }),
  clients: flag({
    default: 'true',
    sentence: 'Whether a client may have its stream recorded, by publishing it as record or append.',
  }),
  fragment: time({
    default: '2',
    min: 100,
    max: 60_000,
    unit: 'seconds',
    sentence: 'How much an MP4 recording gathers before it is written; what a crash costs at most.',
  }),
  queueBytes: size({
    default: '16 MiB',
    min: 64 * 1024,
    max: 1024 ** 3,
    sentence: 'With more than that waiting for the disk, a recording leaves out frames up to the next key frame.',
  }),
  sync: choice(['none', 'end', 'fragment'], {
    default: 'end',
    sentence: 'When a recording is made to outlive a power cut: never, at its end, or with every fragment.',
  }),
  keepFree: size({
    default: '100 MiB',
    min: 0,
    max: 1024 ** 5,
    sentence: 'Recordings end when the disk has less room than that left.',
  }),
} satisfies Record<string, Key<unknown>>
