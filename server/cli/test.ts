import { runTests, testFiles } from '../author/run-tests.ts'
import { appNamed, readCatalog } from '../author/www-folder.ts'
import { ConfigError } from '../base/errors.ts'
import { type ConfigArguments, loadConfig } from '../config/load.ts'
import { ExitCode } from './life.ts'
import type { Shell } from './shell.ts'
import { startErrorText } from './start-error.ts'

/** Runs the tests of one application, or of all of them; the exit code is 1 when one fails. */
export async function test(
  app: string | undefined,
  options: ConfigArguments & { readonly timeout: string },
  parts: { readonly shell: Shell; readonly version: string },
): Promise<void> {
  const { shell, version } = parts
  try {
    const config = loadConfig(options)
    const { www } = config.apps
    const catalog = readCatalog(www, config)
    const isApp = (path: string) => catalog.mainOf(path) !== undefined
    const paths = app === undefined ? catalog.withMain() : [appNamed(app, catalog)]
    const apps = paths
      .map(path => ({ path, files: testFiles(www, path, isApp) }))
      .filter(({ files }) => files.length > 0)
    if (apps.length === 0) {
      throw new ConfigError(
        'NO_TESTS',
        app === undefined ? 'no application has tests' : `application ${paths[0] || '/'} has no tests`,
        "Write some into main.test.js beside its main.js: import { assert, test } from 'cumulus:test'",
      )
    }
    const { config: file, set, data } = options
    const limit = limitOf(options.timeout)
    const failed = await runTests({ config: { config: file, set, data, www }, version, limit, apps }, text =>
      shell.write(text),
    )
    shell.exit(failed === 0 ? ExitCode.Done : ExitCode.Failed)
  } catch (error) {
    shell.complain(startErrorText(error))
    shell.exit(ExitCode.Failed)
  }
}

function limitOf(text: string): number {
  const ms = Number(text)
  if (Number.isInteger(ms) && ms >= 1 && ms <= 3_600_000) return ms
  throw new ConfigError('TEST_TIMEOUT', `--timeout ${text} is no time`, 'Give milliseconds: --timeout 10000.')
}
