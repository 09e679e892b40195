import ivm from 'isolated-vm'
import type { GlassEvent, GlassSetup, Load, Recovered, Turn } from '../../../sandbox-api/glass.ts'
import type { Spent } from '../../../sandbox-api/tally.ts'
import type { Clock } from '../../base/clock.ts'
import { HOOKS_EXPORT, SCOPE_EXPORT } from './app-sources.ts'
import { missingExport } from './import-place.ts'
import { OVERDUE_MS, STARVED_MS } from './limits.ts'
import { virtualDate } from './rehearsal.ts'
import { runtimeSources } from './runtime-sources.ts'
import { faultAt, ScriptError } from './script-error.ts'
import type { Source, Sources } from './source.ts'

/** A turn did not end by itself. */
export type Interruption =
  /** It ran into its time limit; `error` has the stack of the place. */
  | { how: 'cut'; error: unknown }
  /**
   * It ended, but a promise was rejected and nobody had caught it. isolated-vm holds such a promise weakly until the turn is
   * over (environment.cc, PromiseRejectCallback): what garbage collection takes before is never told of. Nothing inside could
   * hold it in its place, as V8 tells of rejections to the embedder alone; a turn has to allocate megabytes behind it, though.
   */
  | { how: 'rejected'; error: unknown }
  /** Nothing of the isolate can be used any more. */
  | { how: 'lost' }

/** When a turn begins, on the clock of the host; and at a replay what the script reads from the wall clock. */
export interface Moment {
  at: number
  reads?: number[]
}

/** What a version of an application needs of its isolate. */
export type Cell = Pick<Isolate, keyof Isolate>

const cutMessage = 'Script execution timed out.'

export interface IsolateOptions {
  readonly clock: Clock
  /** Date follows the clock too. */
  readonly isVirtual: boolean
  /** Its first; absent: now. */
  readonly moment?: Moment
  /** Hears when the engine has given up on the isolate: its thread hangs, the process must end. */
  lost(): void
}

/** A debugger's end of the line; harmless once the isolate is no more. A script that it has paused goes on at the end. */
export interface InspectorLine {
  send(message: string): void
  end(): void
}

type Call = ivm.Reference<(...values: never[]) => unknown>

/**
 * One V8 isolate with the runtime inside. The one file that knows isolated-vm; whatever crosses is copied, and the
 * script's side holds no reference, callback or module of ours. All work runs on other threads than this one's.
 */
export class Isolate {
  readonly #isolate: ivm.Isolate
  readonly #context: ivm.Context
  readonly #clock: Clock
  /** Sets the time that Date tells, when it is a virtual one. */
  #wind: Call | undefined
  readonly #modules = new Map<ivm.Module, Source>()
  readonly #compiled = new Map<string, Promise<ivm.Module>>()
  #runtime!: { install: Call; begin: Call; dispatch: Call; recover: Call; loads: Call }
  #main: ivm.Module | undefined
  /** Commands of the turn that ended last. */
  #taken = 0
  /** Turns given so far; the runtime knows which of them it has begun. */
  #turns = 0

  private constructor(isolate: ivm.Isolate, context: ivm.Context, clock: Clock) {
    this.#isolate = isolate
    this.#context = context
    this.#clock = clock
  }

  static async create(megabytes: number, setup: GlassSetup, options: IsolateOptions): Promise<Isolate> {
    const isolate = new ivm.Isolate({
      memoryLimit: Math.max(8, megabytes),
      // For interrupt(); it costs nothing as long as nobody has a session.
      inspector: true,
      onCatastrophicError: options.lost,
    })
    const made = new Isolate(isolate, await isolate.createContext({ inspector: true }), options.clock)
    if (options.isVirtual) await made.#stopDate()
    await made.#install(setup, options.moment ?? { at: options.clock.now() })
    return made
  }

