import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { ProtocolError } from '../../../server/base/errors.ts'
import type { ClientAnswer } from '../../../server/hub/client.ts'
import type { CallResult, ConnectVerdict, Verdict } from '../../../server/hub/judge.ts'
import { decodeAmf0, encodeAmf0 } from '../../../server/media/amf0.ts'
import { aheadBytes, callArgsBytes, droppableQueueBytes } from '../../../server/protocol/netconnection/limits.ts'
import { MessageType } from '../../../server/protocol/rtmp/message.ts'
import { type FakeClient, World } from './fake-client.ts'

const succeeded = {
  level: 'status',
  code: 'NetConnection.Connect.Success',
  description: 'Connection succeeded',
  objectEncoding: 0,
}

/** A world in which the verdict of a connection is given by hand. */
function undecided(): { world: World; client: FakeClient; decide: (verdict: ConnectVerdict) => void } {
  let decide: (verdict: ConnectVerdict) => void = () => assert.fail('nobody asked')
  const world = new World({
    connect(_client, answer) {
      decide = answer
    },
  })
  return { world, client: world.client(), decide: verdict => decide(verdict) }
}

suite('NetConnection.connect', () => {
  test('tells the wire’s sizes before the success, and the success in AMF0', () => {
    const client = new World().client()
    client.command('connect', 1, { app: 'live', objectEncoding: 3 })
    assert.deepEqual(client.take(), [
      { type: 0, payload: 'welcome' },
      ['_result', 1, { fmsVer: 'FMS/3,5,7,7009', capabilities: 31, mode: 1 }, { ...succeeded, objectEncoding: 3 }],
    ])
    assert.deepEqual(client.types, [MessageType.CommandAmf0])
  })

  test('adds what the script returned, but never in place of its own', () => {
    const info = encodeAmf0([
      { message: 'hello', code: 'forged', level: 'error', objectEncoding: 7, description: 'hi' },
    ])
    const world = new World({ connect: (_client, answer) => answer({ ok: true, info }) })
    const client = world.client()
    client.command('connect', 1, { app: 'live' })
    const [, answer] = client.take()
    assert.deepEqual((answer as unknown[])[3], { ...succeeded, message: 'hello', description: 'hi' })
  })

  test('tells a refused client why, then to close, then closes', () => {
    const { world, client, decide } = undecided()
    client.command('connect', 1, { app: 'live' })
    assert.equal(client.ended, false)
    decide({ ok: false, text: 'you are not Tom!' })
    assert.deepEqual(client.take(), [
      ['_error', 1, null, { level: 'error', code: 'NetConnection.Connect.Rejected', description: 'you are not Tom!' }],
      ['close', 0, null],
    ])
    assert.equal(client.ended, true)
    assert.deepEqual(world.witness.told, ['rejected: you are not Tom!'])
    client.command('createStream', 2)
    assert.deepEqual(client.take(), [])
  })

  test('says where else to go when it is redirected', () => {
    const { client, decide } = undecided()
    client.command('connect', 1, { app: 'live' })
    decide({ ok: false, text: 'moved', redirect: 'rtmp://elsewhere/live' })
    const [answer] = client.take()
    const info = (answer as unknown[])[3]
    assert.deepEqual((info as { ex: unknown }).ex, { code: 302, redirect: 'rtmp://elsewhere/live' })
  })

  test('calls an application that is not there by its own code', () => {
    const world = new World({ locate: () => ({ found: false, text: 'Application /x does not exist' }) })
    const client = world.client()
    client.command('connect', 1, { app: 'x' })
    const [answer] = client.take()
    assert.deepEqual((answer as unknown[])[3], {
      level: 'error',
      code: 'NetConnection.Connect.InvalidApp',
      description: 'Application /x does not exist',
    })
    assert.equal(client.ended, true)
  })

  test('keeps what comes ahead of the verdict, and serves it in order after the success', () => {
    const { client, decide } = undecided()
    client.command('connect', 1, { app: 'live' })
    client.command('createStream', 2)
    client.stream(1, 'publish', 'cam')
    client.command('createStream', 3)
    assert.deepEqual(client.take(), [])
    decide({ ok: true, info: null })
    assert.deepEqual(
      client.take().map(sent => (Array.isArray(sent) ? [sent[0], sent[1]] : 'welcome')),
      ['welcome', ['_result', 1], ['_result', 2], ['onStatus', 0], ['_result', 3]],
    )
  })

  test('ends a connection that sends too much ahead of the verdict', () => {
    const { client } = undecided()
    client.command('connect', 1, { app: 'live' })
    const flood = (): void => {
      for (let sent = 0; sent <= aheadBytes; sent += 100_000) client.media(8, 1, 0, Buffer.alloc(100_000))
    }
    assert.throws(flood, (error: unknown) => error instanceof ProtocolError && error.code === 'netconnection.ahead')
  })

  test('counts a flood of empty messages, too', () => {
    const { client } = undecided()
    client.command('connect', 1, { app: 'live' })
    const flood = (): void => {
      for (let sent = 0; sent <= aheadBytes / 100; sent++) client.media(8, 1, 0, [])
    }
    assert.throws(flood, ProtocolError)
  })

  test('tells the hub when a client leaves before its verdict', () => {
    const { world, client, decide } = undecided()
    client.command('connect', 1, { app: 'live' })
    client.net.ended(null)
    assert.deepEqual(world.witness.told, ['rejected: it left before it was accepted'])
    decide({ ok: true, info: null })
    assert.deepEqual(client.take(), [])
  })

  test('refuses to connect twice, and stays connected (hazard R14)', () => {
    const client = new World().connected()
    client.command('connect', 5, { app: 'live' })
    assert.deepEqual(client.take(), [
      [
        '_error',
        5,
        null,
        { level: 'error', code: 'NetConnection.Connect.Failed', description: 'This connection is connected already' },
      ],
    ])
    assert.equal(client.createStream(), 1)
  })

  test('serves nothing before connect, and says so (hazard R3, R14)', () => {
    const world = new World()
    const client = world.client()
    client.command('createStream', 1)
    client.command('whatever', 2)
    client.command('silent', 0)
    client.stream(1, 'publish', 'cam')
    client.stream(1, 'play', 'cam')
    client.stream(1, 'pause', true)
    client.media(9, 1, 0, [0x17, 1])
    const call = (id: number) => [
      '_error',
      id,
      null,
      {
        level: 'error',
        code: 'NetConnection.Call.Failed',
        description: 'Client must be connected before remote procedure calling',
      },
    ]
    const stream = (code: string) => [
      'onStatus',
      0,
      null,
      { level: 'error', code, description: 'Client must be connected before publication/subscription' },
    ]
    assert.deepEqual(client.take(), [
      call(1),
      call(2),
      stream('NetStream.Publish.Failed'),
      stream('NetStream.Play.Failed'),
    ])
    assert.deepEqual(world.witness.told, [])
  })
})

