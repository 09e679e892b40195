import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * A port that nobody listens on: the given one, or any for 0. Rejects with the system's error when the port cannot be
 * had. For those who listen on it together: they would not notice somebody who already shares it.
 */
export async function findPort(port: number, host: string): Promise<number> {
  const server = createServer()
  server.listen(host === '' ? { port } : { port, host })
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : port
}
