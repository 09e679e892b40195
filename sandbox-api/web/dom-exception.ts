import { ErrorClass, setOwn, toText } from '../primordials.ts'

/** The errors of the web's own functions: told apart by `name` (AbortError, DataCloneError, TimeoutError …). */
export class DomException extends ErrorClass {
  constructor(message: string = '', name: string = 'Error') {
    super(toText(message))
    setOwn(this, 'name', toText(name), false)
  }
}
setOwn(DomException, 'name', 'DOMException', false)
