import { performance } from 'node:perf_hooks'
import type { HostProcess, RaiseHost } from '../apps/host-process.ts'
import { shownOf, wordsOf } from '../apps/script-fault.ts'
import type { AppSetup, HostReport, ScriptFault } from '../apps/wire.ts'
import { wordOf } from '../base/capability.ts'
import { checkMs } from './limits.ts'

/** What came of loading one application. */
export interface Loaded {
  readonly path: string
  readonly main: string
  readonly ms: number
  /** What it may reach outside itself, as `allow` has it. */
  readonly capabilities: readonly string[]
  /** What its top level warned of, or the server, with the place. */
  readonly warnings: readonly string[]
  readonly outcome: { readonly hooks: readonly string[] } | { readonly fault: ScriptFault }
}

const nowhere = { file: '', line: 0, column: 0, stack: '' }

/**
 * Loads applications in isolates of their own, one after another, and serves nobody: their top levels run, no hook does.
 * One that takes its host along costs the others nothing.
 */
export class Checker {
  readonly #raise: RaiseHost
  #host: HostProcess | undefined
  #heard: (report: HostReport) => void = () => {}
  #warnings: string[] = []

  constructor(raise: RaiseHost) {
    this.#raise = raise
  }

  async load(setup: AppSetup): Promise<Loaded> {
    const began = performance.now()
    this.#warnings = []
    const report = await this.#started(setup)
    const ms = Math.round(performance.now() - began)
    const { path, main, allow } = setup
    const about = { path, main, ms, capabilities: allow.map(wordOf), warnings: this.#warnings }
    if (report.report === 'started') return { ...about, outcome: { hooks: report.hooks } }
    if (report.report === 'failed') return { ...about, outcome: { fault: report.fault } }
    const text = report.report === 'spent' ? `it ran into ${report.limit}` : 'its host ended'
    return { ...about, outcome: { fault: { ...nowhere, text } } }
  }

  end(): void {
    this.#host?.end()
    this.#host = undefined
  }

  #started(setup: AppSetup): Promise<HostReport> {
    const { promise, resolve } = Promise.withResolvers<HostReport>()
    this.#heard = report => {
      if (report.report === 'commands') {
        for (const command of report.commands) {
          if (command.c === 'log' && command.level === 'warn') this.#warnings.push(wordsOf(command))
        }
      }
      if (['started', 'failed', 'spent'].includes(report.report)) resolve(report)
    }
    const limit = setTimeout(() => this.#spent(setup.path, `${checkMs} ms`), checkMs)
    this.#host ??= this.#raised(setup.path)
    this.#host.post({ order: 'start', app: setup, reason: 'start', mirror: [] })
    return promise.finally(() => {
      clearTimeout(limit)
      this.#host?.post({ order: 'dispose', path: setup.path })
    })
  }

  #raised(path: string): HostProcess {
    const host = this.#raise('check', {
      report: report => this.#host === host && this.#heard(report),
      ended: how => this.#host === host && this.#spent(path, how),
    })
    return host
  }

  #spent(path: string, limit: string): void {
    this.#host?.kill()
    this.#host = undefined
    this.#heard({ report: 'spent', path, limit })
  }
}

/** The lines about one application. */
export function loadedText({ path, main, ms, capabilities, warnings, outcome }: Loaded): string {
  const name = path || '/'
  if ('fault' in outcome) return `${name} does not load\n${indented(shownOf(wordsOf(outcome.fault), outcome.fault))}\n`
  const list = (words: readonly string[]) => (words.length === 0 ? 'none' : words.join(', '))
  return `${name} loads (${main}, ${ms} ms)\n  hooks: ${list(outcome.hooks)}\n  may use: ${list(capabilities)}\n${indented(warnings.map(text => `${text}\n`).join(''))}`
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ')
}
