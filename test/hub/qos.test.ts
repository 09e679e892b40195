import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { limits, PretendHub, PretendPlayer, type PretendPublisher } from './pretend-hub.ts'

/** So many pictures of 100 bytes, one each 40 ms, of which each comes `late` ms after the one before. */
function film(hub: PretendHub, cam: PretendPublisher, pictures: number, late = 40, first = 0, audio = false): number {
  for (let nth = first; nth < first + pictures; nth++) {
    cam.send(`${nth % 25 === 0 ? 'k' : 'v'}${'x'.repeat(100)}`, nth * 40)
    if (audio) cam.send(`a${'x'.repeat(10)}`, nth * 40)
    hub.turn()
    hub.clock.advance(late)
  }
  return first + pictures
}

const studio = (): PretendHub => new PretendHub({}, { ...limits, listener: { ...limits.listener, mergeMs: 0 } })

/** A player whose line takes so many bytes a second. */
class NarrowPlayer extends PretendPlayer {
  written = 0

  override write(bytes: Buffer): void {
    super.write(bytes)
    this.written += bytes.length
    this.queuedBytes += bytes.length
  }
}

suite('quality of service of a publication', () => {
  test('is what its publisher sends, from its first second on (C72, C83, C84)', () => {
    const hub = studio()
    hub.clock.advance(700)
    const cam = hub.publish(hub.client())
    const { audioQos, videoQos } = cam.publication!
    let sent = film(hub, cam, 10, 30, 0, true)
    assert.equal(videoQos.facts().byteRate, Math.round((1000 * 1000) / 300), 'ten in the 300 ms since it began')
    assert.equal(audioQos.facts().byteRate, Math.round((100 * 1000) / 300))
    sent = film(hub, cam, 150, 40, sent, true)
    assert.equal(videoQos.facts().byteRate, 2500)
    assert.equal(audioQos.facts().byteRate, 250)
    hub.clock.advance(2000)
    assert.ok(Math.abs(videoQos.facts().byteRate - 1500) <= 100, 'two of the five seconds were silent')
    cam.stop()
    const none = { byteRate: 0, lostRate: 0, congestionRate: 0, latency: 0, droppedFrames: 0 }
    assert.deepEqual([audioQos.facts(), videoQos.facts()], [none, none])
  })

  test('counts pictures that nobody can show, as a part of all (C73, C76)', () => {
    const hub = studio()
    const cam = hub.publish(hub.client())
    const { videoQos } = cam.publication!
    film(hub, cam, 5, 40, 1)
    assert.equal(videoQos.droppedFrames, 5)
    film(hub, cam, 20, 40, 25)
    assert.equal(videoQos.facts().lostRate, 5 / 25)
    cam.stop()
    assert.equal(videoQos.droppedFrames, 0)
  })

  test('says how fast an uplink falls behind, and by how much, and that it catches up (C74, C75)', () => {
    const hub = studio()
    const cam = hub.publish(hub.client())
    const { videoQos } = cam.publication!
    let sent = film(hub, cam, 50)
    assert.deepEqual([videoQos.congestionRate, videoQos.latency], [0, 0])
    // 40 ms of film take 80 ms: half of the time is lost.
    sent = film(hub, cam, 50, 80, sent)
    assert.ok(Math.abs(videoQos.congestionRate - 0.5) < 0.05, `falls behind by ${videoQos.congestionRate}`)
    assert.ok(videoQos.latency > 1200 && videoQos.latency <= 2000, `${videoQos.latency} ms behind`)
    sent = film(hub, cam, 100, 30, sent)
    assert.ok(videoQos.congestionRate < -0.2, `catches up by ${videoQos.congestionRate}`)
    sent = film(hub, cam, 100, 30, sent)
    assert.ok(videoQos.latency < 300, `${videoQos.latency} ms behind`)
    hub.clock.advance(2000)
    assert.equal(videoQos.congestionRate, 1, 'nothing comes any more')
  })
})

suite('quality of service of a listener', () => {
  test('is what reaches it (C72, C94, C95)', () => {
    const hub = studio()
    const cam = hub.publish(hub.client())
    const { listener } = hub.play(hub.client())
    film(hub, cam, 200, 40, 0, true)
    const { audioQos, videoQos } = listener!
    const good = { lostRate: 0, congestionRate: 0, latency: 0, droppedFrames: 0 }
    assert.deepEqual(videoQos.facts(), { ...good, byteRate: 2500 })
    assert.deepEqual(audioQos.facts(), { ...good, byteRate: 250 })
    cam.stop()
    assert.equal(videoQos.facts().byteRate, 0)
  })

  test('tells of a line that stands still, and of one that takes it up again (C72–C76)', () => {
    const hub = new PretendHub(
      {},
      { ...limits, listener: { queueBytes: 4000, queueMs: 60_000, lagMs: 60_000, mergeMs: 0 } },
    )
    const cam = hub.publish(hub.client())
    const player = new NarrowPlayer()
    const { listener } = hub.play(hub.client(), 'cam', player)
    const { videoQos } = listener!
    // Everything leaves at once, at first.
    let sent = 0
    for (; sent < 100; player.queuedBytes = 0) sent = film(hub, cam, 1, 40, sent)
    assert.deepEqual([videoQos.congestionRate, videoQos.droppedFrames], [0, 0])
    sent = film(hub, cam, 25, 40, sent)
    assert.ok(videoQos.congestionRate > 0.9, `congestion ${videoQos.congestionRate}`)
    assert.ok(videoQos.latency > 800, `${videoQos.latency} ms behind`)
    sent = film(hub, cam, 100, 40, sent)
    assert.equal(listener!.lagging, true)
    assert.equal(videoQos.congestionRate, 1)
    const { byteRate, lostRate, latency, droppedFrames } = videoQos.facts()
    assert.ok(byteRate < 700, `${byteRate} bytes a second reached it, most of them in the first of five seconds`)
    assert.ok(lostRate > 0.5 && droppedFrames > 60, `${lostRate} lost, ${droppedFrames} dropped`)
    assert.ok(latency > 3500, `${latency} ms behind`)
    player.queuedBytes = 0
    sent = film(hub, cam, 25, 40, sent)
    assert.ok(videoQos.congestionRate < 0, `congestion ${videoQos.congestionRate}: what waited has left`)
    for (let more = 0; more < 150; more++, player.queuedBytes = 0) sent = film(hub, cam, 1, 40, sent)
    assert.equal(videoQos.facts().lostRate, 0, 'five seconds later')
    assert.ok(Math.abs(videoQos.facts().byteRate - 2500) < 150, `${videoQos.facts().byteRate} bytes a second`)
  })

  test('does not miss what its player paused or muted (C76, C99, C100)', () => {
    const hub = studio()
    const cam = hub.publish(hub.client())
    const { listener } = hub.play(hub.client())
    let sent = film(hub, cam, 25, 40, 0, true)
    cam.publication!.pause(listener!, true)
    sent = film(hub, cam, 25, 40, sent, true)
    cam.publication!.pause(listener!, false)
    listener!.receive(false, true)
    film(hub, cam, 25, 40, sent, true)
    assert.deepEqual([listener!.audioQos.droppedFrames, listener!.videoQos.droppedFrames], [0, 0])
  })
})
