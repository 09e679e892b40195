import type { RecordNews } from '../../hub/archive.ts'

/**
 * Every status a client can see, with its words: those of CumulusServer, which clients have been written against, and
 * of Adobe where it had none. A name stands in them as the client gave it.
 */
export interface Status {
  /** FFmpeg gives up at an `error` and prints its description; at a `status` it goes on. */
  readonly level: 'status' | 'warning' | 'error'
  readonly code: string
  readonly description: string
}

/** As Adobe's server says where else to connect, and players that know of it follow. */
export interface Redirect extends Status {
  readonly ex?: { readonly code: 302; readonly redirect: string }
}

export function elsewhere(status: Status, redirect: string | undefined): Redirect {
  return redirect === undefined ? status : { ...status, ex: { code: 302, redirect } }
}

export function status(code: string, description: string): Status {
  return { level: 'status', code, description }
}

export function failure(code: string, description: string): Status {
  return { level: 'error', code, description }
}

export const connectStatus = {
  success: () => status('NetConnection.Connect.Success', 'Connection succeeded'),
  /** `code` without its prefix: Connect.Rejected, Connect.InvalidApp … */
  refused: (code: string, text: string) => failure(`NetConnection.${code}`, text),
  again: () => failure('NetConnection.Connect.Failed', 'This connection is connected already'),
  /** The last words: Connect.Closed informs, anything else went wrong for the client. */
  farewell: (code: string, text: string) =>
    (code === 'Connect.Closed' ? status : failure)(`NetConnection.${code}`, text),
} as const

export const callStatus = {
  streamRefused: (text: string) => callStatus.failed(text || 'Not allowed to create a stream'),
  failed: (text: string) => failure('NetConnection.Call.Failed', text),
  tooEarly: () => callStatus.failed('Client must be connected before remote procedure calling'),
  argsTooLong: (bytes: number, limit: number) =>
    callStatus.failed(`The arguments take ${bytes} bytes, ${limit} are allowed`),
  tooManyStreams: (limit: number) => callStatus.failed(`A connection may hold ${limit} streams`),
} as const

const tooEarly = 'Client must be connected before publication/subscription'
const noStream = (id: number) => `There is no stream ${id}: createStream comes first`

export const publishStatus = {
  start: (name: string) => status('NetStream.Publish.Start', `${name} is now published`),
  /** `code` without its prefix: Publish.BadName or Publish.Failed. */
  refused: (code: string, text: string) => failure(`NetStream.${code}`, text),
  ended: (name: string) => status('NetStream.Unpublish.Success', `${name} is now unpublished`),
  tooEarly: () => failure('NetStream.Publish.Failed', tooEarly),
  noStream: (id: number) => failure('NetStream.Publish.Failed', noStream(id)),
  noName: () => failure('NetStream.Publish.BadName', 'publish() takes a name'),
} as const

export const recordStatus = {
  /** What became of a recording its publisher asked for; `news` is Start, Stop, Failed or NoAccess. */
  news: (news: RecordNews, text: string) =>
    (news === 'Start' || news === 'Stop' ? status : failure)(`NetStream.Record.${news}`, text),
} as const

export const playStatus = {
  reset: (name: string) => status('NetStream.Play.Reset', `Playing and resetting ${name}`),
  start: (name: string) => status('NetStream.Play.Start', `Started playing ${name}`),
  stop: (name: string) => status('NetStream.Play.Stop', `Stopped playing ${name}`),
  refused: (text: string) => failure('NetStream.Play.Failed', text),
  notFound: (name: string) => failure('NetStream.Play.StreamNotFound', `There is no ${name}, live or recorded`),
  damaged: (text: string) => failure('NetStream.Play.FileStructureInvalid', text),
  seeking: (name: string, ms: number) => status('NetStream.Seek.Notify', `Seeking ${name} to ${Math.round(ms)} ms`),
  published: (name: string) => status('NetStream.Play.PublishNotify', `${name} is now published`),
  unpublished: (name: string) => status('NetStream.Play.UnpublishNotify', `${name} is now unpublished`),
  paused: (name: string) => status('NetStream.Pause.Notify', `Paused ${name}`),
  unpaused: (name: string) => status('NetStream.Unpause.Notify', `Unpaused ${name}`),
  pauseRefused: (name: string, text: string) =>
    failure('NetStream.Pause.Failed', text || `Not allowed to pause ${name}`),
  seekRefused: (name: string, text: string) =>
    failure('NetStream.Seek.Failed', text || `Not allowed to seek in ${name}`),
  sought: (name: string) => status('NetStream.Seek.Notify', `${name} is live: playing on from its newest picture`),
  tooEarly: () => failure('NetStream.Play.Failed', tooEarly),
  noStream: (id: number) => failure('NetStream.Play.Failed', noStream(id)),
  noName: () => failure('NetStream.Play.Failed', 'play() takes a name'),
  /**
   * Adobe's code for a player that knows none of the tracks. Never an error, for the other kind of media may be just what
   * the player wants.
   */
  noSupportedTrack: (text: string, sent: boolean): Status => ({
    level: sent ? 'status' : 'warning',
    code: 'NetStream.Play.NoSupportedTrackFound',
    description: text,
  }),
} as const

/** A stream was ended from this side. `code` without its prefix. */
export function streamStatus(code: string, description: string): Status {
  return status(`NetStream.${code}`, description)
}
