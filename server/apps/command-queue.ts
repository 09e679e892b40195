import type { Clock } from '../base/clock.ts'
import type { App } from './app.ts'
import { commandsMs, waitingCommandsMax } from './limits.ts'
import type { AppCommand } from './wire.ts'

/** Commands carried out between two looks at the clock. */
const stride = 32

interface Line {
  readonly app: App
  commands: AppCommand[]
  at: number
}

export interface CommandQueueOptions {
  readonly clock: Clock
  /** Runs a function in the next turn of the loop, after what came in meanwhile. */
  defer(run: () => void): void
  carryOut(app: App, command: AppCommand): void
}

/**
 * What scripts ask for, each application's in order. A turn of the loop gives them only so much time: a script that
 * asks for a hundred thousand things delays no frame, only itself and, by a stride, its neighbours.
 */
export class CommandQueue {
  readonly #options: CommandQueueOptions
  readonly #lines = new Map<App, Line>()
  #isDeferred = false

  constructor(options: CommandQueueOptions) {
    this.#options = options
  }

  add(app: App, commands: AppCommand[]): void {
    const line = this.#lines.get(app)
    if (!line) this.#lines.set(app, { app, commands, at: 0 })
    else if (line.commands.length - line.at + commands.length > waitingCommandsMax) {
      this.drop(app)
      return app.replace(`more than ${waitingCommandsMax} commands waiting`)
    } else line.commands = line.commands.slice(line.at).concat(commands)
    if (line) line.at = 0
    if (!this.#isDeferred) this.#run()
  }

  /** What its lost isolate had asked for is not carried out any more. */
  drop(app: App): void {
    this.#lines.delete(app)
  }

  #run(): void {
    const { clock, carryOut } = this.#options
    const end = clock.now() + commandsMs
    while (this.#lines.size > 0) {
      for (const line of [...this.#lines.values()]) {
        for (let left = stride; left > 0 && line.at < line.commands.length; left--) {
          carryOut(line.app, line.commands[line.at++]!)
        }
        if (line.at >= line.commands.length && this.#lines.get(line.app) === line) this.#lines.delete(line.app)
      }
      if (clock.now() >= end) break
    }
    if (this.#lines.size === 0) return
    this.#isDeferred = true
    this.#options.defer(() => {
      this.#isDeferred = false
      this.#run()
    })
  }
}
