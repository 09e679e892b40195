import { PacedPublisher } from './paced-publisher.ts'
import { RtmpClient } from './rtmp-client.ts'
import { Watcher } from './watcher.ts'

/** A publisher and a player in a process of their own, so that what a test is busy with delays neither. */
const url = process.argv[2]!
const fps = 50

const encoder = await RtmpClient.connect({ url })
const publisher = new PacedPublisher(await encoder.publish('bystander'), { fps, keyEvery: fps })
const player = await RtmpClient.connect({ url })
const stream = await player.play('bystander')
let latestMs = 0
let base = Number.NaN
publisher.start()
const watcher = new Watcher(stream, fps, timestamp => {
  // The player's time begins with its first picture, which is the publisher's first.
  if (Number.isNaN(base)) base = timestamp
  latestMs = Math.max(latestMs, performance.now() - publisher.dueAt(timestamp - base))
})
await watcher.sees(5)
process.send!({ ready: true })

process.on('message', async () => {
  const sent = publisher.pictures
  const lost = await watcher.sees(sent).then(
    () => '',
    (error: Error) => error.message,
  )
  const { pictures, gaps, faults } = watcher
  process.send!({ pictures, gaps, faults, lost, latestMs })
  latestMs = 0
})
