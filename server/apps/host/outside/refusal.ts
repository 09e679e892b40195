import { messageOf } from '../../../base/errors.ts'

/** What a script reads: the kind of error it meets, and the sentence. */
export class Refusal extends Error {
  constructor(name: 'CapabilityError' | 'QuotaError' | 'TypeError' | 'Error' | 'TimeoutError', text: string) {
    super(text)
    this.name = name
  }
}

/** The sentence for anything that went wrong out there: many errors of Node hide theirs in a cause or a list. */
export function troubleOf(thrown: unknown): { name: string; text: string } {
  if (thrown instanceof Refusal) return { name: thrown.name, text: thrown.message }
  if (thrown instanceof AggregateError && thrown.errors.length > 0) return troubleOf(thrown.errors[0])
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
  const text = messageOf(thrown)
  return { name: 'Error', text: text.trim() || code || 'it failed' }
}
