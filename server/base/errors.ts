/**
 * Errors speak three ways: a stable code for programs, a sentence for people, a remedy for whoever can mend it.
 * `doing` says whose doing it was.
 */
export type Doing = 'peer' | 'script' | 'operator' | 'server'

export class CodedError extends Error {
  readonly code: string
  readonly doing: Doing
  readonly remedy: string

  constructor(doing: Doing, code: string, sentence: string, remedy = '') {
    super(sentence)
    this.name = new.target.name
    this.doing = doing
    this.code = code
    this.remedy = remedy
  }
}

/** The peer broke the protocol: its connection is closed, with one log line, and nobody else notices. */
export class ProtocolError extends CodedError {
  constructor(code: string, sentence: string, remedy = '') {
    super('peer', code, sentence, remedy)
  }
}

/** An application's script is at fault; only its own app is touched. */
export class AppError extends CodedError {
  constructor(code: string, sentence: string, remedy = '') {
    super('script', code, sentence, remedy)
  }
}

/** The configuration or the command line cannot be used as it stands. */
export class ConfigError extends CodedError {
  constructor(code: string, sentence: string, remedy = '') {
    super('operator', code, sentence, remedy)
  }
}

/** What is wrong and what mends it, as a command says it: code, sentence, remedy. */
export function complaintOf({ code, message, remedy }: Pick<CodedError, 'code' | 'message' | 'remedy'>): string {
  return `cumulus: ${code}: ${message}\n${remedy ? `  ${remedy}\n` : ''}`
}

/** The text of anything thrown, for a log line or a status: never throws itself. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message
  try {
    return String(thrown)
  } catch {
    return 'an error without a text'
  }
}
