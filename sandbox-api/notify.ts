import type { Engine } from './engine.ts'
import type { Script } from './stage.ts'

/** Calls a handler that a script may have put on one of its objects; a throw is a fault. */
export function notify(engine: Engine, label: string, object: object, name: string, values: unknown[]): void {
  let script: unknown
  const find = () => {
    script = (object as Record<string, unknown>)[name]
  }
  // A getter of the script's is its code too.
  engine.stage.tell(label, find, undefined, [])
  if (typeof script === 'function') engine.stage.tell(label, script as Script, object, values)
}
