import type { HookEvent, SharedFacts } from '../server/apps/wire.ts'
import { decode } from './amf.ts'
import type { Engine } from './engine.ts'
import { ownFunction } from './own-function.ts'
import { list, ObjectClass, reflectApply, SafeSet, setOwn } from './primordials.ts'
import { neverSent } from './shared-object.ts'
import type { SharedShelf } from './shared-state.ts'
import type { Stage } from './stage.ts'

/** Others have changed an object: its mirror first, then its onSync. */
export function sharedChanged(stage: Stage, shelf: SharedShelf, facts: SharedFacts): void {
  const changes = shelf.apply(facts)
  const view = shelf.find(facts.name)?.view
  const onSync = ownFunction(view, 'onSync')
  if (changes === undefined || onSync === undefined) return
  const told: object[] = []
  for (let i = 0; i < changes.length; i++) {
    const { code, name } = changes[i]!
    const info = new ObjectClass()
    setOwn(info, 'code', code)
    if (name !== undefined) setOwn(info, 'name', name)
    setOwn(told, i, info)
  }
  stage.tell('onSync', onSync, view, [told])
}

/** A client calls a function of all that use the object: the script's own too, if it has put one there. */
export function sharedMessage(stage: Stage, shelf: SharedShelf, event: HookEvent & { e: 'sharedMessage' }): void {
  const state = shelf.find(event.object)
  if (state?.open !== true || neverSent.has(event.name)) return
  const handler = ownFunction(state.view, event.name)
  if (handler === undefined) return
  // Reading the arguments may run code of the script's: a class it registered.
  const run = () => reflectApply(handler as (...values: unknown[]) => unknown, state.view, decode(event.args))
  stage.tell(`shared object's ${event.name}`, run, undefined, list())
}

/** After these there is no such object for the script. */
const lost = new SafeSet<string>()
for (const code of ['NoReadAccess', 'BadPersistence', 'UriMismatch', 'ObjectCreationFailed']) {
  lost.add(`SharedObject.${code}`)
}

export function sharedStatus(engine: Engine, shelf: SharedShelf, event: HookEvent & { e: 'sharedStatus' }): void {
  const { object, code, description } = event
  const state = shelf.find(object)
  const text = `shared object ${object}: ${code}${description === '' ? '' : `: ${description}`}`
  engine.outbox.log('warn', text, { file: '', line: 0, column: 0 })
  if (state === undefined) return
  if (lost.has(code)) {
    state.open = false
    shelf.forget(object)
  }
  const onStatus = ownFunction(state.view, 'onStatus')
  if (onStatus === undefined) return
  const info = new ObjectClass()
  setOwn(info, 'level', 'error')
  setOwn(info, 'code', code)
  setOwn(info, 'description', description)
  engine.stage.tell("shared object's onStatus", onStatus, state.view, [info])
}
