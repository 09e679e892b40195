import { Command } from 'commander'
import { edits } from '../base/edits.ts'
import { typed } from '../base/typed.ts'
import type { ConfigArguments } from '../config/load.ts'
import { packageVersion } from '../config/own-package.ts'
import { authorCommands } from './author.ts'
import { exec } from './exec.ts'
import { repl } from './repl.ts'
import { replayCommand } from './replay.ts'
import { type ServeOptions, type StartServer, serve } from './serve.ts'
import type { Shell } from './shell.ts'

const seeHelp = `(${typed('--help')} shows what there is)`

export interface ProgramParts {
  readonly start: StartServer
  readonly openShell: () => Shell
}

/** The commands of `cumulus`; without one it serves. */
export function createProgram(parts: ProgramParts): Command {
  const version = packageVersion()
  const serving = serveCommand(parts, version)
  const program = new Command('cumulus')
    .description('A scriptable media server: encoders publish, players watch, and a small script decides.')
    .version(version, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .showHelpAfterError(seeHelp)
    .addCommand(serving, { isDefault: true })
    .addCommand(replCommand(parts))
    .addCommand(execCommand(parts))
    .addCommand(replayCommand({ ...parts, version }).showHelpAfterError(seeHelp))
    .addHelpText('after', `\n${serving.helpInformation()}`)
  for (const command of authorCommands({ ...parts, version, dress: withConfiguration })) program.addCommand(command)
  return program
}

function serveCommand({ start, openShell }: ProgramParts, version: string): Command {
  return withConfiguration(new Command('serve'))
    .description('serve until Ctrl+C or SIGTERM; this is what cumulus does when no command is named')
    .option('--ready-file <path>', 'once ready, write every address there as JSON')
    .allowExcessArguments()
    .action((options: ServeOptions, command: Command) => {
      const [word] = command.args
      if (word !== undefined) command.error(`error: ${mistaken(word, command)}`)
      return serve(options, { shell: openShell(), start, version })
    })
}

/** Serving is what is done without a command, so that a word it has no use for was meant to be one. */
function mistaken(word: string, serving: Command): string {
  const { args = [], commands = [] } = serving.parent ?? {}
  if (args[0] === serving.name()) return `serve takes options alone, and no '${word}'`
  const names = commands.map(command => command.name())
  if (names.includes(word)) return `${word} comes before its options: ${typed(`${word} …`)}`
  const near = names.find(name => edits(name, word.toLowerCase()) <= 2)
  return `'${word}' is no command${near === undefined ? '' : `; ${near} is one`}`
}

/** What every command that reads the configuration takes. */
function withConfiguration(command: Command): Command {
  return command
    .helpOption('-h, --help', 'print this help')
    .showHelpAfterError(seeHelp)
    .option('--config <file>', 'read this configuration and search for no other')
    .option('--www <dir>', 'the folder of the applications')
    .option('--data <dir>', 'the folder for what the server keeps')
    .option('--log <level>', 'fatal, error, warn, info, debug, trace or silent')
    .option('--set <section.key=value>', 'set one value of the configuration; may be repeated', gather)
}

function replCommand({ openShell }: ProgramParts): Command {
  const command = new Command('repl')
    .description('talk to a running server: JavaScript, evaluated inside a live application, and commands')
    .argument('[app]', 'the application, as in its URL; without one the root', '/')
  return reaching(command).action((app: string, options: ConfigArguments) => repl(app, options, openShell()))
}

function execCommand({ openShell }: ProgramParts): Command {
  const command = new Command('exec')
    .description(
      'evaluate one expression inside a live application, print its value, and end with 0, or 1 after an error',
    )
    .argument('<app>', 'the application, as in its URL; / is the root')
    .argument('<expression>', 'JavaScript, evaluated in the scope of its main module; may await')
    .option('--json', 'print the value as JSON')
  return reaching(command).action((app: string, expression: string, options: ConfigArguments & { json?: boolean }) =>
    exec(app, expression, options, openShell()),
  )
}

/** What says which server is meant: that of the same configuration, or of a data folder. */
function reaching(command: Command): Command {
  return command
    .helpOption('-h, --help', 'print this help')
    .showHelpAfterError(seeHelp)
    .option('--config <file>', 'the configuration the server was started with')
    .option('--data <dir>', 'the data folder of the server')
    .option('--set <section.key=value>', 'set one value of the configuration; may be repeated', gather)
}

function gather(value: string, before: readonly string[] = []): string[] {
  return [...before, value]
}
