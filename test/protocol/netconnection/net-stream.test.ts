import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { ProtocolError } from '../../../server/base/errors.ts'
import type { Judge, Verdict } from '../../../server/hub/judge.ts'
import { encodeAmf0 } from '../../../server/media/amf0.ts'
import { aheadBytes } from '../../../server/protocol/netconnection/limits.ts'
import { MessageType } from '../../../server/protocol/rtmp/message.ts'
import { type FakeClient, World } from './fake-client.ts'

/** AVC: a configuration, a key frame, a frame that leans on it. */
const header = [0x17, 0, 0, 0, 0, 1]
const key = [0x17, 1, 0, 0, 0, 1]
const inter = [0x27, 1, 0, 0, 0, 1]
/** AAC: a frame. */
const sound = [0xaf, 1, 1]

function streaming(world: World, name: 'publish' | 'play', ...args: unknown[]): FakeClient {
  const client = world.connected()
  const id = client.createStream()
  client.stream(id, name, ...args)
  return client
}

function video(client: FakeClient, timestamp: number, bytes: number[]): void {
  client.media(MessageType.Video, 1, timestamp, bytes)
}

function data(client: FakeClient, ...values: unknown[]): void {
  client.media(MessageType.DataAmf0, 1, 0, encodeAmf0(values))
}

const frames = (client: FakeClient): string[] => {
  return client.take().flatMap(sent => ('frame' in sent ? [sent.frame] : []))
}

/** A judge whose verdict on one question is given by hand. */
function undecided(question: 'publish' | 'subscribe'): { world: World; decide: (verdict: Verdict) => void } {
  let decide: (verdict: Verdict) => void = () => assert.fail('nobody asked')
  const ask: Judge['publish'] & Judge['subscribe'] = (_client, _what, answer) => {
    decide = answer
  }
  return { world: new World({ [question]: ask }), decide: verdict => decide(verdict) }
}

