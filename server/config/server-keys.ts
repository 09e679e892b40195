import { availableParallelism } from 'node:os'
import { destination, type Key, text, wholeOrAuto } from './kinds.ts'

/** The section [server]. */
export const serverKeys = {
  publicAddress: text({ default: '', sentence: 'The address by which others reach this server, as host:port.' }),
  drainTo: destination({
    default: '',
    sentence: 'Where clients are sent when the server stops, as host:port or a URL; empty sends them nowhere.',
  }),
  workers: wholeOrAuto({
    default: '1',
    min: 1,
    max: 64,
    unit: 'processes',
    auto: () => Math.min(64, Math.max(1, availableParallelism() - 1)),
    sentence: 'How many processes share the work of the sockets; auto is one less than the machine has cores.',
  }),
} satisfies Record<string, Key<unknown>>
