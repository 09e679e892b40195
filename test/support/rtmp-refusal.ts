/** The object of a status, of a success or of a refusal. */
export type Info = { readonly level: string; readonly code: string; readonly description: string } & Readonly<
  Record<string, unknown>
>

/** The server said no; `info` is what it gave as the reason. */
export class RtmpRefusal extends Error {
  readonly info: Info

  constructor(asked: string, info: Info) {
    super(`${asked}: ${info?.code}: ${info?.description}`)
    this.info = info
  }
}
