import { CodedError } from '../../base/errors.ts'
import { nameCharsMax } from '../../hub/address.ts'
import type { Bandwidth } from '../../hub/client.ts'
import type { CallResult, Verdict } from '../../hub/judge.ts'
import { Amf0Reader } from '../../media/amf0.ts'
import { decodeUserControl, UserEvent } from '../rtmp/control.ts'
import { type Message, MessageType } from '../rtmp/message.ts'
import { BandwidthTest } from './bandwidth-test.ts'
import { type Command, type CommandParts, decodeCommand, encodeCommand, firstArg, readArgs } from './command.ts'
import { bandwidthTestsMax, callArgsBytes } from './limits.ts'
import { NetStream } from './net-stream.ts'
import type { PendingCalls } from './pending-calls.ts'
import { SharedLink } from './shared-link.ts'
import { callStatus, connectStatus, playStatus, publishStatus, type Status, status } from './status.ts'
import type { StreamContext } from './stream-context.ts'

type Handler = (connected: Connected, command: Command, streamId: number) => void

/** What an accepted client may do: hold streams, call its application, answer our calls. */
export class Connected {
  /**
   * Commands of the connection that are the server's own to handle, by name. Any other is a call to the application;
   * since names are looked up in maps alone, one named `constructor` is no different.
   */
  static readonly #handlers: ReadonlyMap<string, Handler> = new Map<string, Handler>([
    ['connect', (connected, command) => connected.#fail(command, connectStatus.again())],
    ['createStream', (connected, command) => connected.#createStream(command)],
    ['deleteStream', (connected, command, streamId) => connected.#deleteStream(command, streamId)],
    ['getStreamLength', (connected, command) => connected.#streamLength(command)],
    // Nothing has to be released before it is published.
    ['releaseStream', (connected, command) => connected.#answer(command, undefined)],
    ['FCPublish', (connected, command) => connected.#announce(command, 'onFCPublish', 'NetStream.Publish.Start')],
    ['FCUnpublish', (connected, command) => connected.#unpublish(command)],
    ['FCSubscribe', (connected, command) => connected.#announce(command, 'onFCSubscribe', 'NetStream.Play.Start')],
    // Flash's own, which only want an answer.
    ['checkBandwidth', (connected, command) => connected.#checkBandwidth(command)],
    ['_checkbw', (connected, command) => connected.#answer(command, undefined)],
    ['initStream', (connected, command) => connected.#answer(command, undefined)],
    ['setPeerInfo', (connected, command) => connected.#answer(command, undefined)],
    ['_result', (connected, command) => connected.#answered(command, true)],
    ['_error', (connected, command) => connected.#answered(command, false)],
  ])

  readonly context: StreamContext
  readonly bandwidth: BandwidthTest
  readonly #streams = new Map<number, NetStream>()
  /** Streams whose creation has not been allowed yet, and what was sent to them ahead of that. */
  readonly #reserved = new Map<number, Message[]>()
  readonly #streamsMax: number
  readonly #calls: PendingCalls
  /** Measurements the client asked for, and what the last one came to. */
  #bandwidthTests = 0
  #bandwidth: Bandwidth | null = null
  /** Made for the first message: most clients never send one. */
  #shared: SharedLink | null = null

  /** @param calls ours, which the client answers. */
  constructor(context: StreamContext, streamsMax: number, calls: PendingCalls) {
    this.context = context
    this.bandwidth = new BandwidthTest(context.channel, context.encoding)
    this.#streamsMax = streamsMax
    this.#calls = calls
  }

  receive(message: Message): void {
    const ahead = this.#reserved.size > 0 ? this.#reserved.get(message.streamId) : undefined
    if (ahead) {
      this.context.ahead.take(message)
      ahead.push(message)
      return
    }
    switch (message.type) {
      case MessageType.CommandAmf0:
      case MessageType.CommandAmf3:
        this.#command(decodeCommand(message), message.streamId)
        return
      case MessageType.UserControl:
        this.#control(message)
        return
      case MessageType.Audio:
      case MessageType.Video:
      case MessageType.DataAmf0:
      case MessageType.DataAmf3:
        this.#streams.get(message.streamId)?.receive(message)
        return
      case MessageType.SharedObjectAmf0:
      case MessageType.SharedObjectAmf3:
        this.#shared ??= new SharedLink(this.context)
        this.#shared.receive(message)
        return
      default:
      // What else may come asks for nothing.
    }
  }

  /** The connection is gone, and the hub hears of it as a whole. */
  gone(failure: string | null): void {
    for (const stream of this.#streams.values()) stream.gone(failure)
    this.#streams.clear()
    this.#reserved.clear()
    this.bandwidth.ended()
  }

  /** Players say how long their buffer is, and how often is up to them. */
  #control(message: Message): void {
    const { event, value, bufferMs } = decodeUserControl(message.payload)
    if (event === UserEvent.SetBufferLength) this.#streams.get(value)?.buffer(bufferMs)
  }

  #command(command: Command, streamId: number): void {
    const { name } = command
    if (NetStream.handles(name)) {
      const stream = this.#streams.get(streamId)
      if (stream) stream.command(command)
      else this.#refuseStream(name, streamId)
      return
    }
    const handler = Connected.#handlers.get(name)
    if (handler) handler(this, command, streamId)
    else this.#call(command)
  }

  #refuseStream(name: string, streamId: number): void {
    const { channel, encoding } = this.context
    const reply = refusalOf(name, publishStatus.noStream(streamId), playStatus.noStream(streamId))
    if (reply) channel.send(encodeCommand(encoding, 'onStatus', { streamId, args: [reply] }))
  }

  #createStream(command: Command): void {
    if (this.#streams.size + this.#reserved.size >= this.#streamsMax) {
      this.#fail(command, callStatus.tooManyStreams(this.#streamsMax))
      return
    }
    // The lowest that is free: players who hold their stream under the same number share their bytes.
    let id = 1
    while (this.#streams.has(id) || this.#reserved.has(id)) id++
    this.#reserved.set(id, [])
    const { hub, client, safely } = this.context
    const request = { what: 'createStream', streamId: id } as const
    hub.permit(client, request, verdict => safely(() => this.#created(command, id, verdict)))
  }

  #created(command: Command, id: number, verdict: Verdict): void {
    const ahead = this.#reserved.get(id)
    // The connection has ended meanwhile.
    if (!ahead) return
    this.#reserved.delete(id)
    this.context.ahead.give(ahead)
    if (!verdict.ok) {
      this.#fail(command, callStatus.streamRefused(verdict.text))
      return
    }
    this.#streams.set(id, new NetStream(id, this.context))
    this.#answer(command, id)
    for (const message of ahead) this.receive(message)
  }

  /** Some name the stream as an argument, some send it on the stream itself; one that is not there harms nobody. */
  #deleteStream(command: Command, streamId: number): void {
    const [given] = readArgs(command, 1)
    const id = typeof given === 'number' ? given : streamId
    this.#streams.get(id)?.end()
    this.#streams.delete(id)
    this.#answer(command, undefined)
  }

  /** Encoders of Flash's family wait for this before they go on. */
  #announce(command: Command, name: string, code: string): void {
    const [given] = readArgs(command, 1)
    this.#answer(command, undefined)
    this.#send(name, { args: [status(code, typeof given === 'string' ? given.slice(0, nameCharsMax) : '')] })
  }

  #unpublish(command: Command): void {
    const [given] = readArgs(command, 1)
    for (const stream of this.#streams.values()) {
      if (typeof given === 'string' && stream.publishes(given)) stream.close()
    }
    this.#announce(command, 'onFCUnpublish', 'NetStream.Unpublish.Success')
  }

  /** Flash's clients are told in kilobits and seconds, as Adobe's server does it: rate, sent, time, and latency in ms. */
  #checkBandwidth(command: Command): void {
    this.#answer(command, null)
    if (this.#bandwidthTests >= bandwidthTestsMax) return this.#tellBandwidth()
    this.#bandwidthTests++
    this.bandwidth.measure(measured => {
      this.#bandwidth = measured ?? this.#bandwidth
      if (measured) this.context.safely(() => this.#tellBandwidth())
    })
  }

  #tellBandwidth(): void {
    if (!this.#bandwidth) return
    const { maximum, bytes, ms, latency } = this.#bandwidth
    const args = [Math.round((maximum * 8) / 1000), (bytes * 8) / 1000, ms / 1000, Math.round(latency)]
    this.#send('onBWDone', { args })
  }

  /** Seconds of the recording; 0 of what is live, not there, or not the client's to read. */
  #streamLength(command: Command): void {
    const [given] = readArgs(command, 1)
    const { hub, client, safely } = this.context
    if (typeof given !== 'string') return this.#answer(command, 0)
    hub.streamLength(client, given, seconds => safely(() => this.#answer(command, seconds)))
  }

  #answered(command: Command, ok: boolean): void {
    const value = firstArg(command)
    this.#calls.answer(command.transactionId, ok ? { ok, value } : { ok, value, text: descriptionIn(value) })
  }

  #call(command: Command): void {
    const { client, hub, safely } = this.context
    const { name, args, transactionId } = command
    if (args.length > callArgsBytes) this.#fail(command, callStatus.argsTooLong(args.length, callArgsBytes))
    else hub.call(client, name, args, transactionId === 0, result => safely(() => this.#callAnswered(command, result)))
  }

  #callAnswered(command: Command, result: CallResult): void {
    const { transactionId } = command
    switch (result.how) {
      case 'value':
        // Sent even when no answer was asked for: the script wants it said.
        this.#send('_result', { transactionId, args: result.value })
        return
      case 'nothing':
        this.#answer(command, null)
        return
      case 'error':
        this.#fail(command, callStatus.failed(result.text))
        return
      default:
        result satisfies never
    }
  }

  #answer({ transactionId }: Command, value: unknown): void {
    if (transactionId !== 0) this.#send('_result', { transactionId, args: [value] })
  }

  #fail({ transactionId }: Command, status: Status): void {
    if (transactionId !== 0) this.#send('_error', { transactionId, args: [status] })
  }

  #send(name: string, parts: CommandParts): void {
    this.context.channel.send(encodeCommand(this.context.encoding, name, parts))
  }
}

/** The words of a client's `_error`, whose value is an info object if it keeps to the custom. */
function descriptionIn(value: Uint8Array): string {
  try {
    const info = new Amf0Reader(value).read() as { description?: unknown } | null | undefined
    return typeof info?.description === 'string' ? info.description : ''
  } catch (error) {
    if (error instanceof CodedError) return ''
    throw error
  }
}

/** What a client hears whose stream command cannot be served; the smaller ones are passed over. */
export function refusalOf(name: string, publish: Status, play: Status): Status | undefined {
  if (name === 'publish') return publish
  return name === 'play' || name === 'play2' ? play : undefined
}
