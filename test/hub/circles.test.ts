import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scriptsOf } from '../../server/hub/hub.ts'
import { PretendHub } from './pretend-hub.ts'

test('a hub lets in what comes straight from a script of its own server, and nothing that has been elsewhere since (R51)', () => {
  const scene = new PretendHub()
  for (const via of [[], ['there'], [scriptsOf('here')], [scriptsOf('there'), 'there']]) scene.client('/live', via)
  for (const via of [['here'], ['here', 'there'], [scriptsOf('here'), 'there'], [scriptsOf('here'), 'there', 'here']]) {
    assert.throws(() => scene.client('/live', via), /leads in a circle/, via.join())
  }
})
