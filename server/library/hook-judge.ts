import type { AppsOptions } from '../apps/apps.ts'
import { messageOf } from '../base/errors.ts'
import type { Client as HubClient } from '../hub/client.ts'
import type { CallResult, ConnectVerdict, HandshakeVerdict, Judge, StreamRequest, Verdict } from '../hub/judge.ts'
import type { Listener } from '../hub/listener.ts'
import type { Publication as HubPublication } from '../hub/publication.ts'
import { decodeAmf0, encodeAmf0 } from '../media/amf0.ts'
import type { ClassApps } from './class-apps.ts'
import { Client } from './client.ts'
import type { Hosted, Outcome } from './hosted.ts'
import type { Installed } from './installed.ts'
import { refusalChars } from './limits.ts'
import { Play } from './play.ts'
import { Publication } from './publication.ts'

export interface HookJudgeOptions extends Pick<AppsOptions, 'config' | 'clock' | 'log'> {
  readonly installed: Installed
  readonly apps: ClassApps
}

/** Asks the hooks of classes what the hub wants to know. */
export class HookJudge implements Judge {
  readonly #options: HookJudgeOptions

  constructor(options: HookJudgeOptions) {
    this.#options = options
  }

  locate(path: string): ReturnType<Judge['locate']> {
    return this.#options.installed.locate(path)
  }

  handshake(_client: HubClient, answer: (verdict: HandshakeVerdict) => void): void {
    answer({ ok: true })
  }

  connect(client: HubClient, answer: (verdict: ConnectVerdict) => void): void {
    const { apps, config, clock, log } = this.#options
    let app: Hosted
    let args: unknown[]
    try {
      app = apps.at(client.app)
      args = decodeAmf0(client.facts.args)
    } catch (error) {
      return answer({ ok: false, text: messageOf(error).slice(0, refusalChars) })
    }
    const waitMs = config.app(client.app).verdictTimeout
    const decide = (verdict: ConnectVerdict): void => {
      late.cancel()
      answer(verdict)
      Client.established(mine)
    }
    const mine = new Client(client, { hub: apps.hub, clock, log: log.child({ app: app.path || '/' }), waitMs }, decide)
    // onConnect that waits is bounded as any question; this is for the one that has answered nothing.
    const late = clock.after(waitMs, () => mine.reject(`onConnect did not decide within ${waitMs} ms`))
    app.known.set(client, mine)
    app.whenUp(trouble => {
      if (trouble !== null) return mine.reject(trouble)
      if (client.state !== 'asking') return
      app.ask(
        'onConnect',
        () => app.app.onConnect(mine, ...args),
        outcome => answered(mine, outcome),
      )
    })
  }

  publish(client: HubClient, publication: HubPublication, answer: (verdict: Verdict) => void): void {
    const { apps } = this.#options
    const app = apps.get(client.app)
    const mine = app?.known.get(client)
    if (!app || !mine) return answer({ ok: false, text: '' })
    const view = new Publication(apps.hub, publication, mine, apps.taps(app, publication.address.address))
    app.views.set(publication, view)
    this.#verdict(
      app,
      'onPublish',
      () => app.app.onPublish(mine, view),
      verdict => {
        if (!verdict.ok) Publication.ended(view)
        answer(verdict)
      },
    )
  }

  /** The hub's own rule holds: who is alive keeps its name. */
  conflict(_client: HubClient, _publication: HubPublication, answer: (replace: boolean | undefined) => void): void {
    answer(undefined)
  }

  subscribe(client: HubClient, listener: Listener, answer: (verdict: Verdict) => void): void {
    const { apps } = this.#options
    const app = apps.get(client.app)
    const mine = app?.known.get(client)
    if (!app || !mine) return answer({ ok: false, text: '' })
    const play = new Play(apps.hub, listener, mine)
    app.plays.set(listener, play)
    this.#verdict(app, 'onPlay', () => app.app.onPlay(mine, play), answer)
  }

  permit(client: HubClient, request: StreamRequest, answer: (verdict: Verdict) => void): void {
    const app = this.#options.apps.get(client.app)
    const mine = app?.known.get(client)
    if (!app || !mine) return answer({ ok: false, text: '' })
    if (request.what === 'createStream') {
      return this.#verdict(app, 'onCreateStream', () => app.app.onCreateStream(mine, request.streamId), answer)
    }
    const play = app.plays.get(request.listener)
    // What is played from a file without a subscription is nothing that the application has been asked about.
    if (!play) return answer({ ok: true })
    if (request.what === 'pause') {
      return this.#verdict(app, 'onPause', () => app.app.onPause(mine, play, request.paused), answer)
    }
    this.#verdict(app, 'onSeek', () => app.app.onSeek(mine, play, request.ms), answer)
  }

  call(
    client: HubClient,
    name: string,
    bytes: Uint8Array,
    _silent: boolean,
    answer: (result: CallResult) => void,
  ): void {
    const { apps, config } = this.#options
    const app = apps.get(client.app)
    const mine = app?.known.get(client)
    if (!app || !mine) return answer({ how: 'error', text: 'the application has ended' })
    const { pendingCalls } = config.app(client.app)
    if (app.callsWaiting >= pendingCalls) {
      return answer({ how: 'error', text: `apps.pendingCalls (${pendingCalls}) of them wait for an answer` })
    }
    app.callsWaiting++
    app.ask(
      `call ${name.slice(0, 128)}`,
      () => app.app.onCall(mine, name, ...decodeAmf0(bytes)),
      outcome => {
        app.callsWaiting--
        answer(resultOf(outcome))
      },
    )
  }

  #verdict(app: Hosted, hook: string, run: () => unknown, answer: (verdict: Verdict) => void): void {
    app.ask(hook, run, outcome => {
      if (!outcome.ok) answer({ ok: false, text: outcome.text })
      else answer(outcome.value === false ? { ok: false, text: '' } : { ok: true })
    })
  }
}

/** What onConnect came to; nothing leaves it to accept() and reject(). */
function answered(client: Client, outcome: Outcome): void {
  if (!outcome.ok) return client.reject(outcome.text)
  const { value } = outcome
  if (value === undefined || value === null) return
  if (typeof value !== 'object') return value === false ? client.reject() : client.accept()
  try {
    client.accept(value)
  } catch (error) {
    client.reject(messageOf(error))
  }
}

function resultOf(outcome: Outcome): CallResult {
  if (!outcome.ok) return { how: 'error', text: outcome.text }
  if (outcome.value === undefined) return { how: 'nothing' }
  try {
    return { how: 'value', value: encodeAmf0([outcome.value]) }
  } catch (error) {
    return { how: 'error', text: messageOf(error) }
  }
}
