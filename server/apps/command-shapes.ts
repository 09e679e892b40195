import type { AppCommand } from './wire.ts'

type Type =
  | 'text'
  | 'number'
  | 'flag'
  | 'bytes'
  | 'text?'
  | 'bytes?'
  | 'flag?'
  | 'texts'
  | 'texts?'
  | 'frames'
  | 'fields'
type Fields<C extends AppCommand> = { [Name in Exclude<keyof C, 'c'>]-?: Type }

/** What each command is made of. A host is not trusted to keep to the language: a script may have got hold of it. */
const shapes: { [Name in AppCommand['c']]: Fields<AppCommand & { c: Name }> } = {
  verdict: { ticket: 'number', ok: 'flag', pass: 'flag?', text: 'text?', info: 'bytes?', redirect: 'texts?' },
  result: { ticket: 'number', how: 'text', value: 'bytes?', text: 'text?' },
  message: { client: 'text', name: 'text', args: 'bytes', ticket: 'number', droppable: 'flag' },
  broadcast: { room: 'text?', name: 'text', args0: 'bytes', args3: 'bytes' },
  status: { client: 'text', code: 'text', description: 'text', droppable: 'flag' },
  early: { ticket: 'number', value: 'bytes' },
  closeClient: { client: 'text', reason: 'text', failed: 'flag' },
  redirect: { client: 'text', to: 'text' },
  access: {
    client: 'text',
    readAccess: 'text',
    writeAccess: 'text',
    audioSampleAccess: 'text',
    videoSampleAccess: 'text',
  },
  groupAdd: { app: 'text', id: 'text', client: 'text' },
  groupRemove: { app: 'text', id: 'text', client: 'text' },
  configure: { ticket: 'number', key: 'text', value: 'text' },
  callApp: { ticket: 'number', app: 'text', name: 'text', args: 'bytes' },
  unload: {},
  fields: { of: 'text', id: 'text', fields: 'fields' },
  ping: { client: 'text' },
  bandwidth: { client: 'text', ticket: 'number' },
  ban: { on: 'flag', entries: 'texts' },
  closePublication: { publication: 'text', generation: 'number', code: 'text', description: 'text' },
  closeListener: { listener: 'number', code: 'text', description: 'text' },
  listener: { listener: 'number', receiveAudio: 'flag', receiveVideo: 'flag' },
  sampleAccess: { listener: 'number', audio: 'flag', video: 'flag' },
  send: { publication: 'text', name: 'text', values: 'bytes' },
  record: { ticket: 'number', publication: 'text', format: 'text', append: 'flag', segment: 'number', path: 'text' },
  recordings: { ticket: 'number', what: 'text', name: 'text' },
  stopRecording: { publication: 'text' },
  streamPlay: { stream: 'text', source: 'text', start: 'number', length: 'number', reset: 'flag' },
  streamStop: { stream: 'text' },
  publish: { ticket: 'number', address: 'text' },
  push: { publication: 'text', frames: 'frames' },
  shared: {
    op: 'text',
    object: 'text',
    seq: 'number',
    name: 'text',
    value: 'bytes?',
    number: 'number',
    ticket: 'number',
  },
  netConnect: {
    connection: 'number',
    uri: 'text',
    addresses: 'texts',
    encoding: 'number',
    args: 'bytes',
  },
  netEndOld: { before: 'number' },
  netClose: { connection: 'number' },
  netCall: { connection: 'number', ticket: 'number', name: 'text', args: 'bytes' },
  netAnswer: { connection: 'number', call: 'number', how: 'text', value: 'bytes?', text: 'text?' },
  netPublish: { connection: 'number', stream: 'number', name: 'text', kind: 'text', publication: 'text' },
  netPlay: {
    connection: 'number',
    stream: 'number',
    name: 'text',
    args: 'bytes',
    publication: 'text',
    bufferMs: 'number',
  },
  netSend: { connection: 'number', stream: 'number', name: 'text', values: 'bytes' },
  netBuffer: { connection: 'number', stream: 'number', ms: 'number' },
  netStop: { connection: 'number', stream: 'number' },
  netShared: {
    connection: 'number',
    op: 'text',
    object: 'text',
    seq: 'number',
    name: 'text',
    value: 'bytes?',
    number: 'number',
  },
  log: { level: 'text', text: 'text', file: 'text', line: 'number' },
  fault: { hook: 'text', text: 'text', file: 'text', line: 'number', column: 'number', stack: 'text', frame: 'text?' },
}

const tables = new Map(Object.entries(shapes).map(([name, fields]) => [name, Object.entries(fields)]))

/** Is this a command, with everything it needs? */
export function isCommand(value: unknown): value is AppCommand {
  if (typeof value !== 'object' || value === null) return false
  const record = value as Record<string, unknown>
  const fields = tables.get(record.c as string)
  return fields?.every(([name, type]) => isType(record[name], type as Type)) ?? false
}

function isType(value: unknown, type: Type): boolean {
  switch (type) {
    case 'text':
      return typeof value === 'string'
    case 'number':
      return typeof value === 'number'
    case 'flag':
      return typeof value === 'boolean'
    case 'bytes':
      return value instanceof Uint8Array
    case 'text?':
      return value === undefined || typeof value === 'string'
    case 'flag?':
      return value === undefined || typeof value === 'boolean'
    case 'bytes?':
      return value === undefined || value instanceof Uint8Array
    case 'texts':
      return Array.isArray(value) && value.every(text => typeof text === 'string')
    case 'texts?':
      return value === undefined || isType(value, 'texts')
    case 'frames':
      return Array.isArray(value) && value.every(isFrame)
    case 'fields':
      return Array.isArray(value) && value.every(isField)
  }
}

function isField(value: unknown): boolean {
  if (!Array.isArray(value)) return false
  const [name, bytes] = value
  return typeof name === 'string' && (bytes === null || bytes instanceof Uint8Array)
}

function isFrame(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { kind, time, name, packet, lost } = value as Record<string, unknown>
  const isKind = kind === 'audio' || kind === 'video' || kind === 'data'
  return (
    isKind &&
    Number.isFinite(time) &&
    typeof name === 'string' &&
    packet instanceof Uint8Array &&
    Number.isSafeInteger(lost)
  )
}
