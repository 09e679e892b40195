import { Command } from 'commander'
import { packageVersion } from '../config/own-package.ts'
import { type ServeOptions, type StartServer, serve } from './serve.ts'
import type { Shell } from './shell.ts'

const seeHelp = '(cumulus --help shows what there is)'

export interface ProgramParts {
  readonly start: StartServer
  readonly openShell: () => Shell
}

/** The commands of `cumulus`; without one it serves. */
export function createProgram(parts: ProgramParts): Command {
  const version = packageVersion()
  const serving = serveCommand(parts, version)
  return new Command('cumulus')
    .description('A scriptable media server: encoders publish, players watch, and a small script decides.')
    .version(version, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .showHelpAfterError(seeHelp)
    .addCommand(serving, { isDefault: true })
    .addHelpText('after', `\n${serving.helpInformation()}`)
}

function serveCommand({ start, openShell }: ProgramParts, version: string): Command {
  return new Command('serve')
    .description('serve until Ctrl+C or SIGTERM; this is what cumulus does when no command is named')
    .helpOption('-h, --help', 'print this help')
    .showHelpAfterError(seeHelp)
    .option('--config <file>', 'read this configuration and search for no other')
    .option('--www <dir>', 'the folder of the applications')
    .option('--data <dir>', 'the folder for what the server keeps')
    .option('--log <level>', 'fatal, error, warn, info, debug, trace or silent')
    .option('--set <section.key=value>', 'set one value of the configuration; may be repeated', gather)
    .option('--ready-file <path>', 'once ready, write every address there as JSON')
    .action((options: ServeOptions) => serve(options, { shell: openShell(), start, version }))
}

function gather(value: string, before: readonly string[] = []): string[] {
  return [...before, value]
}
