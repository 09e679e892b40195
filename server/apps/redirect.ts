import type { ClientFacts } from '../hub/facts.ts'

type Way = Pick<ClientFacts, 'secure' | 'path' | 'room' | 'query'>

/** The path of the URL a client came by, with its leading slash, without its query. */
export function urlPath({ path, room }: Pick<Way, 'path' | 'room'>): string {
  return room === '' ? path || '/' : `${path}/${room}`
}

/** Two colons and no brackets: an IPv6 address as it stands. */
const bareIpv6 = /^[0-9a-f.]*:[0-9a-f.]*:[0-9a-f:.]*$/i

/** Where a client is sent: a URL as it stands, or the client's own path and query at another address. */
export function redirectUrl(to: string, way: Way): string {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(to)) return to
  const path = urlPath(way).split('/').map(encodeURIComponent).join('/')
  const query = new URLSearchParams(way.query).toString()
  const url = `${way.secure ? 'rtmps' : 'rtmp'}://${bareIpv6.test(to) ? `[${to}]` : to}${path}`
  return query === '' ? url : `${url}?${query}`
}
