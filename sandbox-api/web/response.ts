import { Body, type BodyInit, readBody } from './body.ts'
import { Headers } from './headers.ts'

interface ResponseInit {
  status?: number
  statusText?: string
  headers?: ConstructorParameters<typeof Headers>[0]
}

/** Where an answer came from; set by fetch. */
interface Origin {
  url: string
  redirected: boolean
}

/** What fetch gives, after the Fetch Standard as far as a server needs it: the body is there when the promise is fulfilled. */
export class Response extends Body {
  readonly status: number
  readonly statusText: string
  readonly headers: Headers
  readonly #origin: Origin

  constructor(body?: BodyInit, options?: ResponseInit | null, origin: Origin = { url: '', redirected: false }) {
    const init = options ?? {}
    const { bytes, type } = readBody(body)
    super(bytes)
    this.status = init.status ?? 200
    this.statusText = init.statusText ?? ''
    this.headers = new Headers(init.headers)
    this.#origin = origin
    if (type !== '' && !this.headers.has('content-type')) this.headers.set('content-type', type)
  }

  get ok(): boolean {
    return this.status >= 200 && this.status <= 299
  }

  get url(): string {
    return this.#origin.url
  }

  get redirected(): boolean {
    return this.#origin.redirected
  }

  clone(): Response {
    return new Response(this.shared(), this, this.#origin)
  }

  get [Symbol.toStringTag](): string {
    return 'Response'
  }
}
