import { canonicalHost } from './capability.ts'

/** Where an RTMP server is, and what is wanted of it. */
export interface RtmpUrl {
  readonly secure: boolean
  /** As it is connected to: IPv6 without its brackets. */
  readonly host: string
  readonly port: number
  /** All behind the host, without the slash that parts them: the application, its room and its query. */
  readonly app: string
  /** What connect() names as its tcUrl. */
  readonly tcUrl: string
}

/** The URL of one stream: its last segment, and the query behind it, are the stream's name. */
export interface RtmpStreamUrl extends RtmpUrl {
  readonly name: string
}

const usualPort = { rtmp: 1935, rtmps: 443 } as const

/** `rtmp://host[:port]/app`, or `rtmps://`; else what is wrong with it, as the end of a sentence that does not repeat it. */
export function readRtmpUrl(text: string): RtmpUrl | string {
  const [, scheme = '', authority = '', rest = ''] = /^([a-z]+):\/\/([^/?#]*)(.*)$/is.exec(text) ?? []
  const kind = scheme.toLowerCase()
  if (kind !== 'rtmp' && kind !== 'rtmps') return 'the URL begins with neither rtmp:// nor rtmps://'
  if (authority.includes('@')) return 'the URL has a user or a password before its host, which RTMP has no place for'
  const [, host = '', digits] = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(authority) ?? []
  const name = canonicalHost(host)
  const port = digits === undefined ? usualPort[kind] : Number(digits)
  if (name === undefined || name === '') return 'the URL has no host that could be one'
  if (port < 1 || port > 65_535) return 'the port of the URL is not from 1 to 65535'
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here.
  if (/[\s#\u0000-\u001f\u007f]/.test(rest)) return 'the URL has a space, a # or a control character in it'
  const app = rest.replace(/^\/+/, '')
  const bare = name.startsWith('[') ? name.slice(1, -1) : name
  return { secure: kind === 'rtmps', host: bare, port, app, tcUrl: `${kind}://${name}:${port}/${app}` }
}

/** `rtmp://host[:port]/app/name?query`; else what is wrong with it. */
export function readRtmpStreamUrl(text: string): RtmpStreamUrl | string {
  const url = readRtmpUrl(text)
  if (typeof url === 'string') return url
  const mark = url.app.indexOf('?')
  const path = mark < 0 ? url.app : url.app.slice(0, mark)
  const slash = path.lastIndexOf('/')
  const name = url.app.slice(slash + 1)
  if (slash < 1 || name === '' || name.startsWith('?'))
    return 'the URL names no application and stream: rtmp://HOST/APP/NAME'
  const app = path.slice(0, slash)
  return { ...url, app, name, tcUrl: `${url.tcUrl.slice(0, url.tcUrl.length - url.app.length)}${app}` }
}
