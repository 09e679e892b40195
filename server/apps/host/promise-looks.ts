// biome-ignore lint/suspicious/noExplicitAny: the protocol has hundreds of shapes
type Params = Record<string, any>

interface Message {
  id?: number
  method?: string
  params?: Params
}

export interface PromiseLooksOwner {
  /** Milliseconds after which a promise that is still pending is the answer itself. */
  readonly waitMs: number
  /** To the engine; its answer comes to heard(). */
  send(message: object): void
  /** To the debugger. */
  answer(message: object): void
  /** Lets the script's reactions run. */
  stir(): void
}

interface Wait {
  readonly id: number
  readonly until: number
  readonly returnByValue: boolean
  readonly generatePreview: boolean
  promise: Params | undefined
}

/** Milliseconds from one look at a pending promise to the next. */
const lookMs = 20

/** Answers to what is asked from here carry ids from here downward; debuggers count upward from 0. */
const firstId = -1_000

/**
 * Awaits for debuggers what they want awaited. The engine would do so itself, but not without harm: a session that ends while it
 * awaits ends the process, and an isolate that does never does. So it is asked for the promise as it is, and here somebody
 * looks from time to time what has become of it.
 */
export class PromiseLooks {
  readonly #owner: PromiseLooksOwner
  readonly #waits = new Map<number, Wait>()
  #lastId = firstId
  readonly #timers = new Set<NodeJS.Timeout>()

  constructor(owner: PromiseLooksOwner) {
    this.#owner = owner
  }

  /** Takes the awaiting out of a request. */
  asked(message: Message): void {
    const { id, method, params } = message
    if (id === undefined || params === undefined) return
    if (method === 'Runtime.awaitPromise') {
      message.method = 'Runtime.callFunctionOn'
      message.params = { objectId: params.promiseObjectId, functionDeclaration: 'function () { return this }' }
    } else if (!takeAwait(params)) return
    const { returnByValue = false, generatePreview = false } = params
    delete message.params?.returnByValue
    const until = performance.now() + this.#owner.waitMs
    this.#waits.set(id, { id, until, returnByValue, generatePreview, promise: undefined })
  }

  /** Whether that answer of the engine's is kept from the debugger, who gets another one for it. */
  heard(text: string): boolean {
    if (this.#waits.size === 0) return false
    const id = Number.parseInt(text.slice('{"id":'.length), 10)
    const wait = this.#waits.get(id)
    if (wait === undefined) return id <= firstId
    this.#waits.delete(id)
    const { result, error } = JSON.parse(text)
    if (error !== undefined) this.#owner.answer({ id: wait.id, error })
    else if (result.internalProperties !== undefined) this.#looked(wait, result)
    else if (result.result?.subtype === 'promise' && wait.promise === undefined) this.#look(wait, result.result)
    else this.#finish(wait, result)
    return true
  }

  /** The version is no more, and neither is what was awaited of it. */
  end(): void {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
    const error = { code: -32_000, message: 'Execution context was destroyed.' }
    for (const { id } of this.#waits.values()) this.#owner.answer({ id, error })
    this.#waits.clear()
  }

  #ask(wait: Wait, method: string, params: Params): void {
    const id = --this.#lastId
    this.#waits.set(id, wait)
    this.#owner.send({ id, method, params })
  }

  #look(wait: Wait, promise: Params): void {
    wait.promise = promise
    const { objectId } = promise
    const { generatePreview } = wait
    this.#ask(wait, 'Runtime.getProperties', { objectId, ownProperties: true, generatePreview })
  }

  #looked(wait: Wait, { internalProperties }: Params): void {
    const internal = (name: string) => internalProperties.find((each: Params) => each.name === name)?.value
    const state = internal('[[PromiseState]]')?.value
    const result = internal('[[PromiseResult]]') ?? { type: 'undefined' }
    if (state === 'fulfilled') return this.#finish(wait, { result })
    if (state === 'rejected') return this.#finish(wait, { result, exceptionDetails: uncaught(result) })
    if (performance.now() > wait.until) return this.#finish(wait, { result: wait.promise })
    const id = --this.#lastId
    this.#waits.set(id, wait)
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      this.#waits.delete(id)
      this.#owner.stir()
      this.#look(wait, wait.promise!)
    }, lookMs)
    this.#timers.add(timer)
  }

  #finish(wait: Wait, result: Params): void {
    const { objectId } = result.result ?? {}
    if (!wait.returnByValue || objectId === undefined || result.exceptionDetails !== undefined) {
      return this.#owner.answer({ id: wait.id, result })
    }
    wait.promise = {}
    const byValue = { ...wait, returnByValue: false }
    const functionDeclaration = 'function () { return this }'
    this.#ask(byValue, 'Runtime.callFunctionOn', { objectId, functionDeclaration, returnByValue: true })
  }
}

/** Whether something is to be awaited; the engine is not to know. */
function takeAwait(params: Params): boolean {
  const { awaitPromise, replMode, expression } = params
  delete params.awaitPromise
  delete params.replMode
  // A console's line, where `await` stands outside of functions.
  const isAwaiting = replMode === true && typeof expression === 'string' && /\bawait\b/.test(expression)
  if (isAwaiting) params.expression = `(async () => (${expression.replace(/;\s*$/, '')}\n))()`
  return isAwaiting || awaitPromise === true
}

function uncaught(exception: Params): Params {
  return { exceptionId: 1, text: 'Uncaught (in promise)', lineNumber: 0, columnNumber: 0, exception }
}
