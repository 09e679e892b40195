import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { FrameKind } from '../../server/media/frame.ts'
import { timelineLimits } from '../../server/media/limits.ts'
import { Timeline } from '../../server/media/timeline.ts'
import { timestampDistance, wrapTimestamp } from '../../server/media/timestamp.ts'

const { Audio, Video, Data } = FrameKind

/** What became of [kind, wire timestamp, wall clock] frames. */
function times(timeline: Timeline, frames: [kind: FrameKind, wire: number, now: number][]): number[] {
  return frames.map(([kind, wire, now]) => timeline.at(kind, wire, now))
}

suite('the timeline', () => {
  test('begins at 0 wherever the publisher begins', () => {
    for (const first of [0, 1, 12345, 0x7fffffff, 0x80000000, 0xffffffff]) {
      const wires = [0, 40, 80].map(ms => wrapTimestamp(first + ms))
      const timeline = new Timeline()
      assert.deepEqual(
        wires.map((wire, index) => timeline.at(Video, wire, 1000 + index * 40)),
        [0, 40, 80],
      )
    }
  })

  test('goes on through the wrap at 2^32, more than once', () => {
    const timeline = new Timeline()
    // Only the moments around the wraps are of interest; the rest is leapt over with the wall clock's consent.
    const leap = 500_000_000
    for (let time = 0; time < 3 * 2 ** 32; time += leap) {
      assert.equal(timeline.at(Video, wrapTimestamp(time + 0xfffffff0), time), time)
      assert.equal(timeline.at(Video, wrapTimestamp(time + 0xfffffff0 + 40), time + 40), time + 40)
    }
  })

  test('keeps the distance of audio and video, the one a little behind the other', () => {
    const timeline = new Timeline()
    assert.deepEqual(
      times(timeline, [
        [Audio, 1000, 0],
        [Video, 1100, 5],
        [Audio, 1023, 10],
        [Audio, 1046, 20],
        [Video, 1140, 40],
        [Audio, 1069, 41],
      ]),
      [0, 100, 23, 46, 140, 69],
    )
  })

  test('a kind that begins a little earlier than the first frame waits at 0 and keeps its distance', () => {
    const timeline = new Timeline()
    assert.deepEqual(
      times(timeline, [
        [Audio, 1000, 0],
        [Video, 980, 1],
        [Video, 1020, 40],
        [Audio, 1023, 41],
      ]),
      [0, 0, 20, 23],
    )
  })

  test('flattens frames of a kind that come out of order', () => {
    const timeline = new Timeline()
    assert.deepEqual(
      times(timeline, [
        [Video, 0, 0],
        [Video, 80, 40],
        [Video, 40, 80],
        [Video, 120, 120],
      ]),
      [0, 80, 80, 120],
    )
  })

  test('replaces a jump of ten hours, forth or back, by the time that passed', () => {
    const tenHours = 36_000_000
    for (const jump of [tenHours, -tenHours, 2 ** 31, 2 ** 31 - 1]) {
      const timeline = new Timeline()
      timeline.at(Video, 0, 0)
      timeline.at(Video, 40, 40)
      assert.equal(timeline.at(Video, wrapTimestamp(2 ** 32 + jump + 80), 87.6), 40 + 47)
      assert.equal(timeline.at(Video, wrapTimestamp(2 ** 32 + jump + 120), 120), 40 + 47 + 40)
    }
  })

  test('audio and video find each other again when both have jumped', () => {
    const timeline = new Timeline()
    times(timeline, [
      [Audio, 8000, 0],
      [Video, 8030, 0],
    ])
    assert.deepEqual(
      times(timeline, [
        [Video, 0, 40],
        [Audio, 8023, 45],
        [Video, 40, 80],
        [Audio, 20, 85],
        [Video, 80, 120],
        [Audio, 43, 125],
      ]),
      [70, 23, 110, 90, 150, 113],
    )
  })

  test('a clip that is played in a loop never stands still', () => {
    for (const length of [600, 1200, 4000, 8000, 30_000]) {
      const timeline = new Timeline()
      let now = 0
      let video = 0
      let audio = 0
      for (let loop = 0; loop < 5; loop++) {
        for (let wire = 0; wire < length; wire += 40) {
          video = timeline.at(Video, wire, now)
          audio = timeline.at(Audio, wire, now)
          now += 40
        }
      }
      assert.equal(video, now - 40, `a loop of ${length} ms`)
      assert.ok(Math.abs(audio - video) <= 40, `a loop of ${length} ms: audio at ${audio}, video at ${video}`)
    }
  })

  test('a kind that was silent for minutes comes back where the other is', () => {
    const timeline = new Timeline()
    timeline.at(Audio, 0, 0)
    for (let ms = 0; ms <= 120_000; ms += 40) timeline.at(Video, ms, ms / 4)
    // The publisher sends faster than real time, so the wall clock cannot speak for the gap; the video can.
    assert.equal(timeline.at(Audio, 120_010, 30_000), 120_010)
  })

  test('a long silence of both counts when the wall clock confirms it, and is replaced when not', () => {
    const waited = new Timeline()
    waited.at(Video, 0, 0)
    assert.equal(waited.at(Video, 60_000, 60_500), 60_000)
    const leapt = new Timeline()
    leapt.at(Video, 0, 0)
    assert.equal(leapt.at(Video, 60_000, 100), 100)
  })

  test('headers stamped 0 before media that begin anywhere do not move the beginning', () => {
    const timeline = new Timeline()
    assert.deepEqual(
      times(timeline, [
        [Data, 0, 0],
        [Video, 0, 1],
        [Audio, 0, 2],
        [Video, 7_200_000, 3],
        [Audio, 7_199_990, 4],
        [Video, 7_200_040, 43],
      ]),
      [0, 1, 1, 3, 1, 43],
    )
  })

  test('goes on through a takeover: the gap is the time that passed', () => {
    const timeline = new Timeline()
    times(timeline, [
      [Audio, 500, 0],
      [Video, 500, 0],
      [Video, 540, 40],
    ])
    timeline.restart(1040)
    assert.deepEqual(
      times(timeline, [
        [Audio, 4_000_000_000, 1540],
        [Video, 4_000_000_020, 1545],
        [Audio, 4_000_000_023, 1563],
      ]),
      [1540, 1560, 1563],
    )
  })

  test('a restart before the first frame changes nothing, and twice is as once', () => {
    const timeline = new Timeline()
    timeline.restart(5000)
    assert.equal(timeline.at(Audio, 77, 6000), 0)
    timeline.restart(6100)
    timeline.restart(6300)
    assert.equal(timeline.at(Audio, 0, 6500), 500)
  })

  test('data stands where its timestamp says if that is near the media, and beside them if not', () => {
    const timeline = new Timeline()
    times(timeline, [
      [Video, 100_000, 0],
      [Video, 104_000, 4000],
    ])
    assert.deepEqual(
      times(timeline, [
        [Data, 104_010, 4001],
        [Data, 0, 4002],
        [Data, 4_000_000_000, 4003],
        [Data, 103_990, 4004],
      ]),
      [4010, 4010, 4010, 4010],
    )
    assert.equal(timeline.at(Video, 104_040, 4040), 4040, 'and media do not follow data')
  })

  test('data alone has a time too', () => {
    const timeline = new Timeline()
    assert.deepEqual(
      times(timeline, [
        [Data, 9000, 0],
        [Data, 9500, 500],
        [Data, 0, 600],
      ]),
      [0, 500, 600],
    )
  })

  test('whatever comes: whole numbers, never back within a kind, never further than a gap or the time that passed', () => {
    const wire = fc.oneof(fc.nat(20_000), fc.nat(0xffffffff), fc.constantFrom(0, 0xffffffff, 0x80000000, 0x7fffffff))
    const frame = fc.tuple(fc.constantFrom(Audio, Video, Data), wire, fc.double({ min: 0, max: 20_000, noNaN: true }))
    fc.assert(
      fc.property(fc.array(fc.oneof(frame, fc.constant('restart' as const)), { maxLength: 60 }), frames => {
        const timeline = new Timeline()
        const last = new Map<FrameKind, number>()
        const since = new Map<FrameKind, number>()
        let now = 0
        let head = 0
        let began: number | undefined
        for (const frame of frames) {
          if (frame === 'restart') {
            timeline.restart(now)
            continue
          }
          const [kind, wire, passed] = frame
          now += passed
          began ??= now
          const time = timeline.at(kind, wire, now)
          assert.ok(Number.isSafeInteger(time))
          assert.ok(time >= (last.get(kind) ?? 0))
          const quiet = now - (since.get(kind) ?? began)
          assert.ok(time - head <= Math.max(timelineLimits.gap, quiet + timelineLimits.slack))
          last.set(kind, time)
          since.set(kind, now)
          head = Math.max(head, time)
        }
      }),
      { numRuns: 1000 },
    )
  })
})

