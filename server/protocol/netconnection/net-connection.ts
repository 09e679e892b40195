import { CodedError, messageOf } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import type { Bandwidth, CallOptions, Client, Farewell, Peer, PeerFigures, StatusOptions } from '../../hub/client.ts'
import type { ConnectOutcome, Reception } from '../../hub/hub.ts'
import { type Message, MessageType } from '../rtmp/message.ts'
import { AheadBudget } from './ahead.ts'
import type { MessageChannel } from './channel.ts'
import { type Command, decodeCommand, encodeCommand, encodeStatus } from './command.ts'
import { membersOf, successOf } from './connect-success.ts'
import { Connected, refusalOf } from './connected.ts'
import type { Conversation } from './conversation.ts'
import { encodingOf, introduce } from './introduction.ts'
import { droppableQueueBytes } from './limits.ts'
import { PendingCalls } from './pending-calls.ts'
import { callStatus, connectStatus, elsewhere, playStatus, publishStatus, status } from './status.ts'

export interface NetConnectionOptions {
  readonly hub: Reception
  readonly channel: MessageChannel
  readonly log: Log
  /** Streams it may hold at once. */
  readonly streams: number
}

interface AwaitingVerdict {
  readonly name: 'awaiting-verdict'
  readonly transactionId: number
  /** Null while the hub is being asked. */
  client: Client | null
  /** What the client sent ahead of its verdict, to be handled after it. */
  readonly ahead: Message[]
}

type State =
  | { readonly name: 'fresh' }
  | AwaitingVerdict
  | { readonly name: 'connected'; readonly connected: Connected }
  | { readonly name: 'closed' }

/**
 * A client's conversation with the server, as Flash's NetConnection has it: connect, then streams and calls.
 *
 *     fresh ── connect ──► awaiting-verdict ── yes ──► connected ──► closed
 *                                └──────────── no ────────────────────▲
 *
 * It knows no sockets and no chunks, only messages; and no script, only the hub. It is the hub's Peer.
 */
export class NetConnection implements Peer, Conversation {
  readonly #hub: Reception
  readonly #channel: MessageChannel
  readonly #streams: number
  #log: Log
  #state: State = { name: 'fresh' }
  #encoding: 0 | 3 = 0
  readonly #ahead = new AheadBudget()
  readonly #calls = new PendingCalls()

  constructor({ hub, channel, log, streams }: NetConnectionOptions) {
    this.#hub = hub
    this.#channel = channel
    this.#log = log
    this.#streams = streams
  }

  /** Nothing has been asked of it yet: the wire's timeout runs. */
  get isFresh(): boolean {
    return this.#state.name === 'fresh'
  }

  /** What the log knows it by. */
  get log(): Log {
    return this.#log
  }

  /** The client speaks first. */
  ready(): void {}

  /** A message of the client. Throws a ProtocolError when it breaks the protocol. */
  receive(message: Message): void {
    const state = this.#state
    switch (state.name) {
      case 'fresh':
        if (isCommand(message)) this.#command(decodeCommand(message), message.streamId)
        return
      case 'awaiting-verdict':
        this.#ahead.take(message)
        state.ahead.push(message)
        return
      case 'connected':
        state.connected.receive(message)
        return
      case 'closed':
        return
      default:
        state satisfies never
    }
  }

  /** The wire has ended. `failure`: what broke, in words for the application; null after a clean end. Harmless twice. */
  ended(failure: string | null): void {
    const state = this.#close()
    if (state.name === 'awaiting-verdict' && state.client) this.#hub.leave(state.client, failure)
    else if (state.name === 'connected') this.#leave(state.connected, failure)
  }

  // ------------------------------------------------------------------------------------------- for the hub

