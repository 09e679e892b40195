import { assert, test } from 'cumulus:test'

test('who comes and goes is told in the log', async app => {
  const client = await app.connect({ address: '10.0.0.7:50000' })
  await client.leave()
  assert.deepEqual(
    app.logs.filter(line => line.startsWith('10.0.0.7')),
    ['10.0.0.7:50000 comes to / by rtmp', '10.0.0.7:50000 has left /'],
  )
})
