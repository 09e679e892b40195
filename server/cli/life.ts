import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Shell } from './shell.ts'

/** An orderly end may take so long, in milliseconds; half a second of the promised five is left for the last lines. */
export const stopMs = 4500

/**
 * A signal so soon after the first is its echo, in milliseconds: a terminal sends Ctrl+C to npm and to the server, and
 * npm passes its own on.
 */
export const echoMs = 500

/** Exit codes; those of a signal and of a defect are the habits of shells (128 + SIGINT) and of sysexits.h (EX_SOFTWARE). */
export const ExitCode = { Done: 0, Failed: 1, Defect: 70, Interrupted: 130 } as const
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]

type Ending = () => void | Promise<void>

/** From the start of the process to its end: who wants an end, what is closed on the way, and how long that may take. */
export class Life {
  readonly #shell: Shell
  readonly #log: Log
  readonly #clock: Clock
  readonly #endings: Ending[] = []
  /** When the end began. */
  #endingSince: number | undefined

  constructor(shell: Shell, log: Log, clock: Clock) {
    this.#shell = shell
    this.#log = log
    this.#clock = clock
    shell.onSignal(signal => this.#signalled(signal))
    shell.onUncaught(error => this.#failed(error))
  }

  get isEnding(): boolean {
    return this.#endingSince !== undefined
  }

  /** What must be closed in the end; what came last goes first. */
  atEnd(ending: Ending): void {
    this.#endings.unshift(ending)
  }

  /** Closes everything in order, then ends the process; harmless twice. */
  async end(reason: string, code: ExitCode): Promise<void> {
    if (this.isEnding) return
    this.#endingSince = this.#clock.now()
    this.#log.info({ reason }, 'stopping')
    const limit = this.#clock.after(stopMs, () => {
      this.#log.error({ limit: `${stopMs} ms` }, 'could not stop in time, so it ends as it is')
      this.#shell.exit(ExitCode.Failed)
    })
    let outcome = code
    for (const ending of this.#endings) {
      try {
        await ending()
      } catch (err) {
        this.#log.error({ err }, 'could not be closed')
        outcome ||= ExitCode.Failed
      }
    }
    limit.cancel()
    this.#log.info({}, 'stopped')
    this.#shell.exit(outcome)
  }

  #signalled(signal: string): void {
    if (this.#endingSince === undefined) void this.end(signal, ExitCode.Done)
    else if (this.#clock.now() - this.#endingSince >= echoMs) this.#shell.exit(ExitCode.Interrupted)
  }

  /** Nobody knows what state such an error left behind: serving on would be a guess, so the server ends and says why. */
  #failed(err: unknown): void {
    this.#log.error({ err }, 'a defect of the server: please report these lines')
    void this.end('a defect of the server', ExitCode.Defect)
  }
}
