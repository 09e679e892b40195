import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { callsOutstanding, packetsOutstanding } from '../../server/cluster/limits.ts'
import type { ConnectVerdict, StreamRequest, Verdict } from '../../server/hub/judge.ts'
import type { Frame } from '../../server/media/frame.ts'
import { PretendCluster } from './pretend-cluster.ts'

/** The cluster, and its two workers. */
function twoWorkers(judge?: ConstructorParameters<typeof PretendCluster>[0]) {
  const cluster = new PretendCluster(judge)
  const [near, far] = cluster.workers
  return { cluster, near: near!, far: far! }
}

suite('clients of workers', () => {
  test('are known, asked for and let in by the hub of the main process', () => {
    const { cluster, near, far } = twoWorkers()
    const one = near.connect('one')
    const two = far.connect('two')
    assert.deepEqual([one.heard, two.heard], [['welcome to /live'], ['welcome to /live']])
    assert.deepEqual(cluster.facts, ['known one', 'joined one', 'known two', 'joined two'])
    assert.deepEqual([...cluster.hub.clients.keys()], [one.client.id, two.client.id])
    assert.equal(one.client.state, 'joined')
  })

  test('are refused in the words of the judge', () => {
    const { near, far, cluster } = twoWorkers({
      locate: path => (path === '/live' ? { found: true, app: '/live', room: '' } : { found: false, text: 'nowhere' }),
      connect: ({ facts }, answer) =>
        answer(facts.address === 'bad' ? { ok: false, text: 'no' } : { ok: true, info: null }),
    })
    assert.deepEqual(near.connect('bad').heard, ['Connect.Rejected: no'])
    assert.deepEqual(far.connect('good').heard, ['welcome to /live'])
    assert.deepEqual(cluster.facts, ['known bad', 'rejected bad: no', 'known good', 'joined good'])
  })

  test('may leave before their verdict', () => {
    let answer: ((verdict: ConnectVerdict) => void) | undefined
    const { cluster, near } = twoWorkers({ connect: (_client, reply) => (answer = reply) })
    const one = near.connect('one')
    one.leave()
    answer?.({ ok: true, info: null })
    cluster.turn()
    assert.deepEqual(one.heard, [])
    assert.deepEqual(cluster.facts, ['known one', 'rejected one: it left before it was accepted'])
    assert.equal(cluster.hub.clients.size, 0)
  })

  test('create streams, pause and seek with leave of the main process (M3, M7)', () => {
    const asked: string[] = []
    const { cluster, near } = twoWorkers({
      permit: (_client, request, answer) => {
        const about = request.what === 'createStream' ? request.streamId : request.listener.address.address
        asked.push(`${request.what} ${about}`)
        answer(request.what === 'seek' ? { ok: false, text: 'it is live' } : { ok: true })
      },
    })
    const one = near.connect('one')
    one.play('cam')
    cluster.turn()
    const [listener] = near.hub.playing.listeners.values()
    const verdicts: string[] = []
    const ask = (request: StreamRequest): void => {
      near.hub.permit(one.client, request, verdict => verdicts.push(verdict.ok ? 'yes' : verdict.text))
      cluster.turn()
    }
    ask({ what: 'createStream', streamId: 2 })
    ask({ what: 'pause', listener: listener!, paused: true })
    ask({ what: 'seek', listener: listener!, ms: 5 })
    assert.deepEqual(asked, ['createStream 2', 'pause cam', 'seek cam'])
    assert.deepEqual(verdicts, ['yes', 'yes', 'it is live'])
    near.hub.permit(one.client, { what: 'pause', listener: listener!, paused: false }, () => verdicts.push('late'))
    one.leave()
    cluster.turn()
    assert.deepEqual([...cluster.hub.clients], [])
  })

  test('are called, pinged, told and closed by way of their worker, and answer', () => {
    const { cluster, near } = twoWorkers()
    const one = near.connect('one')
    const { peer } = cluster.hub.clients.get(one.client.id)!
    const answers: unknown[] = []
    peer.call('sum', new Uint8Array(), { answered: answer => answers.push(answer) })
    peer.call('shout', new Uint8Array(), {})
    peer.call('late', new Uint8Array(), { answered: answer => answers.push(answer) })
    peer.ping()
    const measures: unknown[] = []
    peer.bandwidth(measured => measures.push(measured?.maximum))
    peer.status('Custom', 'words')
    peer.status('Connect.ReconnectRequest', 'go', { tcUrl: 'rtmp://other/live' })
    cluster.turn()
    assert.deepEqual(
      one.calls.map(({ name, options }) => [name, options.answered !== undefined]),
      [
        ['sum', true],
        ['shout', false],
        ['late', true],
      ],
    )
    assert.deepEqual(measures, [1000])
    one.calls[0]?.options.answered?.({ ok: true, value: Uint8Array.of(5) })
    cluster.turn()
    peer.close({ code: 'Connect.Closed', description: 'enough' })
    cluster.turn()
    assert.deepEqual(answers, [
      { ok: true, value: Uint8Array.of(5) },
      { ok: false, text: 'the client has left' },
    ])
    assert.deepEqual(one.heard, [
      'welcome to /live',
      'ping',
      'Custom: words',
      'Connect.ReconnectRequest: go rtmp://other/live',
      'Connect.Closed: enough',
    ])
    assert.deepEqual(cluster.facts.at(-1), 'left one')
  })

  test('call their application, and hear its answer', () => {
    const { cluster, near } = twoWorkers()
    const one = near.connect('one')
    const results: unknown[] = []
    near.hub.call(one.client, 'sing', new Uint8Array(), false, result => results.push(result))
    cluster.turn()
    assert.deepEqual(results, [{ how: 'error', text: 'nobody has sing' }])
  })

  test('are told that it is busy when too much of what they call with waits', () => {
    const { cluster, near } = twoWorkers({ call: () => {} })
    const one = near.connect('one')
    const results: string[] = []
    const args = new Uint8Array(callsOutstanding.bytes / 2)
    for (let i = 0; i < 3; i++) {
      near.hub.call(one.client, 'f', args, false, result => results.push(result.how === 'error' ? result.text : ''))
    }
    cluster.turn()
    assert.deepEqual(results, ['Application /live is too busy: too many calls wait'])
  })

  test('show their figures to the main process', () => {
    const { cluster, near } = twoWorkers()
    const one = near.connect('one')
    cluster.clock.advance(2000)
    cluster.turn()
    const figures = cluster.hub.clients.get(one.client.id)!.peer.figures()
    assert.deepEqual(figures, { ping: 7, bytesIn: 100, bytesOut: 200, messagesIn: 4, messagesOut: 5, silence: 3 })
  })

  test('leave with a failure when their worker ends, and what they published with them', () => {
    const { cluster, near, far } = twoWorkers()
    const encoder = near.connect('encoder').publish('cam')
    const { player } = far.connect('viewer').play('cam')
    encoder.send('k1', 0)
    player.take()
    near.die()
    const end = ['failed encoder: the worker ended', 'unpublished cam by encoder', 'left encoder']
    assert.deepEqual(cluster.facts.slice(-3), end)
    assert.equal(cluster.hub.publications.get('/live\ncam')?.state, 'grace')
    assert.deepEqual(cluster.relays.doings, ['worker 2 pulls from worker 1', 'worker 2 lets go of worker 1'])
    cluster.clock.advance(5000)
    cluster.turn()
    assert.deepEqual(player.take(), ['unpublished'])
  })
})

