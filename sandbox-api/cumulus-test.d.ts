// biome-ignore-all lint/suspicious/noExplicitAny: what clients hear and answer has any type

/** What the tests of an application import: `cumulus test APP` runs its files *.test.js and *.test.ts. */
declare module 'cumulus:test' {
  /** Writes down a test. It is run with an application of its own, fresh from its files; a throw or a rejection fails it. */
  export function test(title: string, run: (app: TestApp) => unknown): void

  /** Fails the test by throwing; that of Node (node:assert/strict), with everything it has. */
  export const assert: {
    (value: unknown, message?: string): asserts value
    ok(value: unknown, message?: string): asserts value
    equal(actual: unknown, expected: unknown, message?: string): void
    notEqual(actual: unknown, expected: unknown, message?: string): void
    deepEqual(actual: unknown, expected: unknown, message?: string): void
    notDeepEqual(actual: unknown, expected: unknown, message?: string): void
    match(text: string, pattern: RegExp, message?: string): void
    doesNotMatch(text: string, pattern: RegExp, message?: string): void
    throws(run: () => unknown, expected?: unknown, message?: string): void
    rejects(promise: Promise<unknown> | (() => Promise<unknown>), expected?: unknown, message?: string): Promise<void>
    fail(message?: string): never
  }

  /** The application, with those above it, in real isolates; no server, no socket, and a time that stands still. */
  export interface TestApp {
    /** A client connects, with the values that follow; resolves when it knows whether it was let in. */
    connect(who?: Visitor, ...values: unknown[]): Promise<TestClient>
    /** A client publishes a name; `query` is what stands behind the ? of it. */
    publish(client: TestClient, name: string, query?: Record<string, string>): Promise<TestStream>
    /** A client plays a name. */
    play(client: TestClient, name: string, query?: Record<string, string>): Promise<TestStream>
    /** Lets so many milliseconds pass: timers ring, onManage is called, Date goes on. */
    advance(ms: number): Promise<void>
    /** Answers what the application fetches, as far as `allow` lets it; a text is a body with status 200. */
    onFetch: ((request: TestRequest) => unknown) | undefined
    /** Mails it has sent. */
    readonly mails: readonly { sender: string; subject: string; content: string; recipients: string[] }[]
    /** What was written to the log so far. */
    readonly logs: readonly string[]
  }

  /** What onFetch gets: the web's Request. */
  export interface TestRequest {
    readonly url: string
    readonly method: string
    readonly headers: { get(name: string): string | null }
    text(): Promise<string>
    json(): Promise<any>
  }

  export interface Visitor {
    room?: string
    query?: Record<string, string>
    /** As ip:port. */
    address?: string
    protocol?: string
    secure?: boolean
    pageUrl?: string
    swfUrl?: string
    flashVersion?: string
  }

  export interface TestClient {
    readonly id: string
    /** Why it was not let in; undefined when it was. */
    readonly refused: string | undefined
    /** What onConnection gave it. */
    readonly info: any
    /** Why it was closed; `left` after leave(). */
    readonly closed: string | undefined
    /** What the application has called on it so far, each as [name, ...values]. */
    readonly calls: unknown[][]
    /** Statuses it was sent, each as [code, description]. */
    readonly statuses: [string, string][]
    /** What it answers when the application calls it by these names. */
    readonly functions: Record<string, (...values: any[]) => unknown>
    /** Calls the application; rejects with the text of its error. */
    call(name: string, ...values: unknown[]): Promise<any>
    /** Its connection ends; with a text it broke, and onFailed hears it. */
    leave(failure?: string): Promise<void>
  }

  export interface TestStream {
    readonly name: string
    /** Why it was refused; undefined when it was not. */
    readonly refused: string | undefined
    /** The status with which the application has ended it. */
    readonly closed: string | undefined
    end(): Promise<void>
  }
}
