import type { FieldValues } from '../server/apps/wire.ts'
import type { Outbox } from './outbox.ts'
import type { OwnFields } from './own-fields.ts'
import { SafeSet } from './primordials.ts'
import { faultOf } from './thrown.ts'

/** Which objects' fields a script has touched since they were told last. */
export class FieldWatch {
  readonly #outbox: Outbox
  #touched = new SafeSet<OwnFields>()
  #isAwaited = false
  #isTelling = false

  constructor(outbox: Outbox) {
    this.#outbox = outbox
  }

  /** A turn begins; the last one may have been cut anywhere. */
  begin(): void {
    this.#isAwaited = false
    this.#isTelling = false
  }

  /** What was touched may be what did not end: it is told when it is touched again. */
  cut(): void {
    this.#touched.clear()
  }

  /** What the values themselves touch while they are read is told with the next change. */
  touched(fields: OwnFields): void {
    if (this.#isTelling) return
    this.#touched.add(fields)
    // What a reaction of a promise touches is told when it is through; what a hook touches, before its answer.
    if (!this.#isAwaited) void this.#tellSoon()
  }

  /** Tells what has changed. It may run code of the script: getters and Proxies among the values. */
  tell(): void {
    if (this.#touched.size === 0) return
    const touched = this.#touched
    this.#touched = new SafeSet()
    this.#isTelling = true
    touched.forEach(fields => {
      this.write(fields, fields.changes())
    })
    this.#isTelling = false
  }

  write({ of, id }: OwnFields, values: FieldValues): void {
    if (values.length === 0) return
    let bytes = 0
    for (let i = 0; i < values.length; i++) bytes += values[i]![0].length + (values[i]![1]?.length ?? 0)
    try {
      this.#outbox.write({ c: 'fields', of, id, fields: values }, bytes)
    } catch (error) {
      this.#outbox.fault('fields', faultOf(error))
    }
  }

  async #tellSoon(): Promise<void> {
    this.#isAwaited = true
    await undefined
    this.#isAwaited = false
    this.tell()
  }
}
