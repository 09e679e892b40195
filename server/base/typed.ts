import { relative, resolve } from 'node:path'

/** How this process was started. */
export interface Started {
  /** The program's file stands second. */
  readonly argv: readonly string[]
  readonly cwd: () => string
  readonly env: Readonly<Record<string, string | undefined>>
}

/**
 * A command as somebody types it where this process was started: `cumulus test quiz` once it is installed,
 * `npm start -- test quiz` in a checkout, and what leads there from elsewhere.
 */
export function typed(words: string, { argv, cwd, env }: Started = process): string {
  const program = argv[1] ?? ''
  if (program.endsWith('/server/cli/cumulus.ts')) {
    const isHome = resolve(program, '../../..') === cwd()
    if (isHome) return `npm start -- ${words}`
    const near = relative(cwd(), program)
    return `node ${near.startsWith('..') ? program : near} ${words}`
  }
  // npx names itself so; the package is what it finds, wherever it is.
  return env.npm_lifecycle_event === 'npx' ? `npx cumulus-server ${words}` : `cumulus ${words}`
}
