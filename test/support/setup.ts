import { spawnSync } from 'node:child_process'
import { findProgram, type ProgramName, programs, requireProgram } from './programs.ts'

/**
 * Before the tests: the clients that journeys drive. Root on a Debian gets what is missing; everybody else is told, and
 * the tests that want it say so once more.
 */
const names = Object.keys(programs) as ProgramName[]
const missing = () => names.filter(name => requireProgram(name).skip)
const say = (line: string) => process.stdout.write(`${line}\n`)

const packages = [...new Set(missing().map(name => programs[name]))].join(' ')
if (packages !== '' && process.getuid?.() === 0 && findProgram('apt-get')) {
  say(`Installing ${packages} with apt-get, for the tests that play and publish.`)
  apt('update')
  apt('install', '--yes', '--no-install-recommends', ...packages.split(' '))
}
if (missing().length > 0) say(`Missing: ${missing().join(', ')}. The journeys that need them are skipped.`)

function apt(...args: string[]): void {
  const { status, stderr } = spawnSync('apt-get', ['--quiet=2', ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    encoding: 'utf8',
  })
  if (status !== 0) say(`apt-get ${args[0]} failed: ${stderr?.trim().split('\n').at(-1)}`)
}
