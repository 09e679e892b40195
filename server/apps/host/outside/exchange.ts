import { type Agent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP } from 'node:net'
import type { Readable } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import type { FetchAnswer } from '../../../../sandbox-api/outside/words.ts'
import { HEADER_BYTES } from './limits.ts'
import type { Premises } from './premises.ts'
import { Refusal } from './refusal.ts'

interface Exchange {
  readonly url: URL
  readonly method: string
  readonly headers: readonly [string, string][]
  readonly body: Uint8Array | undefined
  /** Where to connect to, whatever the name means by then. */
  readonly addresses: readonly string[]
  readonly agent: Agent
  readonly signal: AbortSignal
  readonly bytesMax: number
  readonly premises: Premises
}

type Answer = Omit<FetchAnswer, 'url' | 'redirected'>

/** They say how a message is carried, which is not the script's to decide (RFC 9110 §7.6.1). */
const carrying = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** One request and its answer, read to the end and unpacked. */
export function exchange(given: Exchange): Promise<Answer> {
  const { url, method, body, addresses, agent, signal } = given
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const options: RequestOptions = {
    method,
    agent,
    signal,
    headers: headersOf(given),
    maxHeaderSize: HEADER_BYTES,
    // For names; Node connects to a literal address as it stands, which was checked as it stands.
    lookup: (_name, { all }, found) => {
      const known = addresses.map(address => ({ address, family: isIP(address) }))
      if (all) found(null, known)
      else found(null, known[0]!.address, known[0]!.family)
    },
  }
  const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, options, answer => {
    read(answer, given).then(resolve, error => {
      request.destroy()
      reject(error)
    })
  })
  request.on('error', reject)
  request.end(body)
  return promise
}

function headersOf({ headers, method, body }: Exchange): Record<string, string[]> {
  const sent = new Map<string, string[]>([
    ['accept', ['*/*']],
    ['accept-encoding', ['gzip, deflate, br']],
    ['user-agent', ['Cumulus']],
  ])
  const written = new Set<string>()
  for (const [name, value] of headers) {
    const key = name.toLowerCase()
    if (carrying.has(key)) continue
    sent.set(key, [...(written.has(key) ? sent.get(key)! : []), value])
    written.add(key)
  }
  if (body !== undefined || method === 'POST' || method === 'PUT')
    sent.set('content-length', [String(body?.length ?? 0)])
  return Object.fromEntries(sent)
}

async function read(answer: IncomingMessage, { method, bytesMax, premises }: Exchange): Promise<Answer> {
  const headers: [string, string][] = []
  for (let at = 0; at < answer.rawHeaders.length; at += 2)
    headers.push([answer.rawHeaders[at]!, answer.rawHeaders[at + 1]!])
  const status = answer.statusCode ?? 0
  const isEmpty = method === 'HEAD' || status === 204 || status === 304
  if (isEmpty) answer.resume()
  const body = isEmpty ? new Uint8Array(0) : await readAll(unpacked(answer), bytesMax, premises)
  return { status, statusText: answer.statusMessage ?? '', headers, body }
}

/** Past the limit it ends there: what never ends, or unpacks to a thousand times its size, costs no more than that. */
async function readAll(source: Readable, bytesMax: number, premises: Premises): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let length = 0
  try {
    for await (const part of source as AsyncIterable<Uint8Array>) {
      if (length + part.length > bytesMax)
        throw new Refusal('Error', `the answer is larger than apps.fetchBytes (${bytesMax})`)
      if (!premises.takeBytes(part.length)) throw new Refusal('Error', 'too many answers come in at once')
      length += part.length
      parts.push(part)
    }
    return new Uint8Array(Buffer.concat(parts, length))
  } finally {
    premises.giveBytes(length)
  }
}

function unpacked(answer: IncomingMessage): Readable {
  const unpack = unpackerOf(answer.headers['content-encoding'])
  if (unpack === undefined) return answer
  answer.on('error', error => unpack.destroy(error))
  return answer.pipe(unpack)
}

function unpackerOf(coding: string | undefined) {
  switch (coding?.trim().toLowerCase()) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip()
    case 'deflate':
      return createInflate()
    case 'br':
      return createBrotliDecompress()
    default:
      return undefined
  }
}
