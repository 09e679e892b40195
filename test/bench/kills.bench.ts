import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Film } from '../support/film.ts'
import { requireProgram } from '../support/programs.ts'
import { run } from '../support/run.ts'
import { startTestServer } from '../support/server.ts'
import { asked } from './measure/asked.ts'
import { report } from './measure/kept.ts'

/**
 * The server is killed `--runs` times (20) at random moments of a recording, half of them FLV and half MP4: how much of
 * what had been published ffprobe then misses in the file. Of MP4 that is what a fragment gathers, here a second.
 */
const ffprobe = requireProgram('ffprobe')
const kills = asked.runs(20)
await using film = await Film.make({ seconds: 30, keySeconds: 1 })
const missing: Record<'flv' | 'mp4', number[]> = { flv: [], mp4: [] }
let unreadable = 0
for (let nth = 0; nth < kills; nth++) {
  const format = nth % 2 === 0 ? 'flv' : 'mp4'
  const server = await startTestServer({
    www: { 'live/main.js': '' },
    set: [`apps.record=${format}`, 'recording.fragment=1'],
  })
  await using publisher = film.publish(server.url('live/cam'))
  await server.logged(line => line.msg === 'recording')
  const begun = performance.now()
  await wait(1500 + Math.random() * 4500)
  process.kill(server.pid, 'SIGKILL')
  const seconds = (performance.now() - begun) / 1000
  await publisher.stop('SIGKILL')
  const file = join(server.www, '..', 'data', 'streams', 'live', `cam.${format}`)
  const probe = ['-v', 'error', '-show_entries', 'packet=dts_time', '-of', 'csv=p=0', file]
  const { code, stdout } = await run(ffprobe.path, probe)
  const last = Math.max(...stdout.split('\n').map(line => Number.parseFloat(line) || 0))
  if (code !== 0 || last === 0) unreadable++
  else missing[format].push(seconds - last)
  await server.stop()
}
const most = (values: number[]) => Number(Math.max(0, ...values).toFixed(2))
report('kills', { kills, unreadable, flvMissingSeconds: most(missing.flv), mp4MissingSeconds: most(missing.mp4) })
