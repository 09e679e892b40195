import type { OperatorEvent } from '../../server/apps/wire.ts'
import type { Engine } from '../engine.ts'
import { inspect } from '../inspect.ts'
import { REPL_SCOPES, REPL_SESSIONS, REPL_TEXT } from '../limits.ts'
import { list, SafeMap } from '../primordials.ts'
import type { Outcome } from '../stage.ts'
import { faultOf } from '../thrown.ts'
import { complete } from './completion.ts'
import { jsonOf } from './json.ts'
import { formOf, INPUT_NAME, namesIn } from './line-form.ts'
import { type Evaluate, globalScope, type Scope } from './scope.ts'

type EvaluateEvent = OperatorEvent & { e: 'evaluate' }

/** What one operator has declared and seen. */
interface Session {
  evaluate: Evaluate
  last: unknown
  names: string[]
  /** Lines whose declarations are kept. */
  scopes: number
}

/** As V8 made it: without it the direct calls of eval() in the scopes would be calls of something else. */
const engineEval = Reflect.get(globalThis, 'eval')
/** What operators' lines are called in texts. */
const label = 'REPL line'
/** What evaluated the line is nothing to an operator. */
const evaluatorFrame = /\n +at Object\.(?:evaluate|eval \[as evaluate\]) [^\n]*/g
/** A frame of the input; its columns are not the operator's where something had to be put around an `await`. */
const inputFrame = new RegExp(`\\n +at (?:async )?([^\\n]*?) ?\\(?${INPUT_NAME}:(\\d+):\\d+\\)?`, 'g')

/** Lines that an operator types into the running application: evaluated in its main module's own scope. */
export class Lines {
  readonly #engine: Engine
  readonly #sessions = new SafeMap<number, Session>()
  /** Tickets that have not been answered, and for those that wait for a promise the time they have for it. */
  readonly #open = new SafeMap<number, number | undefined>()
  /** The line that this turn belongs to; 0 when it is an ordinary one. */
  #current = 0
  #scope: Scope = globalScope

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** The main module shows its scope; a classic script has none of its own. */
  begin(scope: Scope | undefined): void {
    if (scope !== undefined) this.#scope = scope
  }

  enter(): void {
    this.#current = 0
  }

