import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as passing } from 'node:timers/promises'
import { findProgram } from '../../support/programs.ts'
import { cores, pinned } from './pinned.ts'
import type { SubjectKind } from './subject.ts'
import { treeOf } from './usage.ts'

/** Other servers, to be compared with. They are installed for the bench and belong to nothing of the project. */
export interface Peer {
  /** Null when it cannot be had. */
  readonly kind: SubjectKind | null
  /** Why not, and what would help. */
  readonly missing: string
  dispose(): Promise<void>
}

const nothing = async () => {}

const nginxModule = '/usr/lib/nginx/modules/ngx_rtmp_module.so'
const nginxPackages = ['nginx', 'libnginx-mod-rtmp']

/** nginx with its RTMP module, one worker, everything else as it comes. Debian's packages are installed if need be. */
export function nginx(): Peer {
  if (!existsSync(nginxModule) && process.getuid?.() === 0 && findProgram('apt-get')) {
    spawnSync('apt-get', ['install', '-y', '--no-install-recommends', ...nginxPackages], { stdio: 'ignore' })
  }
  const program = findProgram('nginx') ?? '/usr/sbin/nginx'
  if (!existsSync(nginxModule) || !existsSync(program)) {
    const missing = `nginx is not there: apt-get install ${nginxPackages.join(' ')}`
    return { kind: null, missing, dispose: nothing }
  }
  const configuration = (folder: string, port: number) => `
load_module ${nginxModule};
user root;
daemon off;
worker_processes 1;
worker_rlimit_nofile 20000;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log error;
events { worker_connections 8192; }
rtmp { server { listen 127.0.0.1:${port}; application live { live on; } } }
`
  const start = () =>
    startPeer(async (folder, port) => {
      await writeFile(join(folder, 'nginx.conf'), configuration(folder, port))
      return [program, '-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')]
    })
  return { kind: { label: 'nginx-rtmp', start }, missing: '', dispose: nothing }
}

/** Node-Media-Server from npm, in a folder of its own, which `dispose` removes. */
export async function nodeMediaServer(): Promise<Peer> {
  const folder = await mkdtemp(join(tmpdir(), 'cumulus-peer-'))
  const dispose = () => rm(folder, { recursive: true, force: true })
  const version = 'node-media-server@4.4.3'
  const install = ['install', '--prefix', folder, '--no-audit', '--no-fund', '--ignore-scripts', version]
  const { status } = spawnSync('npm', install, { stdio: 'ignore' })
  if (status !== 0) return { kind: null, missing: `npm could not install ${version}`, dispose }
  const app = join(folder, 'node_modules/node-media-server/bin/app.js')
  const start = () =>
    startPeer(async (own, port) => {
      const file = join(own, 'config.json')
      await writeFile(file, JSON.stringify({ bind: '127.0.0.1', rtmp: { port }, store: { path: own }, auth: {} }))
      return [process.execPath, app, '--config', file, '--no-admin']
    })
  return { kind: { label: 'Node-Media-Server', start }, missing: '', dispose }
}

type Command = readonly [string, ...string[]]

async function startPeer(prepare: (folder: string, port: number) => Promise<Command>) {
  const folder = await mkdtemp(join(tmpdir(), 'cumulus-peer-'))
  const port = await freePort()
  const [program, ...args] = pinned(cores.server, await prepare(folder, port))
  const child = spawn(program, args, { cwd: folder, stdio: 'ignore' })
  const stop = async () => {
    await end(child)
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await listens(child, port)
  } catch (error) {
    await stop()
    throw error
  }
  return { pid: child.pid!, url: `rtmp://127.0.0.1:${port}/live/show`, [Symbol.asyncDispose]: stop }
}

/** Workers too, should they outlive their master. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const workers = treeOf(child.pid!).slice(1)
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const limit = setTimeout(() => child.kill('SIGKILL'), 3000)
  await exited
  clearTimeout(limit)
  for (const worker of workers) {
    try {
      process.kill(worker, 'SIGKILL')
    } catch {
      // It has ended, as it should.
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  if (typeof address !== 'object' || address === null) throw new Error('no port is free')
  return address.port
}

async function listens(child: ChildProcess, port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (child.exitCode !== null) throw new Error(`the peer ended with ${child.exitCode}`)
    if (await canConnect(port)) return
    await passing(100)
  }
  throw new Error(`nobody listens on port ${port}`)
}

function canConnect(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    const say = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.on('connect', () => say(true)).on('error', () => say(false))
  })
}
