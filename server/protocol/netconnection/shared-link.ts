import { CodedError } from '../../base/errors.ts'
import type { SharedEvent, SharedMessage, SharedSink, SharedValue } from '../../hub/shared-events.ts'
import { decodeAmf0, encodeAmf0 } from '../../media/amf0.ts'
import { type Message, MessageType } from '../rtmp/message.ts'
import { sharedObjectsMax, sharedQueueBytes } from './limits.ts'
import { decodeShared, encodeShared } from './shared-message.ts'
import type { StreamContext } from './stream-context.ts'

/** What many clients are told is encoded once for each way it is written. */
const encoded = new WeakMap<SharedMessage, Map<number, Message>>()

/** AMF 0 §3.1: the value behind it is AMF3. */
const avmPlus = 0x11

/** One connection's shared objects: between messages and the hub. */
export class SharedLink implements SharedSink {
  readonly #context: StreamContext
  /** How each object was named last: it is answered in the same way. */
  readonly #types = new Map<string, number>()

  constructor(context: StreamContext) {
    this.#context = context
  }

  /** Throws a ProtocolError when it breaks the protocol. */
  receive(message: Message): void {
    const { client, hub } = this.#context
    const shared = decodeShared(message)
    if (this.#types.size < sharedObjectsMax || this.#types.has(shared.object)) {
      this.#types.set(shared.object, message.type)
    }
    hub.shared.receive(client, this, shared)
    if (shared.events.at(-1)?.kind === 'release') this.#types.delete(shared.object)
  }

  shared(message: SharedMessage): void {
    const { channel, encoding, safely } = this.#context
    if (channel.queuedBytes > sharedQueueBytes) {
      const sentence = `too slow for its shared objects: more than ${sharedQueueBytes} bytes wait`
      return channel.fail(new CodedError('peer', 'netconnection.shared.slow', sentence))
    }
    const byDefault = encoding === 3 ? MessageType.SharedObjectAmf3 : MessageType.SharedObjectAmf0
    safely(() => channel.send(written(message, this.#types.get(message.object) ?? byDefault)))
  }
}

function written(message: SharedMessage, type: number): Message {
  const known = encoded.get(message)
  const found = known?.get(type)
  if (found) return found
  const made = encodeShared(type === MessageType.SharedObjectAmf0 ? inAmf0(message) : message, type)
  if (known) known.set(type, made)
  else encoded.set(message, new Map([[type, made]]))
  return made
}

/** Who speaks AMF0 is answered in pure AMF0, whoever set the value. */
function inAmf0(message: SharedMessage): SharedMessage {
  return { ...message, events: message.events.map(plain) }
}

function plain(event: SharedEvent): SharedEvent {
  if (event.kind === 'change' && event.value[0] === avmPlus) return { ...event, value: rewritten(event.value) }
  if (event.kind === 'message' && event.args.includes(avmPlus)) return { ...event, args: rewritten(event.args) }
  return event
}

/** What AMF0 has no word for stays as it is. */
function rewritten(bytes: SharedValue): SharedValue {
  try {
    return encodeAmf0(decodeAmf0(bytes), { encoding: 0 })
  } catch (error) {
    if (error instanceof CodedError) return bytes
    throw error
  }
}