suite('NetConnection streams', () => {
  test('counts streams from 1, gives freed ones again, and no more than allowed', () => {
    const client = new World().connected()
    assert.deepEqual(
      [1, 2, 3, 4].map(() => client.createStream()),
      [1, 2, 3, 4],
    )
    client.command('createStream', 9)
    const [refused] = client.take()
    assert.deepEqual((refused as unknown[])[3], {
      level: 'error',
      code: 'NetConnection.Call.Failed',
      description: 'A connection may hold 4 streams',
    })
    client.command('deleteStream', 0, null, [2])
    assert.equal(client.createStream(), 2)
  })

  test('creates a stream only with leave; what is sent to it ahead of that waits (M3)', () => {
    const answers: ((verdict: Verdict) => void)[] = []
    const world = new World({ permit: (_client, _request, answer) => void answers.push(answer) })
    const client = world.connected()
    client.command('createStream', 2)
    client.command('createStream', 3)
    client.stream(1, 'publish', 'cam')
    client.command('createStream', 4)
    client.command('createStream', 5)
    client.command('createStream', 6)
    const failed = (description: string) => ({ level: 'error', code: 'NetConnection.Call.Failed', description })
    assert.deepEqual(client.take(), [['_error', 6, null, failed('A connection may hold 4 streams')]])
    answers[1]!({ ok: false, text: 'one is enough' })
    answers[0]!({ ok: true })
    answers[2]!({ ok: false, text: '' })
    assert.deepEqual(client.take(), [
      ['_error', 3, null, failed('one is enough')],
      ['_result', 2, null, 1],
      ['onStatus', 0, null, { level: 'status', code: 'NetStream.Publish.Start', description: 'cam is now published' }],
      ['_error', 4, null, failed('Not allowed to create a stream')],
    ])
    client.net.ended(null)
    answers[3]!({ ok: true })
    assert.deepEqual(client.take(), [])
  })

  test('deletes the stream that is named, or the one that says so, and shrugs at others (hazard R14)', () => {
    const world = new World()
    const client = world.connected()
    client.createStream()
    client.createStream()
    client.stream(1, 'publish', 'a')
    client.stream(2, 'publish', 'b')
    client.command('deleteStream', 0, null, [1])
    client.command('deleteStream', 0, null, [], 2)
    for (const id of [1, 77, -1, Number.NaN, 4294967296, 'x', null]) client.command('deleteStream', 0, null, [id])
    assert.deepEqual(world.witness.told, ['joined', 'published', 'published', 'unpublished', 'unpublished'])
    assert.equal(client.createStream(), 1)
  })

  test('names the stream that is not there (hazard R14)', () => {
    const client = new World().connected()
    client.stream(0, 'publish', 'cam')
    client.stream(9, 'play', 'cam')
    client.stream(9, 'pause', true)
    assert.deepEqual(client.take(), [
      [
        'onStatus',
        0,
        null,
        {
          level: 'error',
          code: 'NetStream.Publish.Failed',
          description: 'There is no stream 0: createStream comes first',
        },
      ],
      [
        'onStatus',
        0,
        null,
        {
          level: 'error',
          code: 'NetStream.Play.Failed',
          description: 'There is no stream 9: createStream comes first',
        },
      ],
    ])
  })

  test('answers what encoders and players ask on the way', () => {
    const client = new World().connected()
    client.command('releaseStream', 2, null, ['cam'])
    client.command('FCPublish', 3, null, ['cam'])
    client.command('FCSubscribe', 4, null, ['cam'])
    client.command('getStreamLength', 5, null, ['cam'])
    client.command('_checkbw', 6)
    client.command('FCUnpublish', 0, null, ['cam'])
    assert.deepEqual(client.take(), [
      ['_result', 2, null, undefined],
      ['_result', 3, null, undefined],
      ['onFCPublish', 0, null, { level: 'status', code: 'NetStream.Publish.Start', description: 'cam' }],
      ['_result', 4, null, undefined],
      ['onFCSubscribe', 0, null, { level: 'status', code: 'NetStream.Play.Start', description: 'cam' }],
      ['_result', 5, null, 0],
      ['_result', 6, null, undefined],
      ['onFCUnpublish', 0, null, { level: 'status', code: 'NetStream.Unpublish.Success', description: 'cam' }],
    ])
  })
})

