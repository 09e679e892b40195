import { type ChildProcess, fork } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { unsentOrdersMax } from './limits.ts'
import type { WorkerOrder, WorkerReport } from './wire.ts'
import type { RaiseWorker, WorkerOwner, WorkerProcess } from './worker-process.ts'

/** A worker's program, as source in a checkout and as plain JavaScript in the published package. */
const program = new URL(`../worker${extname(import.meta.url)}`, import.meta.url)

/** Raises workers as child processes. */
export function forkWorkers(module: URL = program): RaiseWorker {
  return owner => new ForkedWorker(module, owner)
}

class ForkedWorker implements WorkerProcess {
  readonly #child: ChildProcess
  readonly #owner: WorkerOwner
  #unsent = 0
  /** Why it was killed from here. */
  #reason = ''
  #ended = false

  constructor(module: URL, owner: WorkerOwner) {
    this.#owner = owner
    // What it has to say to people comes as reports; its standard error is only for an engine that breaks.
    this.#child = fork(fileURLToPath(module), [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    this.#child.on('message', reports => {
      if (!this.#ended) this.#owner.reports(reports as WorkerReport[])
    })
    this.#child.on('error', error => {
      if (this.#child.pid === undefined) this.#end(`its process could not be started: ${error.message}`)
    })
    this.#child.once('exit', (code, signal) => {
      this.#end(signal ? `its process ended by ${signal}` : `its process ended with exit code ${code}`)
    })
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  post(orders: WorkerOrder[]): void {
    if (!this.#child.connected) return
    if (this.#unsent >= unsentOrdersMax) {
      this.#reason = `it left ${unsentOrdersMax} messages unread`
      return this.kill()
    }
    this.#unsent++
    // The callback hears of a channel that closed meanwhile: the end of the process is told by 'exit'.
    this.#child.send(orders, () => this.#unsent--)
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  #end(how: string): void {
    if (this.#ended) return
    this.#ended = true
    this.#owner.ended(this.#reason || how)
  }
}