suite('NetStream.publish', () => {
  test('tells that the name is published, in the words the client chose', () => {
    const client = streaming(new World(), 'publish', 'cam?token=x', 'live')
    assert.deepEqual(client.take(), [
      [
        'onStatus',
        0,
        null,
        { level: 'status', code: 'NetStream.Publish.Start', description: 'cam?token=x is now published' },
      ],
    ])
  })

  test('tells a refused publisher why, at the level where FFmpeg prints it', () => {
    for (const [text, words] of [
      ['', 'Not allowed to publish cam'],
      ['you are not Tom!', 'you are not Tom!'],
    ] as const) {
      const world = new World({ publish: (_client, _publication, answer) => answer({ ok: false, text }) })
      const client = streaming(world, 'publish', 'cam')
      assert.deepEqual(client.take(), [
        ['onStatus', 0, null, { level: 'error', code: 'NetStream.Publish.Failed', description: words }],
      ])
      video(client, 0, key)
      assert.deepEqual(client.take(), [])
    }
  })

  test('refuses a busy name and names that name nothing (hazard R14)', () => {
    const world = new World()
    streaming(world, 'publish', 'cam')
    const busy = streaming(world, 'publish', 'cam')
    world.clock.advance(50)
    assert.deepEqual(busy.take(), [
      [
        'onStatus',
        0,
        null,
        { level: 'error', code: 'NetStream.Publish.BadName', description: 'cam is already published' },
      ],
    ])
    const names = ['', '../up', 'a/../b', 'a\\b', 'nul\0', 'x'.repeat(1_000_000), '?only=query', 7, null, {}]
    for (const name of names) {
      const client = streaming(world, 'publish', name)
      assert.deepEqual(client.codes(1), ['NetStream.Publish.BadName'], `for ${JSON.stringify(name)?.slice(0, 40)}`)
    }
    for (const name of ['%2f..%2f', 'a b', 'émoji 🎬', 'constructor', '__proto__']) {
      assert.deepEqual(streaming(world, 'publish', name).codes(1), ['NetStream.Publish.Start'], `for ${name}`)
    }
  })

  test('publishes live what cannot be recorded, and says so', () => {
    for (const type of ['record', 'append']) {
      const codes = streaming(new World(), 'publish', 'a', type).codes(1)
      assert.deepEqual(codes, ['NetStream.Publish.Start', 'NetStream.Record.Failed'])
    }
  })

  test('keeps frames that come ahead of the verdict, and passes them on in order', () => {
    const { world, decide } = undecided('publish')
    const player = streaming(world, 'play', 'cam')
    const client = streaming(world, 'publish', 'cam')
    video(client, 0, key)
    video(client, 40, inter)
    client.media(MessageType.Audio, 1, 41, sound)
    player.take()
    decide({ ok: true })
    assert.deepEqual(frames(player), ['(video-key@0)', 'video-inter@40', '(audio-inter@41)'])
  })

  test('ends a connection that sends too many frames ahead of its verdicts, in all its streams together', () => {
    const { world } = undecided('publish')
    const client = streaming(world, 'publish', 'a')
    client.createStream()
    client.stream(2, 'publish', 'b')
    const part = Buffer.alloc(aheadBytes / 8)
    const flood = (): void => {
      for (let nth = 0; nth < 8; nth++) client.media(MessageType.Audio, 1 + (nth % 2), 0, part)
    }
    assert.throws(flood, (error: unknown) => error instanceof ProtocolError && error.code === 'netconnection.ahead')
  })

  test('frees what was kept when the publishing is given up', () => {
    const { world } = undecided('publish')
    const client = streaming(world, 'publish', 'a')
    const part = Buffer.alloc(aheadBytes / 2)
    for (let nth = 0; nth < 8; nth++) {
      client.media(MessageType.Audio, 1, 0, part)
      client.stream(1, 'publish', `again ${nth}`)
    }
  })

  test('can be given up while the verdict is out', () => {
    const { world, decide } = undecided('publish')
    const client = streaming(world, 'publish', 'cam')
    client.command('deleteStream', 0, null, [1])
    decide({ ok: true })
    assert.deepEqual(client.take(), [])
    assert.deepEqual(world.witness.told, ['joined'])
    assert.equal(world.hub.publications.size, 0)
  })

  test('can be given up while its name is asked for from another', () => {
    let answer: (replace: boolean) => void = () => assert.fail('nobody asked')
    const world = new World({
      conflict(_client, _publication, answered) {
        answer = answered
      },
    })
    const old = streaming(world, 'publish', 'cam')
    const client = streaming(world, 'publish', 'cam')
    client.command('deleteStream', 0, null, [1])
    answer(true)
    assert.deepEqual(client.take(), [])
    assert.deepEqual(old.codes(1), ['NetStream.Publish.Start'], 'nothing is taken away for nobody')
    assert.equal(world.witness.told.at(-1), 'joined')
  })

  test('ends on closeStream, on FCUnpublish, on publish(false), on deleteStream and with the connection', () => {
    const endings: [string, (client: FakeClient) => void, string[]][] = [
      ['closeStream', client => client.stream(1, 'closeStream'), ['NetStream.Unpublish.Success']],
      ['FCUnpublish', client => client.command('FCUnpublish', 0, null, ['cam']), ['NetStream.Unpublish.Success']],
      ['publish(false)', client => client.stream(1, 'publish', false), []],
      ['deleteStream', client => client.command('deleteStream', 0, null, [1]), []],
      ['the end', client => client.net.ended(null), []],
    ]
    for (const [what, end, codes] of endings) {
      const world = new World()
      const client = streaming(world, 'publish', 'cam')
      client.take()
      end(client)
      assert.deepEqual(client.codes(1), codes, what)
      assert.equal(world.witness.told[2], 'unpublished', what)
      video(client, 0, key)
    }
  })

  test('does not end by an FCUnpublish of another name', () => {
    const world = new World()
    const client = streaming(world, 'publish', 'cam')
    client.command('FCUnpublish', 0, null, ['other'])
    assert.deepEqual(world.witness.told, ['joined', 'published'])
  })

  test('gives way to another publisher, and the connection stays', () => {
    const world = new World({ conflict: (_client, _publication, answer) => answer(true) })
    const old = streaming(world, 'publish', 'cam')
    old.take()
    const player = streaming(world, 'play', 'cam')
    player.take()
    const next = streaming(world, 'publish', 'cam')
    assert.deepEqual(old.take(), [
      [
        'onStatus',
        0,
        null,
        { level: 'status', code: 'NetStream.Unpublish.Success', description: 'cam was taken over' },
      ],
    ])
    video(old, 0, key)
    assert.deepEqual(frames(player), [])
    video(next, 0, key)
    assert.deepEqual(frames(player), ['(video-key@0)'])
    old.stream(1, 'publish', 'other')
    assert.deepEqual(old.codes(1), ['NetStream.Publish.Start'])
  })

  test('logs who published and why it ended', () => {
    const world = new World()
    const client = streaming(world, 'publish', 'cam?key=secret')
    client.net.ended('the connection was reset')
    assert.deepEqual(
      world.logged.map(({ level, text, subject }) => [level, text, subject]),
      [
        ['info', 'published', { publication: 'cam' }],
        ['info', 'unpublished', { publication: 'cam', failure: 'the connection was reset' }],
      ],
    )
  })
})

