import { flag, size } from './kinds.ts'

/** What an application keeps for `cumulus replay`. */
export const journalKeys = {
  journal: flag({ default: 'false', sentence: 'Whether everything that enters the script is kept for a replay.' }),
  journalBytes: size({
    default: '64 MiB',
    min: 64 * 1024,
    max: 1024 ** 3,
    sentence: 'The largest journal; it ends there, and the next reload or start begins another.',
  }),
}
