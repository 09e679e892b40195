import { createHash } from 'node:crypto'
import { systemClock } from '../../../base/clock.ts'
import { type AppPlace, AppSources } from '../app-sources.ts'
import { Isolate } from '../isolate.ts'
import { PinnedSources } from '../pinned-sources.ts'
import type { Source } from '../source.ts'
import type { Watch } from '../watch.ts'
import { canonicalBytes } from './canonical.ts'
import { type Difference, differenceOf } from './difference.ts'
import type { Call, CallEntry, Ending } from './entry.ts'
import type { JournalFile } from './journal-file.ts'
import { thrown } from './journaled-isolate.ts'
import { REPLAY_MS, REPLAY_SLOWNESS } from './limits.ts'
import { type Plan, planOf } from './plan.ts'

export interface ReplayOptions {
  readonly watch: Watch
  /** Where the sources come from in place of the journal. */
  readonly from?: AppPlace | undefined
  /** A turn took memory or time that cannot be cut: the process must end. */
  readonly overdrawn: (what: 'memory' | 'time', progress: Progress) => void
}

export interface Progress {
  turns: number
  commands: number
  versions: number
}

export interface Result extends Progress {
  /** SHA-256 of all commands, in hexadecimal. */
  digest: string
  /** The first, and in which call. */
  difference?: Difference & CallEntry
  /** The process ended in this call: nothing is known of what came of it then. */
  unfinished?: CallEntry & { actual: Ending }
}

interface Open {
  entry: CallEntry
  plan: Plan
  actual: Ending | undefined
}

/** One version of the application, once more. */
interface Life {
  cell: Isolate | undefined
  open: Open | undefined
  hasRun: boolean
  /** The last call was. */
  wasCut: boolean
  /** The last call was cut, and has ended by itself now. */
  hasEnded: boolean
}

/** Runs what a journal tells through isolates of its own, and compares what comes of it. Nothing gets outside. */
export class Replay {
  readonly #journal: JournalFile
  readonly #options: ReplayOptions
  readonly #lives = new Map<number, Life>()
  readonly #progress: Progress = { turns: 0, commands: 0, versions: 0 }

  constructor(journal: JournalFile, options: ReplayOptions) {
    this.#journal = journal
    this.#options = options
  }

