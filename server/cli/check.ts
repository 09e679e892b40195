import { forkHosts } from '../apps/forked-host.ts'
import { Checker, loadedText } from '../author/check.ts'
import { checkTypes } from '../author/types.ts'
import { appNamed, readCatalog, setupNamed } from '../author/www-folder.ts'
import { silentLog } from '../base/log.ts'
import { typed } from '../base/typed.ts'
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
    /** Those that do not even compile, which is said once. */
    const broken = new Set<string>()
    for (const path of paths) {
      const loaded = await checker.load(setupNamed(path, catalog, { config, version }))
      isGood &&= 'hooks' in loaded.outcome
      if ('fault' in loaded.outcome && loaded.outcome.fault.text.startsWith('SyntaxError'))
        broken.add(loaded.outcome.fault.file)
      shell.write(loadedText(loaded))
    }
    if (paths.length === 0) shell.write(`${www} holds no application: ${typed('new NAME')} makes one\n`)
    const found = await types
    if (found.how === 'missing') {
      shell.write('types are not checked: npm install typescript in the folder of your applications, and they are\n')
    } else {
      // What the checker calls TS1… is wrong with the syntax, too.
      const isSaid = (error: string) => / TS1\d{3}: /.test(error) && broken.has(/^(.*?):\d+: /.exec(error)?.[1] ?? '')
      const errors = found.errors.filter(error => !isSaid(error))
      isGood &&= errors.length === 0
      if (errors.length > 0) shell.write(`${errors.join('\n')}\n`)
      else if (broken.size === 0) shell.write('types are right\n')
    }
    shell.exit(isGood ? ExitCode.Done : ExitCode.Failed)
  } catch (error) {
    shell.complain(startErrorText(error))
    shell.exit(ExitCode.Failed)
  } finally {
    checker.end()
  }
}
