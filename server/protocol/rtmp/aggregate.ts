import { ProtocolError } from '../../base/errors.ts'
import { aggregateTags } from './limits.ts'
import { type Message, MessageType } from './message.ts'

/** Of an FLV tag's header, and of the size that follows its body (FLV 10.1 §E.4.1, §E.3). */
const tagHeaderBytes = 11
const tagSizeBytes = 4

/**
 * The messages inside an aggregate (RTMP 1.0 §7.1.6): FLV tags one behind the other. Their times count from the first
 * one's, which stands for the aggregate's own; they are of the aggregate's stream. Each payload is a copy, so that one
 * that is kept does not pin the others. Throws a ProtocolError for one that is cut short, nested or overfull.
 */
export function splitAggregate(aggregate: Message): Message[] {
  const { payload, streamId } = aggregate
  const messages: Message[] = []
  let shift = 0
  for (let at = 0; at < payload.length; ) {
    if (at + tagHeaderBytes > payload.length) throw truncated(at, payload.length)
    const type = payload[at]!
    if (type === MessageType.Aggregate) throw new ProtocolError('rtmp.aggregate.nested', 'an aggregate in an aggregate')
    if (messages.length === aggregateTags) {
      throw new ProtocolError('rtmp.aggregate.tags', `more than ${aggregateTags} messages in an aggregate`)
    }
    const length = payload.readUIntBE(at + 1, 3)
    // 24 low bits first, then the 8 high ones.
    const time = payload.readUIntBE(at + 4, 3) + payload[at + 7]! * 0x1000000
    const from = at + tagHeaderBytes
    const end = from + length
    if (end + tagSizeBytes > payload.length) throw truncated(at, payload.length)
    if (at === 0) shift = aggregate.timestamp - time
    const body = Buffer.allocUnsafeSlow(length)
    payload.copy(body, 0, from, end)
    messages.push({ type, streamId, timestamp: (time + shift) >>> 0, payload: body })
    at = end + tagSizeBytes
  }
  return messages
}

function truncated(at: number, length: number): ProtocolError {
  return new ProtocolError(
    'rtmp.aggregate.truncated',
    `an aggregate of ${length} bytes ends inside the tag that begins at byte ${at}`,
  )
}
