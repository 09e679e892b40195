import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import { clientFacts } from '../apps/host/child.ts'
import { Lab, runner } from '../apps/host/lab.ts'

suite('publication.onFrame', () => {
  const lab = new Lab()
  after(() => lab.end())
  const { id } = clientFacts()

  /** An application that renders with the body of a function of `time`, and what it rendered; until its tenth frame. */
  const rendered = async (fps: number, body: string, frames = 10): Promise<{ times: number[]; ms: number }> => {
    const app = await lab.app(`${runner}
      const times = []
      export const wait = ms => { const end = performance.now() + ms; while (performance.now() < end); }
      let stop
      export function onStart() {
        const p = server.publish('tv')
        const begun = performance.now()
        stop = p.onFrame(${fps}, time => {
          times.push(time)
          p.pushVideoPacket(time, new Uint8Array([0x13]))
          if (times.length === ${frames}) {
            stop()
            console.log('done', JSON.stringify({ times, ms: performance.now() - begun }))
          }
          ${body}
        })
      }`)
    app.join()
    await app.ask(ticket => ({ e: 'onStart', ticket, path: app.path, reason: 'start' }))
    const line = await app.command('log', ({ text }) => text.startsWith('done'))
    assert.equal(app.of('push').flatMap(push => push.frames).length, frames, 'and not one more')
    return JSON.parse(line.text.slice('done '.length))
  }

  test('is called with the time of each frame, at its rate (M8, M9)', async () => {
    const { times, ms } = await rendered(50, '')
    assert.equal(times[0], 0)
    for (const [nth, time] of times.entries()) assert.ok(time % 20 === 0 && time >= nth * 20, `frame ${nth} at ${time}`)
    assert.ok(ms >= times.at(-1)! && ms - times.at(-1)! < 10_000, `the frame of ${times.at(-1)} ms came after ${ms}`)
  })

  test('has whole milliseconds at a rate that divides no second', async () => {
    const { times } = await rendered(30, '')
    for (const time of times) assert.equal(time, Math.floor((Math.round((time * 30) / 1000) * 1000) / 30))
  })

  test('skips what is late because one took too long, and never queues it (M9)', async () => {
    const { times } = await rendered(50, 'wait(50)')
    for (const [nth, time] of times.slice(1).entries()) {
      assert.ok(time - times[nth]! >= 60, `after ${times[nth]} comes ${time}, which was due while it was rendered`)
    }
  })

  test('waits for a promise, and skips what is due meanwhile (M9)', async () => {
    const { times } = await rendered(50, 'return new Promise(resolve => { setTimeout(() => resolve(), 50) })', 6)
    for (const [nth, time] of times.slice(1).entries()) assert.ok(time - times[nth]! >= 60, `${times}`)
  })

  test('goes on after a frame that threw, and says so (M9)', async () => {
    const { times } = await rendered(50, "if (times.length === 3) throw new Error('no picture')")
    assert.equal(times.length, 10)
  })

  test('ends with its publication', async () => {
    const app = await lab.app(runner)
    app.join()
    await app.call(id, 'run', "globalThis.n = 0; globalThis.p = server.publish('tv'); p.onFrame(1000, () => { n++ })")
    const { ticket } = await app.command('publish')
    while (Number(await app.call(id, 'run', 'return n')) < 3);
    app.tell({ e: 'answer', ticket, ok: false, text: 'taken' })
    const ended = await app.call(id, 'run', 'return n')
    // Long enough for it, as another one of the same rate shows.
    await app.call(id, 'run', "globalThis.m = 0; server.publish('other').onFrame(1000, () => { m++ })")
    while (Number(await app.call(id, 'run', 'return m')) < 10);
    assert.equal(await app.call(id, 'run', 'return n'), ended)
  })

  test('counts as a timer (M9)', async () => {
    const app = await lab.app(runner)
    app.join()
    const tries = `const p = server.publish('tv')
      try { for (let i = 0; i <= 100; i++) p.onFrame(1, () => {}) } catch (e) { return e.message }`
    assert.match(String(await app.call(id, 'run', tries)), /^100 timers run, more are not allowed: apps\.timers/)
  })
})
