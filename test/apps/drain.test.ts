import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { drain } from '../../server/apps/drain.ts'
import type { Client } from '../../server/hub/client.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { clientFacts } from './host/child.ts'

/** Clients on their way out, and where they were sent. */
function leaving(...ids: string[]) {
  const clock = new ManualClock()
  const clients = new Map(
    ids.map(id => [id, { id, facts: clientFacts({ id, path: '/live', query: { a: '1' } }) } as Client]),
  )
  const sent: string[] = []
  const hub = { clients, redirect: (client: Client, url: string) => void sent.push(`${client.id} ${url}`) }
  let isOver = false
  const over = drain(hub, 'next:1936', clock).then(() => {
    isOver = true
  })
  return { clock, clients, sent, over, isOver: () => isOver }
}

suite('drain', () => {
  test('sends every client to its own path at the other address, and waits until all have left (R28)', async () => {
    const { clock, clients, sent, over, isOver } = leaving('tom', 'ben')
    assert.deepEqual(sent, ['tom rtmp://next:1936/live?a=1', 'ben rtmp://next:1936/live?a=1'])
    clients.delete('tom')
    clock.advance(100)
    await Promise.resolve()
    assert.equal(isOver(), false)
    clients.delete('ben')
    clock.advance(100)
    await over
  })

  test('waits for a second at most (R28)', async () => {
    const { clock, over } = leaving('tom')
    clock.advance(1_000)
    await over
  })
})
