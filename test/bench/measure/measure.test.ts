import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { flameGraph, shares, stacksOf } from './flame.ts'
import { interleaved, median, medianRatio, medians } from './interleaved.ts'
import { changes } from './kept.ts'
import { slopeOf } from './slope.ts'
import { table } from './table.ts'
import { between, treeOf, usageOf } from './usage.ts'

suite('measuring', () => {
  test('lays a line through points', () => {
    assert.equal(slopeOf([0, 1, 2, 3].map(x => [x, 5 - 2 * x])), -2)
    assert.equal(slopeOf([7, 9, 7, 9, 7].map((y, x) => [x, y])), 0)
  })

  test('takes turns, beginning with another case each time, at servers begun afresh', async () => {
    const order: string[] = []
    const kind = {
      label: 'pretended',
      start: async () => ({ pid: 0, url: '', [Symbol.asyncDispose]: async () => void order.push('end') }),
    }
    const measured = (name: string) => async () => {
      order.push(name)
      return { value: order.length }
    }
    const cases = ['a', 'b'].map(name => ({ name, kind, measure: measured(name) }))
    const found = await interleaved(cases, 2)
    assert.deepEqual(order, ['a', 'end', 'b', 'end', 'b', 'end', 'a', 'end'])
    assert.deepEqual([...found.keys()], ['a', 'b'])
    assert.deepEqual(found.get('a')!.length, 2)
  })

  test('takes medians of numbers, of their ratios run by run, and of figures within figures', () => {
    assert.equal(median([3, 1, 2]), 2)
    assert.equal(median([4, 1, 2, 3]), 2.5)
    const runs = [1, 10, 3].map(value => ({ value, inner: { double: value * 2 } }))
    assert.deepEqual(medians(runs), { value: 3, inner: { double: 6 } })
    assert.equal(
      medianRatio([{ x: 2 }, { x: 30 }, { x: 4 }], [{ x: 1 }, { x: 10 }, { x: 4 }], each => each.x),
      2,
    )
  })

  test('names what changed since the line that was kept', () => {
    const kept = { 'default 50': { cpuPerGB: 2, video: { p99: 4 } }, gone: 1 }
    const now = { 'default 50': { cpuPerGB: 1, video: { p99: 4.1 } }, fresh: 1 }
    assert.deepEqual(changes(kept, now), ['default 50 cpuPerGB: 2 kept, 1 now, ×0.50'])
  })

  test('writes a table with ratios to one of its rows', () => {
    const text = table('500', { ours: { cpu: 1, late: 150 }, theirs: { cpu: 2, late: 100 } }, 'theirs')
    assert.equal(
      text,
      [
        '| 500 | cpu | late |',
        '| --- | --- | --- |',
        '| ours | 1.00 (×0.50) | 150 (×1.50) |',
        '| theirs | 2.00 | 100 |',
      ].join('\n'),
    )
  })

  test('reads what a process has used', { skip: process.platform !== 'linux' && 'reads /proc of Linux' }, () => {
    assert.equal(treeOf(process.pid)[0], process.pid)
    const before = usageOf(process.pid)
    assert.ok(before.resident > 10_000_000)
    const until = performance.now() + 100
    while (performance.now() < until);
    const used = between(before, usageOf(process.pid))
    assert.ok(used.at >= 0.1 && used.cpu > 0 && used.cpu < 5, `${used.cpu} s of CPU in ${used.at} s`)
  })
})

suite('a flame graph', () => {
  const script = [
    'node 7 1.5:',
    '\tffff8 tcp_sendmsg+0x4 ([kernel.kallsyms])',
    '\t  12 __libc_write (/lib/libc.so.6)',
    "\t  77 JS:*'deliver file:///srv/server/hub/listener.ts:148:10 (/tmp/perf-7.map)",
    '',
    'node 7 1.6:',
    "\t  78 JS:*'deliver file:///srv/server/hub/listener.ts:148:10 (/tmp/perf-7.map)",
    '',
    '',
  ].join('\n')

  test('reads the samples of perf, outermost first, and tells where each ended', () => {
    const stacks = stacksOf(script)
    assert.deepEqual(stacks, [
      { frames: ['script:deliver listener.ts:148:10', 'native:__libc_write', 'kernel:tcp_sendmsg'], samples: 1 },
      { frames: ['script:deliver listener.ts:148:10'], samples: 1 },
    ])
    assert.deepEqual(shares(stacks), { kernel: 0.5, native: 0, script: 0.5 })
  })

  test('makes each frame as wide as its part', () => {
    const picture = flameGraph('a < b', stacksOf(script))
    const found = [
      ...picture.matchAll(/<title>(\S+).*?, ([0-9.]+) %<\/title><rect x="([0-9.]+)" .*? width="([0-9.]+)"/g),
    ]
    assert.deepEqual(
      found.map(([, ...parts]) => parts),
      [
        ['deliver', '100.0', '0.0', '1200.0'],
        ['__libc_write', '50.0', '0.0', '600.0'],
        ['tcp_sendmsg', '50.0', '0.0', '600.0'],
      ],
    )
    assert.ok(picture.includes('a &lt; b'))
  })
})
