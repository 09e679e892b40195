import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Bandwidth } from '../../../server/hub/client.ts'
import { bandwidthTestsMax } from '../../../server/protocol/netconnection/limits.ts'
import { World } from './fake-client.ts'

function measuring() {
  const client = new World().connected()
  const measured: (Bandwidth | null)[] = []
  client.net.bandwidth(result => measured.push(result))
  return { client, measured }
}

suite('bandwidth', () => {
  test('is what went through in the time beyond a ping, with ever more until that can be told (R37, R38)', () => {
    const { client, measured } = measuring()
    client.net.bandwidth(result => measured.push(result))
    assert.deepEqual(client.take(), [])
    client.probes[0]!(20)
    assert.equal(client.probes.length, 2, 'both who ask wait for the same')
    const sent = client.take().map(each => JSON.stringify(each).slice(0, 20))
    assert.deepEqual([...new Set(sent)], ['["onBWCheck",0,null,'])
    client.probes[1]!(30)
    client.take()
    client.probes[2]!(20 + 256)
    const { length } = client.take()
    assert.equal(length, 0)
    const [first, second] = measured
    assert.deepEqual(first, second)
    assert.equal(first?.latency, 20)
    assert.equal(first?.ms, 256)
    assert.ok(first!.bytes >= 128 * 1024 && first!.bytes < 129 * 1024, `${first!.bytes} bytes`)
    assert.equal(first!.maximum, (first!.bytes / 256) * 1000)
  })

  test('ends with so many bytes, however quickly they went (R38)', () => {
    const { client, measured } = measuring()
    for (let next = 0; next < client.probes.length; next++) client.probes[next]!(0)
    assert.equal(client.probes.length, 5, 'a ping, and 32, 128, 512 and 2048 KiB')
    assert.equal(measured[0]?.ms, 1)
  })

  test('is not known of a client that has left', () => {
    const { client, measured } = measuring()
    client.net.ended(null)
    client.net.bandwidth(result => measured.push(result))
    client.probes[0]!(5)
    assert.deepEqual(measured, [null, null])
  })

  test('is made for a client so many times; past that it is told the last one', () => {
    const client = new World().connected()
    for (let times = 0; times < bandwidthTestsMax; times++) {
      client.command('checkBandwidth', 0)
      client.probes.shift()!(10)
      client.probes.shift()!(10 + 1000)
    }
    client.take()
    client.command('checkBandwidth', 0)
    assert.deepEqual([client.probes.length, (client.take() as unknown[][]).map(([name]) => name)], [0, ['onBWDone']])
  })

  test('is told to a Flash client that asks for it, as Adobe’s server tells it (R37, R38)', () => {
    const client = new World().connected()
    client.command('checkBandwidth', 4)
    assert.deepEqual(client.take(), [['_result', 4, null, null]])
    client.probes[0]!(10)
    const [{ length }] = [client.take()]
    assert.equal(length, 2)
    client.probes[1]!(10 + 1000)
    const [[name, ticket, , kbit, kilobits, seconds, latency]] = client.take() as never as [unknown[]]
    assert.deepEqual([name, ticket, seconds, latency], ['onBWDone', 0, 1, 10])
    assert.equal(kbit, Math.round(Number(kilobits)))
    assert.ok(Number(kilobits) > 262 && Number(kilobits) < 263, `${kilobits}`)
  })
})
