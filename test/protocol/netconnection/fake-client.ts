import type { CodedError } from '../../../server/base/errors.ts'
import { type Log, type Subject, silentLog } from '../../../server/base/log.ts'
import type { PeerFigures } from '../../../server/hub/client.ts'
import { Hub } from '../../../server/hub/hub.ts'
import type { Judge, Witness } from '../../../server/hub/judge.ts'
import type { FormEncoder, WireForm } from '../../../server/hub/outlet.ts'
import { decodeAmf0 } from '../../../server/media/amf0.ts'
import type { Frame } from '../../../server/media/frame.ts'
import type { Reading } from '../../../server/media/readable.ts'
import type { MessageChannel } from '../../../server/protocol/netconnection/channel.ts'
import { encodeCommand, withoutEnvelope } from '../../../server/protocol/netconnection/command.ts'
import { NetConnection } from '../../../server/protocol/netconnection/net-connection.ts'
import { type Message, MessageType } from '../../../server/protocol/rtmp/message.ts'
import { ManualClock } from '../../support/manual-clock.ts'

/** Allows everything; knows one application. */
export const accepting: Judge = {
  locate: path => ({ found: true, app: '/live', room: path.split('/')[1] ?? '' }),
  handshake: (_client, answer) => answer({ ok: true }),
  connect: (_client, answer) => answer({ ok: true, info: null }),
  publish: (_client, _publication, answer) => answer({ ok: true }),
  conflict: (_client, _publication, answer) => answer(undefined),
  subscribe: (_client, _listener, answer) => answer({ ok: true }),
  permit: (_client, _request, answer) => answer({ ok: true }),
  call: (_client, name, _args, _silent, answer) => answer({ how: 'error', text: `Method '${name}' not found` }),
}

/** Writes down what it is told, in words. */
export class Witnessed implements Witness {
  readonly told: string[] = []
  #failure = ''

  clientKnown() {}
  clientJoined() {
    this.told.push('joined')
  }
  clientRejected(_client: unknown, text: string) {
    this.told.push(`rejected: ${text}`)
  }
  clientFailed(_client: unknown, failure: string) {
    this.#failure = `: ${failure}`
  }
  clientLeft() {
    this.told.push(`left${this.#failure}`)
    this.#failure = ''
  }
  publicationChanged() {}
  publicationRemoved() {}
  published() {
    this.told.push('published')
  }
  unpublished() {
    this.told.push('unpublished')
  }
  listenerKnown() {}
  listenerJoined() {
    this.told.push('listening')
  }
  listenerLeft(_listener: unknown, joined: boolean) {
    this.told.push(joined ? 'listened' : 'not listening')
  }
  metadataChanged() {}
  codecsChanged() {}
  recorded() {}
}

/** Small, so that tests reach them. */
export const worldLimits = {
  listener: { queueBytes: 1000, queueMs: 1000, lagMs: 5000, mergeMs: 0 },
  publication: { staleMs: 2000, graceMs: 5000, gopBytes: 100_000, gopFrames: 100 },
}

export class World {
  readonly clock = new ManualClock()
  readonly witness = new Witnessed()
  readonly hub: Hub
  readonly logged: { level: string; text: string; subject: Subject }[] = []
  readonly log: Log

  constructor(judge: Partial<Judge> = {}) {
    const line = (level: string) => (subject: Subject, text: string) => void this.logged.push({ level, text, subject })
    const log: Log = {
      ...silentLog,
      error: line('error'),
      warn: line('warn'),
      info: line('info'),
      child: () => log,
    }
    this.log = log
    this.hub = new Hub({
      judge: { ...accepting, ...judge },
      witness: this.witness,
      clock: this.clock,
      log: this.log,
      limits: worldLimits,
      defer: run => run(),
    })
  }

  client(): FakeClient {
    return new FakeClient(this)
  }

  connected(properties: object = { app: 'live' }): FakeClient {
    const client = this.client()
    client.command('connect', 1, properties)
    client.take()
    return client
  }
}

/** What a client was sent, as tests compare it. */
export type Sent =
  | [name: string, transactionId: number, object: unknown, ...args: unknown[]]
  | { frame: string }
  | { type: number; payload: string }

