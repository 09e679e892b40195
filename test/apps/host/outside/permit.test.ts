import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { Permit } from '../../../../server/apps/host/outside/permit.ts'
import { isSpecial } from '../../../../server/apps/host/outside/special-addresses.ts'
import { allowed } from './script.ts'

const permit = (allow: string[], ...addresses: string[]) =>
  new Permit('/chat', 'CumulusServer.ini', allowed(...allow), async () => addresses)

suite('a permit', () => {
  test('gives public addresses of an allowed name', async () => {
    assert.deepEqual(
      await permit(['tcp:a.example:80'], '93.184.216.34', '2606:4700::1').addresses('tcp', 'A.example.', 80),
      ['93.184.216.34', '2606:4700::1'],
    )
  })

  test('leaves out addresses that are not public and not written out', async () => {
    const addresses = ['10.0.0.1', '93.184.216.34']
    assert.deepEqual(await permit(['tcp:*:*'], ...addresses).addresses('tcp', 'a.example', 80), ['93.184.216.34'])
    assert.deepEqual(
      await permit(['tcp:*:*', 'tcp:10.0.0.1:80'], ...addresses).addresses('tcp', 'a.example', 80),
      addresses,
    )
  })

  test('refuses a name that leads inside only, and names the address', async () => {
    await assert.rejects(permit(['fetch:a.example'], '169.254.169.254').addresses('fetch', 'a.example', 80), {
      name: 'CapabilityError',
      message: /a\.example leads to 169\.254\.169\.254, .*fetch:169\.254\.169\.254:80: add it/,
    })
    await assert.rejects(permit(['fetch:a.example'], '::1').addresses('fetch', 'a.example', 80), {
      message: /fetch:\[::1\]:80/,
    })
  })

  test('knows what is no host and no address at all', async () => {
    await assert.rejects(permit(['tcp:*:*']).addresses('tcp', 'a b', 80), { name: 'TypeError' })
    await assert.rejects(permit(['tcp:*:*']).addresses('tcp', '*', 80), { name: 'TypeError' })
    await assert.rejects(permit(['tcp:*:*']).addresses('tcp', 'a.example', 80), { message: 'a.example has no address' })
  })
})

suite('special addresses', () => {
  const inside = [
    '127.0.0.1',
    '127.9.9.9',
    '0.0.0.0',
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:8.8.8.8',
    'fe80::1',
    'fc00::1',
    'fd12::1',
    'ff02::1',
    '64:ff9b::a00:1',
    '2002:7f00:1::',
    '2001:db8::1',
    'no address',
  ]
  for (const address of inside) test(`${address} is one`, () => assert.equal(isSpecial(address), true))
  for (const address of ['8.8.8.8', '93.184.216.34', '172.32.0.1', '2606:4700::1', '2a00:1450::1']) {
    test(`${address} is public`, () => assert.equal(isSpecial(address), false))
  }
})
