import { readFileSync } from 'node:fs'
import { deserialize } from 'node:v8'
import { ConfigError, messageOf } from '../../../base/errors.ts'
import { type Entry, FORMAT, type Header } from './entry.ts'
import { Frames, MAGIC } from './frames.ts'
import { ownCopy } from './own-copy.ts'

const where =
  'Journals are in <data>/journals, a folder for each application; they are written where apps.journal is on.'

/** A journal as it is on the disk, up to its end or to where it was cut. */
export class JournalFile {
  readonly path: string
  readonly header: Header
  /** Bytes of a last record that is not whole: the process ended while it was written. */
  readonly rest: number
  readonly #frames: Frames

  private constructor(path: string, frames: Frames, header: Header) {
    this.path = path
    this.header = header
    this.rest = frames.rest
    this.#frames = frames
  }

  /** Throws a ConfigError when it is none, or none that can be replayed here. */
  static read(path: string, cumulus: string): JournalFile {
    const bytes = bytesOf(path)
    if (!bytes.subarray(0, MAGIC.length).equals(MAGIC.subarray(0, bytes.length))) {
      throw new ConfigError('NO_JOURNAL', `${path} is not a journal`, where)
    }
    const frames = new Frames(bytes.subarray(MAGIC.length))
    const [first] = frames
    if (first === undefined) {
      throw new ConfigError(
        'JOURNAL_CUT',
        `${path} was cut before its first record: there is nothing to replay`,
        'Take another journal of the same folder; their names are the times at which they began.',
      )
    }
    const header = JSON.parse(first.toString()) as Header
    if (header.format !== FORMAT) {
      throw new ConfigError(
        'JOURNAL_FORMAT',
        `${path} is of format ${header.format}, and cumulus ${cumulus} replays format ${FORMAT}`,
        `Replay it with the version that wrote it, cumulus ${header.cumulus}.`,
      )
    }
    return new JournalFile(path, frames, header)
  }

  /** Throws a ConfigError when the records are not those of this engine. */
  *entries(): Generator<Entry, void, void> {
    let isHeader = true
    for (const payload of this.#frames) {
      if (!isHeader) yield this.#entry(payload)
      isHeader = false
    }
  }

  #entry(payload: Buffer): Entry {
    try {
      return ownCopy(deserialize(payload)) as Entry
    } catch {
      const { cumulus, v8 } = this.header
      throw new ConfigError(
        'JOURNAL_FORMAT',
        `${this.path} was written with V8 ${v8}, whose records V8 ${process.versions.v8} does not read`,
        `Replay it with the version that wrote it, cumulus ${cumulus} on the Node it ran with.`,
      )
    }
  }
}

function bytesOf(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new ConfigError('JOURNAL_UNREADABLE', `${path} cannot be read: ${messageOf(error)}`, where)
  }
}
