import { RtmpClient, type RtmpClientOptions } from './rtmp-client.ts'
import type { TestServer } from './server.ts'

/** More attempts than luck can need: each one goes to either worker. */
const attemptsMax = 60

/** Which media worker has the client, as the log says. */
export async function workerOf(server: TestServer, client: RtmpClient): Promise<number> {
  const address = `127.0.0.1:${client.socket.localPort}`
  const line = await server.logged(({ msg, address: from }) => msg === 'connected' && from === address)
  return Number(line.worker)
}

/** The system deals connections out as it likes: connects until the given worker has one, and closes the others. */
export async function connectOn(server: TestServer, worker: number, options: RtmpClientOptions): Promise<RtmpClient> {
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const client = await RtmpClient.connect(options)
    if ((await workerOf(server, client)) === worker) return client
    await client.close()
  }
  throw new Error(`none of ${attemptsMax} connections came to worker ${worker}`)
}