  async run(): Promise<Result> {
    const plans = planOf(this.#journal.entries())
    const hash = createHash('sha256')
    let calls = 0
    let difference: Result['difference']
    try {
      for (const entry of this.#journal.entries()) {
        if ('call' in entry) await this.#begin(entry, plans[calls++]!)
        else difference = this.#compare(entry.version, entry.ending, hash)
        if (difference !== undefined) break
      }
      const unfinished = difference === undefined ? this.#unfinished() : undefined
      const digest = hash.digest('hex')
      return { ...this.#progress, digest, ...(difference && { difference }), ...(unfinished && { unfinished }) }
    } finally {
      for (const { cell } of this.#lives.values()) cell?.dispose()
    }
  }

  async #begin(entry: CallEntry, plan: Plan): Promise<void> {
    const { version, call } = entry
    if (call.do === 'create') {
      this.#progress.versions++
      const open = { entry, plan, actual: undefined }
      const cell = await Isolate.create(call.megabytes, call.setup, {
        clock: systemClock,
        isVirtual: false,
        moment: { at: call.at, reads: plan.reads },
        lost: () => this.#overdrawn('memory'),
      })
      this.#options.watch.allow(call.megabytes)
      this.#lives.set(version, { cell, open, hasRun: false, wasCut: false, hasEnded: false })
      return
    }
    const life = this.#lives.get(version)
    if (life?.cell === undefined) return
    if (call.do === 'dispose') {
      life.cell.dispose()
      life.cell = life.open = undefined
      return
    }
    if (call.do === 'dispatch') this.#progress.turns++
    life.open = { entry, plan, actual: plan.isVoid ? nothing(plan) : await this.#watched(life, life.cell, call, plan) }
  }

  async #watched(life: Life, cell: Isolate, call: Call, plan: Plan): Promise<Ending> {
    const asked = 'timeout' in call ? call.timeout : REPLAY_MS
    const timeout = timeoutOf(asked, plan)
    const overdrawn = (what: 'memory' | 'time') => this.#overdrawn(what)
    // A cut may take its time, too, on a machine that has much to do.
    const end = this.#options.watch.begin({ allowed: patienceFor(timeout), overdrawn })
    try {
      return await this.#carryOut(life, cell, call, plan, timeout)
    } catch (error) {
      const ending = thrown(error, cell.interruptionOf(error))
      // What an operator cut in its promises only had ended.
      if (ending.how === 'cut' && plan.how === 'turn' && plan.interrupted !== undefined) await cell.recover('Ctrl+C')
      // The engine forgets a rejection that nobody caught when its promise is collected before the turn is over.
      const isForgotten = ending.how === 'thrown' && plan.how === 'turn' && this.#options.from === undefined
      return isForgotten ? { how: 'turn', ...(await cell.recover('', '')) } : ending
    } finally {
      end()
    }
  }

  async #carryOut(life: Life, cell: Isolate, call: Call, { reads }: Plan, timeout: number): Promise<Ending> {
    const { from } = this.#options
    switch (call.do) {
      case 'compile': {
        const sources = from === undefined ? new PinnedSources(call.sources) : new AppSources(from)
        await cell.compile(await sources.main(), sources)
        return { how: 'done' }
      }
      case 'evaluate':
        await cell.evaluate(timeout)
        return { how: 'done' }
      case 'run':
        if (from === undefined) await cell.run(call.source, timeout)
        else if (!life.hasRun) await runAll(cell, new AppSources(from), timeout)
        life.hasRun = true
        return { how: 'done' }
      case 'loads':
        return { how: 'loads', loads: from === undefined ? await cell.loads() : [] }
      case 'begin':
        return { how: 'hooks', hooks: await cell.begin() }
      case 'beginScripts':
        return { how: 'hooks', hooks: await cell.beginScripts() }
      case 'dispatch':
        return {
          how: 'turn',
          turn: await cell.dispatch(call.events, timeout, { at: call.at, reads }),
          label: '',
          begun: true,
        }
      case 'recover':
        return { how: 'turn', ...(await cell.recover(call.limit, call.text)) }
      case 'create':
      case 'dispose':
        return { how: 'done' }
    }
  }

  #compare(version: number, ending: Ending, hash: ReturnType<typeof createHash>): Result['difference'] {
    const life = this.#lives.get(version)
    const open = life?.open
    if (life === undefined || open?.actual === undefined) return undefined
    life.open = undefined
    const { wall, call } = open.entry
    const wasInterrupted = open.plan.interrupted !== undefined || (call.do === 'recover' && life.hasEnded)
    const isEndOfCut = call.do === 'recover' && life.wasCut
    const places = this.#options.from === undefined
    const found = differenceOf(ending, open.actual, { places, wasCut: isEndOfCut, wasInterrupted })
    life.wasCut = ending.how === 'cut'
    life.hasEnded = life.wasCut && open.actual.how === 'turn'
    // Of what was cut the journal's own commands stand for all; those of a turn with a rejection come once, with its recovery.
    const told = isEndOfCut || wasInterrupted || ending.how !== 'turn' ? ending : open.actual
    if (told.how === 'turn') {
      this.#progress.commands += told.turn.commands.length
      hash.update(canonicalBytes(told.turn.commands))
    }
    return found && { ...found, version, wall, call }
  }

  #unfinished(): Result['unfinished'] {
    for (const [version, { open }] of this.#lives) {
      if (open?.actual === undefined || open.entry.call.do === 'compile') continue
      const { wall, call } = open.entry
      return { version, wall, call, actual: open.actual }
    }
    return undefined
  }

  #overdrawn(what: 'memory' | 'time'): void {
    this.#options.overdrawn(what, this.#progress)
  }
}

/** What comes of a turn that never began, and of its recovery. */
function nothing({ how }: Plan): Ending {
  if (how === 'cut') return { how, fault: { text: '', file: '', line: 0, column: 0, stack: '' } }
  return { how: 'turn', turn: { commands: [], wake: -1, pending: 0, more: true }, label: '', begun: false }
}

/** What was cut is cut again where it was: at its limit, or as soon as an operator had it cut. */
function timeoutOf(asked: number, { how, interrupted }: Plan): number {
  if (interrupted !== undefined) return Math.ceil(interrupted)
  return how === 'cut' ? asked : patienceFor(asked)
}

function patienceFor(limit: number): number {
  return Math.max(limit * REPLAY_SLOWNESS, REPLAY_MS)
}

/** Scripts of Adobe's dialect, from a folder: the main one, then what it loads and what that loads. */
async function runAll(cell: Isolate, sources: AppSources, timeout: number): Promise<void> {
  const waiting: (Source | undefined)[] = [await sources.main()]
  for (let at = 0; at < waiting.length; at++) {
    const source = waiting[at]
    if (source === undefined) continue
    await cell.run(source, timeout)
    for (const load of await cell.loads()) waiting.push(await sources.loaded(load))
  }
}
