import { ByteWriter } from '../base/bytes.ts'
import { AppError } from '../base/errors.ts'
import type { AmfTypes, AmfWriteOptions } from './amf-values.ts'
import { type AmfLimits, amfLimits } from './limits.ts'

/** Where both writers of a message write to, and what they keep an eye on together. */
export class AmfOutput extends ByteWriter {
  readonly types: AmfTypes | undefined
  readonly #warn: ((text: string) => void) | undefined
  readonly #limits: AmfLimits
  #depth = 0

  constructor(options: AmfWriteOptions) {
    const limits = options.limits ? { ...amfLimits, ...options.limits } : amfLimits
    super('AMF', limits.bytes)
    this.#limits = limits
    this.types = options.types
    this.#warn = options.warn
  }

  /** Before a value that holds others. */
  enter(): void {
    if (++this.#depth > this.#limits.depth) {
      const sentence = `values within values, more than ${this.#limits.depth} deep, cannot be sent`
      throw new AppError('AMF_DEPTH', sentence, 'flatten what is sent')
    }
  }

  leave(): void {
    this.#depth--
  }

  warn(text: string): void {
    this.#warn?.(text)
  }
}
