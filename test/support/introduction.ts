import type { Introduction } from '../../server/hub/hub.ts'

/** What a plain client says of itself; a test says what matters to it. */
export function introductionOf(change: Partial<Introduction> = {}): Introduction {
  return {
    address: '127.0.0.1:1',
    protocol: 'rtmp',
    secure: false,
    uri: '',
    path: '/live',
    query: {},
    flashVersion: '',
    pageUrl: '',
    swfUrl: '',
    objectEncoding: 0,
    args: new Uint8Array(),
    ...change,
  }
}