suite('NetStream data', () => {
  test('passes on metadata and other data, and gives newcomers the metadata', () => {
    const world = new World()
    const client = streaming(world, 'publish', 'cam')
    const player = streaming(world, 'play', 'cam')
    player.take()
    data(client, '@setDataFrame', 'onMetaData', { width: 320 })
    data(client, 'onCue', 1)
    assert.deepEqual(frames(player), ['(data-metadata@0)', '(data-inter@0)'])
    assert.deepEqual(frames(streaming(world, 'play', 'cam')), ['(data-metadata@0)'])
    data(client, '@clearDataFrame', 'onMetaData')
    assert.deepEqual(frames(streaming(world, 'play', 'cam')), [])
  })

  test('does not pass on what players could not bear, and says so once (hazard R18)', () => {
    const world = new World()
    const client = streaming(world, 'publish', 'cam')
    const player = streaming(world, 'play', 'cam')
    player.take()
    data(client, '@setDataFrame', 'onMetaData', 'no object')
    data(client, 7)
    client.media(MessageType.DataAmf0, 1, 0, Buffer.from('0a00000001'.repeat(10_000), 'hex'))
    client.media(MessageType.DataAmf0, 1, 0, [])
    assert.deepEqual(player.take(), [])
    assert.equal(world.logged.filter(({ text }) => text.startsWith('data not relayed')).length, 1)
    video(client, 0, key)
    assert.deepEqual(frames(player), ['(video-key@0)'])
  })
})

