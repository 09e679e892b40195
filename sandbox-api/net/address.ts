import { TypeErrorClass, textIndexOf, textLastIndexOf, textSlice, toNumber } from '../primordials.ts'
import { URL } from '../web/url.ts'

/** What connect() was given: an RTMP server, or a gateway over HTTP. */
export type NetPlace =
  | { readonly kind: 'rtmp'; readonly host: string; readonly port: number }
  | { readonly kind: 'gateway'; readonly host: string; readonly port: number }

const ports = { rtmp: 1935, rtmps: 443, http: 80, https: 443 } as const

/** Throws a TypeError for what is no URL of an RTMP server or a gateway. */
export function readPlace(uri: string): NetPlace {
  const mark = textIndexOf(uri, '://')
  const scheme = textSlice(uri, 0, mark < 0 ? 0 : mark)
  if (scheme !== 'rtmp' && scheme !== 'rtmps' && scheme !== 'http' && scheme !== 'https') {
    throw new TypeErrorClass('connect: uri begins with rtmp://, rtmps://, http:// or https://')
  }
  const authority = authorityOf(textSlice(uri, mark + 3))
  const colon = textLastIndexOf(authority, ':')
  const hasPort = colon >= 0 && textIndexOf(textSlice(authority, colon), ']') < 0
  const port = hasPort ? toNumber(textSlice(authority, colon + 1)) : ports[scheme]
  const host = hostOf(hasPort ? textSlice(authority, 0, colon) : authority)
  if (host === '' || !(port >= 1 && port <= 65_535) || port % 1 !== 0) {
    throw new TypeErrorClass('connect: uri has no host and port that could be ones')
  }
  return { kind: scheme === 'rtmp' || scheme === 'rtmps' ? 'rtmp' : 'gateway', host, port }
}

function authorityOf(rest: string): string {
  let end = rest.length
  for (let i = rest.length - 1; i >= 0; i--) {
    const char = rest[i]
    if (char === '/' || char === '?' || char === '#') end = i
  }
  return textSlice(rest, 0, end)
}

/** As it is compared: lower case, IPv6 in brackets; '' for what is no host. */
function hostOf(text: string): string {
  if (text === '' || textIndexOf(text, '@') >= 0) return ''
  try {
    return new URL(`http://${text}/`).hostname
  } catch {
    return ''
  }
}
