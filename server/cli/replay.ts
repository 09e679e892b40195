import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Command } from 'commander'
import { mainFiles } from '../apps/catalog.ts'
import { forkReplay } from '../apps/forked-replay.ts'
import type { ReplayOrder } from '../apps/replay-order.ts'
import { ConfigError } from '../base/errors.ts'
import { ExitCode } from './life.ts'
import type { Shell } from './shell.ts'
import { startErrorText } from './start-error.ts'

export interface ReplayParts {
  readonly openShell: () => Shell
  readonly version: string
  readonly fork?: (order: ReplayOrder) => Promise<boolean>
}

interface ReplayFlags {
  from?: string
  print?: boolean
}

/** `cumulus replay FILE`. */
export function replayCommand({ openShell, version, fork = forkReplay }: ReplayParts): Command {
  return new Command('replay')
    .description("run an application's journal again, offline, and show the first command that differs")
    .argument('<file>', 'a journal, as apps.journal has them written')
    .helpOption('-h, --help', 'print this help')
    .option('--from <dir>', 'take the sources of this folder in place of those in the journal')
    .option('--print', 'show its events and commands; nothing is run')
    .action(async (file: string, { from, print }: ReplayFlags) => {
      const shell = openShell()
      try {
        const order = { file: resolve(file), print: print ?? false, from: placeOf(from), cumulus: version }
        shell.exit((await fork(order)) ? ExitCode.Done : ExitCode.Failed)
      } catch (error) {
        shell.complain(startErrorText(error))
        shell.exit(ExitCode.Failed)
      }
    })
}

function placeOf(from: string | undefined): ReplayOrder['from'] {
  if (from === undefined) return null
  const folder = resolve(from)
  const main = mainFiles.find(name => existsSync(join(folder, name)))
  if (main !== undefined) return { folder, main }
  throw new ConfigError(
    'NO_MAIN',
    `${folder} holds no ${mainFiles.join(', ')}`,
    'Name the folder of an application, like www/chat.',
  )
}
