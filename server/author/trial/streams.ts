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

/** What became of a stream, as the hub tells it. */
interface Fate {
  stands(stop: () => void): void
  refused(text: string): void
  readonly closed: (code: string) => void
}

/** Begins a stream, and waits until its application has said what it wants. */
async function begun(name: string, settled: Settle, begin: (fate: Fate) => void): Promise<TrialStream> {
  const stream = { name, refused: undefined as string | undefined, closed: undefined as string | undefined }
  const stop = await new Promise<() => void>(resolve => {
    begin({
      stands: resolve,
      refused(text) {
        stream.refused = text
        resolve(() => {})
      },
      closed(code) {
        stream.closed = code
      },
    })
  })
  await settled()
  return Object.assign(stream, {
    async end() {
      stop()
      await settled()
    },
  })
}

export function publish(
  hub: Hub,
  { seat }: TrialClient,
  name: string,
  query: Record<string, string>,
  settled: Settle,
): Promise<TrialStream> {
  return begun(name, settled, ({ stands, refused, closed }) => {
    const publisher: Publisher = { id: seat.id, client: seat, closed }
    hub.publishing.publish(seat, given(name, query), publisher, outcome => {
      if (outcome.ok) stands(() => hub.publishing.unpublish(outcome.publication, publisher))
      else refused(outcome.text)
    })
  })
}

/** Nothing is sent: what the application decides is what a test looks at. */
const form = {
  key: 'trial',
  encoder: () => ({ shared() {}, entry() {} }),
} as unknown as ListenerSink['form']

export function play(
  hub: Hub,
  { seat }: TrialClient,
  name: string,
  query: Record<string, string>,
  settled: Settle,
): Promise<TrialStream> {
  return begun(name, settled, ({ stands, refused, closed }) => {
    const sink: ListenerSink = { form, queuedBytes: 0, write() {}, published() {}, unpublished() {}, closed }
    hub.playing.play(seat, given(name, query), sink, outcome => {
      if (outcome.ok) stands(() => hub.playing.stop(outcome.listener))
      else refused(outcome.text)
    })
  })
}
