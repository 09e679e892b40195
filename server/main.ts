import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { AdminSocket } from './admin/admin-socket.ts'
import { LogTap } from './admin/log-tap.ts'
import { type Apps, type AppsOptions, createApps } from './apps/apps.ts'
import { drain } from './apps/drain.ts'
import { systemClock } from './base/clock.ts'
import type { Log } from './base/log.ts'
import { FileRegister } from './cluster/file-register.ts'
import { Workers } from './cluster/workers.ts'
import type { Config } from './config/config.ts'
import { Hub } from './hub/hub.ts'
import { FileArchive } from './recording/archive.ts'
import { systemDisk } from './recording/disk.ts'
import { wishOf } from './recording/wishes.ts'
import { Relays } from './relay/relays.ts'
import { ScriptConnection } from './relay/script-connection.ts'
import { SharedDisk } from './shared-store/shared-disk.ts'
import { findPort } from './transports/port.ts'
import { RtmpTransport } from './transports/rtmp.ts'
import { RtmpDialer } from './transports/rtmp-dialer.ts'
import { TunnelLobby } from './transports/tunnel-lobby.ts'

export interface ServerOptions {
  readonly config: Config
  readonly log: Log
  /** Of the package, for scripts to read. */
  readonly version: string
  /** Who decides, in place of the scripts below www/. */
  readonly apps?: (options: AppsOptions) => Apps
}

export interface RunningServer {
  /** By protocol, as host:port. */
  readonly addresses: Readonly<Record<string, string>>
  /** Ends in order, within five seconds; resolves when everything is closed. Harmless twice. */
  stop(): Promise<void>
}

/**
 * Introduces everyone, and starts them in order: applications first, so that whoever comes in finds them; then the
 * port. Rejects when the port cannot be had.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { config, log, version } = options
  const clock = systemClock
  const unhurried = (run: () => void): void => (workers ? workers.unhurried(run) : void setImmediate(run))
  let rtmp: Workers | RtmpTransport | undefined
  const tap = new LogTap(log)
  const apps = (options.apps ?? createApps)({
    config,
    log: tap,
    clock,
    version,
    unhurried,
    banned: (on, entries) => rtmp?.ban(on, entries),
    reach: (app, to, told, shared) => new ScriptConnection(app, to, { told, shared }, { hub, dial: dialer, log, name }),
  })
  const { judge, witness, operator } = apps
  // Before anything of the data folder is touched: another server may have it.
  const admin = operator && new AdminSocket(config.apps.data, log)
  await admin?.open()
  const disk = new SharedDisk(join(config.apps.data, 'shared'), clock)
  const stock = await disk.load().catch(async error => {
    await admin?.close()
    throw error
  })
  const { listener, publication } = config
  const wishFor = (app: string) => wishOf(config.app(app))
  const files = config.server.workers > 1 ? new FileRegister() : null
  const archive = new FileArchive({
    ...{ config: config.recording, disk: systemDisk, clock, log, wishFor, ...(files && { ledger: files.own }) },
    isApp(path) {
      const place = judge.locate(path)
      return place.found && place.app === path
    },
    recorded: (facts, file) => witness.recorded(facts, file),
  })
  const workers =
    files !== null
      ? new Workers({
          ...{ config, witness, clock, log, archive, wishFor, files },
          mend: taken => archive.mend(taken),
          findPort: port => findPort(port, config.rtmp.interface),
          ...(config.rtmp.rtmpt && { lobby: next => new TunnelLobby({ config, clock, log, next }) }),
        })
      : null
  const shared = { limits: config.sharedobjects, store: disk }
  const name = randomUUID()
  const hub = new Hub({
    name,
    judge,
    witness,
    clock,
    log,
    limits: { listener, publication },
    shared,
    archive,
    ...workers?.hubOptions,
  })
  hub.shared.restore(stock)
  apps.attach(hub)
  workers?.attach(hub)
  const dialer = new RtmpDialer({ config, clock, log })
  const locate = (path: string) => judge.locate(path)
  const relays = new Relays({ config: config.relay, hub, locate, dial: dialer, clock, log, name, random: Math.random })
  let isOpen = false
  let stopping: Promise<void> | undefined

  /** In the opposite order: clients leave, applications hear of it and of the end, then the sockets go. */
  const stop = async (): Promise<void> => {
    const { drainTo } = config.server
    if (isOpen && drainTo !== '') await drain(hub, drainTo, clock)
    relays.stop()
    admin?.dismiss('the server stops')
    if (isOpen) await rtmp?.dismiss({ code: 'Connect.AppShutdown', description: 'the server stops' })
    await archive.close()
    await apps.stop()
    if (isOpen) await rtmp?.close()
    dialer.close()
    hub.close()
    await disk.close()
    await admin?.close()
  }
  try {
    await apps.start()
    // With workers the sockets are theirs; what they do stands before this hub as if it were done here.
    const sockets = workers ?? new RtmpTransport({ hub, config, clock, log })
    sockets.ban(true, apps.serverBans())
    rtmp = sockets
    const addresses = await sockets.listen()
    isOpen = true
    const { workers: count } = config.server
    if (operator) admin?.serve({ applications: operator, hub, clock, version, workers: count }, tap)
    relays.start()
    return { addresses, stop: () => (stopping ??= stop()) }
  } catch (error) {
    await stop()
    throw error
  }
}
