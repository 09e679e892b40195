import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { Capabilities, CapabilityError } from '../../sandbox-api/capabilities.ts'

suite('capabilities inside the glass', () => {
  const allow = [{ kind: 'apps', path: '/lobby' } as const]
  const capabilities = new Capabilities({ path: '/chat', allow, configFile: 'CumulusServer.ini' })

  test('let pass what is allowed', () => {
    capabilities.need({ kind: 'apps', path: '/lobby' })
  })

  test('refuse the rest with a CapabilityError that names file, section, key and word', () => {
    assert.throws(
      () => capabilities.need({ kind: 'apps', path: '/hall' }),
      (error: unknown) =>
        error instanceof CapabilityError &&
        error.name === 'CapabilityError' &&
        /apps:\/hall: add it to the line allow in section \[app:\/chat\] of CumulusServer\.ini/.test(error.message),
    )
  })
})