  call(name: string, args: Uint8Array, { droppable = false, answered }: CallOptions): void {
    const isHere = this.#state.name === 'connected'
    if (!isHere || (droppable && this.#lags)) {
      answered?.({ ok: false, text: isHere ? 'the client lags' : 'the client has left' })
      return
    }
    this.#safely(() => {
      const transactionId = answered ? this.#calls.add(answered) : 0
      if (transactionId !== null) this.#channel.send(encodeCommand(this.#encoding, name, { transactionId, args }))
    })
  }

  status(code: string, description: string, { droppable = false, tcUrl }: StatusOptions = {}): void {
    if (this.#state.name !== 'connected' || (droppable && this.#lags)) return
    const plain = status(`NetConnection.${code}`, description)
    const information = tcUrl === undefined ? plain : { ...plain, tcUrl }
    this.#safely(() => this.#channel.send(encodeStatus(this.#encoding, 0, information)))
  }

  ping(): void {
    this.#channel.ping()
  }

  bandwidth(measured: (bandwidth: Bandwidth | null) => void): void {
    if (this.#state.name === 'connected') this.#state.connected.bandwidth.measure(measured)
    else measured(null)
  }

  figures(): PeerFigures {
    return this.#channel.figures()
  }

  close({ code, description, redirect, failure }: Farewell): void {
    const state = this.#close()
    this.#safely(() => {
      const farewell = elsewhere(connectStatus.farewell(code, description), redirect)
      if (state.name === 'awaiting-verdict') {
        if (state.client) this.#hub.leave(state.client, failure ?? null)
        this.#refuse(state.transactionId, { ...farewell, level: 'error' })
      } else if (state.name === 'connected') {
        this.#leave(state.connected, failure ?? null)
        this.#channel.send(encodeStatus(this.#encoding, 0, farewell))
        this.#channel.send(encodeCommand(this.#encoding, 'close'))
      }
      this.#channel.end()
    })
  }

  // -------------------------------------------------------------------------------------- before its success

  /** A command before connect(). */
  #command(command: Command, streamId: number): void {
    const { name, transactionId } = command
    if (name === 'connect') {
      this.#connect(command)
      return
    }
    const refusal = refusalOf(name, publishStatus.tooEarly(), playStatus.tooEarly())
    if (refusal) this.#channel.send(encodeStatus(0, streamId, refusal))
    else if (transactionId !== 0) {
      this.#channel.send(encodeCommand(0, '_error', { transactionId, args: [callStatus.tooEarly()] }))
    }
  }

  #connect(command: Command): void {
    const { transactionId } = command
    const result = introduce(command, this.#channel)
    if (!result.ok) {
      this.#decided(transactionId, { ok: false, code: 'Connect.Rejected', text: result.text })
      return
    }
    this.#encoding = encodingOf(command)
    const state: AwaitingVerdict = { name: 'awaiting-verdict', transactionId, client: null, ahead: [] }
    this.#state = state
    state.client = this.#hub.connect(result.introduction, this, outcome => {
      if (this.#state === state) this.#safely(() => this.#decided(transactionId, outcome))
    })
  }

  #decided(transactionId: number, outcome: ConnectOutcome): void {
    const before = this.#close()
    if (!outcome.ok) {
      this.#log.info({}, `connection refused: ${outcome.text}`)
      const { code, text, redirect, info } = outcome
      const status = elsewhere(connectStatus.refused(code, text), redirect)
      this.#refuse(transactionId, info ? { ...membersOf(info, this.#log), ...status } : status)
      this.#channel.end()
      return
    }
    const { client, info } = outcome
    this.#log = this.#log.child({ app: client.app, client: client.id })
    this.#channel.welcome()
    // Clients learn here that AMF3 is spoken; the answer itself is still AMF0, as Adobe's server sends it.
    const isEnhanced = client.facts.enhanced !== undefined
    const success = successOf({ encoding: this.#encoding, added: info, isEnhanced }, this.#log)
    this.#channel.send(encodeCommand(0, '_result', { transactionId, object: success.properties, args: [success.info] }))
    const context = {
      client,
      hub: this.#hub,
      channel: this.#channel,
      log: this.#log,
      encoding: this.#encoding,
      ahead: this.#ahead,
      safely: this.#safely,
    }
    this.#state = { name: 'connected', connected: new Connected(context, this.#streams, this.#calls) }
    this.#log.debug({ address: client.facts.address, room: client.facts.room }, 'connected')
    if (before.name !== 'awaiting-verdict') return
    this.#ahead.give(before.ahead)
    for (const message of before.ahead) this.receive(message)
  }

  /** The status comes first, for FFmpeg reads no further; older players want to be told to close as well. */
  #refuse(transactionId: number, information: object): void {
    this.#channel.send(encodeCommand(0, '_error', { transactionId, args: [information] }))
    this.#channel.send(encodeCommand(0, 'close'))
  }

  // ------------------------------------------------------------------------------------------------- within

  get #lags(): boolean {
    return this.#channel.queuedBytes > droppableQueueBytes
  }

  #close(): State {
    const before = this.#state
    this.#state = { name: 'closed' }
    return before
  }

  #leave(connected: Connected, failure: string | null): void {
    connected.gone(failure)
    this.#hub.leave(connected.context.client, failure)
    this.#calls.end('the client has left')
    this.#log.debug(failure === null ? {} : { failure }, 'left')
  }

  /** What runs here on somebody else's call ends this connection alone when it fails. */
  readonly #safely = (run: () => void): void => {
    try {
      run()
    } catch (thrown) {
      this.#channel.fail(thrown instanceof CodedError ? thrown : fault(thrown))
    }
  }
}

function isCommand({ type }: Message): boolean {
  return type === MessageType.CommandAmf0 || type === MessageType.CommandAmf3
}

function fault(thrown: unknown): CodedError {
  const error = new CodedError('server', 'netconnection.fault', `an answer could not be sent: ${messageOf(thrown)}`)
  error.cause = thrown
  return error
}