  handle(event: OperatorEvent): void {
    switch (event.e) {
      case 'evaluate':
        this.#evaluate(event)
        break
      case 'complete':
        this.#complete(event)
        break
      case 'cutLine':
        // One that has not come this far, or was answered already: a second answer is nobody's.
        if (this.#open.has(event.ticket)) this.#settle(event.ticket, 'error', 'cut')
        else this.#engine.outbox.answer({ c: 'result', ticket: event.ticket, how: 'error', text: 'cut' })
        break
      case 'sessionEnded':
        this.#sessions.delete(event.session)
        break
      default:
        event satisfies never
    }
  }

  /** The host cut the turn: whatever of the line was running is over, though it may have been no more than its promises. */
  cut(limit: string): void {
    this.#settle(this.#current, 'error', `${label} ran into ${limit}`)
  }

  /** Another version serves, and this one is about to go. */
  giveUp(text: string): void {
    const tickets = list<number>()
    this.#open.forEach((_deadline, ticket) => {
      tickets[tickets.length] = ticket
    })
    for (let i = 0; i < tickets.length; i++) this.#settle(tickets[i]!, 'error', text)
  }

  #evaluate(event: EvaluateEvent): void {
    const { ticket, code } = event
    const session = this.#session(event.session)
    let kept: Evaluate | undefined
    const run = () => {
      if (Reflect.get(globalThis, 'eval') !== engineEval) throw new TypeError('the application has replaced eval()')
      const keep = (evaluate: Evaluate) => {
        kept ??= evaluate
      }
      return session.evaluate(formOf(code), keep, session.last)
    }
    this.#begin(ticket, run, outcome => {
      if (outcome.how === 'value') {
        session.last = outcome.value
        if (kept !== undefined) hold(session, kept, code)
      }
      this.#answer(event, outcome)
    })
  }

  #complete({ ticket, session, text }: OperatorEvent & { e: 'complete' }): void {
    const { evaluate, last, names } = this.#session(session)
    const all = [...names, ...this.#scope.names]
    const look = () => JSON.stringify(complete(text, code => evaluate(code, () => {}, last), all))
    this.#begin(ticket, look, outcome => {
      // A name that leads nowhere has nothing behind it.
      const found = outcome.how === 'value' ? (outcome.value as string) : '{"names":[],"length":0}'
      this.#settle(ticket, 'value', found)
    })
  }

  #begin(ticket: number, run: () => unknown, done: (outcome: Outcome) => void): void {
    const { stage, timers, outbox, limits } = this.#engine
    this.#open.set(ticket, undefined)
    this.#current = ticket
    stage.play(label, run, undefined, list(), false, done)
    if (this.#open.has(ticket)) {
      const text = `${label} gave no answer within apps.verdictTimeout (${limits.verdictTimeout} ms)`
      const late = () => this.#settle(ticket, 'error', text)
      this.#open.set(ticket, timers.set(limits.verdictTimeout, late))
      outbox.turn.pending++
    }
    // The turn is the line's alone, with all that its promises bring at once.
    stage.promised = true
  }

  /** Showing a value may run the script's code (a Proxy's): a cut there comes back as an outcome of its own. */
  #answer({ ticket, as }: EvaluateEvent, outcome: Outcome): void {
    if (!this.#open.has(ticket)) return
    if (outcome.how === 'limit') {
      this.#settle(ticket, 'error', outcome.text)
      return
    }
    let text: string
    let isValue = outcome.how === 'value'
    try {
      if (outcome.how === 'thrown') text = thrownText(outcome.error)
      else text = as === 'json' ? jsonOf(outcome.value) : inspect(outcome.value)
    } catch (error) {
      isValue = false
      text = thrownText(error)
    }
    if (isValue && as === 'json' && text.length > REPL_TEXT) {
      isValue = false
      text = `the value is too large: ${text.length} characters of JSON, ${REPL_TEXT} are shown at most`
    }
    const more = text.length - REPL_TEXT
    this.#settle(ticket, isValue ? 'value' : 'error', more > 0 ? `${text.slice(0, REPL_TEXT)}… ${more} more` : text)
  }

  #settle(ticket: number, how: 'value' | 'error', text: string): void {
    if (!this.#open.has(ticket)) return
    const { outbox, timers } = this.#engine
    const deadline = this.#open.get(ticket)
    this.#open.delete(ticket)
    if (deadline !== undefined) {
      timers.clear(deadline)
      outbox.turn.pending--
    }
    outbox.answer({ c: 'result', ticket, how, text })
  }

  /** Of many the oldest is forgotten: whoever comes back begins anew. */
  #session(id: number): Session {
    let session = this.#sessions.get(id)
    if (session === undefined) {
      if (this.#sessions.size >= REPL_SESSIONS) this.#forgetOldest()
      session = { evaluate: this.#scope.evaluate, last: undefined, names: [], scopes: 0 }
      this.#sessions.set(id, session)
    }
    return session
  }

  #forgetOldest(): void {
    let oldest: number | undefined
    this.#sessions.forEach((_session, id) => {
      oldest ??= id
    })
    if (oldest !== undefined) this.#sessions.delete(oldest)
  }
}

/** Each scope lies within the one before: past a limit what was declared first would cost every later line. */
function hold(session: Session, evaluate: Evaluate, code: string): void {
  if (session.scopes >= REPL_SCOPES) return
  session.scopes++
  session.evaluate = evaluate
  for (const name of namesIn(code)) session.names.push(name)
}

/** With the author's own places, and those of the input as the operator counts its lines. */
function thrownText(error: unknown): string {
  if (!(error instanceof Error)) return `thrown: ${inspect(error)}`
  const { text, stack } = faultOf(error)
  const shown = (stack === '' ? text : stack).replace(evaluatorFrame, '')
  return shown.replace(inputFrame, (_, name: string, line: string) => {
    const place = `${INPUT_NAME}:${line}`
    return `\n    at ${name === 'eval' || name === '' ? place : `${name} (${place})`}`
  })
}
