import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { systemClock } from './base/clock.ts'
import { messageOf } from './base/errors.ts'
import { GatheringBus } from './cluster/bus.ts'
import { BusLog } from './cluster/bus-log.ts'
import { OrderQueue } from './cluster/order-queue.ts'
import { SocketRelay } from './cluster/socket-relay.ts'
import type { WorkerOrder, WorkerReport, WorkerSetup } from './cluster/wire.ts'
import { WorkerFiles } from './cluster/worker-files.ts'
import { WorkerHub } from './cluster/worker-hub.ts'
import type { Farewell } from './hub/client.ts'
import { FileArchive } from './recording/archive.ts'
import { systemDisk } from './recording/disk.ts'
import { RtmpTransport } from './transports/rtmp.ts'

/**
 * The program of a media worker: sockets, protocols and frames, with a hub that asks the main process. It lives as long
 * as that does, and ends when it is told to; signals are for the main process to hear.
 */
const clock = systemClock
const defer = (run: () => void): void => void setImmediate(run)
const bus = new GatheringBus<WorkerReport>(reports => {
  if (process.connected) process.send!(reports)
}, defer)

const files = new WorkerFiles(bus)

class Worker {
  readonly hub: WorkerHub
  readonly #rtmp: RtmpTransport
  readonly #relay: SocketRelay
  readonly #setup: WorkerSetup
  readonly #archive: FileArchive

  constructor(setup: WorkerSetup) {
    const log = new BusLog(bus, setup.logLevel)
    const { listener, publication, recording } = setup
    this.#setup = setup
    this.#relay = new SocketRelay(log)
    // What the configuration wants recorded, the main process orders.
    this.#archive = new FileArchive({
      ...{ config: recording, disk: systemDisk, clock, log, ledger: files },
      wishFor: () => null,
      isApp: () => false,
      recorded: (facts, file) => bus.post({ r: 'recorded', facts, file }),
    })
    const limits = { listener, publication }
    this.hub = new WorkerHub({ bus, relay: this.#relay, clock, log, defer, limits, archive: this.#archive })
    this.#rtmp = new RtmpTransport({ hub: this.hub, config: setup, handed: setup.handed, clock, log })
  }

  async listen(): Promise<void> {
    try {
      await this.#relay.listen(this.#setup.relay)
      bus.post({ r: 'listening', addresses: await this.#rtmp.listen({ reusePort: true }) })
    } catch (error) {
      const { code = '', address = '', port = this.#setup.rtmp.port } = error as NodeJS.ErrnoException & Where
      bus.post({ r: 'failed', message: messageOf(error), code, address, port })
      end()
    }
  }

  ban(on: boolean, entries: readonly string[]): void {
    this.#rtmp.ban(on, entries)
  }

  async dismiss(farewell: Farewell): Promise<void> {
    this.#rtmp.dismiss(farewell)
    await this.#archive.close()
    bus.post({ r: 'dismissed' })
    await this.#rtmp.close()
    this.hub.close()
    this.#relay.close()
    end()
  }
}

interface Where {
  address?: string
  port?: number
}

/** Once what was posted has been taken. */
function end(code = 0): void {
  bus.flush()
  if (process.connected) process.send!([], () => process.exit(code))
  else process.exit(code)
}

let worker: Worker | undefined
/** The folder of all relays. */
let relays = ''
const orders = new OrderQueue<WorkerOrder>({
  clock,
  defer,
  take(order) {
    if (order.o === 'start') {
      worker = new Worker(order.setup)
      relays = dirname(order.setup.relay)
      void worker.listen()
    } else if (order.o === 'dismiss') void worker?.dismiss(order.farewell)
    else if (order.o === 'ban') worker?.ban(order.on, order.entries)
    else if (order.o === 'files' || order.o === 'fileTaken') files.receive(order)
    else worker?.hub.receive(order)
  },
  handled: count => bus.post({ r: 'handled', count }),
})
process.on('message', (more: WorkerOrder[]) => orders.add(more))
process.on('disconnect', () => {
  // The main process is gone, and could not clean up behind itself.
  if (relays !== '') rmSync(relays, { recursive: true, force: true })
  process.exit(0)
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
process.on('uncaughtException', err => {
  bus.post({ r: 'log', level: 'error', subject: { err }, text: 'a defect of the server: please report these lines' })
  end(70)
})