suite('a timeline that follows another', () => {
  test('takes its times as they are when it has none of its own', () => {
    const timeline = new Timeline()
    assert.equal(timeline.join(90_000, 5), 0)
    timeline.follow(90_000, 5)
    timeline.restart(1005)
    assert.equal(timeline.at(Video, 7, 1005), 91_000)
  })

  test('is told how far the other is from where its own time stands', () => {
    const timeline = new Timeline()
    times(timeline, [
      [Video, 0, 0],
      [Video, 1000, 1000],
    ])
    assert.equal(timeline.join(0, 1500), 1500)
    assert.equal(timeline.join(90_000, 1500), -88_500)
  })

  test('never goes back by what it follows', () => {
    const timeline = new Timeline()
    timeline.follow(1000, 1000)
    timeline.follow(400, 1100)
    timeline.restart(2000)
    assert.equal(timeline.at(Audio, 0, 2000), 2000)
  })
})

suite('timestamps of 32 bits', () => {
  test('the distance is taken the shorter way round', () => {
    assert.equal(timestampDistance(10, 50), 40)
    assert.equal(timestampDistance(50, 10), -40)
    assert.equal(timestampDistance(0xfffffff0, 0x10), 0x20)
    assert.equal(timestampDistance(0x10, 0xfffffff0), -0x20)
    assert.equal(timestampDistance(0, 0x80000000), -0x80000000)
  })

  test('a time of any length wraps', () => {
    assert.equal(wrapTimestamp(0xffffffff), 0xffffffff)
    assert.equal(wrapTimestamp(2 ** 32 + 7), 7)
    assert.equal(wrapTimestamp(2 ** 45 + 7), 7)
  })
})
