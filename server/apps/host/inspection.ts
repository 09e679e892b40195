import type { Cell, InspectorLine } from './isolate.ts'
import { ScriptNames } from './script-names.ts'

export interface InspectionOwner {
  /** Absolute folder of the applications. */
  readonly www: string
  /** Milliseconds after which a pause ends by itself. */
  readonly pauseMs: number
  heard(message: string): void
  /** The script stands still at `place`, from now on or (null) no longer; `forced`: its time was over. */
  paused(place: string | null, forced: boolean): void
}

/** What a debugger has set up once, and means for the versions to come as well. */
const lasting =
  /\.enable$|^Debugger\.(set(BreakpointByUrl|BreakpointsActive|PauseOnExceptions|AsyncCallStackDepth|BlackboxPatterns|BlackboxExecutionContexts|SkipAllPauses))$/

/** What keeps the engine from running the script until it is done, and ends by itself. */
const engineWork = /^(HeapProfiler|Profiler)\./

/** Answers to what is asked from here carry such ids. */
const ownId = -1

/**
 * One debugger and the application it looks at, through all versions of it: what it has set up is set up in the next one too,
 * so that a breakpoint outlives a save.
 */
export class Inspection {
  readonly #owner: InspectionOwner
  readonly #names: ScriptNames
  /** By what they set; in the order in which they were set. */
  readonly #lasting = new Map<string, string>()
  /** Requests for breakpoints that wait for the names of those, and what each name stands for. */
  readonly #asked = new Map<number, string>()
  readonly #breakpoints = new Map<string, string>()
  /** Work of the engine's that has not been answered. */
  readonly #working = new Set<number>()
  #line: InspectorLine | undefined
  #limit: NodeJS.Timeout | undefined
  #isForced = false

  constructor(owner: InspectionOwner) {
    this.#owner = owner
    this.#names = new ScriptNames(owner.www)
  }

  /** The engine is busy for the debugger. */
  get isWorking(): boolean {
    return this.#working.size > 0
  }

  /** A version serves from now on. */
  attach(isolate: Cell): void {
    const isNext = this.#line !== undefined
    this.#detach()
    this.#line = isolate.inspect(message => this.#heard(message))
    if (!isNext) return
    this.#owner.heard('{"method":"Runtime.executionContextsCleared","params":{}}')
    for (const message of this.#lasting.values()) this.#line.send(message)
  }

  send(text: string): void {
    let message: { id?: number; method?: string; params?: Record<string, unknown> }
    try {
      message = JSON.parse(text)
    } catch {
      return
    }
    const { id, method = '', params } = message
    if (typeof id !== 'number' || id < 0) return
    this.#names.inward(message)
    if (engineWork.test(method)) this.#working.add(id)
    if (lasting.test(method)) {
      const key = method === 'Debugger.setBreakpointByUrl' ? method + JSON.stringify(params) : method
      this.#lasting.set(key, JSON.stringify({ ...message, id: ownId }))
      if (key !== method) this.#asked.set(id, key)
    } else if (method === 'Debugger.removeBreakpoint') {
      this.#lasting.delete(this.#breakpoints.get(String(params?.breakpointId)) ?? '')
    } else if (method.endsWith('.disable')) this.#lasting.delete(method.replace('.disable', '.enable'))
    this.#line?.send(JSON.stringify(message))
  }

  /** A script that stands still goes on. Harmless twice. */
  end(): void {
    this.#detach()
  }

  #detach(): void {
    this.#line?.end()
    this.#line = undefined
    this.#working.clear()
    this.#resumed()
  }

  #heard(text: string): void {
    if (text.startsWith('{"id":-1,')) return
    const start = text.slice(0, 40)
    if (start.includes('"Debugger.paused"')) this.#paused(text)
    else if (start.includes('"Debugger.resumed"')) this.#resumed()
    else if (start.startsWith('{"id":') && this.#asked.size + this.#working.size > 0) this.#answered(text)
    this.#owner.heard(this.#names.outward(text))
  }

  #answered(text: string): void {
    this.#working.delete(Number.parseInt(text.slice('{"id":'.length), 10))
    if (this.#asked.size === 0) return
    const { id, result } = JSON.parse(text) as { id: number; result?: { breakpointId?: string } }
    const key = this.#asked.get(id)
    if (key === undefined) return
    this.#asked.delete(id)
    if (result?.breakpointId === undefined) this.#lasting.delete(key)
    else this.#breakpoints.set(result.breakpointId, key)
  }

  #paused(text: string): void {
    const [frame] = JSON.parse(text).params.callFrames
    const place = frame ? `${this.#names.nameOf(frame.location.scriptId)}:${frame.location.lineNumber + 1}` : ''
    clearTimeout(this.#limit)
    this.#limit = setTimeout(() => {
      this.#isForced = true
      this.#line?.send(`{"id":${ownId},"method":"Debugger.resume"}`)
    }, this.#owner.pauseMs)
    this.#owner.paused(place, false)
  }

  #resumed(): void {
    if (this.#limit === undefined) return
    clearTimeout(this.#limit)
    this.#limit = undefined
    this.#owner.paused(null, this.#isForced)
    this.#isForced = false
  }
}
