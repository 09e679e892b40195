import { encode } from '../amf.ts'
import type { Outbox } from '../outbox.ts'
import type { Outside } from '../outside/outside.ts'
import { ErrorClass, list, SafeMap, setOwn } from '../primordials.ts'
import { decodePacket, encodePacket, type PacketHeader } from './amf-packet.ts'

/** An AMF gateway over HTTP (Flash Remoting): each call is a request of its own. */
export class Gateway {
  #url: string
  readonly #encoding: 0 | 3
  readonly #outside: Outside
  readonly #outbox: Outbox
  readonly #headers = new SafeMap<string, PacketHeader>()

  constructor(url: string, encoding: 0 | 3, outside: Outside, outbox: Outbox) {
    this.#url = url
    this.#encoding = encoding
    this.#outside = outside
    this.#outbox = outbox
  }

  header(name: string, mustUnderstand: boolean, object: unknown): void {
    if (object === undefined) this.#headers.delete(name)
    else this.#headers.set(name, { name, mustUnderstand, value: encode([object], this.#encoding, this.#outbox) })
  }

  async call(method: string, values: unknown[]): Promise<unknown> {
    const headers = list<PacketHeader>()
    this.#headers.forEach(header => {
      headers[headers.length] = header
    })
    const body = encodePacket(this.#encoding, headers, method, values, this.#outbox)
    const type = { 'content-type': 'application/x-amf' }
    const answer = await this.#outside.fetch(this.#url, { method: 'POST', headers: type, body })
    if (answer.status !== 200) throw new ErrorClass(`the gateway answered with the HTTP status ${answer.status}`)
    const packet = decodePacket(await answer.bytes())
    this.#follow(packet.headers)
    for (let i = 0; i < packet.messages.length; i++) {
      const { target, read } = packet.messages[i]!
      if (target === '/1/onResult') return read()
      if (target === '/1/onStatus') throw failureOf(read())
    }
    throw new ErrorClass('the gateway gave no answer to the call')
  }

  /** By these two a gateway keeps its session; where they lead is checked like any other request. */
  #follow(headers: [string, () => unknown][]): void {
    for (let i = 0; i < headers.length; i++) {
      const [name, read] = headers[i]!
      if (name !== 'AppendToGatewayUrl' && name !== 'ReplaceGatewayUrl') continue
      const value = read()
      if (typeof value === 'string') this.#url = name === 'AppendToGatewayUrl' ? `${this.#url}${value}` : value
    }
  }
}

/** What a gateway gave in place of a result, as an Error with it in `info`. */
function failureOf(info: unknown): Error {
  const object = (typeof info === 'object' && info !== null ? info : {}) as { description?: unknown }
  const { description } = object
  const error = new ErrorClass(typeof description === 'string' && description !== '' ? description : 'the call failed')
  setOwn(error, 'info', info)
  return error
}
