import { Lab } from '../apps/host/lab.ts'
import { residentBytes } from '../support/memory.ts'
import { asked } from './measure/asked.ts'
import { significant } from './measure/interleaved.ts'
import { report } from './measure/kept.ts'
import { slopeOf } from './measure/slope.ts'

/**
 * An author who saves for years: one host, one application, `--runs` reloads (10,000), each answered before the next.
 * What the host keeps of each is the slope of its resident memory over the second half; in the first it takes what it
 * will need.
 */
const script = (version: number) => `export const calls = { version: () => ${version} }\n`
const reloads = asked.runs(10_000)
const lab = new Lab()
try {
  const { pid } = lab.child.process
  const app = await lab.app(script(0))
  const first = residentBytes(pid!)
  const points: [number, number][] = []
  const begunAt = performance.now()
  for (let version = 1; version <= reloads; version++) {
    const { report: how } = await app.reload(script(version))
    if (how !== 'reloaded') throw new Error(`reload ${version} failed`)
    points.push([version, residentBytes(pid!)])
  }
  const seconds = (performance.now() - begunAt) / 1000
  const late = points.slice(points.length / 2)
  const megabytes = (bytes: number) => significant(bytes / 1024 / 1024)
  report('reloads', {
    reloads,
    perSecond: significant(reloads / seconds),
    firstMB: megabytes(first),
    middleMB: megabytes(late[0]![1]),
    lastMB: megabytes(late.at(-1)![1]),
    bytesPerReload: significant(slopeOf(late)),
  })
} finally {
  await lab.end()
}
