import assert from 'node:assert/strict'
import { decodeAmf0 } from '../../server/media/amf0.ts'
import { encodeCommand } from '../../server/protocol/netconnection/command.ts'
import { ClientHandshake } from '../../server/protocol/rtmp/handshake.ts'
import { rtmpLimits } from '../../server/protocol/rtmp/limits.ts'
import { type Message, MessageType } from '../../server/protocol/rtmp/message.ts'
import { RtmpSession } from '../../server/protocol/rtmp/rtmp-session.ts'

/** An application that is not up yet takes its time to answer, and more of it on a busy machine. */
const patienceMs = 60_000

/** A client that has no socket, only requests. */
export class TunnelClient {
  readonly messages: Message[] = []
  readonly intervals: number[] = []
  readonly #base: string
  readonly #session: RtmpSession
  #unsent: Buffer[] = []
  #id = ''
  #number = 0
  #isReady = false

  constructor(base: string) {
    this.#base = base
    const host = {
      write: (bytes: Buffer) => void this.#unsent.push(bytes),
      ready: () => {
        this.#isReady = true
      },
      message: (message: Message) => void this.messages.push(message),
      failed: (error: Error) => {
        throw error
      },
    }
    this.#session = new RtmpSession(host, new ClientHandshake(), rtmpLimits, 0)
  }

  /** Opened, and let in. */
  static async connect(base: string): Promise<TunnelClient> {
    const client = new TunnelClient(base)
    await client.open()
    await client.until(() => client.#isReady)
    client.command('connect', 1, { app: 'live', tcUrl: 'rtmpt://127.0.0.1/live' })
    await client.until(() => client.commands.includes('_result'))
    return client
  }

  get id(): string {
    return this.#id
  }

  async open(): Promise<void> {
    const answer = await post(`${this.#base}/open/1`)
    this.#id = answer.bytes.toString().trim()
    assert.equal(answer.bytes.at(-1), 10)
    this.#session.start()
  }

  /** Sends what there is, and takes what comes back. */
  async exchange(number = this.#number++): Promise<void> {
    const bytes = Buffer.concat(this.#unsent.splice(0))
    const verb = bytes.length > 0 ? 'send' : 'idle'
    const answer = await post(`${this.#base}/${verb}/${this.#id}/${number}`, bytes)
    assert.equal(answer.status, 200)
    this.intervals.push(answer.bytes[0]!)
    this.#session.receive(answer.bytes.subarray(1), 0)
  }

  /** Until something has come. */
  async until(isSo: () => boolean): Promise<void> {
    const last = performance.now() + patienceMs
    while (!isSo()) {
      if (performance.now() > last) assert.fail(`in vain: ${isSo}`)
      await this.exchange()
    }
  }

  command(name: string, transactionId: number, object: unknown = null): void {
    this.#session.send(encodeCommand(0, name, { transactionId, object }))
  }

  /** Names of the commands that came. */
  get commands(): unknown[] {
    return this.messages
      .filter(({ type }) => type === MessageType.CommandAmf0)
      .map(message => decodeAmf0(message.payload)[0])
  }

  leave(): Promise<{ status: number }> {
    return post(`${this.#base}/close/${this.#id}/${this.#number++}`)
  }
}

export async function post(url: string, body?: Uint8Array): Promise<{ status: number; bytes: Buffer }> {
  const response = await fetch(url, { method: 'POST', ...(body && body.length > 0 && { body: new Uint8Array(body) }) })
  return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()) }
}
