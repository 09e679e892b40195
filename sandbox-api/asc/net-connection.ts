import type { Engine } from '../engine.ts'
import { textGiven } from '../given.ts'
import { STATUS_TEXT } from '../limits.ts'
import { nameErrors } from '../named.ts'
import { infoOf } from '../net/info.ts'
import { NetConnection as Base, type NetState, netStateOf } from '../net/net-connection.ts'
import { getOwnPropertyDescriptor, hasOwn, PromiseClass, SafeMap } from '../primordials.ts'
import { callerPlace } from '../stack.ts'
import type { Script } from '../stage.ts'
import { textOf } from '../thrown.ts'
import { answerTo, type Responder } from './responder.ts'

interface Header {
  readonly name: string
  readonly mustUnderstand: boolean
  readonly object: unknown
}

/** The other dialect's, whose call() gives a promise. */
const Inner = Base as unknown as new () => Pick<
  Base,
  'close' | 'isConnected' | 'uri' | 'objectEncoding' | typeof Symbol.toStringTag
>

/** The global `NetConnection`, as Adobe's server had it: answers go to a responder, and what cannot be is false. */
export function netConnectionClass(engine: Engine): object {
  class NetConnection extends Inner {
    /** What a gateway is to read with every call, said before there is one. */
    readonly #headers = new SafeMap<string, Header>()

    constructor() {
      super()
      stateIn(this).methodOf = findMethod
    }

    /** True when it is on its way; else false, and onStatus hears why. */
    connect(uri: string, ...values: unknown[]): boolean {
      const state = stateIn(this)
      try {
        state.connect(textGiven(uri, 'connect: uri'), values)
      } catch (error) {
        const text = textOf(error, STATUS_TEXT)
        engine.outbox.log('warn', `connect: ${text}`, callerPlace())
        // In a turn of its own: the script has yet to say where it listens.
        engine.timers.set(0, () => state.status(infoOf('error', 'NetConnection.Connect.Failed', text)))
        return false
      }
      this.#headers.forEach(({ name, mustUnderstand, object }) => {
        state.gateway?.header(name, mustUnderstand, object)
      })
      return true
    }

    /** Without a responder nobody hears of the answer. False when it is not connected. */
    call(name: string, responder?: Responder | null, ...values: unknown[]): boolean {
      const state = stateIn(this)
      const method = textGiven(name, 'call: name')
      if (state.standing === 'no') return false
      const answer = state.call(method, values)
      if (typeof responder === 'object' && responder !== null) answerTo(engine, `call ${method}`, responder, answer)
      else PromiseClass.prototype.catch.call(answer, () => {})
      return true
    }

    /** Of every call to a gateway from now on; without an object it is taken away. RTMP has none. */
    addHeader(name: string, mustUnderstand: boolean = false, object: unknown = undefined): void {
      const header = textGiven(name, 'addHeader: name')
      if (object === undefined) this.#headers.delete(header)
      else this.#headers.set(header, { name: header, mustUnderstand: !!mustUnderstand, object })
      stateIn(this).gateway?.header(header, !!mustUnderstand, object)
    }
  }
  nameErrors(NetConnection.prototype)

  /** What the other server may call: functions that scripts put on the connection, or on a prototype of theirs. */
  function findMethod(connection: object, name: string): Script | undefined {
    const own = getOwnPropertyDescriptor(connection, name)
    const found = own ?? (known.has(name) ? undefined : getOwnPropertyDescriptor(NetConnection.prototype, name))
    return found !== undefined && hasOwn(found, 'value') && typeof found.value === 'function' ? found.value : undefined
  }
  const known = new SafeMap<string, true>()
  for (const name of Object.getOwnPropertyNames(NetConnection.prototype)) known.set(name, true)
  return NetConnection
}

function stateIn(connection: object): NetState {
  return netStateOf(connection as Base)
}
