import { silentLog } from '../../server/base/log.ts'
import type { Client } from '../../server/hub/client.ts'
import { Hub } from '../../server/hub/hub.ts'
import type { Judge, Witness } from '../../server/hub/judge.ts'
import type { HubLimits } from '../../server/hub/limits.ts'
import type { Listener, ListenerSink } from '../../server/hub/listener.ts'
import type { FormEncoder, WireForm } from '../../server/hub/outlet.ts'
import type { Publication, Publisher } from '../../server/hub/publication.ts'
import { type Frame, FrameKind, FrameRole } from '../../server/media/frame.ts'
import { introductionOf } from '../support/introduction.ts'
import { ManualClock } from '../support/manual-clock.ts'

const letters: Record<FrameKind, string> = { [FrameKind.Audio]: 'a', [FrameKind.Video]: 'v', [FrameKind.Data]: 'd' }

/** A wire form that people can read: `+v3` is the shared form of video frame "3", `v3@40` its entry at 40 ms. */
export class ReadableForm implements WireForm {
  readonly key: string

  constructor(key = 'readable') {
    this.key = key
  }

  encoder(): FormEncoder {
    const name = ({ kind, payload }: Frame): string => `${letters[kind]}${payload.toString()}`
    return {
      shared: (frame, out) => void out.push(Buffer.from(`+${name(frame)} `)),
      entry: (frame, timestamp, out) => void out.push(Buffer.from(`${name(frame)}@${timestamp} `)),
    }
  }
}

/** A player that writes down what it gets. */
export class PretendPlayer implements ListenerSink {
  readonly form: WireForm
  queuedBytes = 0
  messages = 0
  /** Writes, each as text, and what it was told in between. */
  readonly got: string[] = []

  constructor(form: WireForm = new ReadableForm()) {
    this.form = form
  }

  write(bytes: Buffer): void {
    this.got.push(bytes.toString().trim())
  }

  passed(messages: number): void {
    this.messages += messages
  }

  published(): void {
    this.got.push('published')
  }

  unpublished(): void {
    this.got.push('unpublished')
  }

  closed(code: string, description: string): void {
    this.got.push(`closed ${code}: ${description}`)
  }

  /** What came since it was last asked. */
  take(): string[] {
    return this.got.splice(0)
  }
}

export const limits: HubLimits = {
  listener: { queueBytes: 1000, queueMs: 1000, lagMs: 5000, mergeMs: 20 },
  publication: { staleMs: 2000, graceMs: 5000, gopBytes: 1000, gopFrames: 10 },
}

const accepting: Judge = {
  locate: path => {
    const [, app = '', ...room] = path.split('/')
    return { found: true, app: app === '' ? '' : `/${app}`, room: room.join('/') }
  },
  handshake: (_client, answer) => answer({ ok: true }),
  connect: (_client, answer) => answer({ ok: true, info: null }),
  publish: (_client, _publication, answer) => answer({ ok: true }),
  conflict: (_client, _publication, answer) => answer(undefined),
  subscribe: (_client, _listener, answer) => answer({ ok: true }),
  permit: (_client, _request, answer) => answer({ ok: true }),
  call: (_client, _name, _args, _silent, answer) => answer({ how: 'nothing' }),
}

/** A hub with a judge of five lines, a clock that stands still, and a list of what its witness was told. */
export class PretendHub {
  readonly clock = new ManualClock()
  readonly facts: string[] = []
  readonly hub: Hub
  readonly #waiting: (() => void)[] = []
  #lastClient = 0

  constructor(judge: Partial<Judge> = {}, given: HubLimits = limits) {
    this.hub = new Hub({
      judge: { ...accepting, ...judge },
      witness: this.#witness(),
      clock: this.clock,
      log: silentLog,
      limits: given,
      name: 'here',
      defer: run => this.#waiting.push(run),
    })
  }

