import { Client, type Farewell, type PeerFigures } from '../hub/client.ts'
import { usualAccess } from '../hub/facts.ts'

const silent: PeerFigures = { ping: 0, bytesIn: 0, bytesOut: 0, messagesIn: 0, messagesOut: 0, silence: 0 }

/** What stands for a listener that is the server itself: no client of the hub's, so that nobody is told of it. */
export function insider(app: string, closed: (farewell: Farewell) => void): Client {
  const client = new Client(
    {
      id: 'relay',
      address: '',
      protocol: 'rtmp',
      secure: false,
      uri: '',
      path: app,
      room: '',
      query: {},
      flashVersion: '',
      pageUrl: '',
      swfUrl: '',
      objectEncoding: 0,
      args: new Uint8Array(),
      ...usualAccess,
    },
    {
      call: (_name, _args, { answered }) => answered?.({ ok: false, text: 'a relay has no functions' }),
      status() {},
      ping() {},
      bandwidth: measured => measured(null),
      close: closed,
      figures: () => silent,
    },
  )
  client.state = 'gone'
  return client
}
