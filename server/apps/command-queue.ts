import type { Clock } from '../base/clock.ts'
import type { App } from './app.ts'
import { commandsMs, waitingCommandsMax } from './limits.ts'
import type { AppCommand } from './wire.ts'

/** Steps of one application before its neighbours have theirs. */
const stride = 32

interface Line {
  readonly app: App
  readonly batches: AppCommand[][]
  /** Commands of the first batch that were carried out. */
  at: number
  waiting: number
  /** The rest of a command that takes many steps. */
  rest: Iterator<void> | undefined
}

export interface CommandQueueOptions {
  readonly clock: Clock
  /** Runs a function in the next turn of the loop, after what came in meanwhile. */
  defer(run: () => void): void
  /** Gives the steps that are left, for a command that takes many. */
  carryOut(app: App, command: AppCommand): Iterator<void> | undefined
}

/**
 * What scripts ask for, each application's in order. A turn of the loop gives them only so much time: a script that
 * asks for a hundred thousand things delays no frame, only itself and, by a few steps, its neighbours.
 */
export class CommandQueue {
  readonly #options: CommandQueueOptions
  readonly #lines = new Map<App, Line>()
  /** Milliseconds that are left to scripts in this turn of the loop. */
  #left = commandsMs
  #isDeferred = false

  constructor(options: CommandQueueOptions) {
    this.#options = options
  }

  add(app: App, commands: AppCommand[]): void {
    const line = this.#lines.get(app) ?? { app, batches: [], at: 0, waiting: 0, rest: undefined }
    if (line.waiting + commands.length > waitingCommandsMax) {
      this.drop(app)
      return app.replace(`more than ${waitingCommandsMax} commands waiting`)
    }
    line.batches.push(commands)
    line.waiting += commands.length
    this.#lines.set(app, line)
    this.#run()
  }

  /** What its lost isolate had asked for is not carried out any more. */
  drop(app: App): void {
    this.#lines.delete(app)
  }

  #run(): void {
    const { clock, defer } = this.#options
    const began = clock.now()
    while (this.#lines.size > 0 && clock.now() - began < this.#left) {
      for (const line of [...this.#lines.values()]) this.#step(line, began + this.#left)
    }
    this.#left -= clock.now() - began
    if (this.#isDeferred) return
    this.#isDeferred = true
    defer(() => {
      this.#isDeferred = false
      this.#left = commandsMs
      if (this.#lines.size > 0) this.#run()
    })
  }

  #step(line: Line, end: number): void {
    const { clock, carryOut } = this.#options
    for (let left = stride; left > 0 && clock.now() < end; left--) {
      if (this.#lines.get(line.app) !== line) return
      if (line.rest && !line.rest.next().done) continue
      line.rest = undefined
      const command = take(line)
      if (command === undefined) return this.drop(line.app)
      line.rest = carryOut(line.app, command)
    }
  }
}

function take(line: Line): AppCommand | undefined {
  const [batch] = line.batches
  if (!batch) return undefined
  if (line.at >= batch.length) {
    line.batches.shift()
    line.at = 0
    return take(line)
  }
  line.waiting--
  return batch[line.at++]
}
