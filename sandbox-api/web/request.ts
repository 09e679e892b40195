import { AbortSignal } from './abort.ts'
import { Body, type BodyInit, readBody } from './body.ts'
import { Headers } from './headers.ts'
import { URL } from './url.ts'

export interface RequestInit {
  method?: string
  headers?: ConstructorParameters<typeof Headers>[0]
  body?: BodyInit
  redirect?: 'follow' | 'error' | 'manual'
  signal?: AbortSignal | null
}

const known = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT']
const forbidden = ['CONNECT', 'TRACE', 'TRACK']

/** What fetch is asked for, after the Fetch Standard as far as a server needs it. */
export class Request extends Body {
  readonly url: string
  readonly method: string
  readonly headers: Headers
  readonly redirect: 'follow' | 'error' | 'manual'
  readonly signal: AbortSignal

  constructor(input: string | URL | Request, options: RequestInit | null = {}) {
    // null is an empty dictionary (Web IDL).
    const init = options ?? {}
    const from = input instanceof Request ? input : undefined
    const { bytes, type } = readBody(init.body)
    const body = bytes ?? from?.shared()
    super(body)
    this.url = from?.url ?? new URL(String(input)).href
    this.method = readMethod(init.method ?? from?.method ?? 'GET')
    if (body !== undefined && (this.method === 'GET' || this.method === 'HEAD')) {
      throw new TypeError(`a ${this.method} request has no body`)
    }
    this.headers = new Headers(init.headers ?? from?.headers)
    if (type !== '' && !this.headers.has('content-type')) this.headers.set('content-type', type)
    this.redirect = readRedirect(init.redirect ?? from?.redirect ?? 'follow')
    const signal = init.signal ?? from?.signal ?? new AbortSignal()
    if (!(signal instanceof AbortSignal)) throw new TypeError('signal is an AbortSignal')
    this.signal = signal
  }

  clone(): Request {
    return new Request(this)
  }

  get [Symbol.toStringTag](): string {
    return 'Request'
  }
}

function readMethod(method: unknown): string {
  const text = String(method)
  const upper = text.toUpperCase()
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text) || forbidden.includes(upper)) {
    throw new TypeError(`'${text.slice(0, 100)}' is no method of a request`)
  }
  return known.includes(upper) ? upper : text
}

function readRedirect(redirect: unknown): 'follow' | 'error' | 'manual' {
  if (redirect === 'follow' || redirect === 'error' || redirect === 'manual') return redirect
  throw new TypeError("redirect is 'follow', 'error' or 'manual'")
}
