import type { Duplex } from 'node:stream'

/** What a connection stands on: bytes both ways, and what is known of them. */
export interface Line {
  readonly stream: Duplex
  /** The peer's "ip:port", IPv6 in brackets. */
  readonly address: string
  readonly protocol: 'rtmp' | 'rtmps' | 'rtmpt'
  /** Nobody on the way can read or change it. */
  readonly secure: boolean
}

/** A port, or a path of one, that lines come in by. */
export interface Door {
  /** Resolves with "host:port"; rejects with the system's error when the port cannot be had. */
  listen(options: DoorOptions): Promise<string>
  /** Nobody is let in from here on. */
  close(): void
  /** After close(): resolves when the last line is gone. */
  readonly closed: Promise<unknown>
}

export interface DoorOptions {
  /** Other processes may listen on the same port, and the system deals connections out among them. */
  readonly reusePort: boolean
}
