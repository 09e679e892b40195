/**
 * Evaluates text in a scope: the main module's own, or one in which earlier lines have declared something. `keep` is
 * handed the evaluator of what the text itself declares, `_` is the last value.
 */
export type Evaluate = (code: string, keep: (evaluate: Evaluate) => void, last: unknown) => unknown

/** What the main module's tail shows of its scope. */
export interface Scope {
  evaluate: Evaluate
  /** Names that the module declares and imports. */
  names: readonly string[]
}

/** An evaluator of the scope it stands in, as source. A name of an author's own could only be hidden by `_`. */
export const EVALUATOR = '($cumulus$code, $cumulus$keep, _) => eval($cumulus$code)'

/** A classic script's top level is the global scope. */
export const globalScope: Scope = {
  evaluate: new Function(`return ${EVALUATOR}`)() as Evaluate,
  names: [],
}
