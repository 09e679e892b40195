import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const entry = fileURLToPath(new URL('../../server/cli/cumulus.ts', import.meta.url))

export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs `cumulus` to its end. */
export function cumulus(args: readonly string[], options: { cwd?: string; input?: string } = {}): Promise<Outcome> {
  return new Promise(resolve => {
    const child = execFile(process.execPath, [entry, ...args], { cwd: options.cwd }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
    })
    child.stdin!.end(options.input ?? '')
  })
}
