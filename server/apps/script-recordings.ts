import { addressIn, quoted, readName } from '../hub/address.ts'
import type { Archive, RecordWish } from '../hub/archive.ts'
import type { Hub } from '../hub/hub.ts'
import { isElsewhere, type Judge } from '../hub/judge.ts'
import type { Publication } from '../hub/publication.ts'
import type { Publishing } from '../hub/publishing.ts'
import { encodeAmf0 } from '../media/amf0.ts'
import type { AppCommand } from './wire.ts'

/** What becomes of a command: one AMF value, or the text why not. */
export type Answer = { ok: true; value?: Uint8Array } | { ok: false; text: string }

/** What scripts ask of recordings: always of their own application's, and by names, never by paths. */
export class ScriptRecordings {
  readonly #archive: Archive
  readonly #publishing: Publishing
  readonly #locate: Judge['locate']

  constructor({ archive, publishing }: Hub, locate: Judge['locate']) {
    this.#archive = archive
    this.#publishing = publishing
    this.#locate = locate
  }

  /** Answered when it is recorded, or when it is known why not. */
  record(publication: Publication, command: AppCommand & { c: 'record' }, answer: (answer: Answer) => void): void {
    const { format, append, segment, path } = command
    const place = path === '' ? null : this.#place(publication.app, path)
    if (place === undefined) return answer({ ok: false, text: `${quoted(path)} is no name of this application's` })
    const wish: RecordWish = {
      format: format === 'mp4' ? 'mp4' : 'flv',
      mode: append ? 'append' : 'record',
      segment: Math.max(0, Math.round(segment * 1000)),
      path: place?.address ?? '',
      by: 'script',
    }
    let isAnswered = false
    this.#publishing.record(publication, wish, (news, text) => {
      if (!isAnswered) answer(news === 'Start' ? { ok: true } : { ok: false, text })
      isAnswered = true
    })
  }

  /** Length and size of a recording, or null; or how many files were deleted. */
  recordings(app: string, command: AppCommand & { c: 'recordings' }, answer: (answer: Answer) => void): void {
    const { what, name } = command
    if (what === 'clear' && name === '') {
      return this.#archive.clear(app, '', count => answer({ ok: true, value: encodeAmf0([count]) }))
    }
    const place = this.#place(app, name)
    if (place === undefined) return answer({ ok: false, text: `${quoted(name)} is no name of this application's` })
    const { address, format } = place
    if (what === 'facts') {
      this.#archive.facts(app, address, format, facts => answer({ ok: true, value: encodeAmf0([facts]) }))
    } else if (what === 'delete') {
      this.#archive.delete(app, address, format, count => answer({ ok: true, value: encodeAmf0([count]) }))
    } else this.#archive.clear(app, address, count => answer({ ok: true, value: encodeAmf0([count]) }))
  }

  /** Undefined when it cannot be one, or belongs to another application. */
  #place(app: string, given: string) {
    const name = readName(given)
    if (!name) return undefined
    const { address, room } = addressIn('', name)
    return isElsewhere(this.#locate(`${app}/${room}`), app) ? undefined : { address, format: name.format }
  }
}
