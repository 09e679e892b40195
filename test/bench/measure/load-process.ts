import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Report } from '../load/main.ts'
import type { RoleOptions } from '../load/role.ts'
import { cores, pinned } from './pinned.ts'

const main = fileURLToPath(new URL('../load/main.ts', import.meta.url))

/** How long anything may take before the bench gives up, in ms; only met by failures. */
const answerMs = 60_000

/** One process of the load on the load's core: `await using` ends it. */
export class LoadProcess implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown>
  readonly #reports: Report[] = []
  #wake: () => void = () => {}

  private constructor(role: string, options: Partial<RoleOptions>) {
    const [program, ...args] = pinned(cores.load, [process.execPath, main, role, JSON.stringify(options)])
    this.#child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    this.#child.on('message', (report: Report) => this.#report(report))
    this.#exited = once(this.#child, 'exit').then(([code]) => this.#report({ failure: `ended with ${code}` }))
  }

  /** Resolves when it is ready. */
  static async start(role: string, options: Partial<RoleOptions>): Promise<LoadProcess> {
    const load = new LoadProcess(role, options)
    try {
      await load.#next()
      return load
    } catch (error) {
      await load.stop()
      throw error
    }
  }

  get pid(): number {
    return this.#child.pid!
  }

  async ask<T>(task: string, options: Readonly<Record<string, number>> = {}): Promise<T> {
    this.#child.send({ task, options })
    return (await this.#next()) as T
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill()
    await this.#exited
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  #report(report: Report): void {
    this.#reports.push(report)
    this.#wake()
  }

  /** The oldest report unread. */
  async #next(): Promise<unknown> {
    const limit = setTimeout(() => this.#report({ failure: `silent for ${answerMs} ms` }), answerMs)
    while (this.#reports.length === 0) {
      await new Promise<void>(wake => {
        this.#wake = wake
      })
    }
    clearTimeout(limit)
    const report = this.#reports.shift()!
    if ('failure' in report) throw new Error(`the load failed: ${report.failure}`)
    return 'result' in report ? report.result : undefined
  }
}
