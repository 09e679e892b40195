import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { readStack } from '../../sandbox-api/stack.ts'

suite('readStack', () => {
  const table: { stack: string; place: [string, number, number] }[] = [
    { stack: 'Error: x\n    at f (live/main.js:3:5)\n    at live/main.js:9:1', place: ['live/main.js', 3, 5] },
    { stack: 'Error: x\n    at live/main.js:9:1', place: ['live/main.js', 9, 1] },
    { stack: 'Error: x\n    at async live/a b.js:9:1', place: ['live/a b.js', 9, 1] },
    { stack: 'Error: x\n    at async f (main.js:1:2)', place: ['main.js', 1, 2] },
    { stack: 'Error: x\n    at Object.f [as g] (chat/(old)/main.js:4:7)', place: ['chat/(old)/main.js', 4, 7] },
    { stack: 'Error: x\n    at eval (eval at f (live/main.js:3:5), <anonymous>:1:9)', place: ['live/main.js', 3, 5] },
    { stack: 'Error: x\n    at set (cumulus:sandbox-api/client.ts:1:1)\n    at g (a.js:2:3)', place: ['a.js', 2, 3] },
    { stack: 'Error: x\n    at Array.map (<anonymous>)\n    at g (a.js:2:3)', place: ['a.js', 2, 3] },
    { stack: 'Error: x\n    at (<isolated-vm boundary>)\n    at run (/srv/host/isolate.ts:7:25)', place: ['', 0, 0] },
    { stack: 'TypeError: at first (sight.js:1:1)\n    at h (b.js:5:6)', place: ['b.js', 5, 6] },
    { stack: '', place: ['', 0, 0] },
    { stack: 'no stack at all', place: ['', 0, 0] },
  ]

  test("finds the author's first frame, whatever stands around it", () => {
    for (const { stack, place } of table) {
      const { file, line, column } = readStack(stack)
      assert.deepEqual([file, line, column], place, stack)
    }
  })

  test("leaves out the engine's frames and everything of the host", () => {
    const { stack } = readStack(
      'Error: x\n    at set (cumulus:sandbox-api/client.ts:1:1)\n    at g (a.js:2:3)\n    at (<isolated-vm boundary>)\n    at /srv/x.ts:1:1',
    )
    assert.equal(stack, 'Error: x\n    at g (a.js:2:3)')
  })
})
