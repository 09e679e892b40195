import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The clients that journeys drive, each with the Debian packages that bring it. */
export const programs = {
  ffmpeg: 'ffmpeg',
  ffprobe: 'ffmpeg',
  nginx: 'nginx libnginx-mod-rtmp',
  openssl: 'openssl',
  rtmpdump: 'rtmpdump',
  script: 'bsdutils',
} as const
export type ProgramName = keyof typeof programs

/** Where a program is, or why a test cannot run: `test('…', { skip: ffmpeg.skip }, () => run(ffmpeg.path))`. */
export type Program = { readonly path: string; readonly skip: false } | { readonly path: ''; readonly skip: string }

/** Looks along PATH. */
export function requireProgram(name: ProgramName): Program {
  const path = findProgram(name)
  if (path) return { path, skip: false }
  return { path: '', skip: `${name} is not installed (Debian: apt-get install ${programs[name]})` }
}

/** The file that `name` runs, as a shell would find it. */
export function findProgram(name: string): string | undefined {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map(folder => join(folder, name))
    .find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
