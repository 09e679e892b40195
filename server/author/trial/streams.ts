import type { Hub } from '../../hub/hub.ts'
import type { ListenerSink } from '../../hub/listener.ts'
import type { Publisher } from '../../hub/publication.ts'
import type { Settle, TrialClient } from './trial-client.ts'

/** A stream that a client of a test publishes or plays. */
export interface TrialStream {
  readonly name: string
  /** Why it may not. */
  readonly refused: string | undefined
  /** The status with which the application has ended it. */
  readonly closed: string | undefined
  end(): Promise<void>
}

/** The name with its query behind it, as encoders and players give it. */
function given(name: string, query: Record<string, string>): string {
  const text = new URLSearchParams(query).toString()
  return text === '' ? name : `${name}?${text}`
}

export async function publish(
  hub: Hub,
  client: TrialClient,
  name: string,
  query: Record<string, string>,
  settled: Settle,
): Promise<TrialStream> {
  const { seat } = client
  const stream = { name, refused: undefined as string | undefined, closed: undefined as string | undefined }
  const publisher: Publisher = {
    id: seat.id,
    client: seat,
    closed: code => {
      stream.closed = code
    },
  }
  const publication = await new Promise<Parameters<Hub['publishing']['unpublish']>[0] | undefined>(resolve => {
    hub.publishing.publish(seat, given(name, query), publisher, outcome => {
      if (!outcome.ok) stream.refused = outcome.text
      resolve(outcome.ok ? outcome.publication : undefined)
    })
  })
  await settled()
  return Object.assign(stream, {
    async end() {
      if (publication) hub.publishing.unpublish(publication, publisher)
      await settled()
    },
  })
}

/** Nothing is sent: what the application decides is what a test looks at. */
const form = {
  key: 'trial',
  encoder: () => ({ shared() {}, entry() {} }),
} as unknown as ListenerSink['form']

export async function play(
  hub: Hub,
  client: TrialClient,
  name: string,
  query: Record<string, string>,
  settled: Settle,
): Promise<TrialStream> {
  const { seat } = client
  const stream = { name, refused: undefined as string | undefined, closed: undefined as string | undefined }
  const sink: ListenerSink = {
    form,
    queuedBytes: 0,
    write() {},
    published() {},
    unpublished() {},
    closed: code => {
      stream.closed = code
    },
  }
  const listener = await new Promise<Parameters<Hub['playing']['stop']>[0] | undefined>(resolve => {
    hub.playing.play(seat, given(name, query), sink, outcome => {
      if (!outcome.ok) stream.refused = outcome.text
      resolve(outcome.ok ? outcome.listener : undefined)
    })
  })
  await settled()
  return Object.assign(stream, {
    async end() {
      if (listener) hub.playing.stop(listener)
      await settled()
    },
  })
}
