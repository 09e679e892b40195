import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const entry = fileURLToPath(new URL('../../server/cli/cumulus.ts', import.meta.url))

/** The folder an author works in, and the command typed there. */
export class Desk {
  readonly folder = mkdtempSync(join(tmpdir(), 'cumulus-desk-'))

  constructor(files: Record<string, string> = {}) {
    mkdirSync(join(this.folder, 'www'))
    for (const [name, text] of Object.entries(files)) this.write(name, text)
  }

  write(name: string, text: string): void {
    const path = join(this.folder, 'www', name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }

  /** Runs `cumulus` to its end. */
  cumulus(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    return new Promise(resolve => {
      execFile(process.execPath, [entry, ...args], { cwd: this.folder }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
      })
    })
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
