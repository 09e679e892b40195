import type { ConfigArguments } from '../../config/load.ts'

/** What the process that runs tests tells the one that started it: plain data. */
export type TrialReport =
  | { readonly report: 'begun'; readonly file: string; readonly title: string }
  | ({ readonly report: 'ended'; readonly file: string; readonly title: string } & TrialOutcome)
  /** A test file could not be read or run. */
  | { readonly report: 'broken'; readonly file: string; readonly text: string }
  | { readonly report: 'done' }

export interface TrialOutcome {
  readonly ms: number
  /** What went wrong, and where; undefined when nothing did. */
  readonly failure: string | undefined
}

/** Which tests there are to run. */
export interface TrialOrder {
  /** The command line's way to the configuration. */
  readonly config: ConfigArguments
  readonly version: string
  /** Milliseconds one test may take. */
  readonly limit: number
  readonly apps: readonly { readonly path: string; readonly files: readonly string[] }[]
}
