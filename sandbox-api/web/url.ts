import { anyText } from '../given.ts'
import { fragmentSet, percentEncode, userinfoSet } from './percent.ts'
import { readHost } from './url-host.ts'
import {
  defaultPort,
  isSpecial,
  parseUrl,
  pathText,
  readPath,
  readQuery,
  type UrlRecord,
  urlText,
} from './url-parser.ts'
import { paramsOf, type URLSearchParams } from './url-search-params.ts'

/** A URL in its parts, after the URL Standard. */
export class URL {
  #record: UrlRecord
  readonly #params: URLSearchParams
  readonly #setParams: (query: string) => void

  constructor(url: string | URL, base?: string | URL) {
    const record = parse(url, base)
    if (record === undefined) throw new TypeError(`this is no URL: ${anyText(url, 'URL').slice(0, 200)}`)
    this.#record = record
    const params = paramsOf(record.query ?? '', query => {
      this.#record.query = query === '' ? null : query
    })
    this.#params = params[0]
    this.#setParams = params[1]
  }

  static canParse(url: string | URL, base?: string | URL): boolean {
    return parse(url, base) !== undefined
  }

  static parse(url: string | URL, base?: string | URL): URL | null {
    return URL.canParse(url, base) ? new URL(url, base) : null
  }

  get href(): string {
    return urlText(this.#record)
  }

  set href(text: string) {
    const record = parse(text, undefined)
    if (record === undefined) throw new TypeError(`this is no URL: ${String(text).slice(0, 200)}`)
    this.#record = record
    this.#setParams(record.query ?? '')
  }

  get origin(): string {
    const { scheme } = this.#record
    return isSpecial(this.#record) && scheme !== 'file' ? `${scheme}://${this.host}` : 'null'
  }

  get protocol(): string {
    return `${this.#record.scheme}:`
  }

  set protocol(text: string) {
    const scheme = /^([a-z][a-z0-9+.-]*)(:|$)/i.exec(String(text))?.[1]?.toLowerCase()
    const record = this.#record
    if (scheme === undefined || isSpecial(record) !== isSpecial({ ...record, scheme })) return
    if (scheme === 'file' && (record.username !== '' || record.password !== '' || record.port !== null)) return
    if (record.scheme === 'file' && record.host === '') return
    record.scheme = scheme
    if (record.port === defaultPort(scheme)) record.port = null
  }

  get username(): string {
    return this.#record.username
  }

  set username(text: string) {
    if (this.#hasAuthority()) this.#record.username = percentEncode(String(text), userinfoSet)
  }

  get password(): string {
    return this.#record.password
  }

  set password(text: string) {
    if (this.#hasAuthority()) this.#record.password = percentEncode(String(text), userinfoSet)
  }

  get host(): string {
    const { host, port } = this.#record
    return port === null ? (host ?? '') : `${host ?? ''}:${port}`
  }

  set host(text: string) {
    const [, name = '', port] = /^(\[[^\]]*\]|[^:/?#]*)(?::(\d*))?/.exec(clean(text)) ?? []
    if (!this.#setHost(name)) return
    if (port !== undefined && port !== '') this.port = port
  }

  get hostname(): string {
    return this.#record.host ?? ''
  }

  set hostname(text: string) {
    const cleaned = clean(text)
    const name = /^(\[[^\]]*\]|[^:/?#\\]*)/.exec(cleaned)?.[0] ?? ''
    if (cleaned[name.length] !== ':') this.#setHost(name)
  }

  get port(): string {
    return this.#record.port === null ? '' : `${this.#record.port}`
  }

  set port(text: string) {
    if (!this.#hasAuthority()) return
    const digits = /^\d*/.exec(clean(text))![0]
    if (String(text) === '') this.#record.port = null
    else if (digits !== '' && Number(digits) <= 65_535) {
      this.#record.port = Number(digits) === defaultPort(this.#record.scheme) ? null : Number(digits)
    }
  }

  get pathname(): string {
    return pathText(this.#record)
  }

  set pathname(text: string) {
    const record = this.#record
    if (typeof record.path === 'string') return
    const path = clean(text)
    record.path = path === '' && !isSpecial(record) && record.host !== null ? [] : readPath(path, record, [])
  }

  get search(): string {
    return this.#record.query ? `?${this.#record.query}` : ''
  }

  set search(text: string) {
    const query = clean(text).replace(/^\?/, '')
    this.#record.query = String(text) === '' ? null : readQuery(query, this.#record)
    this.#setParams(query)
  }

  get searchParams(): URLSearchParams {
    return this.#params
  }

  get hash(): string {
    return this.#record.fragment ? `#${this.#record.fragment}` : ''
  }

  set hash(text: string) {
    const fragment = clean(text).replace(/^#/, '')
    this.#record.fragment = String(text) === '' ? null : percentEncode(fragment, fragmentSet)
  }

  toString(): string {
    return this.href
  }

  toJSON(): string {
    return this.href
  }

  #hasAuthority(): boolean {
    return this.#record.host !== null && this.#record.host !== '' && this.#record.scheme !== 'file'
  }

  #setHost(name: string): boolean {
    const record = this.#record
    if (typeof record.path === 'string' || (name === '' && isSpecial(record) && record.scheme !== 'file')) return false
    const host = name === '' ? '' : readHost(name, isSpecial(record))
    if (host === undefined) return false
    record.host = host
    return true
  }
}

function parse(url: string | URL, base: string | URL | undefined): UrlRecord | undefined {
  const text = anyText(url, 'URL')
  if (base === undefined) return parseUrl(text)
  const record = parseUrl(anyText(base, 'URL'))
  return record && parseUrl(text, record)
}

function clean(text: string): string {
  return String(text).replace(/[\t\n\r]/g, '')
}
