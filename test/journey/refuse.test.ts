import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { Film } from '../support/film.ts'
import { PacedPublisher } from '../support/paced-publisher.ts'
import { requireProgram } from '../support/programs.ts'
import { RtmpClient, type RtmpClientOptions } from '../support/rtmp-client.ts'
import { RtmpRefusal } from '../support/rtmp-refusal.ts'
import { run } from '../support/run.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const ffmpeg = requireProgram('ffmpeg')
const rtmpdump = requireProgram('rtmpdump')

const www = {
  'closed/main.js': `
    export function onConnection(client, user) {
      if (user !== 'Tom') throw new Error('you are not Tom!')
      return { greeting: 'hello ' + user, code: 'forged' }
    }
  `,
  'live/main.js': `
    export function onPublish(client, publication) {
      if (publication.name === 'thrown') throw new Error('the stage is closed, come back at eight')
      return publication.name !== 'no'
    }
    export async function onSubscribe(client, listener) {
      const { name } = listener.publication
      if (name === 'thrown') throw 'for members only'
      return name !== 'no'
    }
  `,
  'false/main.js': 'export function onConnection() { return false }',
  'broken/main.js': 'export function onConnection( {',
}

/** What a refused request was answered with. */
async function refusal(asking: Promise<unknown>): Promise<{ level: string; code: string; description: string }> {
  const error = await asking.then(
    () => assert.fail('it was allowed'),
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof RtmpRefusal, String(error))
  const { level, code, description } = error.info
  return { level, code, description }
}

suite('refusing', { timeout: 240_000 }, () => {
  let server: TestServer
  let film: Film

  before(async () => {
    server = await startTestServer({ www })
    if (!ffmpeg.skip) film = await Film.make({ seconds: 5, keySeconds: 1 })
  })

  after(async () => {
    await server?.stop()
    await film?.[Symbol.asyncDispose]()
  })

  const connect = (path: string, options: Partial<RtmpClientOptions> = {}): Promise<RtmpClient> => {
    return RtmpClient.connect({ url: server.url(path), ...options })
  }

  test('a connection: FFmpeg prints the script’s own words (C130, K15)', { skip: ffmpeg.skip }, async () => {
    const { code, output } = await run(ffmpeg.path, ['-v', 'error', '-i', server.url('closed/cam')])
    assert.notEqual(code, 0)
    assert.match(output, /Server error: you are not Tom!/)
  })

  test('publishing: FFmpeg prints the words of the API page, or the script’s (C137, C138, K15)', {
    skip: ffmpeg.skip,
  }, async () => {
    const no = await film.publish(server.url('live/no')).exited
    assert.notEqual(no.code, 0)
    assert.match(no.output, /Server error: Not allowed to publish no\n/)
    const thrown = await film.publish(server.url('live/thrown')).exited
    assert.match(thrown.output, /Server error: the stage is closed, come back at eight\n/)
  })

  test('playing: FFmpeg prints the words of the API page, or the script’s (C144, C145, K15)', {
    skip: ffmpeg.skip,
  }, async () => {
    const no = await run(ffmpeg.path, ['-v', 'error', '-i', server.url('live/no')])
    assert.notEqual(no.code, 0)
    assert.match(no.output, /Server error: Not authorized to play no\n/)
    const thrown = await run(ffmpeg.path, ['-v', 'error', '-i', server.url('live/thrown')])
    assert.match(thrown.output, /Server error: for members only\n/)
  })

  test('rtmpdump understands, and ends by itself', { skip: rtmpdump.skip }, async () => {
    for (const path of ['closed/cam', 'live/no']) {
      const { code } = await run(rtmpdump.path, ['-q', '--live', '-r', server.url(path), '-o', '/dev/null'])
      assert.notEqual(code, 0, path)
    }
  })

  test('each refusal has its status', async () => {
    const rejected = (description: string) => ({ level: 'error', code: 'NetConnection.Connect.Rejected', description })
    assert.deepEqual(await refusal(connect('closed')), rejected('you are not Tom!'))
    assert.deepEqual(await refusal(connect('false')), rejected('client rejected'))
    const broken = await refusal(connect('broken'))
    assert.equal(broken.code, 'NetConnection.Connect.Rejected')
    assert.deepEqual(await refusal(connect('nowhere')), {
      level: 'error',
      code: 'NetConnection.Connect.InvalidApp',
      description: 'Application /nowhere does not exist',
    })
    await using client = await connect('live')
    const status = (code: string, description: string) => ({ level: 'error', code: `NetStream.${code}`, description })
    assert.deepEqual(await refusal(client.publish('no')), status('Publish.Failed', 'Not allowed to publish no'))
    assert.deepEqual(
      await refusal(client.publish('thrown')),
      status('Publish.Failed', 'the stage is closed, come back at eight'),
    )
    assert.deepEqual(await refusal(client.play('no')), status('Play.Failed', 'Not authorized to play no'))
    assert.deepEqual(await refusal(client.play('thrown')), status('Play.Failed', 'for members only'))
    using _encoder = new PacedPublisher(await client.publish('cam')).start()
    await using other = await connect('live')
    assert.deepEqual(await refusal(other.publish('cam')), status('Publish.BadName', 'cam is already published'))
  })

  test('and what is allowed carries what the script adds, never in place of what the protocol says (C129)', async () => {
    await using tom = await connect('closed', { args: ['Tom'] })
    assert.deepEqual(tom.info, {
      level: 'status',
      code: 'NetConnection.Connect.Success',
      description: 'Connection succeeded',
      objectEncoding: 0,
      greeting: 'hello Tom',
    })
  })
})
