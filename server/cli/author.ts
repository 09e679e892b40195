import { join } from 'node:path'
import { Command } from 'commander'
import { testMs } from '../author/limits.ts'
import { newApp } from '../author/new-app.ts'
import { typed } from '../base/typed.ts'
import { type ConfigArguments, loadConfig } from '../config/load.ts'
import { packageFolder } from '../config/own-package.ts'
import { check } from './check.ts'
import { ExitCode } from './life.ts'
import type { Shell } from './shell.ts'
import { startErrorText } from './start-error.ts'
import { test } from './test.ts'

export interface AuthorParts {
  readonly openShell: () => Shell
  readonly version: string
  /** Gives a command the options every command has. */
  readonly dress: (command: Command) => Command
}

/** The commands for whoever writes applications. */
export function authorCommands({ openShell, version, dress }: AuthorParts): Command[] {
  const checking = dress(new Command('check'))
    .description('load every application, or one, without serving it; check types; list hooks and capabilities')
    .argument('[app]', 'the application, as in its URL')
    .action((app: string | undefined, options: ConfigArguments) => check(app, options, { shell: openShell(), version }))
  const making = dress(new Command('new'))
    .description('make a new application with a test of its own; writes over nothing')
    .argument('<app>', 'what it is called in its URL')
    .option('--template <name>', 'live, chat, auth or push', 'live')
    .action((app: string, options: ConfigArguments & { template: string }) => make(app, options, openShell()))
  const trying = dress(new Command('test'))
    .description("run an application's own tests, or those of all, with virtual clients and a virtual clock")
    .argument('[app]', 'the application, as in its URL')
    .option('--timeout <ms>', 'how long one test may take', String(testMs))
    .action((app: string | undefined, options: ConfigArguments & { timeout: string }) =>
      test(app, options, { shell: openShell(), version }),
    )
  return [checking, making, trying]
}

function make(name: string, options: ConfigArguments & { template: string }, shell: Shell): void {
  try {
    const home = packageFolder()
    const { www } = loadConfig(options).apps
    // The folder in an installed package is nobody's: what is made there would be gone with the next version.
    const isOurs = www === join(home, 'www') && process.cwd() !== home
    const folder = isOurs ? join(process.cwd(), 'www') : www
    const made = newApp({ name, template: options.template, www: folder, home })
    const app = name.replace(/^\/+|\/+$/g, '')
    shell.write(`${made.map(file => `made ${file}\n`).join('')}`)
    shell.write(`it is rtmp://HOST/${app}; try it: ${typed(`test ${app}`)}\n`)
    shell.exit(ExitCode.Done)
  } catch (error) {
    shell.complain(startErrorText(error))
    shell.exit(ExitCode.Failed)
  }
}
