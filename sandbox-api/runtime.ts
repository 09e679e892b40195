/**
 * The runtime of one application, loaded into its isolate before the application's own modules. The host holds
 * references to the functions exported here; a script can reach none of them.
 */
import type { OperatorEvent } from '../server/apps/wire.ts'
import { Answers } from './answers.ts'
import { ascClients, findMethod } from './asc/client.ts'
import { droppedIn } from './asc/client-stats.ts'
import { Dialect } from './asc/dialect.ts'
import { AscHooks } from './asc/hooks.ts'
import { Asks } from './asks.ts'
import { Calls } from './calls.ts'
import { Capabilities } from './capabilities.ts'
import { classes } from './classes.ts'
import type { Engine } from './engine.ts'
import { Events, type PacketEvent } from './events.ts'
import { FieldWatch } from './field-watch.ts'
import type { GlassEvent, GlassSetup, InnerEvent, Load, Recovered, Turn } from './glass.ts'
import { GlassClock } from './glass-clock.ts'
import { installGlobals } from './globals.ts'
import { Handover } from './handover.ts'
import { Hooks } from './hooks.ts'
import { Incidents } from './incidents.ts'
import { InnerEvents } from './inner-events.ts'
import { SLICE_MS } from './limits.ts'
import { Manager } from './manager.ts'
import { Mirrors } from './mirrors.ts'
import { openNets } from './net/net-connection.ts'
import { Nets } from './net/nets.ts'
import { Outbox } from './outbox.ts'
import { Outside } from './outside/outside.ts'
import { list } from './primordials.ts'
import { recordGlobals } from './recorded-globals.ts'
import { Lines } from './repl/lines.ts'
import type { Scope } from './repl/scope.ts'
import { nowhere, pinStackFormat } from './stack.ts'
import { Stage } from './stage.ts'
import { Streams } from './streams.ts'
import { HookTally, Meter, newCounts } from './tally.ts'
import { faultOf } from './thrown.ts'
import { Timers } from './timers.ts'
import { type Reads, startTape, stopTape, turnTape } from './wall-clock.ts'

class Runtime {
  readonly outbox = new Outbox()
  readonly hooks: Hooks
  /** Adobe's, when that is what the application is written in. */
  readonly dialect: Dialect | undefined
  readonly #incidents: Incidents
  readonly #clock = new GlassClock()
  readonly #timers = new Timers(this.#clock, this.outbox.turn)
  readonly #engine: Engine
  readonly #stage: Stage
  readonly #outside: Outside
  readonly #mirrors: Mirrors
  readonly #events: Events
  readonly #inner: InnerEvents
  readonly #nets: Nets
  readonly #streams: Streams
  readonly #lines: Lines
  /** Events not handled yet, from #next on. */
  #queue = list<GlassEvent | PacketEvent>()
  #next = 0
  /** The host gives an operator's line a turn of its own: a cut in it is nobody else's. */
  #line: OperatorEvent | undefined
  /** Timers were due when the last turn ended. */
  #timersWait = false

