import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { URLSearchParams as OurParams } from '../../../sandbox-api/web/url-search-params.ts'

suite('URLSearchParams', () => {
  test('reads and writes any text as Node does', () => {
    const piece = fc.constantFrom('a', 'b', '=', '&', '+', '%20', '%zz', '%C3%BC', ' ', '?', '#', '*', '\ud800')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), pieces => {
        const text = pieces.join('')
        const [ours, theirs] = [new OurParams(text), new URLSearchParams(text)]
        assert.deepEqual([...ours], [...theirs])
        assert.equal(ours.toString(), theirs.toString())
      }),
      { numRuns: 2_000 },
    )
  })

  test('is made of pairs and of objects too', () => {
    assert.equal(new OurParams([['a', '1']]).toString(), 'a=1')
    assert.equal(new OurParams({ a: '1', b: '2' }).toString(), 'a=1&b=2')
    assert.equal(new OurParams(new OurParams('x=y')).toString(), 'x=y')
    assert.throws(() => new OurParams([['a']] as never), TypeError)
  })

  test('changes as Node does', () => {
    const change = (params: OurParams | URLSearchParams) => {
      params.append('b', '3')
      params.set('a', '9')
      params.delete('c', 'x')
      params.sort()
      const told: string[] = []
      params.forEach((value, name) => {
        told.push(`${name}:${value}`)
      })
      return [told, params.getAll('b'), params.get('none'), params.has('c', 'y'), params.size, [...params.keys()]]
    }
    const text = 'c=x&a=1&b=2&a=2&c=y'
    assert.deepEqual(change(new OurParams(text)), change(new URLSearchParams(text)))
  })
})
