import type { GlassEvent, InnerEvent, Settled, Turn } from '../../../sandbox-api/glass.ts'
import { SLICE_MS } from '../../../sandbox-api/limits.ts'
import type { Timer } from '../../base/clock.ts'
import type { AppCommand, AppSetup, PinnedSources as Pinned } from '../wire.ts'
import { AppSources } from './app-sources.ts'
import { EventQueue, type Line } from './event-queue.ts'
import { type Cell, type Interruption, neverEnds } from './isolate.ts'
import { EVENTS_WAITING, SPENT_MS } from './limits.ts'
import { openIsolate } from './open-isolate.ts'
import { Outside } from './outside/outside.ts'
import { PinnedSources } from './pinned-sources.ts'
import { cutAt, faultOf, memoryLimit, ScriptError, unanswered, wordsAbout } from './script-error.ts'
import type { Source } from './source.ts'
import type { VersionOwner } from './version-owner.ts'

/** A question without its ticket. */
export type Question = InnerEvent extends infer E ? (E extends InnerEvent ? Omit<E, 'ticket'> : never) : never

/** One version of an application: its isolate, the events that wait for it, and its one wake-up. */
export class Version {
  readonly path: string
  hooks: readonly string[] = []
  /** All that it was made of. */
  sources: Pinned = { main: '', sources: [], ways: [] }
  /** Told after each turn, for whoever waits until nothing is pending. */
  onDelivered: (() => void) | undefined
  /** What its author did not mean: errors nobody was to be told of, and answers that are slips. How many, and the last. */
  troubles = 0
  lastTrouble = ''
  readonly #owner: VersionOwner
  readonly #setup: AppSetup
  readonly #sources: AppSources | PinnedSources
  readonly isolate: Cell
  readonly #endAllowance: () => void
  readonly #outside: Outside
  readonly #queue = new EventQueue()
  /** The operator's line whose turn it is. */
  #line: Line | undefined
  #running = false
  /** Whoever waits for something to come. */
  #stirred: (() => void) | undefined
  #held = false
  #disposed = false
  #wasCut = false
  #turn: Turn = { commands: [], wake: -1, pending: 0, more: false }
  #wake: Timer | undefined
  #lastTicket = 0
  /** When its figures were told last. */
  #spentAt = Number.NEGATIVE_INFINITY
  readonly #asked = new Map<number, (settled: Settled) => void>()

