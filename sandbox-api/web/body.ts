import { TextDecoder, TextEncoder } from './text-coding.ts'
import { URLSearchParams } from './url-search-params.ts'

export type BodyInit = string | Uint8Array | ArrayBuffer | ArrayBufferView | URLSearchParams | null | undefined

/** The bytes of what a script gives as a body, and the type they have by themselves. */
export function readBody(init: BodyInit): { bytes: Uint8Array | undefined; type: string } {
  if (init === undefined || init === null) return { bytes: undefined, type: '' }
  if (init instanceof ArrayBuffer) return { bytes: new Uint8Array(init.slice(0)), type: '' }
  if (ArrayBuffer.isView(init)) {
    return { bytes: new Uint8Array(new Uint8Array(init.buffer, init.byteOffset, init.byteLength)), type: '' }
  }
  const type =
    init instanceof URLSearchParams ? 'application/x-www-form-urlencoded;charset=UTF-8' : 'text/plain;charset=UTF-8'
  return { bytes: new TextEncoder().encode(String(init)), type }
}

/** What Request and Response have in common: bytes that can be read once. */
export class Body {
  readonly #bytes: Uint8Array | undefined
  #used = false

  constructor(bytes: Uint8Array | undefined) {
    this.#bytes = bytes
  }

  get bodyUsed(): boolean {
    return this.#used
  }

  async bytes(): Promise<Uint8Array> {
    if (this.#used) throw new TypeError('this body has been read already')
    this.#used = this.#bytes !== undefined
    return this.#bytes ?? new Uint8Array(0)
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return (await this.bytes()).slice().buffer
  }

  async text(): Promise<string> {
    return new TextDecoder().decode(await this.bytes())
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text())
  }

  /** The bytes for a copy of the object; a body that was read is no more to be had. */
  protected shared(): Uint8Array | undefined {
    if (this.#used) throw new TypeError('this body has been read already')
    return this.#bytes
  }
}
