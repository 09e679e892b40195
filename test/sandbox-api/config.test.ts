import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import { Lab } from '../apps/host/lab.ts'
import { outcome, Script } from '../apps/host/outside/script.ts'

suite('application.config', () => {
  const lab = new Lab()
  after(() => lab.end())

  test('reads back at once what set was given, and set waits for the file (R14)', async () => {
    const script = await Script.raise(lab, ['config'])
    const running = script.run(`
      const { config } = application
      const written = config.set('motto', 'new')
      const seen = [config.motto, application.config.motto, Object.keys(config)]
      config.set('loud', true)
      seen.push(config.loud, await written)
      return seen
    `)
    const { ticket, key, value } = await script.app.command('configure')
    assert.deepEqual([key, value], ['motto', 'new'])
    script.app.tell({ e: 'answer', ticket, ok: true })
    assert.deepEqual(await running, ['new', 'new', ['motto'], true, undefined])
  })

  test('has the old value again when it could not be written, or another one stays (R14)', async () => {
    const script = await Script.raise(lab, ['config'])
    const failing = script.run(
      `return [await application.config.set('motto', 1).catch(error => error.message), application.config.motto]`,
    )
    const first = await script.app.command('configure')
    script.app.tell({ e: 'answer', ticket: first.ticket, ok: false, text: 'the disk is full' })
    assert.deepEqual(await failing, ['the disk is full', undefined])
    const staying = script.run(`await application.config.set('motto', 'x'); return application.config.motto`)
    const second = await script.app.command('configure', ({ ticket }) => ticket !== first.ticket)
    script.app.tell({ e: 'answer', ticket: second.ticket, ok: true, text: "motto stays 'given'" })
    assert.equal(await staying, undefined)
    assert.equal((await script.app.log("motto stays 'given'")).level, 'warn')
  })

  test('is changed by set alone, by whom it is allowed, to what a file can hold (R14)', async () => {
    const script = await Script.raise(lab, ['config'])
    for (const body of [
      'application.config.a = 1',
      'delete application.config.set',
      `Object.defineProperty(application.config, 'a', { value: 1 })`,
    ]) {
      assert.match(String(await script.run(outcome(`(() => { 'use strict'; ${body} })()`))), /^TypeError/, body)
    }
    for (const values of [`'', 1`, `'a b', 1`, `'set', 1`, `'a', {}`, `'a', undefined`, `'a', 'x'.repeat(20_000)`]) {
      assert.match(
        String(await script.run(outcome(`application.config.set(${values})`))),
        /^TypeError: config\.set: /,
        values,
      )
    }
    const other = await Script.raise(lab, [])
    assert.match(
      String(await other.run(outcome(`application.config.set('a', 1)`))),
      /^CapabilityError: .* may not use config/,
    )
  })
})
