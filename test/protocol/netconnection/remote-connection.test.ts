import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { silentLog } from '../../../server/base/log.ts'
import type { CallResult } from '../../../server/hub/judge.ts'
import { decodeAmf0, encodeAmf0 } from '../../../server/media/amf0.ts'
import type { MessageChannel } from '../../../server/protocol/netconnection/channel.ts'
import type { Conversation } from '../../../server/protocol/netconnection/conversation.ts'
import { NetConnection } from '../../../server/protocol/netconnection/net-connection.ts'
import { RemoteConnection, type RemoteOwner } from '../../../server/protocol/netconnection/remote-connection.ts'
import { RemotePlay } from '../../../server/protocol/netconnection/remote-play.ts'
import type { RemoteStatus } from '../../../server/protocol/netconnection/remote-status.ts'
import { windowAcknowledgementSize } from '../../../server/protocol/rtmp/control.ts'
import { ClientHandshake, type Handshake, ServerHandshake } from '../../../server/protocol/rtmp/handshake.ts'
import { rtmpLimits } from '../../../server/protocol/rtmp/limits.ts'
import { RtmpForm } from '../../../server/protocol/rtmp/media-form.ts'
import { type Message, MessageType } from '../../../server/protocol/rtmp/message.ts'
import { RtmpSession } from '../../../server/protocol/rtmp/rtmp-session.ts'
import { interTag, keyTag, videoHeader } from '../../support/media-samples.ts'
import { World } from './fake-client.ts'

/** One end of a wire in memory: what it sends gathers in `sent`. */
class End implements MessageChannel {
  readonly protocol = 'rtmp'
  readonly secure = false
  readonly address = '192.0.2.1:5000'
  readonly queuedBytes = 0
  readonly session: RtmpSession
  readonly conversation: Conversation
  sent: Buffer[] = []
  isOver = false

  constructor(handshake: Handshake, converse: (channel: MessageChannel) => Conversation) {
    this.conversation = converse(this)
    const host = {
      write: (bytes: Buffer) => void this.sent.push(bytes),
      ready: () => this.conversation.ready(),
      message: (message: Message) => this.conversation.receive(message),
      failed: () => this.end(),
    }
    this.session = new RtmpSession(host, handshake, rtmpLimits, 0)
    this.session.start()
  }

  send(message: Message): void {
    this.session.send(message)
  }
  welcome(): void {}
  form(streamId: number) {
    return new RtmpForm(streamId, this.session.chunkSize)
  }
  counted(): void {}

  sendEncoded(bytes: Buffer): void {
    this.session.write(bytes)
  }
  ping(): void {}
  probe(): void {}
  figures() {
    return { ping: 0, bytesIn: 0, bytesOut: 0, messagesIn: 0, messagesOut: 0, silence: 0 }
  }
  end(): void {
    this.isOver = true
  }
  fail(): void {
    this.isOver = true
  }
}

class Owner implements RemoteOwner {
  readonly told: string[] = []
  connected({ code }: RemoteStatus): void {
    this.told.push(`connected ${code}`)
  }
  refused({ code, redirect, description }: RemoteStatus): void {
    this.told.push(`refused ${code} ${description}${redirect && ` → ${redirect}`}`)
  }
  status({ code }: RemoteStatus): void {
    this.told.push(`status ${code}`)
  }
  called(name: string, args: Uint8Array, answer: (result: CallResult) => void): void {
    this.told.push(`called ${name} ${JSON.stringify(decodeAmf0(args))}`)
    answer({ how: 'value', value: encodeAmf0(['yes']) })
  }
  ended(failure: string | null): void {
    this.told.push(`ended ${failure}`)
  }
}

/** Our side against our own server, the bytes of each cut into pieces of `size`. */
function pair(world: World, size: number) {
  const owner = new Owner()
  const target = { app: 'live', tcUrl: 'rtmp://h/live', encoding: 0, args: new Uint8Array(), via: ['me'] } as const
  const far = new End(
    new ServerHandshake(),
    channel => new NetConnection({ hub: world.hub, channel, log: silentLog, streams: 4 }),
  )
  let connection!: RemoteConnection
  const near = new End(new ClientHandshake({ digest: 0 }), channel => {
    connection = new RemoteConnection({ channel, target, owner, log: silentLog })
    return connection
  })
  const settle = (): void => {
    for (let moved = true; moved; ) {
      moved = false
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        const bytes = Buffer.concat(from.sent.splice(0))
        for (let at = 0; at < bytes.length; at += size) to.session.receive(bytes.subarray(at, at + size), 0)
        moved ||= bytes.length > 0
      }
    }
  }
  return { owner, near, far, connection, settle }
}

