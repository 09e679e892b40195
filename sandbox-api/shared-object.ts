import { utf8Length } from '../server/base/utf8.ts'
import { decode, encode } from './amf.ts'
import { sealClass } from './collection.ts'
import type { Engine } from './engine.ts'
import { numberGiven, textGiven } from './given.ts'
import { SHARED_NAME, SHARED_SLOTS, SHARED_VALUE } from './limits.ts'
import { ErrorClass, isFiniteNumber, PromiseClass, RangeErrorClass, SafeSet, setOwn } from './primordials.ts'
import type { SharedDetails, SharedState } from './shared-state.ts'

/**
 * A shared object, as scripts hold it. What it shows is its mirror; what is changed here is seen here at once, and goes to
 * where the object lives in order with everything else. Functions put on it may be called by its users.
 */
export class SharedObject {
  readonly #state: SharedState

  constructor(state: SharedState) {
    this.#state = state
  }

  get name(): string {
    return this.#state.name
  }

  get version(): number {
    return this.#state.version
  }

  get isDirty(): boolean {
    return this.#state.dirty
  }

  get autoCommit(): boolean {
    return this.#state.autoCommit
  }

  set autoCommit(on: boolean) {
    const state = this.#opened('autoCommit')
    state.command('autoCommit', { number: on ? 1 : 0 })
    state.autoCommit = !!on
  }

  get resyncDepth(): number {
    const { resyncDepth } = this.#state
    return resyncDepth < 0 ? Infinity : resyncDepth
  }

  set resyncDepth(depth: number) {
    const state = this.#opened('resyncDepth')
    const number = isFiniteNumber(depth) && depth >= 0 ? depth : -1
    state.command('resyncDepth', { number })
    state.resyncDepth = number
  }

  /** Null when there is no such property. */
  getProperty(name: string): unknown {
    const slot = this.#state.slots.get(textGiven(name, 'getProperty: the name'))
    if (slot === undefined || slot.bytes === undefined) return null
    if (!slot.isShown) {
      slot.shown = decode(slot.bytes)[0]
      slot.isShown = true
    }
    return slot.shown
  }

  getPropertyNames(): string[] {
    const names: string[] = []
    let count = 0
    this.#state.slots.forEach(({ bytes }, name) => {
      if (bytes !== undefined) setOwn(names, count++, name)
    })
    return names
  }

  /** Null and undefined remove it. */
  setProperty(name: string, value: unknown): void {
    const state = this.#opened('setProperty')
    const key = nameGiven(name, 'setProperty')
    if (value === null || value === undefined) {
      if (state.slots.get(key)?.bytes === undefined) return
      state.put(key, undefined, undefined, state.command('remove', { name: key }))
      return
    }
    const bytes = encode([value], 0, state.engine.outbox)
    if (bytes.length > SHARED_VALUE)
      throw new RangeErrorClass(`setProperty: ${key} has more than ${SHARED_VALUE} bytes`)
    if (state.slots.get(key)?.bytes === undefined && this.size() >= SHARED_SLOTS) {
      throw new RangeErrorClass(
        `setProperty: ${state.name} has ${SHARED_SLOTS} properties, there is no room for ${key}`,
      )
    }
    state.put(key, value, bytes, state.command('set', { name: key, value: bytes }))
  }

  size(): number {
    let count = 0
    this.#state.slots.forEach(({ bytes }) => {
      if (bytes !== undefined) count++
    })
    return count
  }

  /** The object in that property was changed from within: its users are told. */
  setDirty(name: string): void {
    const key = textGiven(name, 'setDirty: the name')
    if (this.#state.slots.get(key)?.bytes !== undefined) this.setProperty(key, this.getProperty(key))
  }

  /** How often it is locked now. */
  lock(): number {
    const state = this.#opened('lock')
    state.command('lock')
    return ++state.locks
  }

  /** How often it is still locked; -1 when it was not. */
  unlock(): number {
    const state = this.#opened('unlock')
    if (state.locks === 0) return -1
    state.command('unlock')
    return --state.locks
  }

  /** Calls a function of everybody who uses it. */
  send(handler: string, ...values: unknown[]): boolean {
    return this.#send('send', handler, values)
  }

  /** As send(): while it is locked, in one message with the changes, and after them. */
  mark(handler: string, ...values: unknown[]): boolean {
    return this.#send('mark', handler, values)
  }

  clear(): boolean {
    const state = this.#opened('clear')
    state.cleared(state.command('clear'))
    return true
  }

  purge(version: number): void {
    this.#opened('purge').command('purge', { number: numberGiven(version, 'purge: the version') })
  }

  /** Resolves with true once it is on the disk, with false when it cannot be. */
  flush(): Promise<boolean> {
    const state = this.#opened('flush')
    let seq = 0
    return new PromiseClass(resolve => {
      asked(
        state.engine,
        details => {
          seq = state.command('flush', details)
        },
        stored => {
          // What others changed meanwhile is told with the next facts.
          if (stored && state.seq === seq) state.dirty = false
          resolve(stored)
        },
      )
    })
  }

  /** The script lets go of it; a temporary object that nobody else uses is no more. Harmless twice. */
  close(): void {
    const state = this.#state
    if (!state.open) return
    state.command('close')
    state.open = false
    state.locks = 0
  }

  get [Symbol.toStringTag](): string {
    return 'SharedObject'
  }

  #send(method: string, handler: string, values: unknown[]): boolean {
    const state = this.#opened(method)
    const name = nameGiven(handler, method)
    const value = encode(values, 0, state.engine.outbox)
    if (value.length > SHARED_VALUE)
      throw new RangeErrorClass(`${method}: more than ${SHARED_VALUE} bytes of arguments`)
    state.command('send', { name, value })
    return true
  }

  #opened(method: string): SharedState {
    if (this.#state.open) return this.#state
    throw new ErrorClass(`${method}: the shared object ${this.#state.name} is closed`)
  }
}
sealClass(SharedObject)

/** Members that no user of an object can call, and no function put on it replaces. */
export const neverSent = new SafeSet<string>()
neverSent.add('onSync')
neverSent.add('onStatus')

function nameGiven(name: unknown, method: string): string {
  const text = textGiven(name, `${method}: the name`)
  if (utf8Length(text) > SHARED_NAME)
    throw new RangeErrorClass(`${method}: the name has more than ${SHARED_NAME} bytes`)
  return text
}

/** A command whose answer says whether something is on the disk. */
export function asked(
  { asks }: Pick<Engine, 'asks'>,
  command: (details: SharedDetails) => void,
  answered: (stored: boolean) => void,
): void {
  asks.open(
    '',
    ticket => command({ ticket }),
    answer => answered(answer.ok),
  )
}
