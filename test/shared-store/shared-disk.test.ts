import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, suite, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../../server/base/clock.ts'
import type { SharedSave, StoredSlot } from '../../server/hub/shared-store.ts'
import { SharedDisk } from '../../server/shared-store/shared-disk.ts'

const folders: string[] = []
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cumulus-shared-'))
  folders.push(folder)
  return join(folder, 'shared')
}

function saveOf(name: string, version: number, slots: StoredSlot[], change: Partial<SharedSave> = {}): SharedSave {
  return { scope: '/chat', app: '/chat', name, version, purged: 1, clear: false, slots, deleted: false, ...change }
}

function saved(disk: SharedDisk, ...saves: SharedSave[]): Promise<string | null> {
  return new Promise(resolve => disk.save(saves, resolve))
}

const bytes = (...values: number[]) => Uint8Array.from(values)

/** All that is stored, by name: slots as `name=bytes@version`. */
async function stocked(folder: string) {
  const disk = new SharedDisk(folder, systemClock)
  const { objects, floors } = await disk.load()
  await disk.close()
  const shown = objects.map(({ name, version, slots }) => {
    return [name, version, ...slots.map(([slot, value, at]) => `${slot}=${value?.join('.') ?? 'removed'}@${at}`)]
  })
  return { objects: shown, floors: [...floors] }
}

suite('the disk of shared objects', () => {
  test('leaves no trace before something is stored (R7)', async () => {
    const folder = newFolder()
    const disk = new SharedDisk(folder, systemClock)
    assert.deepEqual((await disk.load()).objects, [])
    await disk.close()
    assert.equal(existsSync(folder), false)
  })

  test('gives back what it was given, by slots, whatever they are called (R6, R8, R73)', async () => {
    const folder = newFolder()
    const disk = new SharedDisk(folder, systemClock)
    const names = ['../../up', "'; DROP TABLE slots; --", '__proto__', '', '😀']
    assert.equal(await saved(disk, ...names.map(name => saveOf(name, 2, [[name, bytes(5), 2]]))), null)
    const one = saveOf('book', 4, [
      ['a', bytes(1, 2), 2],
      ['b', null, 3],
      ['c', bytes(), 4],
    ])
    assert.equal(await saved(disk, one, saveOf('old', 9, [['x', bytes(1), 9]])), null)
    assert.equal(await saved(disk, saveOf('book', 5, [['a', bytes(3), 5]])), null)
    assert.equal(await saved(disk, saveOf('old', 10, [], { deleted: true })), null)
    await disk.close()
    const { objects, floors } = await stocked(folder)
    assert.deepEqual(
      objects.slice(0, 5),
      names.map(name => [name, 2, `${name}=5@2`]),
    )
    assert.deepEqual(objects.slice(5), [['book', 5, 'b=removed@3', 'c=@4', 'a=3@5']])
    assert.deepEqual(floors, [['/chat', 10]])
    assert.deepEqual(readdirSync(folder), ['shared.sqlite'], 'names are no paths')
  })

  test('forgets what was cleared or purged (R70)', async () => {
    const folder = newFolder()
    const disk = new SharedDisk(folder, systemClock)
    await saved(
      disk,
      saveOf('book', 4, [
        ['a', bytes(1), 2],
        ['b', null, 3],
        ['c', null, 4],
      ]),
    )
    await saved(disk, saveOf('book', 4, [], { purged: 4 }))
    assert.deepEqual((await stocked(folder)).objects, [['book', 4, 'a=1@2', 'c=removed@4']])
    await saved(disk, saveOf('book', 6, [['d', bytes(4), 6]], { clear: true }))
    await disk.close()
    assert.deepEqual((await stocked(folder)).objects, [['book', 6, 'd=4@6']])
  })

  test('says why nothing could be written (R73)', async () => {
    const folder = newFolder()
    writeFileSync(folder, 'a file where the folder should be')
    const disk = new SharedDisk(folder, systemClock)
    assert.match((await saved(disk, saveOf('book', 2, [])))!, /EEXIST|ENOTDIR/)
    await disk.close()
  })

  test('does not start over what it cannot read', async () => {
    const folder = newFolder()
    const disk = new SharedDisk(folder, systemClock)
    await saved(disk, saveOf('book', 2, [['a', bytes(1), 2]]))
    await disk.close()
    const file = join(folder, 'shared.sqlite')
    truncateSync(file, 100)
    await assert.rejects(new SharedDisk(folder, systemClock).load(), { code: 'SHARED_UNREADABLE' })
  })

  test('still has everything it acknowledged when its process was killed in the midst of writing (R6, R73)', async () => {
    for (let round = 0; round < 3; round++) {
      const folder = newFolder()
      const program = fileURLToPath(new URL('writer-main.ts', import.meta.url))
      const child = spawn(process.execPath, [program, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
      let acknowledged = 0
      for await (const line of createInterface({ input: child.stdout! })) {
        acknowledged = Number(line)
        if (acknowledged === 20 + round * 7) child.kill('SIGKILL')
      }
      assert.ok(acknowledged >= 20)
      const { objects } = await stocked(folder)
      const [[name, version, ...slots]] = objects as [[string, number, ...string[]]]
      assert.equal(name, 'book')
      assert.ok(version > acknowledged, `acknowledged ${acknowledged}, version ${version}`)
      // Each save wrote both slots, so that half of one would be seen.
      assert.deepEqual(slots, [`a=${version % 256}@${version}`, `b=${version % 256}@${version}`])
    }
  })
})
