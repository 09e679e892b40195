import { setTimeout as passing } from 'node:timers/promises'
import { RtmpClient } from '../support/rtmp-client.ts'
import type { TenantsFigures } from './load/tenants.ts'
import { asked } from './measure/asked.ts'
import { interleaved, medians } from './measure/interleaved.ts'
import { report } from './measure/kept.ts'
import { LoadProcess } from './measure/load-process.ts'
import { ours, type Subject } from './measure/subject.ts'
import { between, proportionalBytes, treeOf, usageOf } from './measure/usage.ts'

/**
 * Forty applications with a hundred clients each: how long the first client of each waits, what they cost while nothing
 * happens, and how late the others' answers are while one of them ruins itself; each in a process of its own, and all in
 * one.
 */
const apps = 40
const perApp = asked.players([100])[0]!
const script = `
export function onConnection(client) { client.since = Date.now() }
export const calls = {
  echo: (...values) => values,
  loop() { for (;;); },
  fill() { Array(1e9).fill(0) },
}
`
const perSecond = 400

async function house(subject: Subject) {
  const { url, pid } = subject
  const starts: number[] = []
  const first: RtmpClient[] = []
  for (let app = 0; app < apps; app++) {
    const begunAt = performance.now()
    first.push(await RtmpClient.connect({ url: url.replace(/\/live\/.*$/, `/live${app}`) }))
    starts.push(performance.now() - begunAt)
  }
  starts.sort((a, b) => a - b)
  await using load = await LoadProcess.start('tenants', { url, apps, count: apps * perApp, ramp: 500 })
  const ask = (bomb: number) => load.ask<TenantsFigures>('ask', { ms: asked.windowMs, perSecond, bomb })
  // Long enough for what came with the connections to be collected.
  await passing(3000)
  const before = usageOf(pid)
  await passing(asked.windowMs)
  const idle = between(before, usageOf(pid))
  const processes = treeOf(pid)
  const proportional = processes.map(proportionalBytes)
  const hosts = proportional.slice(1)
  const figures = {
    startMs: { p50: starts[apps / 2]!, max: starts.at(-1)! },
    processes: processes.length,
    serverMB: proportional[0]! / 1024 ** 2,
    hostMB: hosts.reduce((total, bytes) => total + bytes, 0) / hosts.length / 1024 ** 2,
    allMB: proportional.reduce((total, bytes) => total + bytes, 0) / 1024 ** 2,
    idleCore: idle.cpu / idle.at,
    quiet: await ask(0),
    besideLoop: await ask(1),
    besideFill: await ask(2),
  }
  for (const client of first) client.destroy()
  return figures
}

const kind = (isolation: string) => ours({ script, apps, cores: '0,1', set: [`apps.isolation=${isolation}`] })
const cases = ['own', 'shared'].map(name => ({ name, kind: kind(name), measure: house }))
const found = await interleaved(
  cases.filter(({ name }) => asked.wants(name)),
  asked.runs(3),
)
report('apps', Object.fromEntries([...found].map(([name, figures]) => [name, medians(figures)])))
