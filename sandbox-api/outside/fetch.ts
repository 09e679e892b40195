import { DomException } from '../web/dom-exception.ts'
import { Request, type RequestInit } from '../web/request.ts'
import { Response } from '../web/response.ts'
import type { URL } from '../web/url.ts'
import type { Door } from './door.ts'
import type { FetchAnswer } from './words.ts'

/** The web's fetch, through the door. */
export function fetchThrough(door: Door) {
  return async function fetch(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
    const request = new Request(input, init)
    const { url, method, redirect, signal } = request
    signal.throwIfAborted()
    const body = request.method === 'GET' || request.method === 'HEAD' ? undefined : await request.bytes()
    const headers = [...request.headers]
    let id = 0
    const abort = () => door.abandon(id, signal.reason ?? new DomException('This operation was aborted', 'AbortError'))
    signal.addEventListener('abort', abort, { once: true })
    try {
      const ask = { noun: 'fetch', what: 'fetch', url, method, headers, body, redirect } as const
      const asked = door.ask(ask, (body?.length ?? 0) + url.length * 2, given => {
        id = given
      })
      return responseOf((await asked) as FetchAnswer)
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }
}

function responseOf({ body, status, statusText, headers, url, redirected }: FetchAnswer): Response {
  return new Response(body, { status, statusText, headers }, { url, redirected })
}
