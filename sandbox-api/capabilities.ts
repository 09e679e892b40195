import { allows, type Capability, capabilitySentence, capabilityWord, type Want } from '../server/base/capability.ts'
import { anyText } from './given.ts'
import { ErrorClass, setOwn } from './primordials.ts'

/** The application wants something that nobody has allowed; the message says what to write where. */
export class CapabilityError extends ErrorClass {
  constructor(message: string = '') {
    super(anyText(message, 'CapabilityError'))
    setOwn(this, 'name', 'CapabilityError', false)
  }
}

interface Permit {
  path: string
  allow: readonly Capability[]
  configFile: string
}

/**
 * What this application may reach outside itself. Asked here so that an error has the script's own place; those who
 * really reach out, beyond the glass, ask again.
 */
export class Capabilities {
  readonly #permit: Permit

  constructor(permit: Permit) {
    this.#permit = permit
  }

  /** Throws a CapabilityError that names the line to add. */
  need(want: Want): void {
    const { path, allow, configFile } = this.#permit
    if (!allows(allow, want)) throw new CapabilityError(capabilitySentence(path, configFile, capabilityWord(want)))
  }
}
