import { connect } from 'node:net'
import type { Log } from '../base/log.ts'
import type { Publication } from '../hub/publication.ts'
import type { Pull, Puller, Relay } from './relay.ts'
import { encodeHello, FrameReader } from './relay-frames.ts'
import { RelaySource } from './relay-source.ts'

/** The relay between the processes of one machine: Unix sockets, one connection for each publication that is pulled. */
export class SocketRelay implements Relay {
  readonly #source: RelaySource

  constructor(log: Log) {
    this.#source = new RelaySource(log)
  }

  listen(address: string): Promise<void> {
    return this.#source.listen(address)
  }

  pull(source: string, publication: string, puller: Puller): Pull {
    const socket = connect(source)
    const reader = new FrameReader(puller)
    let closed = false
    socket.on('connect', () => socket.write(encodeHello(publication)))
    socket.on('data', bytes => {
      if (!closed) reader.receive(bytes)
    })
    // What failed shows in the 'close' that follows.
    socket.on('error', () => {})
    socket.on('close', () => {
      if (!closed) puller.ended()
      closed = true
    })
    return {
      close() {
        closed = true
        socket.destroy()
      },
    }
  }

  begin(publication: Publication): void {
    this.#source.begin(publication)
  }

  end(publication: Publication): void {
    this.#source.end(publication)
  }

  close(): void {
    this.#source.close()
  }
}
