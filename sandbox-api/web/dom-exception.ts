import { defineProperty, ErrorClass, toText } from '../primordials.ts'

/** The errors of the web's own functions: told apart by `name` (AbortError, DataCloneError, TimeoutError …). */
export class DomException extends ErrorClass {
  constructor(message: string = '', name: string = 'Error') {
    super(toText(message))
    defineProperty(this, 'name', { value: toText(name), configurable: true, writable: true })
  }
}
defineProperty(DomException, 'name', { value: 'DOMException' })
