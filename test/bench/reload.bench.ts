import { setTimeout as passing } from 'node:timers/promises'
import { RtmpClient } from '../support/rtmp-client.ts'
import { asked } from './measure/asked.ts'
import { interleaved, medians, significant } from './measure/interleaved.ts'
import { report } from './measure/kept.ts'
import { LoadProcess } from './measure/load-process.ts'
import { ours, type Subject } from './measure/subject.ts'
import { warmed } from './measure/warmed.ts'

/** From the save of a script to the first answer of the new one: while nothing else happens, and while players watch. */
const script = (version: number) => `
export const calls = { version: () => ${version} }
export function onConnection(client) { client.since = Date.now() }
export function onPublish() {}
export function onSubscribe() {}
`
const saves = 200
const players = asked.players([200])[0]!

async function atRest(subject: Subject): Promise<{ p50: number; p99: number; max: number }> {
  await using client = await RtmpClient.connect({ url: subject.url.replace(/\/[^/]*$/, '') })
  const times: number[] = []
  for (let version = 1; version <= saves; version++) {
    const begunAt = performance.now()
    await subject.writeApp!('live/main.js', script(version))
    while ((await client.call('version')) !== version);
    times.push(performance.now() - begunAt)
  }
  times.sort((a, b) => a - b)
  const at = (part: number) => significant(times[Math.ceil(part * saves) - 1]!)
  return { p50: at(0.5), p99: at(0.99), max: at(1) }
}

async function watched(subject: Subject): ReturnType<typeof atRest> {
  await warmed(subject)
  await using _publisher = await LoadProcess.start('publisher', { url: subject.url, streams: 1 })
  await passing(500)
  await using _players = await LoadProcess.start('players', { url: subject.url, count: players, streams: 1, ramp: 500 })
  return await atRest(subject)
}

const kind = ours({ script: script(0), cores: '0,1' })
const cases = [
  { name: 'at rest', kind, measure: atRest },
  { name: `${players} players`, kind, measure: watched },
]
const found = await interleaved(cases, asked.runs(1))
report('reload', Object.fromEntries([...found].map(([name, figures]) => [name, medians(figures)])))