  async #stopDate(): Promise<void> {
    this.#wind = (await this.#context.evalClosure(virtualDate, [], { result: { reference: true } })) as Call
    await this.#now()
  }

  /** The time as the isolate is to know it from here on. */
  async #now(): Promise<number> {
    if (this.#wind !== undefined) await this.#wind.apply(undefined, [this.#clock.epoch()] as never)
    return this.#clock.now()
  }

  async #install(setup: GlassSetup, { at, reads }: Moment): Promise<void> {
    const runtime = await this.#load(await runtimeSources.entry(), runtimeSources)
    await runtime.evaluate()
    const call = async (name: string) => (await runtime.namespace.get(name, { reference: true })) as Call
    this.#runtime = {
      install: await call('install'),
      begin: await call('begin'),
      dispatch: await call('dispatch'),
      recover: await call('recover'),
      loads: await call('loads'),
    }
    await this.#runtime.install.apply(undefined, [setup, at, reads] as never, { arguments: { copy: true } })
  }

  /** Throws what is wrong with the application's modules. */
  async compile(main: Source, sources: Sources): Promise<void> {
    this.#main = await this.#load(main, sources)
  }

  /** Runs the top level of what was compiled. Throws what it throws. */
  async evaluate(timeout: number): Promise<void> {
    await this.#main!.evaluate({ timeout })
  }

  /** Runs a classic script. Throws what it throws. */
  async run({ code, file: filename }: Source, timeout: number): Promise<void> {
    const script = await this.#isolate.compileScript(code, { filename })
    await script.run(this.#context, { timeout })
  }

  /** Files that the scripts run so far want loaded, in order. */
  async loads(): Promise<Load[]> {
    return (await this.#runtime.loads.apply(undefined, [], { result: { copy: true } })) as Load[]
  }

  /** All scripts have run: the names of the hooks they may define. */
  async beginScripts(): Promise<string[]> {
    return (await this.#runtime.begin.apply(undefined, [], { result: { copy: true } })) as string[]
  }

  /** Once the top level has ended: the names of what it defines. Undefined while it still awaits something. */
  async begin(): Promise<string[] | undefined> {
    const { namespace } = this.#main!
    let found: ivm.Reference
    try {
      found = (await namespace.get(HOOKS_EXPORT, { reference: true })) as ivm.Reference
    } catch {
      return undefined
    }
    const calls = (await namespace.get('calls', { reference: true })) as ivm.Reference
    const unknownApps = await namespace.get('acceptUnknownApps')
    const handlers = (await namespace.get('connectHandlers', { reference: true })) as ivm.Reference
    const scope = (await namespace.get(SCOPE_EXPORT, { reference: true })) as ivm.Reference
    const args = [found, calls, handlers, namespace, scope].map(each => each.derefInto())
    const names = await this.#runtime.begin.apply(undefined, args as never, { result: { copy: true } })
    return unknownApps === true ? [...(names as string[]), 'acceptUnknownApps'] : (names as string[])
  }

  /** One turn. Throws what interruptionOf() explains; recover() follows then. */
  async dispatch(events: GlassEvent[], timeout: number, moment?: Moment): Promise<Turn> {
    const { at, reads } = moment ?? { at: await this.#now() }
    const args = [++this.#turns, this.#taken, events, at, reads]
    const turn = (await this.#runtime.dispatch.apply(undefined, args as never, {
      arguments: { copy: true },
      result: { copy: true },
      timeout,
    })) as Turn
    this.#taken = turn.commands.length
    return turn
  }

  interruptionOf(error: unknown): Interruption {
    if (this.#isolate.isDisposed) return { how: 'lost' }
    return { how: error instanceof Error && error.message === cutMessage ? 'cut' : 'rejected', error }
  }

  /** What an interrupted turn had written, and the label of what was cut. `limit`: '' after a rejection, then its text. */
  async recover(limit: string, text = ''): Promise<Recovered> {
    const recovered = (await this.#runtime.recover.apply(undefined, [this.#turns, limit, text] as never, {
      result: { copy: true },
      // The engine's own few steps, none of the script's: what takes long is a machine that has no time for them.
      timeout: STARVED_MS,
    })) as Recovered
    if (recovered.begun) this.#taken = recovered.turn.commands.length
    return recovered
  }

  /** A line to the engine's inspector, which speaks the Chrome DevTools Protocol. */
  inspect(heard: (message: string) => void): InspectorLine {
    const session = this.#isolate.createInspectorSession()
    let unanswered = 0
    let hasEnded = false
    let isPaused = false
    session.onResponse = (_, message) => {
      unanswered--
      if (!hasEnded) heard(message)
      else if (unanswered === 0 && !this.disposed) session.dispose()
    }
    session.onNotification = message => {
      if (message.startsWith('{"method":"Debugger.paused"')) isPaused = true
      else if (message.startsWith('{"method":"Debugger.resumed"')) isPaused = false
      if (!hasEnded) heard(message)
    }
    return {
      send: message => {
        if (this.disposed || hasEnded) return
        unanswered++
        session.dispatchProtocolMessage(message)
      },
      // To dispose of a session at work would end the process: it gives its last answer first. What stands still goes on.
      end: () => {
        if (hasEnded) return
        hasEnded = true
        if (!this.disposed && (unanswered === 0 || isPaused)) session.dispose()
      },
    }
  }

  /** Cuts what runs at this moment; absorb() follows once that has ended, however it did. */
  interrupt(): void {
    if (this.#isolate.isDisposed) return
    const session = this.#isolate.createInspectorSession()
    session.onResponse = () => session.dispose()
    session.onNotification = () => {}
    session.dispatchProtocolMessage('{"id":1,"method":"Runtime.terminateExecution"}')
  }

  /** An interruption that came too late would cut the next turn: here it cuts nothing. */
  async absorb(): Promise<void> {
    await this.#context.eval('0', { timeout: OVERDUE_MS }).catch(() => {})
  }

  /** What it has used so far, all of its threads together; nothing when it is no more. Not while it runs. */
  get spent(): Spent {
    if (this.#isolate.isDisposed) return { heap: 0, cpu: 0 }
    const heap = this.#isolate.getHeapStatisticsSync().used_heap_size
    return { heap, cpu: Number(this.#isolate.cpuTime) / 1e6 }
  }

  dispose(): void {
    if (!this.#isolate.isDisposed) this.#isolate.dispose()
  }

  get disposed(): boolean {
    return this.#isolate.isDisposed
  }

  async #load(entry: Source, sources: Sources): Promise<ivm.Module> {
    const module = await this.#compile(entry)
    let failure: unknown
    try {
      await module.instantiate(this.#context, async (specifier, referrer) => {
        try {
          return await this.#compile(await sources.resolve(specifier, this.#modules.get(referrer)!))
        } catch (error) {
          failure ??= error
          throw error
        }
      })
    } catch (error) {
      // What crossed the engine is a copy that has lost its place.
      throw failure ?? missingExport(error, this.#modules.values()) ?? error
    }
    return module
  }

  #compile(source: Source): Promise<ivm.Module> {
    const known = this.#compiled.get(source.id)
    if (known !== undefined) return known
    const compiling = this.#compileWhole(source).then(module => {
      this.#modules.set(module, source)
      return module
    })
    this.#compiled.set(source.id, compiling)
    return compiling
  }

  async #compileWhole({ code, tail = '', file: filename }: Source): Promise<ivm.Module> {
    try {
      return await this.#isolate.compileModule(code + tail, { filename })
    } catch (error) {
      // What is left open at the end of a script would be found wrong in our lines behind it: its own end is the place.
      if (tail !== '') await this.#isolate.compileModule(code, { filename })
      throw error
    }
  }
}

/** The top level of a main module waits for something that nothing will bring. */
export function neverEnds(file: string): ScriptError {
  return new ScriptError('script-await', faultAt('its top-level await never ends', file, 0, 0))
}
