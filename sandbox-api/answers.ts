import { encode } from './amf.ts'
import { unclaimed } from './claims.ts'
import type { ClientState } from './client-state.ts'
import { toCloneBytes } from './clone-bytes.ts'
import { STATUS_TEXT } from './limits.ts'
import type { Outbox } from './outbox.ts'
import {
  getOwnPropertyDescriptor,
  isArray,
  ObjectClass,
  ownKeys,
  RangeErrorClass,
  ReferenceErrorClass,
  SyntaxErrorClass,
  setOwn,
  TypeErrorClass,
} from './primordials.ts'
import { readRedirects } from './redirects.ts'
import { isRefusal, type Refusal } from './refusal.ts'
import type { Outcome } from './stage.ts'
import { faultOf, textOf } from './thrown.ts'

/** Turns outcomes into the answers of the wire: exactly one for each ticket, none for ticket 0. */
export class Answers {
  readonly #outbox: Outbox

  constructor(outbox: Outbox) {
    this.#outbox = outbox
  }

  accept(ticket: number): void {
    if (ticket !== 0) this.#outbox.answer({ c: 'verdict', ticket, ok: true })
  }

  /** The app has no such hook: the next in the chain is asked. */
  noHook(ticket: number): void {
    if (ticket !== 0) this.#outbox.answer({ c: 'verdict', ticket, ok: true, pass: true })
  }

  /** `false` and a throw refuse; everything else accepts. */
  verdict(ticket: number, hook: string, outcome: Outcome): void {
    if (outcome.how === 'value' && outcome.value !== false) this.accept(ticket)
    else this.refuse(ticket, hook, outcome)
  }

  /** As verdict(); an object is merged into what the client is told. */
  connection(ticket: number, outcome: Outcome): void {
    if (outcome.how === 'thrown' && outcome.error === unclaimed) {
      this.refuse(ticket, 'connectHandlers', { how: 'limit', text: unclaimed.message })
      return
    }
    if (outcome.how === 'thrown' && isRefusal(outcome.error)) {
      this.#refusal(ticket, outcome.error)
      return
    }
    const value = outcome.how === 'value' ? outcome.value : undefined
    if (typeof value !== 'object' || value === null || isArray(value)) {
      this.verdict(ticket, 'onConnection', outcome)
      return
    }
    try {
      const info = encode([infoOf(value)], 0, this.#outbox)
      this.#outbox.answer({ c: 'verdict', ticket, ok: true, info })
    } catch (error) {
      this.refuse(ticket, 'onConnection', { how: 'thrown', error })
    }
  }

  /** An address, a URL, a server, or several of them send the client there; nothing lets it in. */
  handshake(ticket: number, outcome: Outcome): void {
    if (outcome.how !== 'value' || outcome.value === false) {
      this.refuse(ticket, 'onHandshake', outcome)
      return
    }
    try {
      const redirect = readRedirects('onHandshake', outcome.value)
      this.#outbox.answer({ c: 'verdict', ticket, ok: true, redirect })
    } catch (error) {
      this.refuse(ticket, 'onHandshake', { how: 'thrown', error })
    }
  }

  refuse(ticket: number, hook: string, outcome: Outcome): void {
    if (ticket !== 0) this.#outbox.answer({ c: 'verdict', ticket, ok: false, text: this.#words(hook, outcome) })
  }

  /** What a call gave. A function that returns nothing answers nothing, which is null to a client that waits. */
  result(ticket: number, label: string, client: ClientState, outcome: Outcome): void {
    if (outcome.how !== 'value') {
      this.#outbox.answer({ c: 'result', ticket, how: 'error', text: this.#words(label, outcome) })
      return
    }
    if (outcome.value === undefined) {
      this.#outbox.answer({ c: 'result', ticket, how: 'nothing' })
      return
    }
    try {
      const value = encode([outcome.value], client.facts.objectEncoding, this.#outbox)
      this.#outbox.answer({ c: 'result', ticket, how: 'value', value })
    } catch (error) {
      this.result(ticket, label, client, { how: 'thrown', error })
    }
  }

  /** What a call of another application gave. */
  toApp(ticket: number, label: string, outcome: Outcome): void {
    if (outcome.how !== 'value') {
      this.#outbox.answer({ c: 'result', ticket, how: 'error', text: this.#words(label, outcome) })
      return
    }
    try {
      this.#outbox.answer({ c: 'result', ticket, how: 'value', value: toCloneBytes(outcome.value) })
    } catch (error) {
      this.toApp(ticket, label, { how: 'thrown', error })
    }
  }

  pass(ticket: number): void {
    this.#outbox.answer({ c: 'result', ticket, how: 'pass' })
  }

  /** Reading what the script adds may run its code, and fail: the words are said all the same. */
  #refusal(ticket: number, { text, info, redirect }: Refusal): void {
    const to = redirect === undefined ? {} : { redirect: [redirect] }
    const words = textOf(text, STATUS_TEXT)
    let added: { info?: Uint8Array } = {}
    try {
      if (info !== undefined) added = { info: encode([infoOf(info)], 0, this.#outbox) }
    } catch (error) {
      const fault = faultOf(error)
      this.#outbox.log('warn', `what rejectConnection adds cannot be sent: ${fault.text}`, fault)
    }
    this.#outbox.answer({ c: 'verdict', ticket, ok: false, text: words, ...to, ...added })
  }

  /** The words of a refusal. A throw that looks like a slip of the author's is logged too, with its place. */
  #words(label: string, outcome: Outcome): string {
    if (outcome.how === 'limit') return outcome.text
    if (outcome.how === 'value') return ''
    if (isSlip(outcome.error)) {
      const fault = faultOf(outcome.error)
      this.#outbox.log('warn', `${label} threw ${fault.text}`, fault)
      this.#outbox.answer({ c: 'slip', text: `${label} threw ${fault.text}` })
    }
    return textOf(outcome.error, STATUS_TEXT)
  }
}

const slips = [TypeErrorClass, ReferenceErrorClass, RangeErrorClass, SyntaxErrorClass]

function isSlip(error: unknown): boolean {
  try {
    for (let i = 0; i < slips.length; i++) if (error instanceof slips[i]!) return true
  } catch {
    // `instanceof` may run a script's own Symbol.hasInstance.
  }
  return false
}

/** A copy of the object's own fields, without those that belong to the protocol. */
function infoOf(value: object): object {
  const info = new ObjectClass()
  const keys = ownKeys(value)
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!
    if (typeof key === 'symbol' || key === 'code' || key === 'level' || key === 'objectEncoding') continue
    const field = getOwnPropertyDescriptor(value, key)
    if (field?.enumerable !== true) continue
    const own = (value as Record<string, unknown>)[key]
    setOwn(info, key, own)
  }
  return info
}
