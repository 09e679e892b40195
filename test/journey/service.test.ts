import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { PacedPublisher } from '../support/paced-publisher.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const www = {
  'live/main.js': `
    const figures = () => {
      const publication = publications.get('cam')
      const listeners = [...publication.listeners].map(([, { client, videoQOS, audioQOS }]) => [client.part, videoQOS, audioQOS])
      return { video: publication.videoQOS, audio: publication.audioQOS, listeners }
    }
    let wanted
    export function onManage() {
      if (wanted && wanted.fits(figures())) { wanted.resolve(figures()); wanted = undefined }
    }
    const when = fits => new Promise(resolve => { wanted = { fits, resolve } })
    const stalled = ({ listeners }) => listeners.find(([part]) => part === 'stalled')?.[1]
    export const calls = {
      // Nothing is averaged over a time before the stream began, so that four seconds are as good as five.
      steady: () => when(({ video }) => video.byteRate > 0),
      stuck: () => when(figures => { const qos = stalled(figures); return qos && qos.congestionRate === 1 && qos.droppedFrames > 0 }),
    }`,
}

interface Qos {
  byteRate: number
  lostRate: number
  congestionRate: number
  latency: number
  droppedFrames: number
}

interface Figures {
  video: Qos
  audio: Qos
  listeners: [part: string, video: Qos, audio: Qos][]
}

suite('figures of service', { timeout: 240_000 }, () => {
  let server: TestServer

  before(async () => {
    server = await startTestServer({
      www,
      set: ['listener.queueBytes=256KiB', 'listener.lagMs=60s', 'apps.verdictTimeout=60s'],
    })
  })

  after(() => server?.stop())

  test('are what a publisher sends, a player gets, and one that stands still does not (C72–C76, C83, C84, C94, C95)', async () => {
    const url = (part: string): string => `${server.url('live')}?part=${part}`
    const videoBytes = 60_000
    await using encoder = await RtmpClient.connect({ url: url('encoder') })
    const published = await encoder.publish('cam')
    await using quick = await RtmpClient.connect({ url: url('quick') })
    const stream = await quick.play('cam')
    let got = 0
    stream.onFrame = ({ kind, payload }) => {
      if (kind === 'video') got += payload.length
    }
    await using stalled = await RtmpClient.connect({ url: url('stalled') })
    await stalled.play('cam')
    using publisher = new PacedPublisher(published, { videoBytes }).start()
    const begun = performance.now()
    const steady = (await encoder.call('steady')) as Figures
    const rate = (got * 1000) / (performance.now() - begun)
    const near = (value: number, expected: number): boolean => Math.abs(value - expected) < expected * 0.5
    assert.ok(near(steady.video.byteRate, videoBytes * 25), `${steady.video.byteRate} bytes a second are published`)
    assert.deepEqual([steady.video.lostRate, steady.video.droppedFrames], [0, 0])
    const of = (figures: Figures, part: string): Qos => figures.listeners.find(([name]) => name === part)![1]
    const quickly = of(steady, 'quick')
    assert.ok(near(quickly.byteRate, rate), `${quickly.byteRate} bytes a second are said to reach it, and ${rate} do`)
    assert.ok(quickly.congestionRate < 0.5 && quickly.droppedFrames === 0, JSON.stringify(quickly))

    stalled.pauseReading()
    const stuck = (await encoder.call('stuck')) as Figures
    publisher.stop()
    const slowly = of(stuck, 'stalled')
    assert.ok(slowly.lostRate > 0 && slowly.latency > 100, JSON.stringify(slowly))
    assert.ok(slowly.byteRate < of(stuck, 'quick').byteRate, 'less reaches it')
    assert.equal(of(stuck, 'quick').droppedFrames, 0)
    assert.ok(stuck.video.congestionRate < 0.5, 'its publisher does not notice')
    stalled.destroy()
  })
})
