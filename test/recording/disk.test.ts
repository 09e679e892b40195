import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { systemDisk } from '../../server/recording/disk.ts'
import { placeOf } from '../../server/recording/media-root.ts'
import { recordError } from '../../server/recording/record-error.ts'

suite('names of files', () => {
  test('stand below the folder of their application and room, with the ending of their format (K13)', () => {
    assert.deepEqual(placeOf('/media', '/chat', 'lobby/cam', 'flv')?.segments, ['chat', 'lobby', 'cam.flv'])
    assert.deepEqual(placeOf('/media', '', 'cam.F4V', 'mp4')?.segments, ['cam.F4V'])
    assert.deepEqual(placeOf('/media', '/a', 'cam.mp4', 'flv')?.segments, ['a', 'cam.mp4.flv'])
  })

  test('never lead anywhere else', () => {
    const wrong = [
      '..',
      '../x',
      'a/../../x',
      'a//b',
      '/x',
      'x/',
      'a\\b',
      'a\0b',
      '.git/x',
      'c:x',
      'x\n',
      '',
      'x'.repeat(260),
    ]
    for (const name of wrong) assert.equal(placeOf('/media', '/live', name, 'flv'), null, JSON.stringify(name))
  })
})

suite('the disk', () => {
  let folder = ''
  const place = (...segments: string[]) => ({ root: join(folder, 'media'), segments })
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cumulus-disk-'))
    await mkdir(join(folder, 'media', 'live'), { recursive: true })
    await writeFile(join(folder, 'secret.flv'), 'secret')
    await mkdir(join(folder, 'outside'))
    await writeFile(join(folder, 'outside', 'cam.flv'), 'secret')
    await symlink(join(folder, 'secret.flv'), join(folder, 'media', 'live', 'link.flv'))
    await symlink(join(folder, 'outside'), join(folder, 'media', 'away'))
    await symlink(join(folder, 'media'), join(folder, 'root-link'))
    execFileSync('mkfifo', [join(folder, 'media', 'live', 'pipe.flv')])
  })
  after(() => rm(folder, { recursive: true }))

  test('follows no link out of the media folder, neither to read nor to write nor to delete', async () => {
    for (const at of [place('live', 'link.flv'), place('away', 'cam.flv')]) {
      assert.equal(await systemDisk.open(at), null)
      assert.equal(await systemDisk.reopen(at), null)
      await assert.rejects(systemDisk.create(at))
    }
    assert.equal(await systemDisk.remove(place('away', 'cam.flv')), false)
    assert.deepEqual(await systemDisk.list(join(folder, 'media'), ['away']), [])
    assert.equal(await readFile(join(folder, 'secret.flv'), 'utf8'), 'secret')
    assert.equal(await readFile(join(folder, 'outside', 'cam.flv'), 'utf8'), 'secret')
  })

  test('takes the media folder itself where it is said to be, with a slash at its end or behind a link (K14)', async () => {
    for (const root of [`${join(folder, 'media')}/`, join(folder, 'root-link')]) {
      const file = await systemDisk.create({ root, segments: ['live', 'room', 'cam.flv'] })
      await file.write(Buffer.from('film'), 0)
      await file.close()
      assert.deepEqual(await readdir(join(folder, 'media', 'live', 'room')), ['cam.flv'])
    }
  })

  test('does not wait at a pipe, nor take a folder for a film', async () => {
    assert.equal(await systemDisk.open(place('live', 'pipe.flv')), null)
    await mkdir(join(folder, 'media', 'live', 'folder.flv'))
    assert.equal(await systemDisk.open(place('live', 'folder.flv')), null)
    await assert.rejects(systemDisk.create(place('live', 'folder.flv')))
    assert.equal(await systemDisk.open(place('live', 'missing.flv')), null)
    assert.equal(await systemDisk.open(place('nowhere', 'missing.flv')), null)
  })

  test('lets who reads a file read on when it is recorded anew', async () => {
    const at = place('live', 'anew.flv')
    const first = await systemDisk.create(at)
    await first.write(Buffer.from('old'), 0)
    const reader = await systemDisk.open(at)
    const second = await systemDisk.create(at)
    await second.write(Buffer.from('new film'), 0)
    assert.equal((await reader!.read(0, 10)).toString(), 'old')
    assert.equal(await second.size(), 8)
    for (const file of [first, second, reader!]) await file.close()
  })

  test('that is full says so in words that a publisher may read', {
    skip: process.getuid?.() !== 0 && 'only root may mount',
  }, async t => {
    const small = join(folder, 'small')
    await mkdir(small)
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', small], { stdio: 'ignore' })
    } catch {
      return t.skip('this system lets nobody mount')
    }
    try {
      const file = await systemDisk.create({ root: small, segments: ['cam.flv'] })
      await assert.rejects(file.write(Buffer.alloc(1024 * 1024), 0), error => {
        assert.deepEqual(
          { ...recordError(error), message: recordError(error).message },
          { code: 'Failed', name: 'RecordError', message: 'the disk is full' },
        )
        return true
      })
      await file.close()
      assert.ok((await systemDisk.room({ root: small, segments: ['cam.flv'] })) < 64 * 1024)
    } finally {
      execFileSync('umount', [small])
    }
  })
})