suite('RemoteConnection', () => {
  for (const size of [1, 7, 1_000_000]) {
    test(`connects, is answered and plays when bytes come ${size} at a time (F10, F13, R54)`, () => {
      const world = new World()
      const { owner, connection, settle } = pair(world, size)
      settle()
      assert.deepEqual(owner.told, ['connected NetConnection.Connect.Success'])
      const answers: unknown[] = []
      connection.call('nobody', encodeAmf0([1]), answer => answers.push(answer.ok ? 'ok' : answer.text))
      const publisher = { id: 'script', client: null, closed() {} }
      const publication = world.hub.publishing.publishAs(publisher, '/live', 'cam')!
      const media: string[] = []
      const play = new RemotePlay(connection, 'cam', new Uint8Array(), 1000, {
        media: ({ type, payload }) => media.push(`${type}:${payload.length}`),
        status: ({ code }) => media.push(code),
        dried: () => media.push('dried'),
        failed: text => media.push(text),
      })
      play.start()
      settle()
      publication.receive(9, { role: 'header', codec: 'avc1', tracks: [] } as never, 0, videoHeader)
      publication.receive(9, { role: 'key', codec: 'avc1', tracks: [] } as never, 0, keyTag())
      publication.receive(9, { role: 'inter', codec: 'avc1', tracks: [] } as never, 40, interTag(1))
      settle()
      assert.deepEqual(answers, ["Method 'nobody' not found"])
      const frames = media.filter(text => text.startsWith('9:'))
      assert.deepEqual(
        frames,
        [videoHeader, keyTag(), interTag(1)].map(({ length }) => `9:${length}`),
      )
      assert.ok(media.includes('NetStream.Play.Start'))
    })
  }

  test('is told why it was refused, where else to go, and that this is the end (R58)', () => {
    const world = new World({
      handshake: (_client, answer) => answer({ ok: false, text: 'elsewhere', redirect: 'rtmp://other/live' }),
    })
    const { owner, settle, near } = pair(world, 100)
    settle()
    assert.deepEqual(owner.told, ['refused NetConnection.Connect.Rejected elsewhere → rtmp://other/live', 'ended null'])
    assert.ok(near.isOver)
  })

  test('answers what the server calls, and asks nothing once it is closed (R53, F13)', () => {
    const world = new World()
    const { owner, connection, settle } = pair(world, 100)
    settle()
    const [client] = world.hub.clients.values()
    const answers: unknown[] = []
    const answered = (answer: { value?: Uint8Array }) => void answers.push(decodeAmf0(answer.value!)[0])
    client!.peer.call('hello', encodeAmf0(['you']), { answered })
    settle()
    assert.deepEqual(owner.told.slice(1), ['called hello ["you"]'])
    assert.deepEqual(answers, ['yes'])
    connection.close()
    connection.call('more', new Uint8Array(), answer => answers.push(String(answer.ok)))
    assert.deepEqual([answers.at(-1), owner.told.at(-1)], ['false', 'ended null'])
  })

  test('pings and acknowledgements go both ways, as of a client (F11, F12)', () => {
    const world = new World()
    const { near, far, settle } = pair(world, 100)
    settle()
    near.session.ping(5)
    far.session.ping(5)
    settle()
    assert.deepEqual([typeof near.session.rtt, typeof far.session.rtt], ['number', 'number'])
    const types = (messages: readonly Buffer[]) => messages.map(bytes => bytes[7])
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.session.send(windowAcknowledgementSize(1000))
      settle()
      from.session.send({ type: MessageType.DataAmf0, streamId: 9, timestamp: 0, payload: Buffer.alloc(2000) })
      const bytes = Buffer.concat(from.sent.splice(0))
      to.session.receive(bytes, 0)
      from.session.send(windowAcknowledgementSize(500))
      to.session.receive(Buffer.concat(from.sent.splice(0)), 0)
      assert.ok(types(to.sent).includes(MessageType.Acknowledgement))
      settle()
    }
  })
})
