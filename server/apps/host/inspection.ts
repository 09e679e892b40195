import { RUNTIME_PREFIX } from '../../../sandbox-api/stack.ts'
import type { AppCommand, LogLevel } from '../wire.ts'
import type { Cell, InspectorLine } from './isolate.ts'
import { PromiseLooks } from './promise-looks.ts'
import { consoleContext, heardOfContext, inScriptContext } from './script-context.ts'
import { ScriptNames } from './script-names.ts'

export interface InspectionOwner {
  /** As people call the application. */
  readonly name: string
  /** Absolute folder of the applications. */
  readonly www: string
  /** Milliseconds after which a pause ends by itself. */
  readonly pauseMs: number
  heard(message: string): void
  /** The script stands still at `place`, from now on or (null) no longer; `forced`: its time was over. */
  paused(place: string | null, forced: boolean): void
  /** What the debugger had evaluated may have written something, or settled promises: a turn takes both further. */
  stir(): void
}

/** What a debugger has set up once, and means for the versions to come as well. */
const lasting =
  /\.enable$|^Debugger\.(set(BreakpointByUrl|BreakpointsActive|PauseOnExceptions|AsyncCallStackDepth|BlackboxPatterns|BlackboxExecutionContexts|SkipAllPauses))$/

/** What keeps the engine from running the script until it is done, and ends by itself. */
const engineWork = /^(HeapProfiler|Profiler)\./

/** What runs some of the script's code, outside of any turn. */
const evaluations = /^Runtime\.(evaluate|callFunctionOn|runScript)$/

/** How a console calls our levels. */
const consoleTypes: Record<LogLevel, string> = {
  error: 'error',
  warn: 'warning',
  note: 'info',
  info: 'log',
  debug: 'debug',
  trace: 'debug',
}

/** Who steps through a script does not mean to step into what stands behind its objects. */
const ownScripts = `^${RUNTIME_PREFIX}`

/** Answers to what is asked from here carry such ids. */
const ownId = -1

const skipOwnScripts = JSON.stringify({
  id: ownId,
  method: 'Debugger.setBlackboxPatterns',
  params: { patterns: [ownScripts] },
})

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
  /** Work of the engine's that has not been answered, and until when it may last. */
  readonly #working = new Map<number, number>()
  /** Evaluations that have not been answered. */
  readonly #evaluating = new Set<number>()
  readonly #looks: PromiseLooks
  #line: InspectorLine | undefined
  #limit: NodeJS.Timeout | undefined
  #isForced = false

  constructor(owner: InspectionOwner) {
    this.#owner = owner
    this.#names = new ScriptNames(owner.www)
    this.#looks = new PromiseLooks({
      waitMs: owner.pauseMs,
      send: message => this.#line?.send(JSON.stringify(message)),
      answer: message => owner.heard(JSON.stringify(message)),
      stir: () => owner.stir(),
    })
  }

  /** The engine is busy for the debugger. */
  get isWorking(): boolean {
    const now = performance.now()
    return [...this.#working.values()].some(until => until > now)
  }

  /** A version serves from now on. */
  attach(isolate: Cell): void {
    const isNext = this.#line !== undefined
    this.#detach()
    this.#line = isolate.inspect(message => this.#heard(message))
    if (!isNext) return
    this.#owner.heard('{"method":"Runtime.executionContextsCleared","params":{}}')
    for (const [key, message] of this.#lasting) {
      this.#line.send(message)
      if (key === 'Debugger.enable') this.#line.send(skipOwnScripts)
    }
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
    if (method === 'Debugger.setBlackboxPatterns' && Array.isArray(params?.patterns)) params.patterns.push(ownScripts)
    inScriptContext(message)
    this.#looks.asked(message)
    if (engineWork.test(method)) this.#working.set(id, Number.POSITIVE_INFINITY)
    if (evaluations.test(method) && params?.throwOnSideEffect !== true) this.#evaluating.add(id)
    // A line that never ends has the time of a pause, and so long the turns that wait for it are not held against the script.
    if (method === 'Runtime.evaluate' && params !== undefined) {
      const { pauseMs } = this.#owner
      params.timeout ??= pauseMs
      this.#working.set(id, performance.now() + pauseMs)
    }
    if (lasting.test(method)) {
      const key = method === 'Debugger.setBreakpointByUrl' ? method + JSON.stringify(params) : method
      this.#lasting.set(key, JSON.stringify({ ...message, id: ownId }))
      if (key !== method) this.#asked.set(id, key)
    } else if (method === 'Debugger.removeBreakpoint') {
      this.#lasting.delete(this.#breakpoints.get(String(params?.breakpointId)) ?? '')
    } else if (method.endsWith('.disable')) this.#lasting.delete(method.replace('.disable', '.enable'))
    this.#line?.send(JSON.stringify(message))
    if (method === 'Debugger.enable') this.#line?.send(skipOwnScripts)
  }

  /** The script has written to the log; or an error of its own was written there. */
  logged(command: AppCommand & { c: 'log' | 'fault' }): void {
    if (!this.#lasting.has('Runtime.enable')) return
    const { text, file, line } = command
    const type = command.c === 'log' ? consoleTypes[command.level] : 'error'
    const value = command.c === 'log' ? text : `${command.hook}: ${text}`
    const place = {
      functionName: '',
      scriptId: '',
      url: this.#names.urlOf(file),
      lineNumber: line - 1,
      columnNumber: 0,
    }
    const params = {
      type,
      args: [{ type: 'string', value }],
      executionContextId: consoleContext,
      timestamp: Date.now(),
      ...(line > 0 && { stackTrace: { callFrames: [place] } }),
    }
    this.#owner.heard(JSON.stringify({ method: 'Runtime.consoleAPICalled', params }))
  }

  /** A script that stands still goes on. Harmless twice. */
  end(): void {
    this.#detach()
  }

  #detach(): void {
    this.#line?.end()
    this.#line = undefined
    this.#working.clear()
    this.#evaluating.clear()
    this.#looks.end()
    this.#resumed()
  }

  #heard(text: string): void {
    if (text.startsWith('{"id":-1,')) return
    const start = text.slice(0, 60)
    if (start.includes('"Debugger.paused"')) this.#paused(text)
    else if (start.includes('"Debugger.resumed"')) this.#resumed()
    else if (start.includes('"Runtime.executionContextCreated"')) {
      const heard = heardOfContext(text, this.#owner.name)
      if (heard !== null) this.#owner.heard(heard)
      return
    } else if (start.startsWith('{"id":')) {
      this.#answered(text)
      if (this.#looks.heard(text)) return
    }
    this.#owner.heard(this.#names.outward(text))
  }

  #answered(text: string): void {
    const answered = Number.parseInt(text.slice('{"id":'.length), 10)
    this.#working.delete(answered)
    if (this.#evaluating.delete(answered)) this.#owner.stir()
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
