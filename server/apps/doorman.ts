import type { Clock } from '../base/clock.ts'
import { ipOf } from '../base/ip-ranges.ts'
import type { Client } from '../hub/client.ts'
import type { HandshakeVerdict } from '../hub/judge.ts'
import { Attempts } from './attempts.ts'
import { type Bans, bannedText } from './bans.ts'
import type { Bubbling } from './bubbling.ts'
import type { Outcome } from './inquiry.ts'
import { redirectUrl, urlPath } from './redirect.ts'
import { verdictOf } from './verdicts.ts'
import type { HookEvent } from './wire.ts'

export interface DoormanOptions {
  readonly bubbling: Bubbling
  readonly clock: Clock
  readonly bans: Bans
}

/** Who is heard at all, and who is sent elsewhere, before anybody is told of a client. */
export class Doorman {
  readonly #options: DoormanOptions
  readonly #attempts = new Attempts()

  constructor(options: DoormanOptions) {
    this.#options = options
  }

  handshake(client: Client, answer: (verdict: HandshakeVerdict) => void): void {
    const { bubbling, clock, bans } = this.#options
    const isBanned = () => bans.cover(client.app, ipOf(client.facts.address))
    if (isBanned()) return answer({ ok: false, text: bannedText })
    const { address, query: properties } = client.facts
    const path = urlPath(client.facts)
    // All of them are on their way up while the nearest is asked.
    for (const app of bubbling.seers(client.app)) app.reach()
    let attempts = 0
    const event = (ticket: number): HookEvent => {
      attempts ||= this.#attempts.count(ipOf(address), path, clock.now())
      return { e: 'onHandshake', ticket, address, path, properties, attempts }
    }
    bubbling.ask(client.app, 'onHandshake', event, {
      passesBroken: true,
      stale: () => client.state !== 'arriving',
      // It may have been banned while the question was out.
      settle: outcome => answer(isBanned() ? { ok: false, text: bannedText } : handshakeVerdictOf(outcome, client)),
    })
  }
}

/** The first of several addresses; 'again' means here. */
function handshakeVerdictOf(outcome: Outcome, client: Client): HandshakeVerdict {
  const verdict = verdictOf(outcome)
  const to = outcome.how === 'answered' && outcome.answer.c === 'verdict' ? outcome.answer.redirect?.[0] : undefined
  if (!verdict.ok || to === undefined || to === 'again') return verdict
  const redirect = redirectUrl(to, client.facts)
  return { ok: false, text: `redirected to ${redirect}`, redirect }
}
