import { CodedError } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import type { ClientAnswer } from '../../hub/client.ts'
import type { CallResult } from '../../hub/judge.ts'
import type { SharedMessage } from '../../hub/shared-events.ts'
import { Amf0Reader, encodeAmf0 } from '../../media/amf0.ts'
import { decodeUserControl } from '../rtmp/control.ts'
import { type Message, MessageType } from '../rtmp/message.ts'
import type { MessageChannel } from './channel.ts'
import { type Command, decodeCommand, encodeCommand, firstArg } from './command.ts'
import type { Conversation } from './conversation.ts'
import { callArgsBytes, remoteStreamsMax, sharedQueueBytes } from './limits.ts'
import { PendingCalls } from './pending-calls.ts'
import { introductionOf, type RemoteTarget } from './remote-introduction.ts'
import { type RemoteStatus, readStatus } from './remote-status.ts'
import { type Agreed, RemoteStream, type StreamPart } from './remote-stream.ts'
import { decodeShared, encodeShared } from './shared-message.ts'
import { callStatus } from './status.ts'

/** Whose connection it is. Told `connected` or `refused` once, unless it ends before; `ended` always, and last. */
export interface RemoteOwner {
  connected(status: RemoteStatus): void
  refused(status: RemoteStatus): void
  /** A status of the connection itself. */
  status(status: RemoteStatus): void
  /** The other server calls a function of ours; `answer` may be called once. `args`: AMF0 values. */
  called(name: string, args: Uint8Array, answer: (result: CallResult) => void): void
  /** Of a shared object that lives there. */
  shared?(message: SharedMessage): void
  /** `failure`: what broke, null after a clean end. */
  ended(failure: string | null): void
}

export interface RemoteConnectionOptions {
  readonly channel: MessageChannel
  readonly target: RemoteTarget
  readonly owner: RemoteOwner
  readonly log: Log
}

/**
 * Our side of a connection to another server:
 *
 *     greeting ── handshake ──► asking ── yes ──► connected ──► closed
 *                                 └────── no ─────────────────────▲
 *
 * It knows messages only, as the other side of it, NetConnection, does.
 */
export class RemoteConnection implements Conversation {
  readonly log: Log
  readonly #channel: MessageChannel
  readonly #target: RemoteTarget
  readonly #owner: RemoteOwner
  readonly #calls = new PendingCalls('the server')
  readonly #streams = new Map<number, RemoteStream>()
  #state: 'greeting' | 'asking' | 'connected' | 'closed' = 'greeting'
  #agreed: Agreed = { encoding: 0, reading: { multitrack: false, modEx: false } }

  constructor({ channel, target, owner, log }: RemoteConnectionOptions) {
    this.#channel = channel
    this.#target = target
    this.#owner = owner
    this.log = log
  }

  get isFresh(): boolean {
    return this.#state === 'greeting' || this.#state === 'asking'
  }

