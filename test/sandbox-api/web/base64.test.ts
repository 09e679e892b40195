import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { atob as ourAtob, btoa as ourBtoa } from '../../../sandbox-api/web/base64.ts'

const attempt = (run: () => string) => {
  try {
    return run()
  } catch (error) {
    return (error as Error).name
  }
}

suite('base64', () => {
  test('is written as Node writes it', () => {
    const unit = fc.integer({ min: 0, max: 0x101 }).map(code => String.fromCharCode(code))
    fc.assert(
      fc.property(fc.string({ unit }), text =>
        assert.equal(
          attempt(() => ourBtoa(text)),
          attempt(() => btoa(text)),
        ),
      ),
    )
  })

  test('is read as Node reads it, and refused alike', () => {
    const unit = fc.constantFrom('A', 'z', '9', '+', '/', '=', ' ', '\n', '-')
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 10 }), text => {
        assert.equal(
          attempt(() => ourAtob(text)),
          attempt(() => atob(text)),
          text,
        )
      }),
      { numRuns: 3_000 },
    )
  })
})
