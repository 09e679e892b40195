import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { suite, test } from 'node:test'
import { type Import, importsOf, loadedBy, ownFiles, readText, root } from './source-tree.ts'

/**
 * The arrows of ARCHITECTURE.md: a room, and what its files may import besides one another. The longest room that a
 * file's path begins with is its own. `type:` allows only what is erased before it runs.
 */
const rooms: Record<string, string[]> = {
  'server/base/': [],
  'server/media/': ['server/base/'],
  'server/config/': ['server/base/'],
  'server/protocol/': ['server/base/', 'server/media/', 'type:server/config/config.ts'],
  'server/protocol/netconnection/': ['server/base/', 'server/media/', 'server/protocol/', 'server/hub/'],
  'server/hub/': ['server/base/', 'server/media/', 'type:server/config/config.ts'],
  'server/transports/': [
    'server/base/',
    'server/media/',
    'server/protocol/',
    'server/hub/',
    'type:server/config/config.ts',
  ],
  'server/apps/': ['server/base/', 'server/media/', 'server/hub/', 'type:server/config/config.ts'],
  'server/apps/host/': [
    'server/base/',
    'server/apps/wire.ts',
    'server/apps/app-setup.ts',
    'server/apps/host-words.ts',
    'type:server/apps/replay-order.ts',
    'server/media/amf0.ts',
    'type:sandbox-api/',
    'sandbox-api/hook-names.ts',
    'sandbox-api/limits.ts',
    'sandbox-api/repl/scope.ts',
    'sandbox-api/stack.ts',
  ],
  'server/relay/': [
    'server/base/',
    'server/media/',
    'server/hub/',
    'server/protocol/',
    'type:server/config/config.ts',
    'type:server/apps/net-wire.ts',
  ],
  'server/shared-store/': ['server/base/', 'type:server/hub/shared-store.ts'],
  'server/recording/': ['server/base/', 'server/media/', 'server/hub/', 'type:server/config/config.ts'],
  'server/cluster/': ['server/base/', 'server/media/', 'server/hub/', 'type:server/config/config.ts'],
  'server/worker.ts': ['server/base/', 'server/hub/', 'server/recording/', 'server/transports/', 'server/cluster/'],
  'server/admin/': ['server/base/', 'type:server/hub/'],
  'server/main.ts': [
    'server/base/',
    'server/admin/',
    'server/protocol/',
    'server/hub/',
    'server/recording/',
    'server/transports/',
    'server/apps/',
    'server/relay/',
    'server/cluster/',
    'server/shared-store/',
    'type:server/config/config.ts',
  ],
  'server/library/': [
    'server/base/',
    'server/media/',
    'server/config/',
    'server/protocol/',
    'server/hub/',
    'server/recording/',
    'server/apps/',
    'server/main.ts',
  ],
  'server/author/': [
    'server/base/',
    'server/media/',
    'server/config/',
    'server/hub/',
    'server/apps/',
    'type:sandbox-api/',
  ],
  'server/cli/': [
    'server/base/',
    'server/config/',
    'server/apps/',
    'server/author/',
    'server/admin/client/',
    'server/main.ts',
  ],
  'sandbox-api/': [
    'server/media/amf',
    'server/base/utf8.ts',
    'server/base/capability.ts',
    'type:server/apps/wire.ts',
    'type:server/apps/net-wire.ts',
  ],
}

/** Packages, and modules of Node that reach outside: the files or rooms that may import them. */
const doors: Record<string, string[]> = {
  mediabunny: ['server/recording/media-film.ts'],
  'isolated-vm': ['server/apps/host/isolate.ts'],
  chokidar: ['server/apps/watcher.ts'],
  commander: ['server/cli/'],
  ini: ['server/config/ini-file.ts'],
  nodemailer: ['server/apps/host/outside/post-office.ts'],
  pino: ['server/base/pino-log.ts'],
  'pino-pretty': ['server/base/pino-log.ts'],
  ws: ['server/apps/inspector/inspector-server.ts'],
  'node:net': [
    'server/transports/',
    'server/main.ts',
    'server/cluster/relay-source.ts',
    'server/cluster/socket-relay.ts',
    'server/apps/host/outside/',
    'server/admin/',
    'server/apps/inspector/',
  ],
  'node:tls': ['server/transports/', 'server/main.ts'],
  'node:dgram': ['server/transports/', 'server/apps/host/outside/ports.ts', 'server/apps/host/outside/udp-port.ts'],
  'node:dns/promises': ['server/apps/host/outside/'],
  'node:http': ['server/transports/', 'server/apps/inspector/', 'server/apps/host/outside/'],
  'node:https': ['server/transports/', 'server/apps/host/outside/'],
  'node:http2': ['server/transports/'],
  'node:sqlite': ['server/shared-store/database.ts', 'server/apps/host/outside/storage.ts'],
  'node:worker_threads': ['server/shared-store/'],
  'node:child_process': [
    'server/apps/forked-host.ts',
    'server/apps/forked-replay.ts',
    'server/cluster/forked-worker.ts',
    'server/author/',
  ],
}

