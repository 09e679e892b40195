import type { Client } from '../hub/client.ts'
import type { CallResult, ConnectVerdict, Verdict } from '../hub/judge.ts'
import type { Outcome } from './inquiry.ts'
import { refusalChars } from './limits.ts'
import { redirectUrl } from './redirect.ts'

/** What the outcome of a question means to the one who asked: without anybody to ask, everything is allowed. */
export function verdictOf(outcome: Outcome): Verdict {
  if (outcome.how === 'nobody') return { ok: true }
  if (outcome.how === 'failed') return { ok: false, text: outcome.text.slice(0, refusalChars) }
  const { answer } = outcome
  if (answer.c === 'verdict' && answer.ok) return { ok: true }
  return { ok: false, text: (answer.text ?? '').slice(0, refusalChars) }
}

/** As verdictOf(), with what the script has to add to Connect.Success or Connect.Rejected, and where else it sends the client. */
export function connectVerdictOf(outcome: Outcome, client: Client): ConnectVerdict {
  const verdict = verdictOf(outcome)
  const answer = outcome.how === 'answered' && outcome.answer.c === 'verdict' ? outcome.answer : undefined
  const info = answer?.info
  if (verdict.ok) return { ok: true, info: info ?? null }
  const to = answer?.redirect?.[0]
  const redirect = to === undefined ? {} : { redirect: redirectUrl(to, client.facts) }
  return { ...verdict, ...redirect, ...(info === undefined ? {} : { info }) }
}

export function resultOf(outcome: Outcome, missing: string): CallResult {
  if (outcome.how === 'nobody') return { how: 'error', text: missing }
  if (outcome.how === 'failed') return { how: 'error', text: outcome.text }
  const { answer } = outcome
  if (answer.c === 'result') {
    if (answer.how === 'value' && answer.value) return { how: 'value', value: answer.value }
    if (answer.how === 'nothing') return { how: 'nothing' }
    if (answer.how === 'error') return { how: 'error', text: (answer.text ?? '').slice(0, refusalChars) }
  }
  return { how: 'error', text: 'no answer' }
}

/** Names come from clients and scripts: enough of one to be recognised. */
export function brief(name: string): string {
  return name.length > 128 ? `${name.slice(0, 128)}…` : name
}
