import { forkHosts } from '../apps/forked-host.ts'
import { Checker, loadedText } from '../author/check.ts'
import { checkTypes } from '../author/types.ts'
import { appNamed, readCatalog, setupNamed } from '../author/www-folder.ts'
import { silentLog } from '../base/log.ts'
import { type ConfigArguments, loadConfig } from '../config/load.ts'
import { packageFolder } from '../config/own-package.ts'
import { ExitCode } from './life.ts'
import type { Shell } from './shell.ts'
import { startErrorText } from './start-error.ts'

/** Loads every application, or the one that is named, and checks types; the exit code is 1 when something is wrong. */
export async function check(
  app: string | undefined,
  options: ConfigArguments,
  parts: { readonly shell: Shell; readonly version: string },
): Promise<void> {
  const { shell, version } = parts
  const checker = new Checker(forkHosts(silentLog))
  try {
    const config = loadConfig(options)
    const { www } = config.apps
    const catalog = readCatalog(www, config)
    const paths = app === undefined ? catalog.withMain() : [appNamed(app, catalog)]
    const folder = app === undefined ? '' : paths[0]!.slice(1)
    const types = checkTypes({ www, home: packageFolder(), folder })
    let isGood = true
    for (const path of paths) {
      const loaded = await checker.load(setupNamed(path, catalog, { config, version }))
      isGood &&= 'hooks' in loaded.outcome
      shell.write(loadedText(loaded))
    }
    if (paths.length === 0) shell.write(`${www} holds no application: cumulus new NAME makes one\n`)
    const found = await types
    if (found.how === 'missing') {
      shell.write('types are not checked: npm install typescript in the folder of your applications, and they are\n')
    } else if (found.errors.length === 0) shell.write('types are right\n')
    else {
      isGood = false
      shell.write(`${found.errors.join('\n')}\n`)
    }
    shell.exit(isGood ? ExitCode.Done : ExitCode.Failed)
  } catch (error) {
    shell.complain(startErrorText(error))
    shell.exit(ExitCode.Failed)
  } finally {
    checker.end()
  }
}
