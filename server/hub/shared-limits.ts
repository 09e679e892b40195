/** What we chose for shared objects; what the operator sets stands in CumulusServer.ini, [sharedobjects]. */
export interface SharedLimits {
  /** Persistent objects that changed are stored every so many ms; 0: only when a script says so, and at the end. */
  readonly storeInterval: number
  /** Bytes in the shared objects of the whole server, and of one application. */
  readonly bytes: number
  readonly appBytes: number
}

export const sharedDefaults: SharedLimits = {
  storeInterval: 10_000,
  bytes: 64 * 1024 * 1024,
  appBytes: 16 * 1024 * 1024,
}

export const sharedLimits = {
  /** Bytes (UTF-8) of the name of an object, a slot or a handler. */
  nameBytes: 1024,
  /** Bytes of one value, or of the arguments of one message: everybody who uses the object is sent all of it. */
  valueBytes: 256 * 1024,
  /** Slots of one object: a newcomer is told all of them. */
  slots: 4096,
  /** Removed slots that are remembered, so that who comes back is told of them; the oldest are forgotten first. */
  removed: 4096,
  /** Bytes of their names: they are beyond what an application's shared objects may hold. */
  removedBytes: 64 * 1024,
  /** Objects of one application. */
  objects: 1000,
  /** Objects that one client uses. */
  used: 256,
  /** Events of clients that wait for a script to unlock an object; further ones are refused. */
  waiting: 1000,
  /** Bytes of them, slots and messages together. */
  waitingBytes: 4 * 1024 * 1024,
  /** Bytes of slots in one message to a newcomer: RTMP has room for 16 MiB, other traffic wants to come between. */
  messageBytes: 1024 * 1024,
} as const

/** What a slot costs beside its name and value, so that a flood of empty ones is counted too. */
export const slotOverheadBytes = 64
