import type { ByteReader } from '../base/bytes.ts'
import { ProtocolError } from '../base/errors.ts'
import type { AmfLimits } from './limits.ts'

/** What one message may still cost whoever reads it. Asked before anything is allocated or entered. */
export class AmfBudget {
  readonly #limits: AmfLimits
  #depth = 0
  #elements = 0

  constructor(limits: AmfLimits) {
    this.#limits = limits
  }

  /** Before a value that holds others. */
  enter(): void {
    if (++this.#depth > this.#limits.depth) {
      throw new ProtocolError('AMF_DEPTH', `AMF values within values, more than ${this.#limits.depth} deep`)
    }
  }

  /** After it. An error ends the reading, so nobody has to leave on the way out. */
  leave(): void {
    this.#depth--
  }

  element(): void {
    if (++this.#elements > this.#limits.elements) {
      throw new ProtocolError('AMF_ELEMENTS', `more than ${this.#limits.elements} values in one AMF message`)
    }
  }

  /** An announced number of things: it is believed when as many bytes have come as they take at the very least. */
  announced(input: ByteReader, count: number, bytesEach: number): void {
    if (count * bytesEach > input.remaining) input.skip(count * bytesEach)
  }

  /** The announced length of a string. */
  stringBytes(length: number): void {
    if (length > this.#limits.stringBytes) {
      throw new ProtocolError('AMF_STRING', `an AMF string of ${length} bytes, ${this.#limits.stringBytes} are allowed`)
    }
  }

  message(bytes: Uint8Array): void {
    if (bytes.length > this.#limits.bytes) {
      throw new ProtocolError('AMF_SIZE', `an AMF message of ${bytes.length} bytes, ${this.#limits.bytes} are allowed`)
    }
  }
}

export function badMarker(version: 0 | 3, marker: number): ProtocolError {
  return new ProtocolError('AMF_MARKER', `AMF${version} has no value that begins with ${marker}`)
}

export function badReference(what: string, index: number): ProtocolError {
  return new ProtocolError('AMF_REFERENCE', `a reference to ${what} ${index}, which the AMF message has not brought`)
}

export function unknownExternalizable(type: string): ProtocolError {
  return new ProtocolError(
    'AMF_EXTERNALIZABLE',
    `nobody here can read the externalizable class "${type.slice(0, 100)}"`,
    'register the class, or give the object a __readExternal in onTypedObject',
  )
}

export function endlessExternalizable(): ProtocolError {
  return new ProtocolError('AMF_EXTERNALIZABLE', 'an externalizable object, the end of which only its class knows')
}
