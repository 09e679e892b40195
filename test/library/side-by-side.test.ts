import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { App, CumulusServer } from '../../server/library/index.ts'
import { Scene } from './scene.ts'

class Mine extends App {
  override onConnect = () => ({ by: 'class' })
}

suite('classes beside scripts', { timeout: 240_000 }, () => {
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cumulus-beside-'))
    await mkdir(join(folder, 'www/hall'), { recursive: true })
    await mkdir(join(folder, 'www/mine'), { recursive: true })
    const answer = "export const onConnection = () => ({ by: 'script' })\n"
    await writeFile(join(folder, 'www/hall/main.js'), answer)
    await writeFile(join(folder, 'www/mine/main.js'), answer)
    await writeFile(
      join(folder, 'www/main.js'),
      `export const calls = {
        seen() { return [[...clients].map(([, client]) => client.path), [...publications].map(([key]) => key)] },
      }\n`,
    )
  })
  after(() => rm(folder, { recursive: true, force: true }))

  test('each serve their own names, and neither is told of the other (K16, K23, M20)', async () => {
    await using scene = await Scene.of({ mine: Mine }, { www: join(folder, 'www'), data: join(folder, 'data') })
    await using one = await scene.connect('mine/inner')
    await using two = await scene.connect('hall')
    assert.deepEqual([one.info.by, two.info.by], ['class', 'script'])
    await one.publish('cam')
    await two.publish('pulpit')
    await assert.rejects(scene.connect('other'), /Connect.InvalidApp: Application \/other does not exist/)
    // The root application sees its own and those below it, and nothing of the class.
    await using root = await scene.connect('')
    assert.deepEqual(await root.call('seen'), [['/hall', ''], ['/hall/pulpit']])
    assert.deepEqual([...scene.server.app('mine')!.publications.keys()], ['inner/cam'])
    const left = new Promise(resolve => scene.server.on('disconnect', resolve))
    await one.close()
    await left
    assert.equal(scene.server.app('mine')!.clients.size, 0)
  })

  test("leave every other name to the scripts, so that '*' is refused (K23)", () => {
    const server = new CumulusServer({ www: join(folder, 'www') })
    assert.throws(() => server.apps({ '*': App }), /leave out '\*'/)
  })
})