const sources = ownFiles().filter(file => /^(server|sandbox-api)\/.*\.ts$/.test(file) && !file.endsWith('.d.ts'))
const imports = sources.flatMap(importsOf)
const roomOf = (file: string) =>
  Object.keys(rooms)
    .filter(room => file.startsWith(room))
    .sort((a, b) => b.length - a.length)[0]
const say = ({ from, line, to }: Import) => `${from}:${line} imports ${to}`

function isAllowed({ from, to, typeOnly }: Import): boolean {
  const room = roomOf(from)
  if (room === undefined) return false
  if (roomOf(to) === room) return true
  return rooms[room]!.some(allowed =>
    allowed.startsWith('type:') ? typeOnly && to.startsWith(allowed.slice(5)) : to.startsWith(allowed),
  )
}

suite('imports', () => {
  test('every source stands in a room of the picture', () => {
    assert.deepEqual(
      sources.filter(file => roomOf(file) === undefined),
      [],
    )
  })

  test('arrows fall; none climb', () => {
    const climbing = imports.filter(each => /^(server|sandbox-api)\//.test(each.to) && !isAllowed(each))
    assert.deepEqual(climbing.map(say), [])
  })

  test('name files that exist', () => {
    const files = new Set(ownFiles())
    const lost = imports.filter(({ to }) => /^(server|sandbox-api)\//.test(to) && !files.has(to))
    assert.deepEqual(lost.map(say), [])
  })

  test('never go in a circle', () => {
    const ours = new Map(sources.map(file => [file, importsOf(file).filter(each => !each.typeOnly)]))
    const settled = new Set<string>()
    const circles: string[] = []
    const walk = (file: string, way: readonly string[]) => {
      if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(' → '))
      if (way.includes(file) || settled.has(file)) return
      for (const { to } of ours.get(file) ?? []) walk(to, [...way, file])
      settled.add(file)
    }
    for (const file of sources) walk(file, [])
    assert.deepEqual(circles, [])
  })

  test('packages and sockets have their doors', () => {
    const outside = imports.filter(({ from, to }) => doors[to] && !doors[to].some(door => from.startsWith(door)))
    assert.deepEqual(outside.map(say), [])
  })

  test('every dependency of the package has a door and is used', () => {
    const { dependencies } = JSON.parse(readText('package.json'))
    const used = new Set(imports.map(({ to }) => to))
    const packages = [...used].filter(to => !/^(server|sandbox-api)\/|^node:/.test(to))
    assert.deepEqual(packages.sort(), Object.keys(dependencies).sort())
    assert.deepEqual(
      packages.filter(name => !doors[name]),
      [],
    )
  })

  test('what runs inside the glass brings nothing along that the glass does not have', () => {
    for (const file of sources.filter(file => file.startsWith('sandbox-api/'))) {
      const foreign = [...loadedBy(file)].filter(to => !/^(sandbox-api|server\/(media|base))\//.test(to))
      assert.deepEqual(foreign, [], file)
    }
  })

  test('the media process never loads what belongs to an app host', () => {
    const foreign = [...loadedBy('server/main.ts')].filter(to =>
      /^server\/apps\/host\/|^sandbox-api\/|^isolated-vm$/.test(to),
    )
    assert.deepEqual(foreign, [])
  })

  test('a server never loads node:domain, which makes every event of its process slower (node:repl brings it)', () => {
    const look =
      "await import('./server/main.ts'); await import('./server/cli/program.ts'); console.log(process.moduleLoadList.join())"
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', look], {
      cwd: root,
      encoding: 'utf8',
    })
    assert.match(stdout, /NativeModule net,/)
    assert.doesNotMatch(stdout, /NativeModule (domain|repl)\b/)
  })

  test('a media worker never loads what belongs to applications', () => {
    const foreign = [...loadedBy('server/worker.ts')].filter(to => /^server\/(apps|cli)\/|^sandbox-api\//.test(to))
    assert.deepEqual(foreign, [])
  })
})

suite('machines', () => {
  /** Time is an argument, and waiting belongs to those who own sockets. */
  const worldly =
    /\b(setTimeout|setInterval|setImmediate)\(|\bDate\.now\(|\bperformance\.now\(|\bprocess\.(env|on|exit)\b|\bawait\b/
  const machines = sources.filter(file => /^server\/(media|protocol|hub)\//.test(file))

  test('have no clock, no timer and no promise inside', () => {
    const found = machines.flatMap(file =>
      readText(file)
        .split('\n')
        .flatMap((text, index) =>
          worldly.test(text) && !/^\s*(\*|\/[/*])/.test(text) ? [`${file}:${index + 1}: ${text.trim()}`] : [],
        ),
    )
    assert.deepEqual(found, [])
  })
})
