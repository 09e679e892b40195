let isOne: (value: unknown) => boolean

/** An application refuses a client, with something to say beside the words: thrown where the verdict is awaited. */
export class Refusal {
  readonly #text: string
  readonly #info: object | undefined
  readonly #redirect: string | undefined

  /** `info`: its members are merged into the status; `redirect`: where the client is to connect instead. */
  constructor(text: string, info?: object, redirect?: string) {
    this.#text = text
    this.#info = info
    this.#redirect = redirect
  }

  static {
    isOne = value => typeof value === 'object' && value !== null && #text in value
  }

  get text(): string {
    return this.#text
  }

  get info(): object | undefined {
    return this.#info
  }

  get redirect(): string | undefined {
    return this.#redirect
  }
}

/** No script can make one: it is known by what is private in it. */
export function isRefusal(value: unknown): value is Refusal {
  return isOne(value)
}
