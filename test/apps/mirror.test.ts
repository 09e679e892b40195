import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { Fields } from '../../server/apps/fields.ts'
import type { Groups } from '../../server/apps/groups.ts'
import { Members } from '../../server/apps/members.ts'
import { snapshot } from '../../server/apps/mirror.ts'
import type { Rooms } from '../../server/apps/rooms.ts'
import { PretendHub } from '../hub/pretend-hub.ts'

const none = { *within() {} } as unknown as Rooms & Groups

suite('what an application that comes up is told first', () => {
  test('holds its own streams and those below it, and none of applications that are not scripts (M20)', () => {
    const { hub } = new PretendHub()
    for (const app of ['', '/hall', '/hall/inner', '/mine']) {
      hub.publishing.publishAs({ id: 'script', client: null, closed() {} }, app, 'cam')
    }
    const told = (path: string): string[] =>
      snapshot({
        ...{ path, hub, members: new Members(), rooms: none, fields: new Fields(), groups: none, applications: [] },
        foreign: each => each === '/mine',
      }).flatMap(event => (event.e === 'publication' ? [event.facts.app] : []))
    assert.deepEqual(told(''), ['', '/hall', '/hall/inner'])
    assert.deepEqual(told('/hall'), ['/hall', '/hall/inner'])
  })
})
