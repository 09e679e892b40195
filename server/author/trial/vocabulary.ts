/** What tests import as `cumulus:test`; the types authors see stand in sandbox-api/cumulus-test.d.ts. */
import type { TrialApp } from './trial-app.ts'

export { strict as assert } from 'node:assert'

export interface Test {
  readonly title: string
  readonly run: (app: TrialApp) => unknown
}

const tests: Test[] = []

export function test(title: string, run: (app: TrialApp) => unknown): void {
  if (typeof title !== 'string' || typeof run !== 'function') {
    throw new TypeError("test wants a title and a function: test('what it does', async app => { … })")
  }
  tests.push({ title, run })
}

/** The tests written down since it was asked last. */
export function takeTests(): Test[] {
  return tests.splice(0)
}
