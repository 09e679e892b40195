import { ErrorClass, setOwn, toText } from '../primordials.ts'

/** The application's storage is full; the message names the limit. */
export class QuotaError extends ErrorClass {
  constructor(message: string = '') {
    super(toText(message))
    setOwn(this, 'name', 'QuotaError', false)
  }
}
