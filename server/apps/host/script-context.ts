interface Message {
  method?: string
  params?: Record<string, unknown>
}

/** isolated-vm gives each isolate an empty context first, which nobody uses; the script's is the second. */
const emptyContext = 1
const scriptContext = 2

/** Requests that name a context, and how; none named means the default one. */
const namedBy = new Map([
  ['Runtime.evaluate', 'contextId'],
  ['Runtime.compileScript', 'executionContextId'],
  ['Runtime.runScript', 'executionContextId'],
  ['Runtime.globalLexicalScopeNames', 'executionContextId'],
  ['Runtime.callFunctionOn', 'executionContextId'],
])

/** The context of a console line that the script has written. */
export const consoleContext = scriptContext

/**
 * Debuggers know one default context and, as Node has it, by the number 1: what they ask without a number, or with that one,
 * is asked of the script's.
 */
export function inScriptContext({ method = '', params = {} }: Message): void {
  const name = namedBy.get(method)
  if (name === undefined || params.uniqueContextId !== undefined || params.objectId !== undefined) return
  if (params[name] === undefined || params[name] === emptyContext) params[name] = scriptContext
}

/** What debuggers hear of contexts: null is nothing. */
export function heardOfContext(text: string, name: string): string | null {
  const message = JSON.parse(text) as { params: { context: { id: number; name: string; auxData?: object } } }
  const { context } = message.params
  if (context.id !== scriptContext) return null
  context.name = name
  context.auxData = { isDefault: true }
  return JSON.stringify(message)
}