  constructor(setup: GlassSetup) {
    const { outbox } = this
    const { path, limits } = setup
    const clock = this.#clock
    const ascHooks = setup.instance === null ? undefined : new AscHooks()
    this.hooks = ascHooks ?? new Hooks()
    this.#incidents = new Incidents(outbox, this.#timers, this.hooks)
    const fields = new FieldWatch(outbox)
    const tally = new HookTally(clock)
    this.#stage = new Stage(outbox, this.#timers, limits, this.#incidents, fields, tally)
    const capabilities = new Capabilities(setup)
    const fault = (hook: string, error: unknown) => this.#engine.fault(hook, error)
    const { socketBytes } = setup
    const world = { outbox, capabilities, stage: this.#stage, timers: this.#timers, limits, socketBytes, fault }
    this.#outside = new Outside(world)
    this.#engine = {
      path,
      limits,
      capabilities,
      outbox,
      outside: this.#outside,
      clock,
      stage: this.#stage,
      fields,
      timers: this.#timers,
      asks: new Asks(this.#timers, limits),
      manager: new Manager(this.#timers, this.#stage),
      counts: newCounts(),
      tally,
      serving: undefined,
      fault: (hook, error) => outbox.fault(hook, faultOf(error)),
    }
    const engine = this.#engine
    const answers = new Answers(outbox)
    this.#nets = new Nets(engine)
    openNets(this.#nets)
    this.#mirrors = new Mirrors(engine, ascHooks && ascClients(client => droppedIn(this.#mirrors, client)))
    this.#streams = new Streams({ engine, mirrors: this.#mirrors })
    const calls = new Calls(engine, this.hooks, answers, ascHooks && findMethod)
    this.#events = new Events(engine, this.#mirrors, this.hooks, answers, calls)
    this.#inner = new InnerEvents(
      engine,
      this.#events,
      this.hooks,
      new Handover(engine, this.#mirrors),
      new Meter(clock),
    )
    this.#lines = new Lines(engine)
    if (ascHooks) this.dialect = new Dialect(setup, engine, this.#mirrors, this.#timers, this.#streams, ascHooks)
    else installGlobals(setup, engine, this.#mirrors, this.#timers, this.#streams)
  }

  /** The application's modules have been evaluated; gives the names of what they define. */
  begin(
    found: Record<string, unknown>,
    calls: unknown,
    connectHandlers: unknown,
    exports: object,
    scope: Scope | undefined,
  ): string[] {
    this.#lines.begin(scope)
    const wrong = (text: string) => this.outbox.log('warn', text, nowhere)
    const names = this.hooks.install(found, calls, connectHandlers, wrong)
    this.hooks.exports = exports
    this.dialect?.begun()
    classes.watch(this.hooks.get('onTypedObject'), this.#engine.fault)
    return names
  }

  enter(now: number, reads: Reads | undefined, taken?: number): void {
    this.#clock.begin(now)
    this.outbox.begin(taken)
    if (reads !== undefined) this.outbox.turn.reads = reads
    this.#engine.fields.begin()
    this.#lines.enter()
  }

  gather(events: GlassEvent[]): void {
    for (let i = 0; i < events.length; i++) {
      const event = events[i]!
      if (event.e === 'evaluate' || event.e === 'complete') {
        this.#line = event
        continue
      }
      if (event.e !== 'packets') {
        this.#queue[this.#queue.length] = event
        continue
      }
      for (let p = 0; p < event.packets.length; p++) {
        this.#queue[this.#queue.length] = { e: 'packet', packet: event.packets[p]! }
      }
      this.#queue[this.#queue.length] = { e: 'packetsSeen', ticket: event.ticket }
    }
  }

  /**
   * Handles events until the slice has passed or one of them gave a promise, then what timers are due. What is left over
   * gets the next turn; timers that had to wait come first then, so that neither keeps the other out.
   */
  run(): void {
    this.#stage.promised = false
    const line = this.#line
    this.#line = undefined
    if (line !== undefined) {
      this.#lines.handle(line)
    } else {
      const rung = this.#timersWait && this.#timers.ringDue()
      if (!rung) this.#runEvents()
      if (!rung && this.#goesOn) this.#timers.ringDue()
      this.#timersWait = !rung && this.#timers.due
    }
    this.outbox.turn.more = this.#next < this.#queue.length || this.#timers.due
  }

  /** The host cut what was playing; gives its label. */
  cut(limit: string): string {
    const label = this.#stage.playing
    this.#engine.serving = undefined
    this.#engine.fields.cut()
    this.#stage.end({ how: 'limit', text: `${label} ran into ${limit}` })
    this.#lines.cut(limit)
    return label
  }

  /** A promise was rejected, and nobody had caught it. */
  rejected(text: string): void {
    this.#incidents.tell(this.#stage, 'promise', text, null)
  }

  /** Nothing has happened yet that must end the turn. */
  get #goesOn(): boolean {
    return !this.#stage.promised && this.#clock.elapsed() <= SLICE_MS
  }

  #runEvents(): void {
    while (this.#next < this.#queue.length && this.#goesOn) {
      const event = this.#queue[this.#next++]!
      try {
        this.#handle(event)
      } catch (error) {
        // Not a script's throw, which is caught where it is played: whoever waits is told all the same.
        this.#stage.end({ how: 'thrown', error })
        this.outbox.fault(event.e, faultOf(error))
      }
    }
    if (this.#next < this.#queue.length) return
    this.#queue = list()
    this.#next = 0
  }

  #handle(event: GlassEvent | PacketEvent): void {
    switch (event.e) {
      case 'handOver':
      case 'takeOver':
      case 'packEstate':
      case 'packFields':
      case 'unpack':
      case 'adoptAsked':
      case 'giveUp':
      case 'spent':
      case 'rolledBack':
        this.#inner.handle(event satisfies InnerEvent)
        if (event.e === 'giveUp') this.#lines.giveUp(event.text)
        break
      case 'evaluate':
      case 'complete':
      case 'cutLine':
      case 'sessionEnded':
        this.#lines.handle(event)
        break
      case 'answered':
      case 'received':
      case 'accepted':
      case 'closed':
        this.#outside.handle(event)
        break
      case 'netConnected':
      case 'netStatus':
      case 'netEnded':
      case 'netCalled':
      case 'netStreamStatus':
      case 'netShared':
        this.#nets.handle(event)
        break
      case 'streamStatus':
        this.#streams.status(event)
        break
      default:
        this.#events.handle(event)
    }
  }
}

let runtime: Runtime
/** The number of the turn that began last. */
let begun = 0

/** Once, before the application's modules are evaluated. */
export function install(setup: GlassSetup, now: number, reads?: Reads): void {
  pinStackFormat()
  if (setup.journal) startTape()
  const kept = turnTape(reads)
  if (setup.journal) recordGlobals(setup.seed)
  runtime = new Runtime(setup)
  runtime.enter(now, kept)
}

/** Once, when they have been: what the main module defines. Gives the names of what is there. */
export function begin(
  found: Record<string, unknown> = {},
  calls?: unknown,
  connectHandlers?: unknown,
  exports: object = {},
  scope?: Scope,
): string[] {
  stopTape()
  return runtime.begin(found, calls, connectHandlers, exports, scope)
}

/** Files that the scripts run so far want loaded. */
export function loads(): Load[] {
  return runtime.dialect?.loads() ?? []
}

/**
 * One turn; what it gives is true only after its microtasks have run. `number` is another each time. `taken` commands came of
 * the turn before. `reads`: what its wall clock says, at a replay.
 */
export function dispatch(number: number, taken: number, events: GlassEvent[], now: number, reads?: Reads): Turn {
  runtime.enter(now, turnTape(reads), taken)
  // Not before: a cut may come in the midst of what that does.
  begun = number
  runtime.gather(events)
  runtime.run()
  return runtime.outbox.turn
}

/**
 * After a turn that did not end by itself. `limit` names what it ran into, and gives the label of what was cut; '' means
 * that only a promise was rejected and nobody had caught it, `text` what with. What was written so far is still there.
 * A turn that was cut before its first step has not begun: what is still there was the turn's before.
 */
export function recover(number: number, limit: string, text: string): Recovered {
  if (number !== begun) {
    const { wake, pending } = runtime.outbox.turn
    return { label: '', begun: false, turn: { commands: list(), wake, pending, more: true } }
  }
  const label = limit === '' ? 'promise' : runtime.cut(limit)
  if (limit === '' && text !== '') runtime.rejected(text)
  const { turn } = runtime.outbox
  turn.more = true
  return { label, begun: true, turn }
}
