import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, suite, test } from 'node:test'
import { AuditLog } from '../../server/admin/audit-log.ts'
import { auditBytesMax, auditFilesKept, auditWaitingMax } from '../../server/admin/limits.ts'
import { silentLog } from '../../server/base/log.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cumulus-audit-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const entry = (line: string) => ({ at: '2026-01-01T00:00:00.000Z', uid: 7, by: 'ada', session: 1, app: '/live', line })

suite('AuditLog', () => {
  test('writes each line as it was typed, in order, for its owner alone', async () => {
    const file = join(folder, 'audit.log')
    const audit = new AuditLog(file, silentLog)
    await Promise.all(['1 + 1', 'a\n"b"', '.kick 7'].map(line => audit.write(entry(line))))
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
    assert.deepEqual(
      lines.map(line => JSON.parse(line)),
      ['1 + 1', 'a\n"b"', '.kick 7'].map(entry),
    )
    assert.equal(statSync(file).mode & 0o777, 0o600)
  })

  test('keeps so many files of so many bytes, and goes on where an earlier server stopped', async () => {
    const file = join(folder, 'audit.log')
    const long = 'x'.repeat(auditBytesMax / 2)
    for (let each = 0; each < auditFilesKept * 2 + 6; each++) {
      await new AuditLog(file, silentLog).write(entry(`${each} ${long}`))
    }
    assert.equal(readdirSync(folder).length, auditFilesKept + 1)
    for (const name of readdirSync(folder)) assert.ok(statSync(join(folder, name)).size <= auditBytesMax)
    assert.equal(JSON.parse(readFileSync(file, 'utf8')).line.split(' ')[0], `${auditFilesKept * 2 + 5}`)
  })

  test('tells the log once that it cannot write, and once again after it could', async () => {
    const errors: string[] = []
    const log = { ...silentLog, error: (_subject: object, text: string) => void errors.push(text) }
    const file = join(folder, 'missing', 'audit.log')
    const audit = new AuditLog(file, log)
    await audit.write(entry('1'))
    await audit.write(entry('2'))
    assert.equal(errors.length, 1)
    assert.match(errors[0]!, /^the audit log cannot be written: ENOENT/)
    mkdirSync(join(folder, 'missing'))
    await audit.write(entry('3'))
    rmSync(join(folder, 'missing'), { recursive: true })
    await audit.write(entry('4'))
    assert.equal(errors.length, 2)
  })

  test('holds no more than so many lines for a disk that is slow, and says how many were lost', async () => {
    const warnings: string[] = []
    const log = { ...silentLog, error: (_subject: object, text: string) => void warnings.push(text) }
    const file = join(folder, 'audit.log')
    const audit = new AuditLog(file, log)
    await Promise.all(Array.from({ length: auditWaitingMax + 5 }, (_, at) => audit.write(entry(`${at}`))))
    assert.equal(readFileSync(file, 'utf8').trimEnd().split('\n').length, auditWaitingMax)
    assert.deepEqual(warnings, [
      `5 lines are missing in the audit log: more than ${auditWaitingMax} waited for the disk`,
    ])
  })
})
