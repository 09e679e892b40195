import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { App } from '../../server/apps/app.ts'
import { netSharedBytes } from '../../server/apps/limits.ts'
import { NetShared } from '../../server/apps/net-shared.ts'
import type { NetSharedOp } from '../../server/apps/net-wire.ts'
import type { AppEvent } from '../../server/apps/wire.ts'
import { silentLog } from '../../server/base/log.ts'
import type { SharedEvent, SharedMessage } from '../../server/hub/shared-events.ts'
import { sharedLimits } from '../../server/hub/shared-limits.ts'
import { amf, inWords } from '../hub/shared-scene.ts'

/** Two connections of one application, what went to their servers, and what the script was told. */
class Scene {
  readonly budget = { bytes: 0 }
  readonly #told: AppEvent[] = []
  readonly #asked: string[] = []
  readonly #heard: (() => void)[] = []
  readonly #deferred: (() => void)[] = []
  readonly one = this.#connection(1)
  readonly two = this.#connection(2)
  #seq = 0

  #connection(connection: number): NetShared {
    const channel = {
      isOpen: true,
      tell: (event: AppEvent) => void this.#told.push(event),
      ask: ({ answered }: { answered(): void }) => void this.#heard.push(answered),
    }
    const app = { name: '/chat', channel } as unknown as App
    const share = ({ object, events }: SharedMessage): void => {
      this.#asked.push(`${connection} ${object}: ${events.map(inWords).join()}`)
    }
    const defer = (run: () => void): void => void this.#deferred.push(run)
    return new NetShared({ app, connection, budget: this.budget, log: silentLog, defer, share })
  }

  do(shared: NetShared, op: NetSharedOp, object: string, details: { name?: string; value?: Uint8Array } = {}): number {
    const seq = ++this.#seq
    shared.carryOut({ c: 'netShared', connection: 1, op, object, seq, name: '', number: 0, ...details })
    return seq
  }

  hear(shared: NetShared, object: string, ...events: SharedEvent[]): void {
    shared.receive({ object, version: 3, persistent: false, events })
  }

  asked(): string[] {
    return this.#asked.splice(0)
  }

  /** What the script was told since the last time; it has heard it then, unless it is deaf. */
  told({ deaf = false } = {}): string[] {
    for (const run of this.#deferred.splice(0)) run()
    const words = this.#told.splice(0).map(event => {
      assert.ok(event.e === 'netShared')
      const { connection, told } = event
      if (told.e === 'sharedStatus') return `${connection} ${told.object} ${told.code}`
      if (told.e === 'sharedMessage') return `${connection} ${told.object} calls ${told.name}`
      const { name, version, seen, slots } = told.facts
      return `${connection} ${name} v${version} seen ${seen}: ${slots.map(({ name }) => name).join()}`
    })
    if (deaf) return words
    const heard = this.#heard.splice(0)
    for (const each of heard) each()
    return words
  }
}

suite('the shared objects at the other end of a connection', () => {
  test('are asked for by name, and told to the script that holds them (R68, R71, R74)', () => {
    const scene = new Scene()
    const { one, two } = scene
    scene.do(one, 'open', 'board')
    scene.do(one, 'open', 'board')
    const seq = scene.do(one, 'set', 'board', { name: 'a', value: amf(1) })
    scene.do(one, 'remove', 'board', { name: 'b' })
    scene.do(one, 'send', 'board', { name: 'hi', value: amf('x') })
    scene.do(one, 'set', 'other', { name: 'a', value: amf(1) })
    assert.deepEqual(scene.asked(), [
      '1 board: use',
      '1 board: requestChange a=1',
      '1 board: requestRemove b',
      '1 board: message hi(x)',
    ])
    scene.hear(one, 'board', { kind: 'useSuccess' }, { kind: 'success', name: 'a' })
    assert.deepEqual(scene.told(), [`1 board v3 seen ${seq}: a`])
    scene.hear(two, 'board', { kind: 'change', name: 'a', value: amf(2) })
    scene.hear(one, 'other', { kind: 'change', name: 'a', value: amf(2) })
    assert.deepEqual(scene.told(), [])
    scene.do(one, 'close', 'board')
    assert.deepEqual([scene.asked(), scene.budget.bytes], [['1 board: release'], 0])
  })

  test('are told in their latest state to a script that does not keep up (R68)', () => {
    const scene = new Scene()
    scene.do(scene.one, 'open', 'board')
    scene.hear(scene.one, 'board', { kind: 'change', name: 'a', value: amf(0) })
    assert.deepEqual(scene.told({ deaf: true }), ['1 board v3 seen 1: a'])
    for (let i = 0; i < 100; i++) scene.hear(scene.one, 'board', { kind: 'change', name: 'a', value: amf(i) })
    assert.deepEqual(scene.told(), [])
    assert.deepEqual(scene.told(), ['1 board v3 seen 1: a'])
  })

  test('are so many, and so large together, and are forgotten with their connection (R68, R74)', () => {
    const scene = new Scene()
    for (let i = 0; i < sharedLimits.used; i++) scene.do(scene.one, 'open', `o${i}`)
    scene.do(scene.one, 'open', 'too many')
    assert.deepEqual(scene.told(), ['1 too many SharedObject.ObjectCreationFailed'])
    const value = new Uint8Array(sharedLimits.valueBytes)
    for (let i = 0; scene.budget.bytes + value.length < netSharedBytes; i++) {
      scene.hear(scene.one, 'o0', { kind: 'change', name: `${i}`, value })
    }
    scene.told()
    scene.do(scene.two, 'open', 'board')
    scene.hear(scene.two, 'board', { kind: 'change', name: 'a', value })
    assert.ok(scene.told().includes('2 board SharedObject.QuotaExceeded'))
    scene.one.end()
    assert.equal(scene.budget.bytes, 0)
    scene.hear(scene.two, 'board', { kind: 'change', name: 'a', value })
    assert.equal(scene.told().filter(told => told.includes('Quota')).length, 0)
  })

  test('are let go of when they are not to be had (R74)', () => {
    const scene = new Scene()
    scene.do(scene.one, 'open', 'board')
    scene.hear(scene.one, 'board', { kind: 'status', code: 'SharedObject.NoReadAccess', level: 'error' })
    assert.deepEqual(scene.told(), ['1 board SharedObject.NoReadAccess'])
    scene.asked()
    scene.do(scene.one, 'open', 'board')
    assert.deepEqual(scene.asked(), ['1 board: use'])
  })
})
