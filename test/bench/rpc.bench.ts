import type { CallersFigures } from './load/callers.ts'
import { asked } from './measure/asked.ts'
import { interleaved, medians } from './measure/interleaved.ts'
import { report } from './measure/kept.ts'
import { LoadProcess } from './measure/load-process.ts'
import { ours, type Subject } from './measure/subject.ts'

/** Calls of clients into the script and back: how many a second, and how long one takes on an idle server. */
const script = `
export function onConnection(client) {
  client.echo = (...values) => values
}
`
const called = (count: number, atOnce: number) => async (subject: Subject) => {
  await using load = await LoadProcess.start('callers', { url: subject.url, count })
  await load.ask('call', { ms: 1000, atOnce })
  return await load.ask<CallersFigures>('call', { ms: asked.windowMs, atOnce })
}
const found = await interleaved(
  [
    { name: 'one client, one at a time', kind: ours({ script }), measure: called(1, 1) },
    { name: '50 clients, 4 at a time', kind: ours({ script }), measure: called(50, 4) },
  ],
  asked.runs(3),
)
report('rpc', Object.fromEntries([...found].map(([name, figures]) => [name, medians(figures)])))
