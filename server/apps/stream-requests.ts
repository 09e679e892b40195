import type { StreamRequest } from '../hub/judge.ts'
import type { HookEvent } from './wire.ts'

/** The hook that has a say in it. */
export const hookOf = { createStream: 'onCreateStream', pause: 'onPause', seek: 'onSeek' } as const

export function permitEvent(client: string, ticket: number, request: StreamRequest): HookEvent {
  switch (request.what) {
    case 'createStream':
      return { e: 'onCreateStream', ticket, client, streamId: request.streamId }
    case 'pause':
      return { e: 'onPause', ticket, client, listener: request.listener.id, paused: request.paused }
    case 'seek':
      return { e: 'onSeek', ticket, client, listener: request.listener.id, ms: request.ms }
  }
}
