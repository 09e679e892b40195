import { type Clock, systemClock } from '../base/clock.ts'
import { createLog } from '../base/pino-log.ts'
import { type ConfigArguments, loadConfig } from '../config/load.ts'
import type { RunningServer, ServerOptions } from '../main.ts'
import { ExitCode, Life } from './life.ts'
import { ReadyFile } from './ready-file.ts'
import type { Shell } from './shell.ts'
import { startErrorText } from './start-error.ts'

export interface ServeOptions extends ConfigArguments {
  /** Gets every address as JSON once the server is ready, and is gone while it is not. */
  readonly readyFile?: string | undefined
}

export type StartServer = (options: ServerOptions) => Promise<RunningServer>

export interface ServeParts {
  readonly shell: Shell
  readonly start: StartServer
  readonly version: string
  readonly clock?: Clock
}

/** Serves until a signal says otherwise. What keeps it from starting is told in a sentence, and the exit code is 1. */
export async function serve(options: ServeOptions, { shell, start, version, clock }: ServeParts): Promise<void> {
  let life: Life | undefined
  try {
    const config = loadConfig(options)
    const format = config.log.format === 'auto' ? (shell.isTerminal ? 'pretty' : 'json') : config.log.format
    const log = createLog({ level: config.log.level, format }, shell)
    log.info({ file: config.file, www: config.apps.www }, 'configuration read')
    if (config.freeSections.length > 0) log.info({ sections: config.freeSections }, 'sections left to the scripts')

    life = new Life(shell, log, clock ?? systemClock)
    const readyFile = options.readyFile === undefined ? undefined : new ReadyFile(options.readyFile)
    const server = await start({ config, log, version })
    life.atEnd(() => server.stop())
    life.atEnd(() => readyFile?.remove())
    if (life.isEnding) return
    readyFile?.write(server.addresses)
    if (format === 'json') log.info({ addresses: server.addresses }, 'ready')
    shell.write(readyLine(version, server.addresses))
  } catch (error) {
    shell.complain(startErrorText(error))
    if (life) await life.end('the start failed', ExitCode.Failed)
    else shell.exit(ExitCode.Failed)
  }
}

/** One line that people and programs can look for: `cumulus 0.1.0 ready: rtmp 0.0.0.0:1935`. */
function readyLine(version: string, addresses: Readonly<Record<string, string>>): string {
  const named = Object.entries(addresses).map(([protocol, address]) => `${protocol} ${address}`)
  return `cumulus ${version} ready: ${named.join(', ')}\n`
}
