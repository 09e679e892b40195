/** What a line is about: `app`, `client`, `publication`, and whatever else helps to find it again. */
export type Subject = Record<string, unknown>

/** The log as the house uses it; pino fulfils it. */
export interface Log {
  error(subject: Subject, text: string): void
  warn(subject: Subject, text: string): void
  info(subject: Subject, text: string): void
  debug(subject: Subject, text: string): void
  trace(subject: Subject, text: string): void
  child(subject: Subject): Log
}

/** Says nothing, for tests and for libraries that want quiet. */
export const silentLog: Log = {
  error() {},
  warn() {},
  info() {},
  debug() {},
  trace() {},
  child: () => silentLog,
}
