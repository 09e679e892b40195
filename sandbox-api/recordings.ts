import { decode } from './amf.ts'
import { sealClass } from './collection.ts'
import type { Engine } from './engine.ts'
import { numberGiven, textGiven, wrong } from './given.ts'
import { ErrorClass, freeze, PromiseClass, RangeErrorClass } from './primordials.ts'

/** Seconds; a day. */
const SEGMENT_MAX = 86_400

/** What publication.record() takes. */
export interface RecordOptions {
  format?: 'flv' | 'mp4'
  /** Go on where the file ended, instead of beginning anew. */
  append?: boolean
  /** Seconds after which another file begins, at a key frame. */
  segment?: number
  /** The name it is recorded under; its own otherwise. */
  path?: string
}

/** The options as the server knows them; a TypeError names the one that is wrong. */
export function recordWish(options: RecordOptions): Required<RecordOptions> {
  if (typeof options !== 'object' || options === null) {
    throw wrong('record(options)', 'an object, or false', options)
  }
  const { format = 'flv', append = false, segment = 0, path = '' } = options
  if (format !== 'flv' && format !== 'mp4') throw wrong('record: format', "'flv' or 'mp4'", format)
  if (typeof append !== 'boolean') throw wrong('record: append', 'true or false', append)
  const seconds = numberGiven(segment, 'record: segment')
  if (!(seconds >= 0 && seconds <= SEGMENT_MAX)) {
    throw new RangeErrorClass(`record: segment is seconds, from 0 to ${SEGMENT_MAX}`)
  }
  return { format, append, segment: seconds, path: textGiven(path, 'record: path') }
}

interface Facts {
  seconds: number
  bytes: number
}

/** What is recorded of the application's streams, by their names: `cam`, `lobby/cam`, `mp4:cam`. */
export class Recordings {
  readonly #engine: Engine

  constructor(engine: Engine) {
    this.#engine = engine
    freeze(this)
  }

  /** Seconds; 0 when there is no such recording. */
  length(name: string): Promise<number> {
    return this.#ask('facts', textGiven(name, 'length(name)'), facts => (facts as Facts | null)?.seconds ?? 0)
  }

  /** Bytes; 0 when there is no such recording. */
  size(name: string): Promise<number> {
    return this.#ask('facts', textGiven(name, 'size(name)'), facts => (facts as Facts | null)?.bytes ?? 0)
  }

  /** Deletes one; false when there was none. What is being recorded stays. */
  delete(name: string): Promise<boolean> {
    return this.#ask('delete', textGiven(name, 'delete(name)'), count => (count as number) > 0)
  }

  /** Deletes all of the application, or those of one folder (a room); gives how many files these were. */
  clear(folder: string = ''): Promise<number> {
    return this.#ask('clear', textGiven(folder, 'clear(folder)'), count => count as number)
  }

  get [Symbol.toStringTag](): string {
    return 'Recordings'
  }

  #ask<Value>(what: string, name: string, read: (value: unknown) => Value): Promise<Value> {
    const { asks, outbox } = this.#engine
    return new PromiseClass<Value>((resolve, reject) => {
      const write = (ticket: number): void => outbox.write({ c: 'recordings', ticket, what, name }, name.length)
      asks.open('', write, ({ ok, value, text = '' }) => {
        if (ok && value !== undefined) resolve(read(decode(value)[0]))
        else reject(new ErrorClass(text))
      })
    })
  }
}
sealClass(Recordings)
