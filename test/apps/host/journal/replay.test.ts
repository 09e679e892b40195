import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, suite, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { AppSetup } from '../../../../server/apps/wire.ts'
import { encodeAmf0 } from '../../../../server/media/amf0.ts'
import { Lab, type TriedApp } from '../lab.ts'
import { journalsOf, type Replayed, replayed } from './replayed.ts'

const chat = readFileSync(fileURLToPath(new URL('../../../../www/chat/main.js', import.meta.url)), 'utf8')
const journal = { bytes: 16 * 1024 ** 2 }

suite('a journal', () => {
  const lab = new Lab()
  after(() => lab.end())
  const data = join(lab.www.folder, '.data')

  async function journaled(files: string | Record<string, string>, change: Partial<AppSetup> = {}): Promise<TriedApp> {
    return lab.app(files, { journal, ...change })
  }

  /** Ends the application, so that all is on the disk, and gives its newest journal. */
  async function fileOf(app: TriedApp): Promise<string> {
    const from = lab.child.reports.length
    lab.child.send({ order: 'dispose', path: app.path })
    await lab.child.report('disposed', from)
    return journalsOf(data, app.path.slice(1)).at(-1)!
  }

  async function load(app: TriedApp, clients: number, rounds: number): Promise<void> {
    const ids = Array.from({ length: clients }, (_, n) => n.toString(16).padStart(2, '0').repeat(32))
    for (const [n, id] of ids.entries()) {
      const room = `room${n % 3}`
      await app.connect([`guest ${n}`], { id, room })
      app.tell({ e: 'joined', client: id })
    }
    for (let round = 0; round < rounds; round++) {
      const asked = ids.map((id, n) => app.result(id, n % 4 === 0 ? 'who' : 'say', [`${round}: grüße von ${n}`]))
      await Promise.all(asked)
    }
    for (const id of ids.slice(0, clients / 2)) {
      app.tell({ e: 'onDisconnection', client: id }, { e: 'left', client: id }, { e: 'forget', client: id })
    }
  }

  const equal = ({ code, out }: Replayed) => {
    assert.equal(code, 0, out)
    assert.match(out, /all equal/)
  }

  test('of the chat under load is replayed ten times, byte for byte; one line changed, and the first command that differs is named', async () => {
    const app = await journaled({ 'main.js': chat })
    await load(app, 12, 20)
    const file = await fileOf(app)
    const digests = new Set<string>()
    for (let time = 0; time < 10; time++) {
      const once = await replayed(file)
      equal(once)
      digests.add(once.digest)
    }
    assert.equal(digests.size, 1)

    app.write({ 'main.js': chat.replace("'said', this.name", "'spoke', this.name") })
    const { code, out } = await replayed(file, { from: { folder: app.setup.folder, main: 'main.js' } })
    assert.equal(code, 1)
    assert.match(out, /the first difference: in turn \d+, /)
    assert.match(out, /event: +call \{.* name: 'say'/)
    assert.match(out, /expected: message .*name: 'said', args: \[ 'guest 1', '0: grüße von 1' \]/)
    assert.match(out, /actual: +message .*name: 'spoke'/)
  })
})