  private constructor(owner: VersionOwner, setup: AppSetup, isolate: Cell, endAllowance: () => void) {
    this.path = setup.path
    this.#owner = owner
    this.#setup = setup
    this.#sources = setup.pinned ? new PinnedSources(setup.pinned) : new AppSources(setup)
    this.isolate = isolate
    this.#endAllowance = endAllowance
    this.#outside = new Outside(setup, {
      premises: owner.premises,
      rehearsal: owner.rehearsal,
      tell: event => this.send([event]),
      warn: text => owner.commands([{ c: 'log', level: 'warn', text, file: '', line: 0 }]),
    })
  }

  /** Compiles and evaluates. Throws what is wrong with the script, as faultOf() reads it. */
  static async raise(owner: VersionOwner, setup: AppSetup): Promise<Version> {
    const endAllowance = owner.watch.allow(setup.limits.memory)
    let version: Version | undefined
    try {
      const isolate = await openIsolate(owner, setup)
      version = new Version(owner, setup, isolate, endAllowance)
      await version.#evaluate()
      return version
    } catch (error) {
      if (version === undefined) endAllowance()
      else version.dispose()
      throw version?.framed(error) ?? error
    }
  }

  /** What went wrong in one of its files, with the author's own lines. */
  framed(error: unknown): ScriptError {
    const code = error instanceof ScriptError ? error.code : 'script-error'
    return new ScriptError(code, this.#sources.framed(faultOf(error)))
  }

  get timeLimit(): string {
    return `apps.timeout (${this.#setup.limits.timeout} ms)`
  }

  /** Tickets that wait for a promise of this version's. */
  get pending() {
    return this.#turn.pending
  }

  /** Nothing happens until something is sent or the time has come. */
  get resting(): boolean {
    const isWaiting = !this.#running || this.#stirred !== undefined
    return this.#disposed || (isWaiting && this.#queue.length === 0 && !this.#outside.busy)
  }

  send(events: readonly GlassEvent[]): void {
    if (this.#disposed) return
    this.#queue.push(events)
    if (this.#queue.length > EVENTS_WAITING) this.#owner.spent(`events waiting (${EVENTS_WAITING})`)
    else this.#start()
    this.#stirred?.()
  }

  /** Asks the runtime itself; answered exactly once, also when the version is disposed meanwhile. */
  ask(question: Question): Promise<Settled> {
    const ticket = --this.#lastTicket
    return new Promise(resolve => {
      if (this.#disposed) resolve(unanswered(ticket))
      else {
        this.#asked.set(ticket, resolve)
        this.send([{ ...question, ticket } as InnerEvent])
      }
    })
  }

  /** Cuts an operator's line until it has ended, whether it runs, waits for its turn (too early is lost) or for a promise. */
  interrupt(ticket: number): void {
    if (this.#line?.ticket !== ticket) {
      this.#queue.withdraw(ticket)
      this.send([{ e: 'cutLine', ticket }])
      return
    }
    const line = this.#line
    if (line.interrupted) return
    line.interrupted = true
    this.isolate.interrupt()
    const again = setInterval(() => (this.#line === line ? this.isolate.interrupt() : clearInterval(again)), 100)
  }

  /** No turn begins until release(): timers and events wait as they are. */
  hold(): void {
    this.#held = true
    this.#wake?.cancel()
  }

  release(): void {
    this.#held = false
    this.#start()
  }

  /** Another version serves: the ports are that one's. What was asked of others is still answered. */
  closeSockets(): void {
    this.#outside.closeSockets()
  }

  /** Harmless twice. */
  dispose(): void {
    this.#disposed = true
    this.#outside.close()
    this.#wake?.cancel()
    this.#queue.take()
    this.isolate.dispose()
    this.#endAllowance()
    for (const [ticket, resolve] of this.#asked) resolve(unanswered(ticket))
    this.#asked.clear()
  }

  async #evaluate(): Promise<void> {
    const sources = this.#sources
    const main = await sources.main()
    const isScript = this.#setup.instance !== null
    if (!isScript) await this.#watched(Number.POSITIVE_INFINITY, () => this.isolate.compile(main, sources))
    const { timeout, verdictTimeout } = this.#setup.limits
    try {
      if (isScript) await this.#runAll(main, sources, timeout)
      else await this.#watched(timeout, () => this.isolate.evaluate(timeout))
    } catch (error) {
      const { how } = this.isolate.interruptionOf(error)
      throw how === 'rejected' ? error : cutAt(error, how === 'cut' ? this.timeLimit : memoryLimit(this.#setup))
    } finally {
      // What the top level logged is heard also when it failed.
      if (!this.isolate.disposed) this.#deliver((await this.isolate.recover('')).turn)
    }
    this.sources = sources.pin()
    if (isScript) this.hooks = await this.isolate.beginScripts()
    else this.hooks = await this.#begin(main.file, this.#owner.clock.now() + verdictTimeout)
    this.#start()
  }

  /** The main script first, then what it loads and what that loads, in the order in which they said so. */
  async #runAll(main: Source, sources: AppSources | PinnedSources, timeout: number): Promise<void> {
    const waiting: (Source | undefined)[] = [main]
    for (let at = 0; at < waiting.length; at++) {
      const source = waiting[at]
      if (source === undefined) continue
      await this.#watched(timeout, () => this.isolate.run(source, timeout))
      for (const load of await this.isolate.loads()) waiting.push(await sources.loaded(load))
    }
  }

  /** A top level that awaits gets its timers, what it asked of the outside, and the time a verdict has. */
  async #begin(file: string, deadline: number): Promise<string[]> {
    // What comes meanwhile waits for the turns that are given here.
    this.#running = true
    try {
      for (;;) {
        const names = await this.isolate.begin()
        if (names !== undefined) return names
        const { wake, more } = this.#turn
        const isReady = more || this.#queue.length > 0
        const isWaiting = isReady || wake >= 0 || this.#outside.busy
        if (!isWaiting || this.#owner.clock.now() > deadline) throw neverEnds(file)
        if (!isReady) await this.#stir(wake >= 0 ? Math.min(wake, deadline) : deadline)
        const events = this.#queue.take()
        const { timeout } = this.#setup.limits
        this.#deliver(await this.#watched(timeout, () => this.isolate.dispatch(events, timeout)))
      }
    } finally {
      this.#running = false
    }
  }

  /** Until something has come, or the time is there. */
  async #stir(until: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { clock } = this.#owner
    const timer = clock.after(Math.max(0, until - clock.now()), resolve)
    this.#stirred = resolve
    await promise
    this.#stirred = undefined
    timer.cancel()
  }
  #start(): void {
    if (!this.#running && !this.#held && !this.#disposed) void this.#run()
  }

  async #run(): Promise<void> {
    this.#running = true
    this.#wake?.cancel()
    do {
      // What else this turn of the loop brings joins the same dispatch.
      await new Promise(setImmediate)
      await this.#owner.congested()
      if (this.#disposed || this.#held) break
      const { events, line } = this.#queue.takeTurn()
      this.#line = line
      // On the way of something else: it costs little. Not beside a debugger, whose work it would wait for.
      if (performance.now() - this.#spentAt >= SPENT_MS && !this.#owner.isInspected) {
        this.#spentAt = performance.now()
        events.unshift({ e: 'spent', ticket: 0, spent: this.isolate.spent })
      }
      const turn = await this.#dispatch(events)
      if (this.#disposed || turn === undefined) break
      this.#deliver(turn)
      if (this.#wasCut) this.#owner.cut(this.#owner.watch.crowded ? memoryLimit(this.#setup) : this.timeLimit)
      this.#wasCut = false
    } while (this.#queue.length > 0 || this.#turn.more)
    this.#running = false
    this.#sleep()
  }

  #sleep(): void {
    const { wake } = this.#turn
    if (this.#held || this.#disposed || wake < 0) return
    const { clock } = this.#owner
    this.#wake = clock.after(Math.ceil(Math.max(0, wake - clock.now())), () => this.#start())
  }

  async #dispatch(events: GlassEvent[]): Promise<Turn | undefined> {
    const line = this.#line
    try {
      return await this.#play(events)
    } catch (error) {
      return this.#disposed ? undefined : await this.#recover(this.isolate.interruptionOf(error), line, events)
    }
  }

  async #play(events: GlassEvent[]): Promise<Turn> {
    const { timeout } = this.#setup.limits
    try {
      // A handler may begin when the slice is nearly over, and has all of its time still.
      return await this.#watched(timeout + SLICE_MS, () => this.isolate.dispatch(events, timeout + SLICE_MS))
    } finally {
      const line = this.#line
      this.#line = undefined
      if (line?.interrupted) {
        // It may have ended by itself at that moment, or have been cut in its promises only: it is over now.
        await this.isolate.absorb()
        this.send([{ e: 'cutLine', ticket: line.ticket }])
      }
    }
  }

  /** A cut of an operator's line is the operator's to hear of: it is no fault of the script's. */
  async #recover(interruption: Interruption, line: Line | undefined, events: GlassEvent[]) {
    if (interruption.how === 'lost') {
      this.#owner.spent(memoryLimit(this.#setup))
      return undefined
    }
    const cut = interruption.how === 'cut' || line?.interrupted === true
    const limit = line?.interrupted ? 'Ctrl+C' : this.timeLimit
    try {
      const fault = faultOf(cut ? cutAt(interruption.error, limit) : interruption.error)
      const { label, begun, turn } = await this.isolate.recover(cut ? limit : '', fault.text)
      // Cut before its first step, by Ctrl+C or by a machine with no time for it: of that nobody hears.
      if (!begun) this.#queue.putBack(line?.interrupted ? [] : events)
      else if (!cut || line === undefined) turn.commands.push({ c: 'fault', hook: label, ...fault })
      this.#wasCut = begun && cut && line === undefined
      return turn
    } catch {
      if (!this.#disposed) this.#owner.spent(this.timeLimit)
      return undefined
    }
  }

  #deliver(turn: Turn): void {
    this.#turn = turn
    const commands: AppCommand[] = []
    const settled: Settled[] = []
    for (const command of turn.commands) {
      if (command.c === 'settled') settled.push(command)
      else if (command.c === 'slip') this.#trouble(command.text)
      else if (command.c === 'outside' || command.c === 'note') this.#outside.take(command)
      else commands.push(command.c === 'fault' ? this.#sources.framed(command) : command)
      if (command.c === 'fault') this.#trouble(wordsAbout(command.hook, command.text))
    }
    if (commands.length > 0) this.#owner.commands(commands)
    for (const answer of settled) {
      this.#asked.get(answer.ticket)?.(answer)
      this.#asked.delete(answer.ticket)
    }
    this.onDelivered?.()
  }

  #trouble(text: string): void {
    this.troubles++
    this.lastTrouble = text
    this.#owner.troubled(this)
  }

  async #watched<T>(allowed: number, work: () => Promise<T>): Promise<T> {
    const overdrawn = (what: 'memory' | 'time') => {
      this.#owner.spent(what === 'memory' ? memoryLimit(this.#setup) : this.timeLimit)
    }
    const end = this.#owner.watch.begin({ allowed, overdrawn, isPaused: () => this.#owner.isPaused })
    try {
      return await work()
    } finally {
      end()
    }
  }
}
