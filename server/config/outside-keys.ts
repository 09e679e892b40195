import { size, time, whole } from './kinds.ts'

/** How much of the outside an application may have. */
export const outsideKeys = {
  sockets: whole({
    default: '256',
    min: 0,
    max: 65_535,
    unit: 'sockets',
    sentence: 'How many sockets the script may have open at once.',
  }),
  socketBytes: size({
    default: '1 MiB',
    min: 1024,
    max: 16 * 1024 ** 2,
    sentence: 'How much may wait in one socket to be sent, and how much its handler may leave unconsumed.',
  }),
  fetchTimeout: time({
    default: '30',
    min: 10,
    max: 600_000,
    unit: 'seconds',
    sentence: 'How long a fetch may take, from the request to the last byte of the answer.',
  }),
  fetchBytes: size({
    default: '8 MiB',
    min: 0,
    max: 16 * 1024 ** 2,
    sentence: 'The largest answer a fetch accepts, unpacked.',
  }),
  storage: size({
    default: '64 MiB',
    min: 0,
    max: 1024 ** 4,
    sentence: 'How much the script may keep in its storage, keys and values together.',
  }),
}
