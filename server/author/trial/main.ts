/**
 * The process that runs the tests of applications: forked by `cumulus test`, with the flags of an app host, for the isolates
 * are in here. Tests are their author's own and run as any program of his does; the applications are behind glass as ever.
 */
import { registerHooks } from 'node:module'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { loadConfig } from '../../config/load.ts'
import { failureText } from './failure-text.ts'
import type { TrialOrder, TrialReport } from './report.ts'
import { runTest } from './run-test.ts'
import { takeTests } from './vocabulary.ts'

// For server.gc(): the runtime takes the function away from the script.
setFlagsFromString('--expose-gc')

const vocabulary = new URL(`./vocabulary${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url).href

function tell(report: TrialReport): Promise<void> {
  return new Promise(sent => process.send!(report, undefined, undefined, () => sent()))
}

async function run({ config: given, version, limit, apps }: TrialOrder): Promise<void> {
  const config = loadConfig(given)
  const { www } = config.apps
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier === 'cumulus:test') return { url: vocabulary, shortCircuit: true }
      // As in the applications themselves.
      if (specifier.startsWith('/lib/')) return next(pathToFileURL(join(www, specifier)).href, context)
      return next(specifier, context)
    },
  })
  for (const { path, files } of apps) {
    for (const absolute of files) {
      const file = relative(www, absolute)
      try {
        await import(pathToFileURL(absolute).href)
      } catch (error) {
        takeTests()
        await tell({ report: 'broken', file, text: failureText(error, absolute) })
        continue
      }
      for (const test of takeTests()) {
        await tell({ report: 'begun', file, title: test.title })
        const outcome = await runTest(test, { path, config, version, limit, absolute })
        await tell({ report: 'ended', file, title: test.title, ...outcome })
      }
    }
  }
  await tell({ report: 'done' })
  process.exit()
}

process.once('message', order => void run(order as TrialOrder))
process.once('disconnect', () => process.exit())
