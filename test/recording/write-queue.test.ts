import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { DiskFile } from '../../server/recording/disk.ts'
import { jobBytes } from '../../server/recording/limits.ts'
import { WriteQueue } from '../../server/recording/write-queue.ts'

const failed = (error: unknown): never => assert.fail(String(error))

suite('a queue of writes', () => {
  test('takes pieces of one byte by the hundred thousand, in time that grows with their number alone', async () => {
    const pieces = 200_000
    let bytes = 0
    const opened = Promise.withResolvers<DiskFile>()
    const write = async (part: Buffer): Promise<void> => {
      bytes += part.length
    }
    const file = { write } as unknown as DiskFile
    const queue = new WriteQueue(opened.promise, { at: 0, bytesMax: pieces * (jobBytes + 1) }, failed)
    for (let i = 0; i < pieces; i++) assert.ok(queue.add([Buffer.of(1)], false))
    assert.equal(queue.add([Buffer.of(1)], false), false, 'what keeping them costs counts, too')
    const begun = process.cpuUsage()
    opened.resolve(file)
    await queue.drained()
    assert.deepEqual([bytes, queue.written, queue.waiting], [pieces, pieces, 0])
    const ms = process.cpuUsage(begun).user / 1000
    assert.ok(ms < 2000, `${ms} ms of a processor`)
  })

  test('keeps writes and syncs in their order', async () => {
    const done: string[] = []
    const file = {
      write: async (part: Buffer, at: number) => void done.push(`${part} at ${at}`),
      sync: async () => void done.push('sync'),
    } as unknown as DiskFile
    const queue = new WriteQueue(Promise.resolve(file), { at: 5, bytesMax: 1e6 }, failed)
    queue.add([Buffer.from('a'), Buffer.from('b')], false)
    queue.add([Buffer.from('c')], true)
    queue.add([Buffer.from('d')], false)
    await queue.drained()
    assert.deepEqual(done, ['abc at 5', 'sync', 'd at 8'])
  })
})
