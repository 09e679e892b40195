import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below the range that systems take ports from for who asks for any, connections among them (ip(7), RFC 6335 §6). */
const first = 20_000
const count = 10_000

/** A port of the loopback on which nobody listens, and which nobody is given by chance. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = first + Math.floor(Math.random() * count)
    const server = createServer().listen(port, '127.0.0.1')
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    )
    if (!isFree) continue
    server.close()
    await once(server, 'close')
    return port
  }
}
