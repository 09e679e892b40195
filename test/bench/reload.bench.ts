import { RtmpClient } from '../support/rtmp-client.ts'
import { asked } from './measure/asked.ts'
import { interleaved, medians, significant } from './measure/interleaved.ts'
import { report } from './measure/kept.ts'
import { ours, type Subject } from './measure/subject.ts'

/** From the save of a script to the first answer of the new one. */
const script = (version: number) => `export const calls = { version: () => ${version} }\n`
const saves = 20

async function reloads(subject: Subject): Promise<{ p50: number; max: number }> {
  await using client = await RtmpClient.connect({ url: subject.url.replace(/\/[^/]*$/, '') })
  const times: number[] = []
  for (let version = 1; version <= saves; version++) {
    const begunAt = performance.now()
    await subject.writeApp!('live/main.js', script(version))
    while ((await client.call('version')) !== version);
    times.push(performance.now() - begunAt)
  }
  times.sort((a, b) => a - b)
  return { p50: significant(times[saves / 2]!), max: significant(times.at(-1)!) }
}

const found = await interleaved([{ name: 'ms', kind: ours({ script: script(0) }), measure: reloads }], asked.runs(3))
report('reload', { ms: medians(found.get('ms')!) })