suite('NetStream.play', () => {
  const status = (code: string, description: string) => [
    'onStatus',
    0,
    null,
    { level: 'status', code: `NetStream.${code}`, description },
  ]
  const begin = { type: MessageType.UserControl, payload: '000000000001' }
  const eof = { type: MessageType.UserControl, payload: '000100000001' }
  const access = ['data', 0, null, '|RtmpSampleAccess', false, false]

  test('begins what nobody publishes yet, and tells when somebody does and does no more', () => {
    const world = new World()
    const player = streaming(world, 'play', 'cam')
    assert.deepEqual(player.take(), [
      begin,
      status('Play.Reset', 'Playing and resetting cam'),
      status('Play.Start', 'Started playing cam'),
      access,
    ])
    const client = streaming(world, 'publish', 'cam')
    assert.deepEqual(player.take(), [begin, status('Play.PublishNotify', 'cam is now published')])
    client.stream(1, 'closeStream')
    assert.deepEqual(player.take(), [])
    world.clock.advance(5000)
    assert.deepEqual(player.take(), [status('Play.UnpublishNotify', 'cam is now unpublished'), eof])
  })

  test('tells of the publisher who is there, then shows the group of pictures at once', () => {
    const world = new World()
    const client = streaming(world, 'publish', 'cam')
    video(client, 1000, header)
    video(client, 1000, key)
    video(client, 1040, inter)
    const player = streaming(world, 'play', 'cam', -2)
    assert.deepEqual(player.take(), [
      begin,
      status('Play.Reset', 'Playing and resetting cam'),
      status('Play.Start', 'Started playing cam'),
      access,
      status('Play.PublishNotify', 'cam is now published'),
      { frame: '(video-header@0)' },
      { frame: '(video-key@0)' },
      { frame: '(video-inter@40)' },
    ])
    video(client, 1080, inter)
    assert.deepEqual(frames(player), ['video-inter@80'])
  })

  test('plays live unless a place in a file is asked for, and resets unless told not to', () => {
    for (const [args, resets] of [
      [[], true],
      [[-2], true],
      [[-1, -1, true], true],
      [[-1000], true],
      [[-3], true],
      [['x'], true],
      [[-2, -1, 1], true],
      [[-2, -1, false], false],
      [[-2, -1, 0], false],
    ] as [unknown[], boolean][]) {
      const codes = streaming(new World(), 'play', 'cam', ...args).codes(1)
      assert.deepEqual(codes, resets ? ['NetStream.Play.Reset', 'NetStream.Play.Start'] : ['NetStream.Play.Start'])
    }
    for (const start of [0, 10, -5000]) {
      const codes = streaming(new World(), 'play', 'cam', start).codes(1)
      assert.deepEqual(codes, ['NetStream.Play.StreamNotFound'], `for ${start}`)
    }
  })

  test('tells a refused player why', () => {
    for (const [text, words] of [
      ['', 'Not authorized to play cam'],
      ['members only', 'members only'],
    ] as const) {
      const world = new World({ subscribe: (_client, _listener, answer) => answer({ ok: false, text }) })
      assert.deepEqual(streaming(world, 'play', 'cam').take(), [
        ['onStatus', 0, null, { level: 'error', code: 'NetStream.Play.Failed', description: words }],
      ])
      assert.equal(world.hub.publications.size, 0)
    }
    for (const name of [7, null, '', '../x', 'x'.repeat(2000)]) {
      assert.deepEqual(streaming(new World(), 'play', name).codes(1), ['NetStream.Play.Failed'])
    }
  })

  test('can be given up while the verdict is out', () => {
    const { world, decide } = undecided('subscribe')
    const player = streaming(world, 'play', 'cam')
    player.stream(1, 'closeStream')
    decide({ ok: true })
    assert.deepEqual(player.take(), [status('Play.Stop', 'Stopped playing cam')])
    assert.equal(world.hub.publications.size, 0)
    assert.deepEqual(world.witness.told, ['joined', 'not listening'])
  })

  test('ends on closeStream, on play(false), on deleteStream and with the connection', () => {
    const endings: [string, (client: FakeClient) => void, string[]][] = [
      ['closeStream', client => client.stream(1, 'closeStream'), ['NetStream.Play.Stop']],
      ['play(false)', client => client.stream(1, 'play', false), []],
      ['deleteStream', client => client.command('deleteStream', 0, null, [1]), []],
      ['the end', client => client.net.ended(null), []],
    ]
    for (const [what, end, codes] of endings) {
      const world = new World()
      const client = streaming(world, 'play', 'cam')
      client.take()
      end(client)
      assert.deepEqual(client.codes(1), codes, what)
      assert.equal(world.witness.told[2], 'listened', what)
      assert.equal(world.hub.listeners.size, 0, what)
    }
  })

  test('plays and publishes on one stream in turn, each ending the other (hazard R14)', () => {
    const world = new World()
    const client = streaming(world, 'publish', 'a')
    client.stream(1, 'play', 'b')
    client.stream(1, 'play2', { streamName: 'c', oldStreamName: 'b' })
    client.stream(1, 'publish', 'd')
    client.stream(1, 'publish', 'e')
    assert.deepEqual(world.witness.told, [
      'joined',
      'published',
      'unpublished',
      'listening',
      'listened',
      'listening',
      'listened',
      'published',
      'unpublished',
      'published',
    ])
  })

  test('is told when the subscription is ended by the server', () => {
    const world = new World()
    const player = streaming(world, 'play', 'cam')
    player.take()
    const [listener] = world.hub.listeners.values()
    world.hub.playing.closeListener(listener!, 'Play.Stop', 'the show is over')
    assert.deepEqual(player.take(), [status('Play.Stop', 'the show is over')])
    player.stream(1, 'closeStream')
    assert.deepEqual(player.take(), [])
  })

  test('pauses, and goes on with the present group of pictures', () => {
    for (const name of ['pause', 'pauseRaw']) {
      const world = new World()
      const client = streaming(world, 'publish', 'cam')
      video(client, 0, key)
      const player = streaming(world, 'play', 'cam')
      player.take()
      player.stream(1, name, true, 100)
      assert.deepEqual(player.take(), [eof, status('Pause.Notify', 'Paused cam')])
      video(client, 40, key)
      video(client, 80, inter)
      assert.deepEqual(player.take(), [])
      player.stream(1, name, false, 100)
      assert.deepEqual(player.take(), [
        begin,
        status('Unpause.Notify', 'Unpaused cam'),
        { frame: '(video-key@40)' },
        { frame: '(video-inter@80)' },
      ])
      video(client, 120, inter)
      assert.deepEqual(frames(player), ['video-inter@120'])
    }
  })

  test('stays paused when that was asked for ahead of the verdict', () => {
    const { world, decide } = undecided('subscribe')
    const client = streaming(world, 'publish', 'cam')
    const player = streaming(world, 'play', 'cam')
    player.stream(1, 'pause', true)
    decide({ ok: true })
    player.take()
    video(client, 0, key)
    assert.deepEqual(player.take(), [])
  })

  test('mutes and unmutes sound and pictures, also before it plays', () => {
    const world = new World()
    const client = streaming(world, 'publish', 'cam')
    const player = world.connected()
    player.createStream()
    player.stream(1, 'receiveVideo', false)
    player.stream(1, 'play', 'cam')
    player.take()
    video(client, 0, key)
    client.media(MessageType.Audio, 1, 0, sound)
    assert.deepEqual(frames(player), ['(audio-inter@0)'])
    player.stream(1, 'receiveVideo', true)
    player.stream(1, 'receiveAudio', false)
    client.media(MessageType.Audio, 1, 23, sound)
    video(client, 40, inter)
    video(client, 80, key)
    assert.deepEqual(frames(player), ['(video-key@80)'])
  })

  test('answers a seek as players need it: a notice, and pictures to go on with', () => {
    const world = new World()
    const client = streaming(world, 'publish', 'cam')
    video(client, 0, key)
    const player = streaming(world, 'play', 'cam')
    player.take()
    player.stream(1, 'seek', 5000)
    const [first, notice, picture] = player.take()
    assert.deepEqual(first, begin)
    assert.deepEqual((notice as [string, number, null, { code: string }])[3].code, 'NetStream.Seek.Notify')
    assert.deepEqual(picture, { frame: '(video-key@0)' })
  })

  test('pauses and seeks only with leave, and says so when there is none (M7)', () => {
    const asked: unknown[] = []
    const refuse = new Map([
      ['pause', 'not now'],
      ['seek', ''],
    ])
    const world = new World({
      permit: (_client, request, answer) => {
        const text = refuse.get(request.what)
        asked.push(request.what === 'pause' ? request.paused : request.what === 'seek' ? request.ms : request.streamId)
        answer(text === undefined ? { ok: true } : { ok: false, text })
      },
    })
    const client = streaming(world, 'publish', 'cam')
    const player = streaming(world, 'play', 'cam')
    player.take()
    player.stream(1, 'pause', true)
    player.stream(1, 'seek', 1500)
    player.stream(1, 'seek', -1)
    const refused = player.take().map(sent => (sent as [string, number, null, object])[3])
    assert.deepEqual(refused, [
      { level: 'error', code: 'NetStream.Pause.Failed', description: 'not now' },
      { level: 'error', code: 'NetStream.Seek.Failed', description: 'Not allowed to seek in cam' },
      { level: 'error', code: 'NetStream.Seek.Failed', description: 'Not allowed to seek in cam' },
    ])
    assert.deepEqual(asked, [1, 1, true, 1500, 0])
    video(client, 0, key)
    assert.deepEqual(frames(player), ['(video-key@0)'], 'it is not paused')
  })

  test('heeds the newest of several answers about a pause', () => {
    const answers: ((verdict: Verdict) => void)[] = []
    const world = new World({
      permit: (_client, { what }, answer) => void (what === 'pause' ? answers.push(answer) : answer({ ok: true })),
    })
    streaming(world, 'publish', 'cam')
    const player = streaming(world, 'play', 'cam')
    player.take()
    player.stream(1, 'pause', true)
    player.stream(1, 'pause', false)
    answers[1]!({ ok: true })
    answers[0]!({ ok: true })
    assert.deepEqual(player.codes(1), ['NetStream.Unpause.Notify'])
  })

  test('passes over commands of a stream that does nothing', () => {
    const client = new World().connected()
    client.createStream()
    for (const name of ['pause', 'seek', 'receiveAudio', 'receiveVideo', 'closeStream']) client.stream(1, name, true)
    assert.deepEqual(client.take(), [])
  })
})
