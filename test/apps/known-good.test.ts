import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { World } from './pretend.ts'

const chatOnly = { '': [], '/chat': ['main.js'] }

/** An application that runs, with ways to save it and to end its process. */
function scene() {
  const world = new World({ apps: chatOnly })
  world.connect('/chat')
  world.host('/chat').started('/chat', 'onPublish')
  return {
    world,
    save: () => world.house.saved([{ path: '/chat', what: 'changed' }]),
    /** Comes back after its back-off. */
    crash(limit?: string) {
      if (limit) world.host('/chat').spent('/chat', limit)
      world.host('/chat').crash()
      world.pass(10_000)
    },
    /** The source that the process was told to raise; undefined: what the folder holds. */
    pinned: () => world.host('/chat').start('/chat').app.pinned?.sources[0]?.code,
    errors: () => world.lines.filter(({ level }) => level === 'error').map(({ text }) => text),
  }
}

suite('what an application is raised from', () => {
  test('is its folder, after a crash too, as long as what that holds runs', () => {
    const { world, save, crash, pinned } = scene()
    assert.equal(pinned(), undefined)
    save()
    world.host('/chat').reloaded('/chat')
    crash()
    assert.equal(pinned(), undefined)
  })

  test('is the version that ran when what was saved last did not compile', () => {
    const { world, save, crash, pinned } = scene()
    save()
    world.host('/chat').failed('/chat', 'reload', 'an unfinished line')
    crash()
    assert.match(pinned()!, /^\/\/ \d+$/)
    world.host('/chat').started('/chat')
    save()
    world.host('/chat').reloaded('/chat')
    crash()
    assert.equal(pinned(), undefined, 'a save that holds is what counts again')
  })

  test('is the version that ran when what it comes back with does not start', () => {
    const { world, crash, pinned } = scene()
    crash()
    world.host('/chat').failed('/chat', 'start', 'saved in the meantime, and broken')
    assert.match(pinned()!, /^\/\/ \d+$/)
    world.host('/chat').failed('/chat', 'start', 'not even that')
    assert.equal(world.connect('/chat').verdict, 'chat/main.js:3: not even that')
  })

  test('is the version before one that was taken back, and the log says so', () => {
    const { world, save, crash, pinned, errors } = scene()
    const before = pinned
    save()
    world.host('/chat').reloaded('/chat')
    world.host('/chat').rolledBack('/chat', 'onPublish threw TypeError')
    assert.match(errors().at(-1)!, /^application rolled back to the version before the last save: onPublish threw/)
    crash()
    assert.match(before()!, /^\/\/ \d+$/)
  })

  test('is the version before one that drove its process into a limit at once', () => {
    const { world, save, crash, pinned, errors } = scene()
    save()
    world.host('/chat').reloaded('/chat')
    crash('apps.memory (128 MB)')
    assert.ok(errors().some(text => /rolled back .*apps\.memory/.test(text)))
    assert.match(pinned()!, /^\/\/ \d+$/)
  })

  test('is the folder when the limit was hit after the trial', () => {
    const { world, save, crash, pinned } = scene()
    save()
    world.host('/chat').reloaded('/chat')
    world.pass(11_000)
    crash('apps.memory (128 MB)')
    assert.equal(pinned(), undefined)
  })
})
