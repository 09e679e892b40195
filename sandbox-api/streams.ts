import type { AppEvent } from '../server/apps/wire.ts'
import { textGiven } from './given.ts'
import { STREAMS } from './limits.ts'
import { infoOf } from './net/info.ts'
import { notify } from './notify.ts'
import {
  defineProperty,
  ErrorClass,
  RangeErrorClass,
  SafeMap,
  setOwn,
  TypeErrorClass,
  textSlice,
} from './primordials.ts'
import { Recordings } from './recordings.ts'
import { forget, isStream, Stream, StreamState, type StreamWorld, streamName, streamStateOf } from './stream.ts'

const failures = /\.(Failed|StreamNotFound|BadName)$/

/** The streams that a script holds, and what the server says of them. */
export class Streams {
  readonly #world: StreamWorld
  readonly #byName = new SafeMap<string, Stream>()

  constructor(world: StreamWorld) {
    this.#world = world
  }

  /** One for a name that the network has brought: kept by nobody but the script. */
  shown(name: string): Stream {
    return this.#byName.get(name) ?? new Stream(new StreamState(this.#world, name, stream => this.#hold(stream)))
  }

  get(given: unknown): Stream {
    const name = streamName(given, 'Stream.get: the name')
    const stream = this.shown(name)
    this.#hold(stream)
    return stream
  }

  status({ stream: name, code, name: entry, description }: AppEvent & { e: 'streamStatus' }): void {
    const { engine } = this.#world
    const stream = this.#byName.get(name)
    if (stream === undefined) return
    const state = streamStateOf(stream)
    const isOurs = state.remote === undefined
    if ((isOurs && code === 'NetStream.Unpublish.Success') || code === 'NetStream.Publish.BadName')
      state.isPlaying = false
    const info = infoOf(failures.test(code) ? 'error' : 'status', code, description)
    setOwn(info, 'details', entry)
    notify(engine, 'onStatus of a stream', stream, 'onStatus', [info])
  }

  /** The global `Stream`: nobody makes one, its functions find and measure them. */
  global(): object {
    const recordings = new Recordings(this.#world.engine)
    const Class = function Stream(): never {
      throw new ErrorClass('a Stream is found by Stream.get(name)')
    }
    const members = {
      get: (name: unknown) => this.get(name),
      /** Seconds and bytes of a recording, 0 when there is none; promises, for the disk is not waited for. */
      length: (name: unknown) => recordings.length(streamName(name, 'Stream.length: the name')),
      size: (name: unknown) => recordings.size(streamName(name, 'Stream.size: the name')),
      destroy: (stream: unknown) => this.#destroy(stream),
    }
    for (const [name, value] of Object.entries(members)) {
      defineProperty(Class, name, { value, writable: true, configurable: true })
    }
    defineProperty(Class, 'prototype', { value: Stream.prototype })
    defineProperty(Stream.prototype, 'constructor', { value: Class, writable: true, configurable: true })
    return Class
  }

  /** Of an instance's recordings: all below a name, `/` for all of them. */
  clear(path: unknown): boolean {
    const given = textGiven(path, 'clearStreams: the path')
    let name = given
    while (name[0] === '/') name = textSlice(name, 1)
    while (name !== '' && (name[name.length - 1] === '/' || name[name.length - 1] === '*'))
      name = textSlice(name, 0, name.length - 1)
    const isFolder = name === '' || given[given.length - 1] === '*' || given[given.length - 1] === '/'
    forget(this.#world, name, isFolder ? 'clear' : 'delete')
    return true
  }

  #hold(stream: Stream): void {
    const { name } = streamStateOf(stream)
    if (!this.#byName.has(name) && this.#byName.size >= STREAMS) {
      throw new RangeErrorClass(`${STREAMS} streams are held, more are not allowed: ${name} is one too many`)
    }
    this.#byName.set(name, stream)
  }

  #destroy(stream: unknown): void {
    if (!isStream(stream)) throw new TypeErrorClass('Stream.destroy: stream is what Stream.get gave')
    const { name } = streamStateOf(stream)
    this.#world.engine.outbox.write({ c: 'streamStop', stream: name }, name.length)
    this.#byName.delete(name)
  }
}