suite('NetConnection calls', () => {
  /** A world whose application answers every call with this. */
  function answering(result: CallResult): { client: FakeClient; asked: unknown[] } {
    const asked: unknown[] = []
    const world = new World({
      call(_client, name, args, silent, answer) {
        asked.push([name, decodeAmf0(args), silent])
        answer(result)
      },
    })
    return { client: world.connected(), asked }
  }

  test('answers with the value of the application', () => {
    const { client, asked } = answering({ how: 'value', value: encodeAmf0([{ sum: 3 }]) })
    client.command('add', 7, null, [1, 2])
    assert.deepEqual(asked, [['add', [1, 2], false]])
    assert.deepEqual(client.take(), [['_result', 7, null, { sum: 3 }]])
  })

  test('answers nothing with null, and an error with its text', () => {
    const nothing = answering({ how: 'nothing' }).client
    nothing.command('note', 7)
    assert.deepEqual(nothing.take(), [['_result', 7, null, null]])
    const { client } = answering({ how: 'error', text: 'not today' })
    client.command('note', 8)
    assert.deepEqual(client.take(), [
      ['_error', 8, null, { level: 'error', code: 'NetConnection.Call.Failed', description: 'not today' }],
    ])
  })

  test('sends a caller without a transaction only a value', () => {
    for (const result of [{ how: 'nothing' }, { how: 'error', text: 'no' }] as const) {
      const { client, asked } = answering(result)
      client.command('note', 0)
      assert.deepEqual(asked, [['note', [], true]])
      assert.deepEqual(client.take(), [])
    }
    const { client } = answering({ how: 'value', value: encodeAmf0(['heard']) })
    client.command('note', 0)
    assert.deepEqual(client.take(), [['_result', 0, null, 'heard']])
  })

  test('knows no command by the name of a member of Object.prototype', () => {
    const { client, asked } = answering({ how: 'nothing' })
    const names = ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__']
    for (const name of names) client.command(name, 1)
    assert.deepEqual(
      asked.map(call => (call as [string])[0]),
      names,
    )
    assert.equal(client.take().length, names.length)
  })

  test('refuses arguments that are too long, and stays connected', () => {
    const { client, asked } = answering({ how: 'nothing' })
    client.command('save', 3, null, ['x'.repeat(callArgsBytes)])
    const [answer] = client.take()
    assert.equal((answer as unknown[])[0], '_error')
    assert.deepEqual(asked, [])
    assert.equal(client.createStream(), 1)
  })

  test('drops the answer of an application that comes after the end', () => {
    let answer: (result: CallResult) => void = () => assert.fail('nobody asked')
    const world = new World({
      call(_client, _name, _args, _silent, answered) {
        answer = answered
      },
    })
    const client = world.connected()
    client.command('slow', 1)
    client.net.ended('the connection was reset')
    answer({ how: 'error', text: 'late' })
    assert.deepEqual(world.witness.told, ['joined', 'left: the connection was reset'])
    assert.equal(client.failure, null)
  })

  test('ends only its own connection when an answer cannot be sent', () => {
    const world = new World({
      call: (_client, _name, _args, _silent, answer) => answer({ how: 'value', value: new Uint8Array(0xffffff) }),
    })
    const client = world.connected()
    client.command('big', 1)
    assert.equal(client.failure?.code, 'AMF_SIZE')
    assert.deepEqual(world.witness.told.at(0), 'joined')
    assert.match(world.witness.told.at(-1)!, /^left: /)
  })
})

