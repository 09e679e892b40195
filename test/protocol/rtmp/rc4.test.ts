import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { Rc4 } from '../../../server/protocol/rtmp/rc4.ts'

suite('Rc4', () => {
  const vectors = [
    ['Key', 'Plaintext', 'bbf316e8d940af0ad3'],
    ['Wiki', 'pedia', '1021bf0420'],
    ['Secret', 'Attack at dawn', '45a01f645fc35b383552544b9bf5'],
  ] as const
  for (const [key, text, cipher] of vectors) {
    test(`makes of "${text}" what others make of it, however it is cut`, () => {
      for (let at = 0; at <= text.length; at++) {
        const rc4 = new Rc4(Buffer.from(key))
        const parts = [text.slice(0, at), text.slice(at)].map(part => rc4.apply(Buffer.from(part)))
        assert.equal(Buffer.concat(parts).toString('hex'), cipher)
      }
    })
  }
})
