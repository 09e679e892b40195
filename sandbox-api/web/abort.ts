import { DomException } from './dom-exception.ts'

export interface AbortEvent {
  readonly type: 'abort'
  readonly target: AbortSignal
}

type AbortListener = ((event: AbortEvent) => void) | { handleEvent(event: AbortEvent): void }

let abort: (signal: AbortSignal, reason: unknown) => void
let isSignal: (value: unknown) => boolean
let after: (ms: number, run: () => void) => void = () => {}

/** Given once: what AbortSignal.timeout waits with. */
export function setAbortTimer(timer: typeof after): void {
  after = timer
}

/** Tells whoever listens, once, that something is no longer wanted. */
export class AbortSignal {
  readonly #listeners = new Map<AbortListener, boolean>()
  #aborted = false
  #reason: unknown
  onabort: ((event: AbortEvent) => void) | null = null

  static {
    abort = (signal, reason) => signal.#abort(reason)
    isSignal = value => typeof value === 'object' && value !== null && #aborted in value
  }

  static abort(reason?: unknown): AbortSignal {
    const signal = new AbortSignal()
    signal.#abort(reason)
    return signal
  }

  static timeout(ms: number): AbortSignal {
    const signal = new AbortSignal()
    after(ms, () => signal.#abort(new DomException('The operation was aborted due to timeout', 'TimeoutError')))
    return signal
  }

  static any(signals: Iterable<AbortSignal>): AbortSignal {
    const joint = new AbortSignal()
    for (const signal of signals) {
      if (!isSignal(signal)) throw new TypeError('signals must be AbortSignals')
      if (signal.aborted) {
        joint.#abort(signal.reason)
        break
      }
      signal.addEventListener('abort', () => joint.#abort(signal.reason), { once: true })
    }
    return joint
  }

  get aborted(): boolean {
    return this.#aborted
  }

  get reason(): unknown {
    return this.#reason
  }

  throwIfAborted(): void {
    if (this.#aborted) throw this.#reason
  }

  addEventListener(type: string, listener: AbortListener | null, options: { once?: boolean } | boolean = {}): void {
    if (type !== 'abort' || listener === null || this.#listeners.has(listener)) return
    if (typeof listener !== 'function' && typeof listener !== 'object')
      throw new TypeError('listener must be a function')
    this.#listeners.set(listener, typeof options === 'object' && options.once === true)
  }

  removeEventListener(type: string, listener: AbortListener | null): void {
    if (type === 'abort' && listener !== null) this.#listeners.delete(listener)
  }

  #abort(reason: unknown): void {
    if (this.#aborted) return
    this.#aborted = true
    this.#reason = reason === undefined ? new DomException('This operation was aborted', 'AbortError') : reason
    const event: AbortEvent = Object.freeze({ type: 'abort', target: this })
    this.onabort?.(event)
    for (const listener of [...this.#listeners.keys()]) {
      if (typeof listener === 'function') listener.call(this, event)
      else listener.handleEvent(event)
    }
    this.#listeners.clear()
  }
}

export class AbortController {
  readonly #signal = new AbortSignal()

  get signal(): AbortSignal {
    return this.#signal
  }

  abort(reason?: unknown): void {
    abort(this.#signal, reason)
  }
}
