import { fragmentSet, opaqueSet, pathSet, percentEncode, querySet, specialQuerySet, userinfoSet } from './percent.ts'
import { readHost } from './url-host.ts'

/** A URL in its parts (URL Standard §4.1). `path`: segments, or one text for those like mailto:. */
export interface UrlRecord {
  scheme: string
  username: string
  password: string
  host: string | null
  port: number | null
  path: string[] | string
  query: string | null
  fragment: string | null
}

const ports = new Map<string, number | null>([
  ['http', 80],
  ['https', 443],
  ['ws', 80],
  ['wss', 443],
  ['ftp', 21],
  ['file', null],
])

export function isSpecial(url: UrlRecord): boolean {
  return ports.has(url.scheme)
}

export function defaultPort(scheme: string): number | null | undefined {
  return ports.get(scheme)
}

/** The parts of `text`, undefined for what is no URL. Follows §4.4 as one pass over fragment, query, authority, path. */
export function parseUrl(text: string, base?: UrlRecord): UrlRecord | undefined {
  const trimmed = text.replace(/^[\0-\x20]+|[\0-\x20]+$/g, '').replace(/[\t\n\r]/g, '')
  const hash = trimmed.indexOf('#')
  const fragment = hash < 0 ? null : percentEncode(trimmed.slice(hash + 1), fragmentSet)
  const rest = hash < 0 ? trimmed : trimmed.slice(0, hash)
  const scheme = /^[a-z][a-z0-9+.-]*(?=:)/i.exec(rest)?.[0].toLowerCase()
  let url: UrlRecord | undefined
  if (scheme !== undefined) url = parseAfterScheme(scheme, rest.slice(scheme.length + 1), base)
  else if (base !== undefined) url = parseRelative(rest, base, hash >= 0)
  if (url === undefined) return undefined
  url.fragment = fragment
  // A space at the end of such a path would be lost when it is read again.
  const followed = url.query !== null || fragment !== null
  if (typeof url.path === 'string' && followed) url.path = url.path.replace(/ $/, '%20')
  return url
}

function blank(scheme: string): UrlRecord {
  return { scheme, username: '', password: '', host: null, port: null, path: [], query: null, fragment: null }
}

function parseAfterScheme(scheme: string, rest: string, base: UrlRecord | undefined): UrlRecord | undefined {
  const url = blank(scheme)
  if (scheme === 'file') return parseFile(rest, base?.scheme === 'file' ? base : undefined)
  if (isSpecial(url)) {
    if (base?.scheme === scheme && !/^[/\\]{2}/.test(rest) && typeof base.path !== 'string') {
      return /^\/\//.test(rest) ? undefined : parseRelative(rest, base, false)
    }
    return parseAuthority(url, rest.replace(/^[/\\]+/, ''))
  }
  if (rest.startsWith('//')) return parseAuthority(url, rest.slice(2))
  const [path, query] = splitQuery(rest, url)
  url.query = query
  if (path.startsWith('/')) url.path = readPath(path, url, [])
  else url.path = percentEncode(path, opaqueSet)
  return url
}

function parseRelative(rest: string, base: UrlRecord, hasFragment: boolean): UrlRecord | undefined {
  if (typeof base.path === 'string') return rest === '' && hasFragment ? { ...base } : undefined
  if (base.scheme === 'file') return parseFile(rest, base)
  const slash = isSpecial(base) ? /^[/\\]/ : /^\//
  const twice = isSpecial(base) ? /^[/\\]{2}/ : /^\/\//
  if (twice.test(rest)) {
    const authority = isSpecial(base) ? rest.replace(/^[/\\]+/, '') : rest.slice(2)
    return parseAuthority(blank(base.scheme), authority)
  }
  const [path, query] = splitQuery(rest, base)
  const url: UrlRecord = { ...base, path: [...base.path], query }
  if (slash.test(path)) url.path = readPath(path, url, [])
  else if (path !== '') url.path = readPath(path, url, base.path.slice(0, -1))
  else if (!rest.includes('?')) url.query = base.query
  return url
}

const drive = /^[a-z][:|]$/i

