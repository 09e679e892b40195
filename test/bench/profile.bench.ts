import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as passing } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { findProgram } from '../support/programs.ts'
import { asked } from './measure/asked.ts'
import { flameGraph, shares, stacksOf } from './measure/flame.ts'
import { report } from './measure/kept.ts'
import { LoadProcess } from './measure/load-process.ts'
import { ours } from './measure/subject.ts'
import { warmed } from './measure/warmed.ts'

/** Where the time goes while players watch: a flame graph, where `perf` is installed and may look. */
if (findProgram('perf') === undefined) {
  process.stderr.write('perf is not installed (Debian: apt-get install linux-perf)\n')
  process.exit(1)
}
const count = asked.players([500])[0]!
const folder = mkdtempSync(join(tmpdir(), 'cumulus-profile-'))
try {
  await using server = await ours({ node: ['--perf-basic-prof'] }).start()
  await warmed(server)
  await using _publisher = await LoadProcess.start('publisher', { url: server.url, streams: 1 })
  await passing(500)
  await using _players = await LoadProcess.start('players', {
    url: server.url,
    count,
    streams: 1,
    stalled: 0,
    ramp: 500,
  })
  // What is compiled as it runs has been.
  await passing(3000)
  const data = join(folder, 'perf.data')
  const seconds = String(asked.windowMs / 1000)
  const record = ['record', '-q', '-F', '997', '-g', '-p', String(server.pid), '-o', data, '--', 'sleep', seconds]
  execFileSync('perf', record, { stdio: 'ignore' })
  const script = execFileSync('perf', ['script', '-i', data, '-F', 'comm,tid,time,ip,sym,dso'], {
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const stacks = stacksOf(script)
  const file = fileURLToPath(new URL('results/profile.svg', import.meta.url))
  if (asked.keep) writeFileSync(file, flameGraph(`one stream of 2.5 Mbit/s to ${count} players`, stacks))
  report('profile', { [count]: shares(stacks) })
} finally {
  rmSync(folder, { recursive: true, force: true })
}