  /** The read at hand is done. */
  turn(): void {
    for (const run of this.#waiting.splice(0)) run()
  }

  /** `heardAt`: when a byte of it came last; frames are noted by themselves. */
  client(path = '/live', via: readonly string[] = []): Client & { heard: string[]; heardAt: number } {
    const heard: string[] = []
    const own = { heard, heardAt: this.clock.now() }
    const name = `client ${++this.#lastClient}`
    const peer = {
      call: () => {},
      status: (code: string, description: string) => heard.push(`${code}: ${description}`),
      ping: () => {},
      close: (farewell: { code: string; description: string }) =>
        heard.push(`${farewell.code}: ${farewell.description}`),
      bandwidth() {},
      figures: () => ({
        ping: 0,
        bytesIn: 0,
        bytesOut: 0,
        messagesIn: 0,
        messagesOut: 0,
        silence: this.clock.now() - joined.heardAt,
      }),
    }
    let answer = 'nothing yet'
    let joined = own
    const client = this.hub.connect(introductionOf({ path, address: name, via }), peer, outcome => {
      answer = outcome.ok ? 'welcome' : `${outcome.code}: ${outcome.text}`
      heard.push(answer)
    })
    if (!client) throw new Error(answer)
    const known = Object.assign(client, own)
    joined = known
    return known
  }

  publish(client: Client, name = 'cam'): PretendPublisher {
    const publisher = new PretendPublisher(this, client, name)
    this.hub.publishing.publish(client, name, publisher, outcome => {
      publisher.heard.push(outcome.ok ? 'ok' : `${outcome.code}: ${outcome.text}`)
      publisher.publication = outcome.ok ? outcome.publication : null
    })
    return publisher
  }

  play(
    client: Client,
    name = 'cam',
    player = new PretendPlayer(),
  ): { listener: Listener | null; player: PretendPlayer } {
    const listener = this.hub.playing.play(client, name, player, outcome => {
      player.got.push(outcome.ok ? (outcome.live ? 'live' : 'waiting') : `${outcome.code}: ${outcome.text}`)
    })
    return { listener, player }
  }

  #witness(): Witness {
    const say = (text: string): void => void this.facts.push(text)
    const state = (p: Publication): string => `${p.address.address} ${p.publisher ? `by ${p.generation}` : 'idle'}`
    return {
      clientKnown: client => say(`known ${client.facts.address}`),
      clientJoined: client => say(`joined ${client.facts.address}`),
      clientRejected: (client, text) => say(`rejected ${client.facts.address}: ${text}`),
      clientFailed: (client, failure) => say(`failed ${client.facts.address}: ${failure}`),
      clientLeft: client => say(`left ${client.facts.address}`),
      publicationChanged: publication => say(`changed ${state(publication)}`),
      publicationRemoved: publication => say(`removed ${publication.address.address}`),
      published: (_client, publication) => say(`published ${publication.address.address} ${publication.generation}`),
      unpublished: (_client, publication, generation) =>
        say(`unpublished ${publication.address.address} ${generation}`),
      listenerKnown: listener => say(`listener ${listener.id}`),
      listenerJoined: listener => say(`listening ${listener.id}`),
      listenerLeft: (listener, joined) => say(`${joined ? 'unlistening' : 'refused'} ${listener.id}`),
      metadataChanged: publication => say(`metadata of ${publication.address.address}`),
      codecsChanged: publication => say(`codecs ${publication.videoCodec}/${publication.audioCodec}`),
      recorded: ({ address }, file) => say(`recorded ${address} as ${file}`),
    }
  }
}

export class PretendPublisher implements Publisher {
  readonly client: Client
  readonly given: string
  readonly heard: string[] = []
  publication: Publication | null = null
  readonly #hub: PretendHub

  constructor(hub: PretendHub, client: Client, given: string) {
    this.#hub = hub
    this.client = client
    this.given = given
  }

  get id(): string {
    return this.client.id
  }

  closed(code: string, description: string): void {
    this.heard.push(`${code}: ${description}`)
  }

  /** Frames by letter and name at a time: `k` key, `v` inter, `a` sound, `h` video header, `s` sound header, `m` metadata. */
  send(what: string, time: number): void {
    const [letter = '', name = ''] = [what[0], what.slice(1)]
    const kind = 'kvh'.includes(letter) ? FrameKind.Video : 'as'.includes(letter) ? FrameKind.Audio : FrameKind.Data
    const roles: Record<string, FrameRole> = { k: 'key', h: 'header', s: 'header', m: 'metadata' }
    const codec = kind === FrameKind.Video ? 'avc1' : kind === FrameKind.Audio ? 'mp4a' : ''
    const tag = { role: roles[letter] ?? FrameRole.Inter, codec, track: 0 }
    this.publication?.receive(kind, tag, time, Buffer.from(name))
  }

  /** Sends, and the read that brought it is done. */
  sendNow(what: string, time: number): void {
    this.send(what, time)
    this.#hub.turn()
  }

  stop(): void {
    if (this.publication) this.#hub.hub.publishing.unpublish(this.publication, this)
  }
}
