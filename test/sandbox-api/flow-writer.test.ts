import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import { decodeAmf0 } from '../../server/media/amf0.ts'
import { clientFacts, limits } from '../apps/host/child.ts'
import { Lab, runner } from '../apps/host/lab.ts'

suite('flow writer', () => {
  const lab = new Lab()
  after(() => lab.end())
  const id = clientFacts().id

  test("writes messages in its client's encoding, in order, before the answer (C42, C53)", async () => {
    for (const objectEncoding of [0, 3] as const) {
      const app = await lab.app(runner)
      app.join({ objectEncoding })
      await app.call(
        id,
        'run',
        "client.writer.writeAMFMessage('first', 1, [2]); client.writer.writeAMFMessage('second')",
      )
      const [first, second, result] = app.commands
      assert(first?.c === 'message' && second?.c === 'message' && result?.c === 'result')
      assert.deepEqual([first.name, first.ticket, first.droppable], ['first', 0, false])
      assert.deepEqual(decodeAmf0(first.args), [1, [2]])
      assert.equal(first.args.includes(0x11), objectEncoding === 3)
      assert.deepEqual([second.name, second.args.length], ['second', 0])
    }
  })

  test('marks what a client that lags may miss (C57)', async () => {
    const app = await lab.app(runner)
    app.join()
    await app.call(
      id,
      'run',
      `const other = client.writer.newFlowWriter()
      other.reliable = false
      other.writeAMFMessage('may be dropped')
      client.writer.writeAMFMessage('may not')
      return [client.writer.reliable, other.reliable, other.flush(), client.writer.flush(false)]`,
    )
    assert.deepEqual(
      app.of('message').map(({ name, droppable }) => [name, droppable]),
      [
        ['may be dropped', true],
        ['may not', false],
      ],
    )
  })

  test('writes statuses (C54)', async () => {
    const app = await lab.app(runner)
    app.join()
    await app.call(
      id,
      'run',
      "client.writer.writeStatusResponse('Note', 'words'); client.writer.reliable = false; client.writer.writeStatusResponse('Bare')",
    )
    assert.deepEqual(app.of('status'), [
      { c: 'status', client: id, code: 'Note', description: 'words', droppable: false },
      { c: 'status', client: id, code: 'Bare', description: '', droppable: true },
    ])
  })

  test('answers the call being served early, and no other (C52)', async () => {
    const app = await lab.app(`
      let kept
      export const calls = {
        early() { this.writer.writeAMFResult('soon', 2); kept = this },
        async late() { await null; try { this.writer.writeAMFResult(1) } catch (e) { return e.message } },
        other() { try { kept.writer.writeAMFResult(1) } catch (e) { return e.message } },
      }`)
    app.join()
    const result = await app.result(id, 'early')
    const early = await app.command('early')
    assert.equal(early.ticket, result.ticket)
    assert.deepEqual(decodeAmf0(early.value), ['soon', 2])
    assert.match(String(await app.call(id, 'late')), /no call of this client is being served/)
    const second = 'b2'.repeat(32)
    app.join({ id: second })
    assert.match(String(await app.call(second, 'other')), /no call of this client is being served/)
  })

  test('flushes in the order of the flushes, then what is left in the order of writing (C46, C47, C55, C56, C57)', async () => {
    const app = await lab.app(runner)
    app.join()
    const written = async (code: string): Promise<string[]> => {
      const from = app.commands.length
      await app.call(
        id,
        'run',
        `const { writer } = client, second = writer.newFlowWriter(), third = writer.newFlowWriter()\n${code}`,
      )
      return app.commands.slice(from).flatMap(command => {
        return command.c === 'message' ? [command.name] : command.c === 'status' ? [command.code] : []
      })
    }
    assert.deepEqual(
      await written(`third.writeAMFMessage('3a'); writer.writeAMFMessage('1a'); second.writeAMFMessage('2a')
        third.writeStatusResponse('3b'); writer.writeAMFMessage('1b')
        writer.flush(false); second.flush(false); third.flush()
        writer.writeAMFMessage('1c'); second.writeAMFMessage('2b'); second.flush(); writer.flush()`),
      ['1a', '1b', '2a', '3a', '3b', '2b', '1c'],
    )
    assert.deepEqual(
      await written(`second.writeAMFMessage('2a'); client.call('asked').catch(() => {}); writer.writeAMFMessage('1a')
        writer.flush(); third.flush(); writer.flush()`),
      ['1a', 'asked', '2a'],
      'what is not a writer’s stays where it was',
    )
    assert.deepEqual(await written("second.writeAMFMessage('2a'); writer.writeAMFMessage('1a')"), ['2a', '1a'])
  })

  test('ends the session when it is the main one, and only itself otherwise (C57–C59)', async () => {
    const app = await lab.app(runner)
    app.join()
    await app.call(
      id,
      'run',
      `const other = client.writer.newFlowWriter()
      other.close()
      other.writeAMFMessage('closed')
      client.writer.writeAMFMessage('open')
      client.writer.close()`,
    )
    assert.deepEqual(
      app.commands.map(({ c }) => c),
      ['message', 'closeClient', 'result'],
    )
    assert.deepEqual(app.of('closeClient'), [
      { c: 'closeClient', client: id, reason: 'Main flow writer closed, session is closing', failed: true },
    ])
  })

  test('refuses what AMF cannot say, and warns of what it leaves out', async () => {
    const app = await lab.app(runner)
    app.join()
    const text = await app.call(
      id,
      'run',
      "try { client.writer.writeAMFMessage('x', 5n) } catch (e) { return e.message }",
    )
    assert.match(String(text), /BigInt/)
    await app.call(id, 'run', "client.writer.writeAMFMessage('x', () => {})")
    assert.deepEqual(decodeAmf0((await app.command('message')).args), [null])
    assert.equal(app.of('log')[0]?.level, 'warn')
  })

  test('holds what one turn may write within bounds', async () => {
    const app = await lab.app(runner, { limits: { ...limits, timeout: 30_000 } })
    app.join()
    const flood =
      "for (let i = 0; ; i++) try { client.writer.writeAMFMessage('x', big) } catch (e) { return [i, e.message] }"
    const bytes = (await app.call(id, 'run', `const big = 'x'.repeat(1e6); ${flood}`)) as [number, string]
    assert.deepEqual([bytes[0] > 10 && bytes[0] < 20, /bytes at once/.test(bytes[1])], [true, true])
    const count = (await app.call(id, 'run', `const big = 1; ${flood}`)) as [number, string]
    assert.deepEqual(count, [
      100_000,
      'writeAMFMessage: more than 100000 commands at once: spread them over several timers',
    ])
  })
})
