import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startTestServer } from '../../support/server.ts'
import { asked } from './asked.ts'
import { cores, pinned } from './pinned.ts'

/** A server under test, begun afresh. */
export interface Subject extends AsyncDisposable {
  readonly pid: number
  /** `rtmp://host:port/app/stream` */
  readonly url: string
  /** Writes a file below www/, where it is ours. */
  writeApp?(path: string, text: string): Promise<void>
}

/** How to have one, as often as wanted. */
export interface SubjectKind {
  readonly label: string
  start(): Promise<Subject>
}

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** An application that is asked about everybody, as real ones are. */
export const usualScript = `
export function onConnection(client) { client.since = Date.now() }
export function onPublish() {}
export function onSubscribe() {}
`

export interface OursOptions {
  readonly label?: string
  readonly set?: readonly string[]
  readonly script?: string
  /** So many applications have the script: `live0`, `live1` … instead of `live`. */
  readonly apps?: number
  /** The cores it may use; default the server's one. */
  readonly cores?: string
  /** Another checkout, of another commit say; default this one. */
  readonly checkout?: string
  /** Options of Node's. */
  readonly node?: readonly string[]
}

export function ours(options: OursOptions = {}): SubjectKind {
  const {
    label = 'cumulus',
    set = [],
    script = usualScript,
    apps = 0,
    node = [],
    checkout = asked.checkout || root,
  } = options
  const entry = join(checkout, 'server/cli/cumulus.ts')
  return {
    label,
    start: async () => {
      const server = await startTestServer({
        www: Object.fromEntries(foldersOf(apps).map(folder => [`${folder}/main.js`, script])),
        set: ['log.level=warn', ...set],
        command: pinned(options.cores ?? cores.server, [process.execPath, ...flagsOf(entry), ...node, entry]),
      })
      return {
        pid: server.pid,
        url: server.url('live/show'),
        writeApp: (path, text) => server.writeApp(path, text),
        [Symbol.asyncDispose]: async () => {
          await server.stop()
        },
      }
    },
  }
}

function foldersOf(apps: number): string[] {
  return apps === 0 ? ['live'] : Array.from({ length: apps }, (_, nth) => `live${nth}`)
}

/** Options of Node's in a program's first line, with which a shell would run it. */
function flagsOf(program: string): string[] {
  const [first = ''] = readFileSync(program, 'utf8').split('\n')
  return /^#!.*\bnode(( --\S+)+)$/.exec(first)?.[1]?.trim().split(' ') ?? []
}
