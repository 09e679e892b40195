import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { AbortController as OurController, AbortSignal as OurSignal } from '../../../sandbox-api/web/abort.ts'

suite('AbortController', () => {
  test('tells its listeners once, with the reason', () => {
    const controller = new OurController()
    const told: unknown[] = []
    controller.signal.onabort = () => told.push('onabort')
    controller.signal.addEventListener('abort', event => told.push(event.target.reason))
    controller.abort('enough')
    controller.abort('again')
    assert.deepEqual(told, ['onabort', 'enough'])
    assert.throws(
      () => controller.signal.throwIfAborted(),
      error => error === 'enough',
    )
  })

  test('has an AbortError for its reason when none is given', () => {
    const controller = new OurController()
    controller.signal.throwIfAborted()
    controller.abort()
    assert.throws(() => controller.signal.throwIfAborted(), { name: 'AbortError' })
  })

  test('joins several signals into one', () => {
    const [a, b] = [new OurController(), new OurController()]
    const joint = OurSignal.any([a.signal, b.signal])
    b.abort('b')
    a.abort('a')
    assert.equal(joint.reason, 'b')
    assert.equal(OurSignal.any([OurSignal.abort('now')]).reason, 'now')
  })

  test('forgets a listener that was removed', () => {
    const controller = new OurController()
    const listener = () => assert.fail('it was removed')
    controller.signal.addEventListener('abort', listener)
    controller.signal.removeEventListener('abort', listener)
    controller.abort()
  })
})
