import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { type Difference, differenceOf } from '../../../../server/apps/host/journal/difference.ts'
import type { CallEntry, Ending, Entry, Header } from '../../../../server/apps/host/journal/entry.ts'
import { FORMAT } from '../../../../server/apps/host/journal/entry.ts'
import { frame, MAGIC } from '../../../../server/apps/host/journal/frames.ts'
import { Journal } from '../../../../server/apps/host/journal/journal.ts'
import { JournalFile } from '../../../../server/apps/host/journal/journal-file.ts'
import { QUEUE_BYTES } from '../../../../server/apps/host/journal/limits.ts'
import { ConfigError } from '../../../../server/base/errors.ts'
import { recordEnds } from './replayed.ts'

const header: Header = {
  format: FORMAT,
  cumulus: '0.0.0',
  v8: process.versions.v8,
  app: '/chat',
  home: '/chat',
  began: 1_700_000_000_000,
  zone: 'UTC',
  language: 'en-US',
}

function entry(n: number, bytes = 3): CallEntry {
  const args = new Uint8Array(bytes).fill(n)
  const events = [{ e: 'sharedMessage' as const, object: 'o', name: `n${n}`, args }]
  return { version: 1, wall: n, call: { do: 'dispatch', events, timeout: 500, at: n } }
}

test('a rejection that is forgotten, and a cut that does not come again, are no difference but with other sources', () => {
  const fault = { text: 'no', file: '', line: 0, column: 0, stack: '' }
  const turn: Ending = { how: 'turn', turn: { commands: [], wake: -1, pending: 0, more: false }, label: '' }
  for (const how of ['thrown', 'cut'] as const) {
    const found = (places: boolean): Difference | undefined =>
      differenceOf({ how, fault }, turn, { places, wasCut: false, wasInterrupted: false })
    assert.equal(found(true), undefined)
    assert.equal(found(false)?.what, 'how it ended')
  }
})

suite('a journal on the disk', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cumulus-journal-'))
  const whole = join(folder, 'whole.journal')
  after(() => rmSync(folder, { recursive: true, force: true }))

  before(async () => {
    const journal = new Journal(whole, 1e6, assert.fail)
    journal.begin(header)
    for (let n = 1; n <= 12; n++) journal.write(entry(n))
    await journal.close()
  })

  const read = (file: string): Entry[] => [...JournalFile.read(file, '0.0.0').entries()]
  function refused(bytes: Uint8Array, code: string, words: RegExp): void {
    const file = join(folder, 'other')
    writeFileSync(file, bytes)
    assert.throws(
      () => JournalFile.read(file, '0.0.0'),
      (error: unknown) => {
        assert.ok(error instanceof ConfigError)
        assert.equal(error.code, code)
        assert.match(error.message, words)
        assert.notEqual(error.remedy, '')
        return true
      },
    )
  }

  test('is read as it was written, with bytes of its own', () => {
    const entries = read(whole) as CallEntry[]
    assert.deepEqual(
      entries,
      Array.from({ length: 12 }, (_, n) => entry(n + 1)),
    )
    const [first] = entries
    assert.ok(first?.call.do === 'dispatch' && first.call.events[0]?.e === 'sharedMessage')
    assert.equal(first.call.events[0].args.buffer.byteLength, 3)
  })

  test('that was cut is read up to its last whole record, wherever the cut is', () => {
    const bytes = readFileSync(whole)
    const ends = recordEnds(whole)
    const cut = join(folder, 'cut.journal')
    for (let length = 0; length < bytes.length; length++) {
      writeFileSync(cut, bytes.subarray(0, length))
      const records = ends.filter(end => end <= length).length
      if (records === 0) {
        assert.throws(() => read(cut), { code: 'JOURNAL_CUT' }, `cut at ${length}`)
        continue
      }
      const journal = JournalFile.read(cut, '0.0.0')
      assert.equal([...journal.entries()].length, records - 1, `cut at ${length}`)
      assert.equal(journal.rest, length - ends[records - 1]!, `cut at ${length}`)
    }
  })

  test('ends before a record of which one bit is wrong', () => {
    const bytes = readFileSync(whole)
    const ends = recordEnds(whole)
    const broken = join(folder, 'broken.journal')
    for (let at = ends[3]!; at < ends[4]!; at++) {
      const changed = Buffer.from(bytes)
      changed[at]! ^= 1 << (at % 8)
      writeFileSync(broken, changed)
      assert.equal(read(broken).length, 3, `byte ${at}`)
    }
  })

  test('is told from what is none, from what is empty and from another format in a sentence with a remedy', () => {
    refused(Buffer.from('[apps]\njournal = true\n'), 'NO_JOURNAL', /is not a journal$/)
    refused(Buffer.alloc(0), 'JOURNAL_CUT', /was cut before its first record: there is nothing to replay$/)
    const other = Buffer.from(JSON.stringify({ ...header, format: 2, cumulus: '9.1.0' }))
    refused(Buffer.concat([MAGIC, ...frame(other)]), 'JOURNAL_FORMAT', /is of format 2, and cumulus 0\.0\.0 replays/)
    assert.throws(() => JournalFile.read(join(folder, 'missing'), '0.0.0'), { code: 'JOURNAL_UNREADABLE' })
    const own = Buffer.from(JSON.stringify({ ...header, v8: '99.0' }))
    const file = join(folder, 'engine')
    writeFileSync(file, Buffer.concat([MAGIC, ...frame(own), ...frame(Buffer.from('no value of V8'))]))
    assert.throws(() => read(file), { code: 'JOURNAL_FORMAT', message: /written with V8 99\.0/ })
  })

  test('ends with a word when the disk does not keep up, and holds what came before', async () => {
    const words: string[] = []
    const file = join(folder, 'slow.journal')
    const journal = new Journal(file, 1e9, text => words.push(text))
    journal.begin(header)
    // Nothing is written before this turn of the loop ends.
    const large = QUEUE_BYTES / 4
    for (let n = 0; n < 6; n++) journal.write(entry(n, large))
    await journal.close()
    assert.equal(words.length, 1)
    assert.match(words[0]!, /ends here, because the disk does not keep up/)
    assert.equal(journal.filled, 1)
    assert.equal(read(file).length, 3)
  })
})
