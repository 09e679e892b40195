import type { AppLimits } from '../../server/apps/wire.ts'
import { CapabilityError } from '../capabilities.ts'
import type { Outbox } from '../outbox.ts'
import { ErrorClass, PromiseClass, SafeMap, setOwn, TypeErrorClass, textIndexOf, textSlice } from '../primordials.ts'
import type { Stage } from '../stage.ts'
import { DomException } from '../web/dom-exception.ts'
import { QuotaError } from './quota-error.ts'
import type { Ask, Note, OutsideEvent } from './words.ts'

interface Open {
  resolve: (value: unknown) => void
  reject: (error: unknown) => void
  /** Where the script asked. */
  frames: string
}

/** The one way from a script to what is outside: questions under numbers, each answered once, and notes. */
export class Door {
  readonly #outbox: Outbox
  readonly #stage: Stage
  readonly #limits: AppLimits
  readonly #open = new SafeMap<number, Open>()
  #nextId = 1

  constructor(outbox: Outbox, stage: Stage, limits: AppLimits) {
    this.#outbox = outbox
    this.#stage = stage
    this.#limits = limits
  }

  /** `bytes` is what the question carries. Rejects with the error the outside names, at the script's own line. */
  ask(ask: Ask, bytes: number, asked: (id: number) => void = () => {}): Promise<unknown> {
    const frames = framesOf(new ErrorClass())
    return new PromiseClass((resolve, reject) => {
      const { pendingCalls } = this.#limits
      // What is sent has bounds of its own: apps.socketBytes.
      if (this.#open.size >= pendingCalls && ask.what !== 'send') {
        throw new ErrorClass(
          `${pendingCalls} questions wait for their answers, more are not allowed: apps.pendingCalls`,
        )
      }
      const id = this.#nextId++
      this.#outbox.write({ c: 'outside', id, ask }, bytes)
      this.#open.set(id, { resolve, reject, frames })
      asked(id)
    })
  }

  note(note: Note): void {
    this.#outbox.answer({ c: 'note', note })
  }

  /** Nobody wants the answer any longer: whoever asked reads `reason`. */
  abandon(id: number, reason: unknown): void {
    const open = this.#open.get(id)
    if (open === undefined) return
    this.#open.delete(id)
    this.note({ noun: 'ask', what: 'abort', id })
    open.reject(reason)
  }

  answered(event: OutsideEvent & { e: 'answered' }): void {
    const open = this.#open.get(event.id)
    if (open === undefined) return
    this.#open.delete(event.id)
    // What the answer sets going comes before anything that happened after it.
    this.#stage.promised = true
    if (event.ok) open.resolve(event.value)
    else open.reject(errorOf(event.name, event.text, open.frames))
  }
}

function errorOf(name: string, text: string, frames: string): Error {
  const error = create(name, text)
  setOwn(error, 'stack', `${name}: ${text}\n${frames}`, false)
  return error
}

function create(name: string, text: string): Error {
  switch (name) {
    case 'CapabilityError':
      return new CapabilityError(text)
    case 'QuotaError':
      return new QuotaError(text)
    case 'TypeError':
      return new TypeErrorClass(text)
    case 'TimeoutError':
      return new DomException(text, name)
    default:
      return new ErrorClass(text)
  }
}

function framesOf({ stack }: Error): string {
  if (typeof stack !== 'string') return ''
  return textSlice(stack, textIndexOf(stack, '\n') + 1)
}
