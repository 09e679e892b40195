import { writeDataBody } from '../../media/data-body.ts'
import type { Reading } from '../../media/readable.ts'
import { UserEvent } from '../rtmp/control.ts'
import { type Message, MessageType } from '../rtmp/message.ts'
import type { MessageChannel } from './channel.ts'
import { type Command, encodeCommand, firstArg } from './command.ts'
import { type RemoteStatus, readStatus } from './remote-status.ts'

/** What one stream of a connection to another server is for. */
export interface StreamPart {
  /** The other server has made the stream: from here on it may be spoken on. */
  opened(stream: RemoteStream): void
  status(status: RemoteStatus): void
  /** Audio, video or data. */
  media(message: Message): void
  /** The other server has no more to send for the moment. */
  dried(): void
}

/** What both sides of a connection can. */
export interface Agreed {
  readonly encoding: 0 | 3
  readonly reading: Reading
}

/** One stream that another server made for us. */
export class RemoteStream {
  readonly id: number
  readonly channel: MessageChannel
  readonly encoding: 0 | 3
  /** What of Enhanced RTMP the other side can take apart. */
  readonly reading: Reading
  readonly #part: StreamPart

  constructor(id: number, channel: MessageChannel, { encoding, reading }: Agreed, part: StreamPart) {
    this.id = id
    this.channel = channel
    this.encoding = encoding
    this.reading = reading
    this.#part = part
  }

  /** `args`: values, or bytes that are AMF0 already. */
  command(name: string, args: readonly unknown[] | Uint8Array): void {
    this.channel.send(encodeCommand(this.encoding, name, { streamId: this.id, args }))
  }

  /** A data message for those who hear what is published on it. */
  data(name: string, values: Uint8Array): void {
    const payload = writeDataBody(name, values)
    this.channel.send({ type: MessageType.DataAmf0, streamId: this.id, timestamp: 0, payload })
  }

  media(message: Message): void {
    this.#part.media(message)
  }

  told(command: Command): void {
    if (command.name === 'onStatus') this.#part.status(readStatus(firstArg(command)))
  }

  event(event: number): void {
    if (event === UserEvent.StreamEof) this.#part.dried()
  }
}