  /** connect() is the first message: FFmpeg's server wants nothing before it, and AMF0 in it (RTMP 1.0 §7.2.1.1). */
  ready(): void {
    this.#state = 'asking'
    const transactionId = this.#calls.add(answer => this.#answered(answer))
    if (transactionId === null) return
    const { object, args } = introductionOf(this.#target)
    this.#channel.send(encodeCommand(0, 'connect', { transactionId, object, args }))
  }

  receive(message: Message): void {
    if (this.#state === 'closed') return
    switch (message.type) {
      case MessageType.CommandAmf0:
      case MessageType.CommandAmf3:
        this.#command(decodeCommand(message), message.streamId)
        return
      case MessageType.Audio:
      case MessageType.Video:
      case MessageType.DataAmf0:
      case MessageType.DataAmf3:
        this.#streams.get(message.streamId)?.media(message)
        return
      case MessageType.SharedObjectAmf0:
      case MessageType.SharedObjectAmf3:
        if (this.#state === 'connected') this.#owner.shared?.(decodeShared(message))
        return
      case MessageType.UserControl: {
        const { event, value } = decodeUserControl(message.payload)
        this.#streams.get(value)?.event(event)
        return
      }
      default:
    }
  }

  ended(failure: string | null): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#calls.end('the connection has ended')
    this.#streams.clear()
    this.#owner.ended(failure)
  }

  /** Ends it in order: what was sent leaves first. */
  close(): void {
    if (this.#state === 'closed') return
    this.ended(null)
    this.#channel.end()
  }

  /** `args`: AMF0 values in the encoding that was agreed on. Without `answered` no answer is asked for. */
  call(name: string, args: Uint8Array, answered?: (answer: ClientAnswer) => void): void {
    if (this.#state !== 'connected') {
      answered?.({ ok: false, text: 'not connected' })
      return
    }
    const transactionId = answered ? this.#calls.add(answered) : 0
    if (transactionId !== null) this.#send(name, transactionId, args)
  }

  /** Says something about a shared object that lives there; values in AMF0. */
  share(message: SharedMessage): void {
    if (this.#state !== 'connected') return
    if (this.#channel.queuedBytes > sharedQueueBytes) {
      const sentence = `too slow for its shared objects: more than ${sharedQueueBytes} bytes wait`
      return this.#channel.fail(new CodedError('peer', 'netconnection.shared.slow', sentence))
    }
    const type = this.#agreed.encoding === 3 ? MessageType.SharedObjectAmf3 : MessageType.SharedObjectAmf0
    this.#channel.send(encodeShared(message, type))
  }

  /** Has the other server make a stream; `failed` hears why it did not. */
  open(part: StreamPart, failed: (text: string) => void): void {
    if (this.#streams.size >= remoteStreamsMax) {
      failed(`more than ${remoteStreamsMax} streams of one connection`)
      return
    }
    this.call('createStream', new Uint8Array(), answer => {
      const id = answer.ok ? readId(answer.value) : undefined
      if (id === undefined || this.#streams.has(id)) {
        failed(answer.ok ? 'the server made no stream' : answer.text || 'the server refused to make a stream')
        return
      }
      const stream = new RemoteStream(id, this.#channel, this.#agreed, part)
      this.#streams.set(id, stream)
      part.opened(stream)
    })
  }

  /** The stream is not needed any more. Harmless twice. */
  delete(stream: RemoteStream): void {
    if (this.#streams.get(stream.id) !== stream) return
    this.#streams.delete(stream.id)
    this.#send('deleteStream', 0, encodeAmf0([stream.id]))
  }

  #answered(answer: ClientAnswer): void {
    if (this.#state !== 'asking') return
    const status = readStatus(answer.value ?? encodeAmf0([undefined]))
    if (!answer.ok) return this.#refused(status)
    this.#state = 'connected'
    const { encoding, reading } = status
    this.#agreed = { encoding: this.#target.encoding === 3 ? encoding : 0, reading }
    this.#channel.welcome()
    this.#owner.connected(status)
  }

  #refused(status: RemoteStatus): void {
    this.#owner.refused(status)
    this.close()
  }

  #command(command: Command, streamId: number): void {
    const { name, transactionId } = command
    const value = firstArg(command)
    if (name === '_result') return this.#calls.answer(transactionId, { ok: true, value })
    if (name === '_error') {
      return this.#calls.answer(transactionId, { ok: false, value, text: readStatus(value).description })
    }
    if (name === 'onStatus') return this.#status(command, streamId, value)
    if (this.#state === 'connected') this.#called(command)
  }

  #status(command: Command, streamId: number, value: Uint8Array): void {
    const stream = this.#streams.get(streamId)
    if (stream) return stream.told(command)
    const status = readStatus(value)
    // Some servers refuse with a status alone.
    if (this.#state === 'asking' && status.isError) this.#refused(status)
    else this.#owner.status(status)
  }

  #called({ name, args, transactionId }: Command): void {
    const answer = (result: CallResult): void => {
      if (transactionId === 0 || this.#state !== 'connected') return
      if (result.how === 'error') this.#send('_error', transactionId, encodeAmf0([callStatus.failed(result.text)]))
      else this.#send('_result', transactionId, result.how === 'value' ? result.value : encodeAmf0([null]))
    }
    if (args.length > callArgsBytes) {
      answer({ how: 'error', text: callStatus.argsTooLong(args.length, callArgsBytes).description })
    } else this.#owner.called(name, args, answer)
  }

  #send(name: string, transactionId: number, args: Uint8Array): void {
    this.#channel.send(encodeCommand(this.#agreed.encoding, name, { transactionId, args }))
  }
}

/** The stream's id, which is a number on the wire of commands and 32 bits on that of messages. */
function readId(value: Uint8Array): number | undefined {
  const id = new Amf0Reader(value).read()
  return typeof id === 'number' && Number.isInteger(id) && id > 0 && id <= 0xffffffff ? id : undefined
}
