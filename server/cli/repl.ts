import type { ConfigArguments } from '../config/load.ts'
import { ExitCode } from './life.ts'
import { reach } from './reach.ts'
import type { Shell } from './shell.ts'
import { startErrorText } from './start-error.ts'

/** `cumulus repl`: until the operator leaves, with 0, or the server does, with 1. */
export async function repl(name: string, options: ConfigArguments, shell: Shell): Promise<void> {
  try {
    // Only now: node:repl brings node:domain along, and everything in a process that has that one takes twice as long.
    const { historyFile, Terminal } = await import('../admin/client/terminal.ts')
    const { client, app } = await reach(name, options)
    const { stdin: input, stdout: output } = process
    if (output.isTTY) output.write(`application ${app}; .help shows the commands, Ctrl+D leaves\n`)
    const terminal = new Terminal({ client, app, input, output, historyFile: historyFile() })
    const reason = await Promise.race([client.ended, terminal.left])
    if (reason === undefined) {
      client.close()
      return shell.exit(ExitCode.Done)
    }
    terminal.end()
    shell.complain(`cumulus: the session is over: ${reason}\n`)
    shell.exit(ExitCode.Failed)
  } catch (error) {
    shell.complain(startErrorText(error))
    shell.exit(ExitCode.Failed)
  }
}
