import { type RtmpStreamUrl, readRtmpStreamUrl } from '../base/rtmp-url.ts'

/** A rule of the configuration as the relays need it. */
export interface Rule {
  readonly pattern: string
  readonly url: string
}

/**
 * The stream that a rule means for what is published under this path (application and address, `/live/cam`); undefined
 * when it means none. What the `*` stands for is put into the URL as it is: it may name a room, too.
 */
export function matched({ pattern, url }: Rule, path: string): RtmpStreamUrl | undefined {
  const [before = '', after] = pattern.split('*')
  if (after === undefined) return path === pattern ? read(url) : undefined
  const isMatch = path.length > before.length + after.length && path.startsWith(before) && path.endsWith(after)
  return isMatch ? read(url.replace('*', () => path.slice(before.length, path.length - after.length))) : undefined
}

/** Undefined for what is no URL any more with a name of the network's in it. */
function read(url: string): RtmpStreamUrl | undefined {
  const read = readRtmpStreamUrl(url)
  return typeof read === 'string' ? undefined : read
}
