import { asked } from './measure/asked.ts'
import { idlers, listenerBytes } from './measure/idlers.ts'
import { interleaved, medians } from './measure/interleaved.ts'
import { report } from './measure/kept.ts'
import { ours } from './measure/subject.ts'

/** Resident memory: of a connection that does nothing, and of a listener of a live stream. */
const idle = await interleaved(
  [{ name: 'idle', kind: ours(), measure: subject => idlers(subject, 4000) }],
  asked.runs(3),
)
const listening = await interleaved(
  [{ name: 'listener', kind: ours(), measure: async subject => ({ bytes: await listenerBytes(subject, 800) }) }],
  asked.runs(3),
)
report('idle', { connection: medians(idle.get('idle')!), listener: medians(listening.get('listener')!) })
