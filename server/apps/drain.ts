import type { Clock } from '../base/clock.ts'
import type { Hub } from '../hub/hub.ts'
import { redirectUrl } from './redirect.ts'

/** How long clients that can reconnect by themselves may take to it, ms: a part of the five seconds a stop may last. */
const drainMs = 1_000
const lookMs = 20

/** Sends every client elsewhere; resolves when all have left, or the time is up. `to`: as readRedirect() has it. */
export function drain(hub: Pick<Hub, 'clients' | 'redirect'>, to: string, clock: Clock): Promise<void> {
  for (const client of [...hub.clients.values()]) hub.redirect(client, redirectUrl(to, client.facts))
  return new Promise(resolve => {
    const begun = clock.now()
    const looking = clock.every(lookMs, () => {
      if (hub.clients.size > 0 && clock.now() - begun < drainMs) return
      looking.cancel()
      resolve()
    })
  })
}
