import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { FetchAnswer, FetchAsk } from '../../../../sandbox-api/outside/words.ts'
import { exchange } from './exchange.ts'
import { KEEP_ALIVE_MS, REDIRECTS } from './limits.ts'
import type { Permit } from './permit.ts'
import type { Premises } from './premises.ts'
import { Refusal } from './refusal.ts'

export interface FetcherOptions {
  readonly permit: Permit
  readonly premises: Premises
  /** Connections at once; more requests wait for one. */
  readonly sockets: number
  /** Milliseconds from the request to the last byte of its answer. */
  readonly timeout: number
  /** Bytes of one answer's body, unpacked. */
  readonly bytes: number
}

type Body = Uint8Array | undefined

/** What another origin must not learn (Fetch Standard, HTTP-redirect fetch). */
const confidential = new Set(['authorization', 'cookie', 'proxy-authorization'])
const aboutBody = new Set(['content-type', 'content-encoding', 'content-language', 'content-location'])

/**
 * HTTP requests of one version of an application. Each hop is checked anew, and connects only to addresses that were
 * checked: that is why this is Node's http and not its fetch, which resolves the name once more by itself.
 */
export class Fetcher {
  readonly #options: FetcherOptions
  readonly #http: HttpAgent
  readonly #https: HttpsAgent

  constructor(options: FetcherOptions) {
    const agent = {
      keepAlive: true,
      timeout: KEEP_ALIVE_MS,
      maxSockets: options.sockets,
      maxTotalSockets: options.sockets,
    }
    this.#options = options
    this.#http = new HttpAgent(agent)
    this.#https = new HttpsAgent(agent)
  }

  /** Rejects with a Refusal, or what the network says. */
  async fetch(ask: FetchAsk, aborted: AbortSignal): Promise<FetchAnswer> {
    const { timeout } = this.#options
    const late = AbortSignal.timeout(timeout)
    try {
      return await this.#follow(ask, AbortSignal.any([aborted, late]))
    } catch (error) {
      if (late.aborted)
        throw new Refusal(
          'TimeoutError',
          `${originOf(ask.url)} did not answer within apps.fetchTimeout (${timeout} ms)`,
        )
      throw error
    }
  }

  close(): void {
    this.#http.destroy()
    this.#https.destroy()
  }

  async #follow(ask: FetchAsk, signal: AbortSignal): Promise<FetchAnswer> {
    let url = readUrl(ask.url)
    let { method, headers } = ask
    let body: Body = ask.body
    for (let redirects = 0; ; redirects++) {
      const answer = await this.#hop(url, method, headers, body, signal)
      const location = isRedirect(answer.status)
        ? answer.headers.find(([name]) => name.toLowerCase() === 'location')
        : undefined
      if (location === undefined || ask.redirect === 'manual')
        return { ...answer, url: url.href, redirected: redirects > 0 }
      if (ask.redirect === 'error') throw new Refusal('TypeError', `${url.origin} redirects, and redirect is 'error'`)
      if (redirects >= REDIRECTS)
        throw new Refusal('TypeError', `more than ${REDIRECTS} redirects, the last by ${url.origin}`)
      const next = readUrl(location[1], url)
      if ((answer.status <= 302 && method === 'POST') || (answer.status === 303 && method !== 'HEAD')) {
        method = 'GET'
        body = undefined
        headers = headers.filter(([name]) => !aboutBody.has(name.toLowerCase()))
      }
      if (next.origin !== url.origin) headers = headers.filter(([name]) => !confidential.has(name.toLowerCase()))
      url = next
    }
  }

  async #hop(url: URL, method: string, headers: [string, string][], body: Body, signal: AbortSignal) {
    const { permit, premises, bytes } = this.#options
    const secure = url.protocol === 'https:'
    const port = portOf(url)
    // The name and its addresses; connections that are still open were checked when they were made.
    const addresses = await permit.addresses('fetch', url.hostname, port)
    signal.throwIfAborted()
    const agent = secure ? this.#https : this.#http
    return exchange({ url, method, headers, body, addresses, agent, signal, bytesMax: bytes, premises })
  }
}

export function readUrl(text: string, base?: URL): URL {
  const url = URL.parse(text, base?.href)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new Refusal(
      'TypeError',
      `fetch wants a URL that begins with http:// or https://, not '${text.slice(0, 200)}'`,
    )
  }
  if (url.username !== '' || url.password !== '')
    throw new Refusal('TypeError', 'a URL must not hold user and password: use the header Authorization')
  return url
}

function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308
}

/** For a message: paths and queries may hold secrets. */
function originOf(text: string): string {
  return URL.parse(text)?.origin ?? 'the server'
}

export function portOf(url: URL): number {
  return Number(url.port || (url.protocol === 'https:' ? 443 : 80))
}
