import { anyText } from '../given.ts'
import { ErrorClass, setOwn } from '../primordials.ts'

/** The errors of the web's own functions: told apart by `name` (AbortError, DataCloneError, TimeoutError …). */
export class DomException extends ErrorClass {
  constructor(message: string = '', name: string = 'Error') {
    super(anyText(message, 'DOMException'))
    setOwn(this, 'name', anyText(name, 'DOMException'), false)
  }
}
setOwn(DomException, 'name', 'DOMException', false)
