import { time } from './kinds.ts'

/** [relay], beside its rules: see relay-rules.ts. */
export const relayKeys = {
  waitMs: time({
    default: '10000',
    min: 100,
    max: 600_000,
    unit: 'milliseconds',
    sentence: 'A player waits so long for a stream that is pulled on demand; then it is told that there is none.',
  }),
  idleMs: time({
    default: '5000',
    min: 0,
    max: 3_600_000,
    unit: 'milliseconds',
    sentence: 'What is pulled on demand goes on so long after its last player has left.',
  }),
}
