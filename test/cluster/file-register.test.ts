import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { FileRegister } from '../../server/cluster/file-register.ts'
import type { WorkerLink } from '../../server/cluster/stand-ins.ts'
import type { WorkerOrder } from '../../server/cluster/wire.ts'
import { WorkerFiles } from '../../server/cluster/worker-files.ts'
import type { FileTaken } from '../../server/hub/archive.ts'

const taken = (file: string, address = file): FileTaken => ({ file, address, format: 'flv', facts: {} as never })

/** A worker whose orders and reports arrive at once. */
class Worker implements WorkerLink {
  readonly relay = ''
  readonly files: WorkerFiles
  readonly #register: FileRegister

  constructor(register: FileRegister) {
    this.#register = register
    this.files = new WorkerFiles({
      post: report => {
        if (report.r === 'takeFile') {
          const { ticket } = report
          void register.take(report.taken, this).then(isOurs => this.post({ o: 'fileTaken', ticket, isOurs }))
        } else if (report.r === 'endingFile') register.ending(report.file, this)
        else if (report.r === 'releaseFile') register.release(report.file, this)
      },
    })
    register.attach(this)
  }

  post(order: WorkerOrder): void {
    if (order.o === 'files' || order.o === 'fileTaken') this.files.receive(order)
  }

  die(): FileTaken[] {
    return this.#register.lost(this)
  }
}

suite('files that several workers record', () => {
  test('are written by one of them, and all know of it (R12, K10)', async () => {
    const register = new FileRegister()
    const [one, two] = [new Worker(register), new Worker(register)]
    assert.equal(await one.files.take(taken('cam')), true)
    assert.equal(await one.files.take(taken('cam')), true, 'it is its own')
    assert.equal(await two.files.take(taken('cam')), false)
    assert.equal(await register.own.take(taken('cam')), false)
    two.files.release('cam')
    assert.deepEqual(
      [one, two, new Worker(register)].map(({ files }) => files.isTaken('cam')),
      [true, true, true],
    )
    assert.equal(await register.own.isFree('cam'), false)
    one.files.release('cam')
    assert.deepEqual(
      [one, two].map(({ files }) => files.isTaken('cam')),
      [false, false],
    )
    assert.equal(await register.own.isFree('cam'), true)
  })

  test('are waited for while they are being closed (R12, K10)', async () => {
    const register = new FileRegister()
    const [one, two] = [new Worker(register), new Worker(register)]
    await one.files.take(taken('cam'))
    one.files.ending('cam')
    const heard: string[] = []
    void two.files.take(taken('cam')).then(isOurs => heard.push(`taken: ${isOurs}`))
    void register.own.isFree('cam').then(isFree => heard.push(`free: ${isFree}`))
    await turn()
    assert.deepEqual(heard, [])
    one.files.release('cam')
    await turn()
    assert.deepEqual(heard.sort(), ['free: true', 'taken: true'])
    assert.equal(await one.files.take(taken('cam')), false)
  })

  test('of a worker that died are the main process’s until it has mended them (R12)', async () => {
    const register = new FileRegister()
    const [one, two] = [new Worker(register), new Worker(register)]
    await one.files.take(taken('cam'))
    await two.files.take(taken('other'))
    assert.deepEqual(
      one.die().map(({ file }) => file),
      ['cam'],
    )
    let isTaken = false
    void two.files.take(taken('cam')).then(isOurs => {
      isTaken = isOurs
    })
    await turn()
    assert.equal(isTaken, false)
    register.own.release('cam')
    await turn()
    assert.equal(isTaken, true)
    assert.equal(await two.files.take(taken('other')), true)
  })
})
