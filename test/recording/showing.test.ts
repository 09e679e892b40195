import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Show } from '../../server/hub/archive.ts'
import { FrameRole } from '../../server/media/frame.ts'
import { FlvContainer } from '../../server/recording/flv-container.ts'
import { ownLedger } from '../../server/recording/ledger.ts'
import { aheadMs, playerQueueBytes, windowBytes } from '../../server/recording/limits.ts'
import { ArchiveScene, feed, PretendScreen } from './archive-scene.ts'
import { fileBytes, frames } from './films.ts'

async function scene(seconds = 20): Promise<{ scene: ArchiveScene; screen: PretendScreen }> {
  const made = new ArchiveScene()
  made.disk.files.set('live/cam.flv', fileBytes(new FlvContainer(), frames(seconds)))
  return { scene: made, screen: new PretendScreen() }
}

const last = (seen: string[]): number => Number(seen.at(-1)!.slice(1))

suite('a file that is played', () => {
  test('comes at the speed of life, ahead by the buffer of its player (R62, R63)', async () => {
    const { scene: s, screen } = await scene()
    const show = (await s.show(screen, { buffer: 2000 })) as Show
    show.start()
    await s.settle()
    const ahead = 2000 + aheadMs
    const first = last(screen.take())
    assert.ok(first > ahead - 80 && first <= ahead, `${first} ms at once`)
    await s.pass(3000)
    const second = last(screen.take())
    assert.ok(second > ahead + 2900 && second <= ahead + 3000, `${second} ms after three seconds`)
    show.buffer(8000)
    await s.pass(100)
    assert.ok(last(screen.take()) > second + 5800)
    show.close()
  })

  test('ends with what it came to: its length and its bytes', async () => {
    const { scene: s, screen } = await scene(2)
    const show = (await s.show(screen)) as Show
    show.start()
    await s.pass(3000)
    assert.deepEqual(screen.end?.damage, null)
    assert.equal(screen.end?.duration, 1965)
    assert.ok(screen.end!.bytes > 0)
    assert.equal(screen.take().length, 100)
  })

  test('begins with metadata and headers at the key frame before its start, and stops after its length', async () => {
    const { scene: s, screen } = await scene()
    const show = (await s.show(screen, { start: 5500, length: 1000, buffer: 60_000 })) as Show
    show.start()
    await s.settle()
    assert.deepEqual(
      screen.frames.slice(0, 4).map(({ role }) => role),
      [FrameRole.Metadata, FrameRole.Header, FrameRole.Header, FrameRole.Key],
    )
    const seen = screen.take()
    assert.equal(seen[0], 'V5000')
    assert.equal(last(seen), 6485)
    assert.ok(screen.end)
  })

  test('of length 0 is one picture', async () => {
    const { scene: s, screen } = await scene()
    const show = (await s.show(screen, { start: 3000, length: 0 })) as Show
    show.start()
    await s.settle()
    assert.deepEqual(screen.take(), ['V3000'])
    assert.ok(screen.end)
  })

  test('rests while it is paused, and goes on where it was', async () => {
    const { scene: s, screen } = await scene()
    const show = (await s.show(screen)) as Show
    show.start()
    await s.pass(1000)
    const before = last(screen.take())
    show.pause(true)
    await s.pass(5000)
    assert.deepEqual(screen.take(), [])
    show.pause(false)
    await s.pass(1000)
    const after = screen.take()
    assert.equal(Number(after[0]!.slice(1)), before + (before % 40 === 5 ? 35 : 5))
    assert.ok(last(after) <= before + 1040 && last(after) > before + 900)
  })

  test('is sought forth and back, also when it had ended, and says so before the first frame from there', async () => {
    const { scene: s, screen } = await scene()
    const show = (await s.show(screen)) as Show
    show.start()
    await s.settle()
    const order: string[] = []
    for (const ms of [15_500, 2000]) {
      screen.take()
      show.seek(ms, () => order.push(`sought ${ms} after ${screen.take().length}`))
      await s.settle()
      assert.equal(screen.take()[0], `V${Math.floor(ms / 1000) * 1000}`)
    }
    await s.pass(25_000)
    assert.ok(screen.end)
    screen.take()
    show.seek(1000, () => order.push('again'))
    await s.settle()
    assert.equal(screen.take()[0], 'V1000')
    assert.deepEqual(order, ['sought 15500 after 0', 'sought 2000 after 0', 'again'])
  })

  test('is not read on while its player takes nothing, and never more than a window at once', async () => {
    const { scene: s, screen } = await scene(60)
    screen.queuedBytes = playerQueueBytes + 1
    const show = (await s.show(screen, { buffer: 3_600_000 })) as Show
    show.start()
    await s.pass(1000)
    assert.deepEqual(screen.take(), [])
    screen.queuedBytes = 0
    await s.pass(1000)
    assert.equal(screen.take().length, 3000)
    assert.ok(s.disk.largestRead <= windowBytes)
  })

  test('plays up to its damage and says where that is', async () => {
    const { scene: s, screen } = await scene(2)
    const bytes = s.disk.files.get('live/cam.flv')!
    bytes.fill(0xee, bytes.length - 1500, bytes.length - 1400)
    const show = (await s.show(screen)) as Show
    show.start()
    await s.pass(3000)
    assert.match(screen.end!.damage!, /^there is no tag at byte \d+$/)
    assert.ok(screen.take().length > 20)
    assert.ok(s.lines.some(line => line.startsWith('a file is shown up to where it is damaged')))
  })

  test('while it is being recorded goes on with what comes: from its start, or so long before its end', async () => {
    const s = new ArchiveScene()
    const publication = s.publication()
    s.record(publication)
    feed(publication, frames(10))
    await s.settle()
    const [whole, late] = [new PretendScreen(), new PretendScreen()]
    const fromStart = (await s.show(whole)) as Show
    const behind = (await s.show(late, { start: -3000 })) as Show
    fromStart.start()
    behind.start()
    await s.pass(5000)
    assert.equal(whole.take()[0], 'V0')
    assert.deepEqual([late.take()[0], late.ends], ['V6000', []])
    feed(publication, [...frames(5, 10_000)].slice(3))
    await s.pass(5000)
    assert.equal(last(late.take()), 14_965)
    assert.deepEqual(late.ends, [])
    await s.end(publication)
    await s.pass(100)
    assert.deepEqual(late.ends, [{ duration: 8965, damage: null }])
    fromStart.close()
  })

  test('waits at its end while another process writes it', async () => {
    let isTaken = true
    const s = new ArchiveScene({ ledger: { ...ownLedger, isTaken: file => isTaken && file === 'live/cam.flv' } })
    s.disk.files.set('live/cam.flv', fileBytes(new FlvContainer(), frames(1)))
    const screen = new PretendScreen()
    const show = (await s.show(screen)) as Show
    show.start()
    await s.pass(3000)
    assert.deepEqual(screen.ends, [])
    isTaken = false
    await s.pass(100)
    assert.deepEqual(screen.ends, [{ duration: 965, damage: null }])
  })

  test('that is not there is not shown, and one that is none says so', async () => {
    const { scene: s, screen } = await scene(1)
    assert.equal(await s.show(screen, { address: 'nothing' }), null)
    assert.equal(await s.show(screen, { format: 'mp3' }), null)
    assert.equal(await s.show(screen, { address: '../cam' }), null)
    s.disk.files.set('live/bad.flv', Buffer.from('this is no film'))
    assert.equal(await s.show(screen, { address: 'bad' }), 'it does not begin like an FLV file')
    assert.ok(typeof (await s.show(screen, { address: 'cam.flv' })) === 'object')
  })
})