function parseFile(rest: string, base: UrlRecord | undefined): UrlRecord | undefined {
  const url: UrlRecord = { ...blank('file'), host: '' }
  const [text, query] = splitQuery(rest, url)
  url.query = query
  const path = text.replaceAll('\\', '/')
  const inherited = typeof base?.path === 'object' ? base.path : []
  if (path.startsWith('//')) {
    const end = path.indexOf('/', 2)
    const name = end < 0 ? path.slice(2) : path.slice(2, end)
    if (drive.test(name)) {
      url.path = readPath(path.slice(1), url, [])
      return url
    }
    const host = name === '' ? '' : readHost(name, true)
    if (host === undefined) return undefined
    url.host = host === 'localhost' ? '' : host
    url.path = readPath(end < 0 ? '/' : path.slice(end), url, [])
    return url
  }
  if (base !== undefined) url.host = base.host
  if (base === undefined && path === '') {
    url.path = ['']
    return url
  }
  const kept = drive.test(inherited[0] ?? '') && !/^\/?[a-z][:|](\/|$)/i.test(path) ? inherited.slice(0, 1) : []
  if (path.startsWith('/')) url.path = readPath(path, url, kept)
  else if (path !== '') url.path = readPath(path, url, /^[a-z][:|](\/|$)/i.test(path) ? [] : inherited.slice(0, -1))
  else {
    url.path = [...inherited]
    if (!rest.includes('?')) url.query = base?.query ?? null
  }
  return url
}

/** user:password@host:port, then the path and the query. */
function parseAuthority(url: UrlRecord, rest: string): UrlRecord | undefined {
  const end = rest.search(isSpecial(url) ? /[/\\?]/ : /[/?]/)
  const authority = end < 0 ? rest : rest.slice(0, end)
  const at = authority.lastIndexOf('@')
  if (at >= 0) {
    const colon = authority.indexOf(':')
    const split = colon >= 0 && colon < at ? colon : at
    url.username = percentEncode(authority.slice(0, split), userinfoSet)
    url.password = percentEncode(authority.slice(Math.min(split + 1, at), at), userinfoSet)
  }
  const where = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(authority.slice(at + 1))
  if (where === null) return undefined
  const [, name = '', port = ''] = where
  if (name === '' && (isSpecial(url) || at >= 0 || where[2] !== undefined)) return undefined
  const host = name === '' ? '' : readHost(name, isSpecial(url))
  if (host === undefined || Number(port) > 65_535) return undefined
  url.host = host
  url.port = port === '' || Number(port) === defaultPort(url.scheme) ? null : Number(port)
  const [path, query] = splitQuery(end < 0 ? '' : rest.slice(end), url)
  url.query = query
  if (path !== '' || isSpecial(url)) url.path = readPath(path, url, [])
  return url
}

function splitQuery(text: string, url: UrlRecord): [string, string | null] {
  const mark = text.indexOf('?')
  return mark < 0 ? [text, null] : [text.slice(0, mark), readQuery(text.slice(mark + 1), url)]
}

export function readQuery(text: string, url: UrlRecord): string {
  return percentEncode(text, isSpecial(url) ? specialQuerySet : querySet)
}

/** The segments of `text` behind those of `above`, with "." and ".." followed. */
export function readPath(text: string, url: UrlRecord, above: string[]): string[] {
  const segments = [...above]
  const parts = (isSpecial(url) ? text.replaceAll('\\', '/') : text).replace(/^\//, '').split('/')
  parts.forEach((part, index) => {
    const last = index === parts.length - 1
    const dots = part.replace(/%2e/gi, '.')
    if (dots === '..') {
      if (!(url.scheme === 'file' && segments.length === 1 && /^[a-z]:$/i.test(segments[0]!))) segments.pop()
      if (last) segments.push('')
    } else if (dots === '.') {
      if (last) segments.push('')
    } else {
      const isDrive = url.scheme === 'file' && segments.length === 0 && drive.test(part)
      segments.push(isDrive ? `${part[0]}:` : percentEncode(part, pathSet))
    }
  })
  return segments
}

export function pathText(url: UrlRecord): string {
  return typeof url.path === 'string' ? url.path : url.path.map(segment => `/${segment}`).join('')
}

/** The whole of it again (URL Standard §4.5). */
export function urlText(url: UrlRecord): string {
  const { scheme, username, password, host, port, path, query, fragment } = url
  let text = `${scheme}:`
  if (host !== null) {
    const credentials = password === '' ? username : `${username}:${password}`
    text += `//${credentials === '' ? '' : `${credentials}@`}${host}${port === null ? '' : `:${port}`}`
  } else if (typeof path !== 'string' && path.length > 1 && path[0] === '') {
    text += '/.'
  }
  return `${text}${pathText(url)}${query === null ? '' : `?${query}`}${fragment === null ? '' : `#${fragment}`}`
}