suite('NetConnection as the hub’s peer', () => {
  function peer(): { world: World; client: FakeClient } {
    const world = new World()
    return { world, client: world.connected({ app: 'live', objectEncoding: 3 }) }
  }

  test('calls the client, and brings its answer', () => {
    const { client } = peer()
    const answers: ClientAnswer[] = []
    client.net.call('hear', encodeAmf0(['a']), {})
    client.net.call('ask', encodeAmf0(['b']), { answered: answer => answers.push(answer) })
    client.net.call('ask', encodeAmf0(['c']), { answered: answer => answers.push(answer) })
    assert.deepEqual(client.take(), [
      ['hear', 0, null, 'a'],
      ['ask', 1, null, 'b'],
      ['ask', 2, null, 'c'],
    ])
    assert.deepEqual(client.types.slice(-3), [17, 17, 17])
    client.command('_error', 2, null, [{ code: 'x', description: 'in words' }])
    client.command('_result', 1, null, [42, 'ignored'])
    client.command('_result', 1, null, [43])
    client.command('_result', 99, null, [44])
    assert.equal(answers.length, 2)
    type Answer = { ok: boolean; value: Uint8Array; text?: string }
    const [failed, value] = answers as [Answer, Answer]
    assert.deepEqual([failed.ok, failed.text], [false, 'in words'])
    assert.deepEqual(decodeAmf0(failed.value), [{ code: 'x', description: 'in words' }])
    assert.deepEqual([value.ok, decodeAmf0(value.value)], [true, [42]])
  })

  test('answers for a client that leaves, that has left, and that answers nothing', () => {
    const { client } = peer()
    const answers: ClientAnswer[] = []
    const answered = (answer: ClientAnswer): void => void answers.push(answer)
    for (let call = 0; call < 1025; call++) client.net.call('ask', encodeAmf0([]), { answered })
    assert.deepEqual(answers, [{ ok: false, text: 'the client has not answered 1024 calls' }])
    client.net.ended(null)
    assert.equal(answers.length, 1025)
    client.net.call('ask', encodeAmf0([]), { answered })
    assert.deepEqual(answers.at(-1), { ok: false, text: 'the client has left' })
  })

  test('leaves out what may be dropped while the client lags', () => {
    const { client } = peer()
    client.queuedBytes = droppableQueueBytes + 1
    client.net.call('position', encodeAmf0([1]), { droppable: true })
    client.net.call('score', encodeAmf0([2]), {})
    client.net.status('Position', '1', { droppable: true })
    assert.deepEqual(client.take(), [['score', 0, null, 2]])
  })

  test('sends statuses of the connection', () => {
    const { client } = peer()
    client.net.status('Custom.Thing', 'happened')
    client.net.status('Custom.Bare', '')
    assert.deepEqual(client.take(), [
      ['onStatus', 0, null, { level: 'status', code: 'NetConnection.Custom.Thing', description: 'happened' }],
      ['onStatus', 0, null, { level: 'status', code: 'NetConnection.Custom.Bare' }],
    ])
    assert.deepEqual(client.net.figures(), {
      ping: 7,
      bytesIn: 1,
      bytesOut: 2,
      messagesIn: 4,
      messagesOut: 5,
      silence: 3,
    })
  })

  test('closes with a failure that its application hears, and with where to go instead (R28, C59)', () => {
    const failed = peer()
    failed.client.net.close({ code: 'Connect.Closed', description: 'words', failure: 'the writer was closed' })
    assert.equal(failed.world.witness.told.at(-1), 'left: the writer was closed')
    const sent = peer()
    sent.client.net.close({ code: 'Connect.Rejected', description: 'words', redirect: 'rtmp://other/live' })
    assert.deepEqual(sent.client.take()[0], [
      'onStatus',
      0,
      null,
      {
        level: 'error',
        code: 'NetConnection.Connect.Rejected',
        description: 'words',
        ex: { code: 302, redirect: 'rtmp://other/live' },
      },
    ])
  })

  test('closes with its last words, tells the hub once, and is silent from there on', () => {
    const { world, client } = peer()
    client.net.close({ code: 'Connect.Closed', description: 'good night' })
    client.net.close({ code: 'Connect.Closed', description: 'again' })
    client.net.ended('the connection was reset')
    client.net.status('x', 'y')
    client.command('createStream', 5)
    assert.deepEqual(client.take(), [
      ['onStatus', 0, null, { level: 'status', code: 'NetConnection.Connect.Closed', description: 'good night' }],
      ['close', 0, null],
    ])
    assert.equal(client.ended, true)
    assert.deepEqual(world.witness.told, ['joined', 'left'])
  })

  test('answers a connect whose verdict is still out when the server stops', () => {
    const { world, client, decide } = undecided()
    client.command('connect', 1, { app: 'live' })
    client.net.close({ code: 'Connect.AppShutdown', description: 'the server stops' })
    decide({ ok: true, info: null })
    assert.deepEqual(client.take(), [
      [
        '_error',
        1,
        null,
        { level: 'error', code: 'NetConnection.Connect.AppShutdown', description: 'the server stops' },
      ],
      ['close', 0, null],
    ])
    assert.equal(client.ended, true)
    assert.equal(world.hub.clients.size, 0)
  })
})
