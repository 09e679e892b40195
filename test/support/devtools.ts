import assert from 'node:assert/strict'
import { once } from 'node:events'
import { WebSocket } from 'ws'

type Params = Record<string, unknown>

/** An event of the Chrome DevTools Protocol, or an answer; read by those who know which. */
// biome-ignore lint/suspicious/noExplicitAny: the protocol has hundreds of shapes
type Found = any

/** A debugger, as a script: speaks the Chrome DevTools Protocol over a WebSocket. */
export class DevTools implements AsyncDisposable {
  readonly events: { method: string; params: Found }[] = []
  readonly #socket: WebSocket
  readonly #answers = new Map<number, (message: { result?: Found; error?: { message: string } }) => void>()
  #id = 0
  #woken: () => void = () => {}

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', data => {
      const message = JSON.parse(String(data))
      if (message.id === undefined) this.events.push(message)
      else {
        this.#answers.get(message.id)?.(message)
        this.#answers.delete(message.id)
      }
      this.#woken()
    })
  }

  static async attach(url: string): Promise<DevTools> {
    const socket = new WebSocket(url)
    const tools = new DevTools(socket)
    await once(socket, 'open')
    return tools
  }

  /** Asks, and rejects with the text of an error. */
  async send(method: string, params: Params = {}): Promise<Found> {
    const id = ++this.#id
    const { promise, resolve } = Promise.withResolvers<{ result?: Found; error?: { message: string } }>()
    this.#answers.set(id, resolve)
    this.#socket.send(JSON.stringify({ id, method, params }))
    const { result, error } = await promise
    assert.equal(error, undefined, `${method}: ${error?.message}`)
    return result
  }

  /** What comes with the first such event, come already or to come, from event number `from` on. */
  async event(method: string, from = 0, fits: (params: Found) => boolean = () => true): Promise<Found> {
    for (;;) {
      const found = this.events.slice(from).find(event => event.method === method && fits(event.params))
      if (found) return found.params
      await new Promise<void>(resolve => {
        this.#woken = resolve
      })
    }
  }

  /** Resolves when the other end has closed it. */
  async closed(): Promise<void> {
    if (this.#socket.readyState !== WebSocket.CLOSED) await once(this.#socket, 'close')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close()
    await this.closed()
  }
}
