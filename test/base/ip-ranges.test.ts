import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { IpRanges, ipOf } from '../../server/base/ip-ranges.ts'

function ranges(...entries: string[]): IpRanges {
  const made = new IpRanges()
  for (const entry of entries) assert.equal(made.add(entry), true, entry)
  return made
}

suite('IP ranges', () => {
  test('cover addresses as they are written, and as an IPv6 socket shows them', () => {
    const some = ranges('10.0.0.7', '2001:db8::1')
    for (const address of ['10.0.0.7', '::ffff:10.0.0.7', '2001:DB8:0:0::1']) assert.ok(some.covers(address), address)
    for (const address of ['10.0.0.8', '2001:db8::2', '::a00:7', '', 'host']) assert.ok(!some.covers(address), address)
  })

  test('cover all that share their prefix', () => {
    const some = ranges('192.168.0.0/16', '2001:db8::/33', '::ffff:172.16.0.0/12')
    const table: [string, boolean][] = [
      ['192.168.255.255', true],
      ['192.169.0.0', false],
      ['2001:db8:7fff::1', true],
      ['2001:db8:8000::1', false],
      ['172.31.0.1', true],
      ['172.32.0.1', false],
    ]
    for (const [address, covered] of table) assert.equal(some.covers(address), covered, address)
    assert.ok(ranges('0.0.0.0/0').covers('8.8.8.8'))
    assert.ok(!ranges('0.0.0.0/0').covers('::1'))
  })

  test('are taken back one by one, in whatever spelling', () => {
    const some = ranges('10.0.0.0/8', '10.1.0.0/16', '2001:db8::0:1')
    some.remove('10.255.255.255/8')
    some.remove('2001:0db8::1')
    some.remove('nothing of the kind')
    assert.deepEqual(
      [some.covers('10.2.0.0'), some.covers('10.1.2.3'), some.covers('2001:db8::1')],
      [false, true, false],
    )
    assert.deepEqual(some.texts, ['10.1.0.0/16'])
  })

  test('are no more than allowed, and nothing that is none', () => {
    const two = new IpRanges(2)
    assert.deepEqual(
      [two.add('1.1.1.1'), two.add('1.1.1.1'), two.add('2.2.2.2'), two.add('3.3.3.3')],
      [true, true, true, false],
    )
    for (const wrong of [
      '',
      '1.2.3',
      '01.2.3.4',
      '1.2.3.256',
      '1.2.3.4/33',
      '1.2.3.4/',
      '::/129',
      '[::1]',
      '::1%eth0',
      'a:b',
    ]) {
      assert.equal(new IpRanges().add(wrong), false, wrong)
    }
    assert.equal(ipOf('[::1]:80'), '::1')
    assert.equal(ipOf('1.2.3.4:80'), '1.2.3.4')
  })

  test('agree with arithmetic, whatever the prefix', () => {
    const word = fc.integer({ min: 0, max: 0xffff_ffff })
    const text = (value: number): string => [24, 16, 8, 0].map(shift => (value >>> shift) & 255).join('.')
    fc.assert(
      fc.property(word, word, fc.integer({ min: 0, max: 32 }), (base, other, prefix) => {
        const mask = prefix === 0 ? 0 : (0xffff_ffff << (32 - prefix)) >>> 0
        const expected = (base & mask) >>> 0 === (other & mask) >>> 0
        assert.equal(ranges(`${text(base)}/${prefix}`).covers(text(other)), expected)
      }),
    )
  })
})
