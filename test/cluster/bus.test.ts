import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { GatheringBus } from '../../server/cluster/bus.ts'
import { BusLog } from '../../server/cluster/bus-log.ts'
import type { WorkerReport } from '../../server/cluster/wire.ts'

suite('a bus', () => {
  test('sends what gathered in a turn as one message, in order', () => {
    const sent: number[][] = []
    const turns: (() => void)[] = []
    const bus = new GatheringBus<number>(
      messages => sent.push(messages),
      run => turns.push(run),
    )
    bus.post(1)
    bus.post(2)
    assert.deepEqual(sent, [])
    turns.shift()?.()
    bus.post(3)
    bus.flush()
    turns.shift()?.()
    assert.deepEqual(sent, [[1, 2], [3]])
    assert.equal(turns.length, 0)
  })
})

suite('the log of a worker', () => {
  test('goes to the main process as far as it is wanted, with all it is about', () => {
    const posted: WorkerReport[] = []
    const log = new BusLog({ post: report => posted.push(report) }, 'info').child({ client: 'c' })
    log.debug({}, 'unheard')
    log.info({ publication: 'cam' }, 'published')
    log.error({}, 'broken')
    assert.deepEqual(posted, [
      { r: 'log', level: 'info', subject: { client: 'c', publication: 'cam' }, text: 'published' },
      { r: 'log', level: 'error', subject: { client: 'c' }, text: 'broken' },
    ])
  })
})
