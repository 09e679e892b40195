/** What is said about a shared object between the server and those who use it, as plain data. */

/** One value: AMF0 bytes, or AMF3 behind the marker 0x11. */
export type SharedValue = Uint8Array

export type SharedEvent =
  /** A client wants to see the object from here on, and to be told of what changes. */
  | { readonly kind: 'use' }
  | { readonly kind: 'release' }
  /** A client wants a slot to have this value. */
  | { readonly kind: 'requestChange'; readonly name: string; readonly value: SharedValue }
  /** A slot has this value now. */
  | { readonly kind: 'change'; readonly name: string; readonly value: SharedValue }
  /** The slot has the value that the client asked for. */
  | { readonly kind: 'success'; readonly name: string }
  /** A function of all that use the object is called; `args` are values one after another. */
  | { readonly kind: 'message'; readonly name: string; readonly args: Uint8Array }
  /** `code` is whole, as in `SharedObject.NoWriteAccess`. */
  | { readonly kind: 'status'; readonly code: string; readonly level: 'status' | 'error' }
  /** No slot is left. */
  | { readonly kind: 'clear' }
  | { readonly kind: 'remove'; readonly name: string }
  | { readonly kind: 'requestRemove'; readonly name: string }
  /** What was asked for with `use` is granted; what the client has to know follows. */
  | { readonly kind: 'useSuccess' }
  | { readonly kind: 'requestClear' }

/** Events about one object that belong together. */
export interface SharedMessage {
  readonly object: string
  /** From a client: the newest version it knows, 0 when it makes no claim. From the server: the version after the events. */
  readonly version: number
  readonly persistent: boolean
  readonly events: readonly SharedEvent[]
}

/** Who uses shared objects, as the hub tells it of them. Nothing here throws, and it is harmless after the end. */
export interface SharedSink {
  shared(message: SharedMessage): void
}

/** Codes a client reads in a status (Flash's NetStatusEvent, `info.code`). */
export const SharedStatus = {
  noReadAccess: 'SharedObject.NoReadAccess',
  noWriteAccess: 'SharedObject.NoWriteAccess',
  /** The object is there, and lives in the other way. */
  badPersistence: 'SharedObject.BadPersistence',
  /** The name is none, or leads into another application. */
  uriMismatch: 'SharedObject.UriMismatch',
  /** There is no room for one more. */
  creationFailed: 'SharedObject.ObjectCreationFailed',
  /** There is no room for what was to be changed. */
  quotaExceeded: 'SharedObject.QuotaExceeded',
  /** It could not be written down. */
  flushFailed: 'SharedObject.Flush.Failed',
} as const