suite('names among workers', () => {
  test('belong to one publisher, and go to another when the judge or the silence says so', () => {
    const { cluster, near, far } = twoWorkers()
    const encoder = near.connect('first')
    encoder.silence = 60_000
    const first = encoder.publish('cam')
    const second = far.connect('second')
    const refused = second.publish('cam')
    const pass = (ms: number): void => {
      for (let passed = 0; passed < ms; passed += 100) {
        cluster.clock.advance(100)
        cluster.turn()
      }
    }
    pass(500)
    first.send('k1', 0)
    assert.deepEqual(refused.heard, [], 'its worker reports once a second')
    pass(1000)
    assert.deepEqual(refused.heard, ['Publish.BadName: cam is already published'], 'it was heard')
    const heir = second.publish('cam')
    pass(1500)
    assert.deepEqual(heir.heard, [])
    pass(1500)
    assert.deepEqual([heir.heard, first.heard], [['ok'], ['ok', 'Unpublish.Success: cam was taken over']])
    first.publication?.flush()
    assert.equal(cluster.hub.publications.get('/live\ncam')?.generation, 2)
  })

  test('are free again when the publisher gives up before its verdict', () => {
    const verdicts: ((verdict: Verdict) => void)[] = []
    const { cluster, near, far } = twoWorkers({
      publish: (_client, _publication, answer) => void verdicts.push(answer),
    })
    const one = near.connect('one')
    const encoder = one.publish('cam')
    near.hub.publishing.withdraw(one.client, encoder)
    cluster.turn()
    const other = far.connect('two').publish('cam')
    for (const verdict of verdicts) verdict({ ok: true })
    cluster.turn()
    assert.deepEqual([encoder.heard, other.heard], [[], ['ok']])
  })

  test('are ended from the main process', () => {
    const { cluster, near } = twoWorkers()
    const encoder = near.connect('one').publish('cam')
    cluster.hub.publishing.closePublication(cluster.hub.publications.get('/live\ncam')!, 'Unpublish.Success', 'done')
    cluster.turn()
    assert.deepEqual(encoder.heard, ['ok', 'Unpublish.Success: done'])
    assert.equal(encoder.client.publications.size, 0)
  })
})

