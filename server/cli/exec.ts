import { isUnfinished } from '../admin/client/unfinished.ts'
import type { ConfigArguments } from '../config/load.ts'
import { ExitCode } from './life.ts'
import { reach } from './reach.ts'
import type { Shell } from './shell.ts'
import { startErrorText } from './start-error.ts'

/** `cumulus exec`: one expression for a shell script; its value to standard output, what went wrong to standard error. */
export async function exec(
  name: string,
  code: string,
  options: ConfigArguments & { readonly json?: boolean },
  shell: Shell,
): Promise<void> {
  try {
    const { client, app } = await reach(name, options)
    const { ok, text } = await client.ask({ do: 'evaluate', app, code, as: options.json ? 'json' : 'text' })
    client.close()
    if (ok) shell.write(`${text}\n`)
    else shell.complain(`${text}${isUnfinished(code) ? ': the expression is not complete' : ''}\n`)
    shell.exit(ok ? ExitCode.Done : ExitCode.Failed)
  } catch (error) {
    shell.complain(startErrorText(error))
    shell.exit(ExitCode.Failed)
  }
}
