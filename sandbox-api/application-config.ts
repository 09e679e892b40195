import type { Asks } from './asks.ts'
import type { Capabilities } from './capabilities.ts'
import { CONFIG_KEY, CONFIG_VALUE } from './limits.ts'
import type { Outbox } from './outbox.ts'
import {
  ErrorClass,
  freeze,
  getOwnPropertyDescriptor,
  PromiseClass,
  setOwn,
  setPrototypeOf,
  TypeErrorClass,
  toText,
  uncurry,
} from './primordials.ts'
import { callerPlace } from './stack.ts'

interface World {
  readonly asks: Asks
  readonly outbox: Outbox
  readonly capabilities: Capabilities
}

type Options = Record<string, string | boolean>

const fits = uncurry(RegExp.prototype.test as (this: RegExp, text: string) => boolean)
const keyText = /^[A-Za-z_][\w.-]*$/
const ProxyClass = Proxy
const no = () => false

/**
 * The application's own section, with `set`. A script reads it like any object and changes it by `set` alone: the Proxy's
 * traps inherit nothing, so that no script can put one there.
 */
export function applicationConfig(options: Options, world: World): Options {
  setOwn(options, 'set', (key: unknown, value: unknown) => set(options, world, key, value), false)
  const traps = { set: no, defineProperty: no, deleteProperty: no, setPrototypeOf: no, preventExtensions: no }
  setPrototypeOf(traps, null)
  return new ProxyClass(options, freeze(traps))
}

/** Reads back at once; fulfilled when the file has it. Throws a CapabilityError, and a TypeError for what fits no file. */
function set(options: Options, { asks, outbox, capabilities }: World, key: unknown, value: unknown): Promise<void> {
  capabilities.need({ kind: 'config' })
  if (
    typeof key !== 'string' ||
    key.length > CONFIG_KEY ||
    !fits(keyText, key) ||
    key === 'set' ||
    key === '__proto__'
  ) {
    throw new TypeErrorClass(
      `config.set: key is a name of letters, digits, _ . and -, at most ${CONFIG_KEY} characters`,
    )
  }
  if (typeof value !== 'string' && typeof value !== 'boolean' && typeof value !== 'number') {
    throw new TypeErrorClass('config.set: value is a text, a number, true or false')
  }
  const text = toText(value)
  if (text.length > CONFIG_VALUE) throw new TypeErrorClass(`config.set: value has at most ${CONFIG_VALUE} characters`)
  const place = callerPlace()
  const old = getOwnPropertyDescriptor(options, key)
  const name = key
  setOwn(options, name, text === 'true' ? true : text === 'false' ? false : text)
  return new PromiseClass((resolve, reject) => {
    const back = () => {
      if (old === undefined) delete options[name]
      else setOwn(options, name, old.value)
    }
    asks.open(
      '',
      ticket => outbox.write({ c: 'configure', ticket, key: name, value: text }, text.length * 2),
      answer => {
        if (!answer.ok || answer.text !== undefined) back()
        if (answer.ok && answer.text !== undefined) outbox.log('warn', answer.text, place)
        if (answer.ok) resolve(undefined)
        else reject(new ErrorClass(answer.text ?? ''))
      },
    )
  })
}
