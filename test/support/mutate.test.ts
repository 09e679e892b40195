import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { mutations, SeededRandom } from './mutate.ts'

suite('mutations', () => {
  const samples = [Buffer.from('a sample of some length'), Buffer.from([1, 2, 3, 4, 5, 6, 7, 8])]
  const hexes = (seed: number, count: number) =>
    Array.from(mutations(seed, samples, count), bytes => bytes.toString('hex'))

  test('are the same for the same seed, and others for another', () => {
    assert.deepEqual(hexes(7, 200), hexes(7, 200))
    assert.notDeepEqual(hexes(7, 200), hexes(8, 200))
  })

  test('leave the samples as they were, stay bounded, and hardly ever repeat themselves', () => {
    const before = samples.map(sample => sample.toString('hex'))
    const inputs = hexes(1, 2000)
    assert.deepEqual(
      samples.map(sample => sample.toString('hex')),
      before,
    )
    assert.ok(inputs.every(hex => hex.length <= 2 * 65536))
    assert.ok(new Set(inputs).size > 1500)
  })
})

test('a seeded random gives numbers below its bound, all of them', () => {
  const random = new SeededRandom(42)
  const seen = new Set(Array.from({ length: 1000 }, () => random.below(10)))
  assert.deepEqual([...seen].sort(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
})
