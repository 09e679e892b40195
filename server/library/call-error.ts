import { CodedError } from '../base/errors.ts'

/** A call of the server's to a client that came to nothing: the client answered with an error, left, or did not answer in time. */
export class CallError extends CodedError {
  /** What the client sent along, as a rule `{ level, code, description }`; undefined when it sent nothing. */
  readonly info: unknown

  constructor(name: string, text: string, info?: unknown) {
    super('peer', 'CALL_FAILED', `${name}: ${text || 'the client answered with an error'}`)
    this.info = info
  }
}