suite('players among workers', () => {
  test('see what another worker has, pulled once for all of them and no longer than they stay', () => {
    const { cluster, near, far } = twoWorkers()
    const encoder = near.connect('encoder').publish('cam')
    encoder.send('m', 0)
    encoder.send('h', 0)
    encoder.send('k1', 0)
    encoder.send('v2', 40)
    const one = far.connect('one')
    const first = one.play('cam')
    assert.deepEqual(first.player.take(), ['live', 'dm@0 vh@0 vk1@0 vv2@40'])
    const second = far.connect('two').play('cam')
    assert.deepEqual(second.player.take(), ['live', 'dm@0 vh@0 vk1@0 vv2@40'])
    encoder.send('v3', 80)
    assert.deepEqual([first.player.take(), second.player.take()], [['+vv3'], ['+vv3']])
    assert.deepEqual(cluster.relays.doings, ['worker 2 pulls from worker 1'])
    one.leave()
    assert.equal(cluster.relays.doings.length, 1)
    far.hub.playing.stop(second.listener)
    cluster.turn()
    assert.deepEqual(cluster.relays.doings, ['worker 2 pulls from worker 1', 'worker 2 lets go of worker 1'])
    assert.equal(cluster.hub.listeners.size, 0)
  })

  test('wait for a name on one worker, and hear of it when it is published on another', () => {
    const { cluster, near, far } = twoWorkers()
    const { player } = far.connect('viewer').play('cam')
    assert.deepEqual(player.take(), ['waiting'])
    const encoder = near.connect('encoder').publish('cam')
    assert.deepEqual(player.take(), ['published'])
    encoder.send('k1', 0)
    assert.deepEqual(player.take(), ['vk1@0'])
    encoder.end()
    assert.deepEqual(player.take(), [])
    cluster.clock.advance(5000)
    cluster.turn()
    assert.deepEqual(player.take(), ['unpublished'])
  })

  test('go on in one time when the publisher comes back on another worker, or on their own', () => {
    const { cluster, near, far } = twoWorkers()
    const { player } = far.connect('viewer').play('cam')
    const first = near.connect('first').publish('cam')
    first.send('k1', 7000)
    cluster.clock.advance(1000)
    first.send('v2', 8000)
    first.end()
    cluster.clock.advance(500)
    cluster.turn()
    const second = far.connect('second').publish('cam')
    second.send('k3', 90)
    cluster.clock.advance(1000)
    second.send('v4', 1090)
    second.end()
    cluster.clock.advance(500)
    cluster.turn()
    const third = near.connect('third').publish('cam')
    third.send('k5', 0)
    assert.deepEqual(player.take().slice(1), ['published', 'vk1@0', '+vv2', '+vk3', '+vv4', '+vk5'])
    const { publication } = [...far.hub.playing.listeners.values()][0]!
    assert.equal(publication.lastTimestamp, 3000)
  })

  test('are pulled for again when the way of the frames broke, as long as it goes on', () => {
    const { cluster, near, far } = twoWorkers()
    const encoder = near.connect('encoder').publish('cam')
    encoder.send('k1', 0)
    const { player } = far.connect('viewer').play('cam')
    cluster.relays.break()
    cluster.clock.advance(1000)
    encoder.send('k2', 1000)
    cluster.turn()
    encoder.send('v3', 1040)
    assert.equal(cluster.relays.doings.filter(doing => doing === 'worker 2 pulls from worker 1').length, 2)
    assert.equal(player.got.at(-1), '+vv3')
  })

  test('are refused, closed, muted and told by the main process', () => {
    const { cluster, near, far } = twoWorkers({
      subscribe: ({ facts }, _listener, answer) =>
        answer(facts.address === 'bad' ? { ok: false, text: 'no' } : { ok: true }),
    })
    const encoder = near.connect('encoder').publish('cam')
    assert.deepEqual(far.connect('bad').play('cam').player.got, ['Play.Failed: no'])
    assert.deepEqual(
      far.connect('lost').play('//').player.got,
      ['Not authorized to play //'].map(text => `Play.Failed: ${text}`),
    )
    const { player } = far.connect('viewer').play('cam')
    const [listener] = cluster.hub.listeners.values()
    listener!.tell(Buffer.from('hint'))
    cluster.turn()
    assert.deepEqual(player.take(), ['live', 'dhint@0'])
    listener!.receive(true, false)
    cluster.turn()
    encoder.send('k1', 0)
    assert.deepEqual(player.take(), [])
    cluster.hub.playing.closeListener(listener!, 'Play.Stop', 'enough')
    cluster.turn()
    assert.deepEqual(player.take(), ['closed Play.Stop: enough'])
    assert.equal(cluster.hub.listeners.size, 0)
  })

  test('hear data that a script sends, whoever publishes or nobody', () => {
    const { cluster, near, far } = twoWorkers()
    const players = [near.connect('one').play('cam').player, far.connect('two').play('cam').player]
    const publication = cluster.hub.publications.get('/live\ncam')!
    publication.receiveNow(Buffer.from('idle'))
    cluster.turn()
    near.connect('encoder').publish('cam')
    publication.receiveNow(Buffer.from('live'))
    cluster.turn()
    for (const player of players) assert.deepEqual(player.take(), ['waiting', 'didle@0', 'published', 'dlive@0'])
  })

  test('see what a script publishes in the main process', () => {
    const { cluster, near, far } = twoWorkers()
    const players = [near.connect('one').play('cam').player, far.connect('two').play('cam').player]
    const publisher = { id: 'script', client: null, closed() {} }
    const publication = cluster.hub.publishing.publishAs(publisher, '/live', 'cam')!
    cluster.turn()
    publication.receive(9, { role: 'key', codec: 'avc1', track: 0 }, 0, Buffer.from('1'))
    cluster.turn()
    for (const player of players) assert.deepEqual(player.take(), ['waiting', 'published', 'v1@0'])
    cluster.hub.publishing.unpublish(publication, publisher)
    cluster.turn()
    assert.deepEqual(cluster.relays.doings.slice(-2), ['worker 1 lets go of main', 'worker 2 lets go of main'])
  })
})

