import { nameErrors } from '../named.ts'
import { NetStream as Inner } from '../net/net-stream.ts'
import { prepend, reflectApply } from '../primordials.ts'
import { milliseconds, Stream } from '../stream.ts'

const { attach, publish, play, send } = Inner.prototype

/** The other dialect's, as Adobe's server had it: what was asked for is true. */
const Base = Inner as unknown as new (
  connection: object,
) => Pick<Inner, 'setBufferTime' | 'bufferTime' | 'time' | 'close' | typeof Symbol.toStringTag>

/** The global `NetStream`: a stream of this instance is published at another server, or one there is played into it. */
export class NetStream extends Base {
  /** The stream here; false, or nothing: the one of the name that is published or played. */
  attach(stream?: Stream | string | false | null): boolean {
    apply(attach, this, [stream instanceof Stream ? stream.name : stream || null])
    return true
  }

  publish(name: string | false, type: string = 'live'): boolean {
    apply(publish, this, [name, type])
    return true
  }

  /** `start` and `length` in seconds, as Stream.play() has them. */
  play(name: string | false, start: number = -2, length: number = -1, reset: unknown = true): boolean {
    apply(play, this, [name, milliseconds(start), milliseconds(length), reset !== false && reset !== 0])
    return true
  }

  send(handler: string, ...values: unknown[]): boolean {
    apply(send, this, prepend(handler, values))
    return true
  }
}
nameErrors(NetStream.prototype)

function apply(method: (...values: never[]) => void, stream: object, values: unknown[]): void {
  reflectApply(method as (...values: unknown[]) => void, stream, values)
}
