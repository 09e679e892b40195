import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** `npm run bench` lists the benches, `npm run bench -- NAME … [options]` runs them, `all` every one but peers. */
const folder = fileURLToPath(new URL('.', import.meta.url))
const suffix = '.bench.ts'
const known = readdirSync(folder)
  .filter(file => file.endsWith(suffix))
  .map(file => file.slice(0, -suffix.length))
  .sort()

const args = process.argv.slice(2)
const firstOption = args.findIndex(arg => arg.startsWith('--'))
const names = firstOption < 0 ? args : args.slice(0, firstOption)
const options = firstOption < 0 ? [] : args.slice(firstOption)
const chosen = names.includes('all') ? known.filter(name => name !== 'peers') : names
const unknown = chosen.filter(name => !known.includes(name))

if (chosen.length === 0 || unknown.length > 0) {
  process.stderr.write(`npm run bench -- NAME … [options]: ${known.join(', ')}, all\n`)
  process.exitCode = unknown.length > 0 ? 1 : 0
} else {
  for (const name of chosen) {
    const { status } = spawnSync(process.execPath, [`${folder}${name}${suffix}`, ...options], { stdio: 'inherit' })
    if (status !== 0) process.exitCode = 1
  }
}