/** A client without a wire: what it was sent is in `sent`, oldest first. */
export class FakeClient implements MessageChannel {
  readonly protocol = 'rtmp'
  readonly secure = false
  readonly address = '192.0.2.1:5000'
  readonly net: NetConnection
  readonly #sent: { streamId: number; sent: Sent }[] = []
  readonly types: number[] = []
  /** What its players can read, one for each play(). */
  readonly readings: Reading[] = []
  readonly probes: ((ms: number) => void)[] = []
  queuedBytes = 0
  ended = false
  failure: CodedError | null = null

  constructor(world: World) {
    this.net = new NetConnection({ hub: world.hub, channel: this, log: world.log, streams: 4 })
  }

  command(name: string, transactionId: number, object: unknown = null, args: unknown[] = [], streamId = 0): void {
    this.net.receive(encodeCommand(0, name, { transactionId, object, args, streamId }))
  }

  /** A command of a stream: no transaction, no object. */
  stream(streamId: number, name: string, ...args: unknown[]): void {
    this.command(name, 0, null, args, streamId)
  }

  createStream(): number {
    this.command('createStream', 2)
    const answer = this.take().at(-1)
    return (answer as [string, number, null, number])[3]
  }

  media(type: number, streamId: number, timestamp: number, bytes: readonly number[] | Uint8Array): void {
    this.net.receive({ type, streamId, timestamp, payload: Buffer.from(bytes) })
  }

  /** What it was sent since the last time. */
  take(): Sent[] {
    return this.#sent.splice(0).map(({ sent }) => sent)
  }

  /** The codes of the statuses it was sent since the last time, on this stream. */
  codes(streamId: number): string[] {
    return this.#sent
      .splice(0)
      .flatMap(({ streamId: id, sent }) => (id === streamId && Array.isArray(sent) ? [sent] : []))
      .filter(([name]) => name === 'onStatus')
      .map(([, , , info]) => (info as { code: string }).code)
  }

  send(message: Message): void {
    this.types.push(message.type)
    this.#sent.push({ streamId: message.streamId, sent: read(message) })
  }

  welcome(): void {
    this.#sent.push({ streamId: 0, sent: { type: 0, payload: 'welcome' } })
  }

  form(streamId: number, reading: Reading): WireForm {
    this.readings.push(reading)
    return { key: `fake:${streamId}`, encoder: () => fakeEncoder }
  }

  counted(): void {}

  sendEncoded(bytes: Buffer): void {
    for (const frame of bytes.toString().trim().split(' ')) this.#sent.push({ streamId: -1, sent: { frame } })
  }

  ping(): void {
    this.#sent.push({ streamId: 0, sent: { type: 4, payload: 'ping' } })
  }

  probe(messages: readonly Message[], ponged: (ms: number) => void): void {
    for (const message of messages) this.send(message)
    this.probes.push(ponged)
  }

  figures(): PeerFigures {
    return { ping: 7, bytesIn: 1, bytesOut: 2, messagesIn: 4, messagesOut: 5, silence: 3 }
  }

  end(): void {
    this.ended = true
  }

  fail(error: CodedError): void {
    this.failure = error
    this.net.ended(error.message)
  }
}

/** `key@40` on the shared way, `(key@40)` for one listener alone. */
const fakeEncoder: FormEncoder = {
  shared: (frame, out) => void out.push(Buffer.from(`${nameOf(frame)}@${frame.timestamp} `)),
  entry: (frame, timestamp, out) => void out.push(Buffer.from(`(${nameOf(frame)}@${timestamp}) `)),
}

function nameOf({ kind, role }: Frame): string {
  return `${kind === 8 ? 'audio' : kind === 9 ? 'video' : 'data'}-${role}`
}

function read(message: Message): Sent {
  const { type, payload } = message
  if (type === MessageType.CommandAmf0 || type === MessageType.CommandAmf3) {
    return decodeAmf0(withoutEnvelope(message)) as Sent
  }
  if (type === MessageType.DataAmf0) return ['data', 0, null, ...decodeAmf0(payload)]
  return { type, payload: payload.toString('hex') }
}
