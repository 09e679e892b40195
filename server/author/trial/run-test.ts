import type { Config } from '../../config/config.ts'
import { failureText } from './failure-text.ts'
import type { TrialOutcome } from './report.ts'
import { TrialApp } from './trial-app.ts'
import type { Test } from './vocabulary.ts'

export interface TestPlace {
  readonly path: string
  readonly config: Config
  readonly version: string
  /** Milliseconds it may take. */
  readonly limit: number
  /** The file of the test. */
  readonly absolute: string
}

/** Lines of the log that are shown of a test that failed. */
const logLines = 20

/** Runs one test with an application of its own. */
export async function runTest(
  { run }: Test,
  { path, config, version, limit, absolute }: TestPlace,
): Promise<TrialOutcome> {
  const began = performance.now()
  const app = new TrialApp(path, config, version)
  let failure: string | undefined
  let timer: NodeJS.Timeout | undefined
  try {
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(hanging(app, limit))), limit)
    })
    await Promise.race([run(app), late])
  } catch (error) {
    failure = failureText(error, absolute)
    const logs = app.logs.slice(-logLines)
    if (logs.length > 0) failure += `\nwhat was logged:\n${logs.join('\n')}`
  } finally {
    clearTimeout(timer)
    app.end()
  }
  return { ms: Math.round(performance.now() - began), failure }
}

function hanging(app: TrialApp, limit: number): string {
  return `it hangs: not through after ${limit} ms. ${
    app.isQuiet
      ? 'Time stands still in a test, so what the application waits for comes with app.advance(ms).'
      : 'Something in it never comes to an end.'
  }`
}