suite('what the main process knows of streams in workers', () => {
  test('is their metadata, codecs and rates', () => {
    const { cluster, near, far } = twoWorkers()
    const encoder = near.connect('encoder').publish('cam')
    far.connect('viewer').play('cam')
    encoder.send('metadata', 0)
    encoder.send('key', 0)
    cluster.clock.advance(2000)
    cluster.turn()
    const publication = cluster.hub.publications.get('/live\ncam')!
    assert.equal(publication.cache.metadata?.payload.toString(), 'metadata')
    assert.deepEqual(cluster.facts.slice(-2), ['metadata of cam', 'codecs avc1/'])
    assert.ok(publication.videoQos.facts().byteRate > 0)
    const [listener] = cluster.hub.listeners.values()
    assert.ok(listener!.videoQos.facts().byteRate > 0)
  })

  test('is nothing of their frames, unless somebody looks at them, and no more than are looked at', () => {
    const { cluster, near } = twoWorkers()
    const encoder = near.connect('encoder').publish('cam')
    const publication = cluster.hub.publications.get('/live\ncam')!
    const seen: Frame[] = []
    const packets = () => near.reports.filter(({ r }) => r === 'packet').length
    encoder.send('k0', 0)
    assert.equal(packets(), 0)
    publication.tap = { frame: (_publication, frame) => seen.push(frame) }
    cluster.turn()
    encoder.send('k1', 40)
    assert.deepEqual(
      seen.map(({ kind, role, timestamp, payload }) => [kind, role, timestamp, payload.toString()]),
      [[9, 'key', 40, 'k1']],
    )
    for (let i = 0; i < packetsOutstanding.count + 50; i++) {
      encoder.publication!.receive(9, { role: 'inter', codec: 'avc1', track: 0 }, 80, Buffer.from('v'))
    }
    cluster.turn()
    assert.equal(seen.length, 1 + packetsOutstanding.count)
    encoder.send('k2', 120)
    assert.equal(seen.at(-1)?.payload.toString(), 'k2')
    publication.tap = null
    cluster.turn()
    const before = packets()
    encoder.send('k3', 160)
    assert.equal(packets(), before)
  })
})
