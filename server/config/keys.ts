import { readCapability } from './capabilities.ts'
import { inspectorKeys } from './inspector-keys.ts'
import { journalKeys } from './journal-keys.ts'
import { choice, file, flag, folder, type Key, portOrOff, size, text, time, whole, words } from './kinds.ts'
import { outsideKeys } from './outside-keys.ts'
import { recordingKeys } from './recording-keys.ts'
import { relayKeys } from './relay-keys.ts'
import { serverKeys } from './server-keys.ts'

/**
 * Every key the server knows, section by section: the one table from which the file is checked, the defaults come,
 * and CumulusServer.ini is proved complete. Bounds are in milliseconds and bytes.
 */
export const keys = {
  server: serverKeys,
  rtmp: {
    port: whole({ default: '1935', min: 0, max: 65_535, sentence: 'The TCP port; 0 takes any free one.' }),
    interface: text({ default: '', sentence: 'The address to listen on; empty listens on all.' }),
    backlog: whole({
      default: '511',
      min: 1,
      max: 65_535,
      unit: 'connections',
      sentence: 'How many new connections may wait to be accepted.',
    }),
    handshakeTimeout: time({
      default: '10',
      min: 100,
      max: 600_000,
      unit: 'seconds',
      sentence: 'How long a handshake may take, and after it the way to an accepted connect.',
    }),
    pingInterval: time({
      default: '10',
      min: 100,
      max: 3_600_000,
      unit: 'seconds',
      sentence: 'A client silent for so long is sent a ping.',
    }),
    keepAliveTimeout: time({
      default: '30',
      min: 200,
      max: 7_200_000,
      unit: 'seconds',
      sentence: 'A client silent for so long is closed; must exceed pingInterval.',
    }),
    chunkSize: size({
      default: '64 KiB',
      min: 128,
      max: 0xffffff,
      sentence: 'The size of the chunks the server sends.',
    }),
    windowSize: size({
      default: '2500000',
      min: 1024,
      max: 0x7fffffff,
      sentence: 'Each side acknowledges what it received at least that often.',
    }),
    messageBytes: size({ default: '16777215', min: 1024, max: 0xffffff, sentence: 'The largest message accepted.' }),
    pendingBytes: size({
      default: '32 MiB',
      min: 1024,
      max: 1024 ** 3,
      sentence: 'How much of unfinished messages one connection may hold; at least messageBytes.',
    }),
    chunkStreams: whole({
      default: '128',
      min: 4,
      max: 65_597,
      unit: 'ids',
      sentence: 'How many chunk stream ids one connection may use.',
    }),
    streams: whole({
      default: '64',
      min: 1,
      max: 65_535,
      unit: 'streams',
      sentence: 'How many streams (createStream) one connection may hold.',
    }),
    connections: whole({
      default: '50000',
      min: 1,
      max: 1_000_000,
      unit: 'connections',
      sentence: 'How many connections may be open at once; more are closed as they come.',
    }),
    rtmpe: flag({
      default: 'false',
      sentence: 'Whether old clients that ask for RTMPE are answered; it hides nothing from anybody.',
    }),
    rtmpt: flag({
      default: 'false',
      sentence: 'Whether RTMP is served through HTTP too, on the HTTP port.',
    }),
  },
  rtmps: {
    port: portOrOff({ sentence: 'The TCP port for RTMP over TLS; 0 takes any free one, off serves none.' }),
    certificate: file({ sentence: 'The certificate with its chain, a PEM file; read anew when it changes.' }),
    key: file({ sentence: 'The private key of the certificate, a PEM file.' }),
    tls: choice(['1.2', '1.3'], { default: '1.2', sentence: 'The newest version of TLS spoken; the oldest is 1.2.' }),
  },
  http: {
    port: portOrOff({ sentence: 'The TCP port for HTTP; 0 takes any free one, off serves none.' }),
    interface: text({ default: '', sentence: 'The address to listen on; empty listens on all.' }),
    connections: whole({
      default: '10000',
      min: 1,
      max: 1_000_000,
      unit: 'connections',
      sentence: 'How many HTTP connections may be open at once; more are closed as they come.',
    }),
  },
  listener: {
    queueBytes: size({
      default: '4 MiB',
      min: 64 * 1024,
      max: 1024 ** 3,
      sentence: 'With more than that waiting to be sent, a player drops to the next key frame.',
    }),
    queueMs: time({
      default: '3000',
      min: 100,
      max: 600_000,
      unit: 'milliseconds',
      sentence: 'With something that old waiting to be sent, a player drops to the next key frame.',
    }),
    lagMs: time({
      default: '15000',
      min: 500,
      max: 3_600_000,
      unit: 'milliseconds',
      sentence: 'A player that lags without a pause for so long is closed.',
    }),
    mergeMs: time({
      default: '20',
      min: 0,
      max: 5000,
      unit: 'milliseconds',
      sentence: 'Sounds wait so long for the next picture, to leave with it in one write; above 50 pictures wait too.',
    }),
  },
  publication: {
    staleMs: time({
      default: '2000',
      min: 0,
      max: 3_600_000,
      unit: 'milliseconds',
      sentence: 'A publisher silent for so long is replaced by the next who takes its name.',
    }),
    graceMs: time({
      default: '5000',
      min: 0,
      max: 3_600_000,
      unit: 'milliseconds',
      sentence: 'Players hear of an end only when nobody took the name within this time; 0 tells them at once.',
    }),
    gopBytes: size({
      default: '16 MiB',
      min: 0,
      max: 1024 ** 3,
      sentence: 'The largest group of pictures kept for newcomers.',
    }),
    gopFrames: whole({
      default: '2000',
      min: 0,
      max: 1_000_000,
      unit: 'frames',
      sentence: 'The longest group of pictures kept for newcomers.',
    }),
  },
  relay: relayKeys,
  sharedobjects: {
    storeInterval: time({
      default: '10',
      min: 0,
      max: 86_400_000,
      unit: 'seconds',
      sentence: 'Persistent shared objects that changed are stored so often.',
    }),
    bytes: size({
      default: '64 MiB',
      min: 64 * 1024,
      max: 4 * 1024 ** 3,
      sentence: 'How much the shared objects of all applications may hold.',
    }),
    appBytes: size({
      default: '16 MiB',
      min: 64 * 1024,
      max: 1024 ** 3,
      sentence: 'How much the shared objects of one application may hold.',
    }),
  },
  recording: recordingKeys,
  apps: {
    www: folder({ sentence: 'The folder of the applications; empty is ./www, or the one in the package.' }),
    data: folder({ sentence: 'The folder for what the server keeps; empty is ./data.' }),
    isolation: choice(['own', 'shared'], {
      default: 'own',
      sentence: 'Whether each application has a process of its own or all share one.',
    }),
    enabled: choice(['all', 'listed'], {
      default: 'all',
      sentence:
        'Whether every folder of www is served or only those with an [app:/…] section that says enabled = true.',
    }),
    reloadGatherMs: time({
      default: '30',
      min: 0,
      max: 60_000,
      unit: 'milliseconds',
      sentence: 'Saves that follow one another so quickly make one reload.',
    }),
    ...inspectorKeys,
  },
  smtp: {
    host: text({ default: '', sentence: 'The mail server that server.sendMail hands its mails to; empty sends none.' }),
    port: whole({ default: '25', min: 1, max: 65_535, sentence: 'Its TCP port.' }),
    timeout: time({
      default: '60',
      min: 100,
      max: 600_000,
      unit: 'seconds',
      sentence: 'A mail it has not taken within this time is given up.',
    }),
    user: text({ default: '', sentence: 'The name to log in with; empty does not log in.' }),
    password: text({ default: '', sentence: 'The password to log in with.' }),
    secure: choice(['auto', 'required', 'tls', 'none'], {
      default: 'auto',
      sentence:
        'Whether the line is encrypted: when the server offers it (auto), always (required), from the first byte (tls), never.',
    }),
  },
  log: {
    level: choice(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      default: 'info',
      sentence: 'The least important lines still written.',
    }),
    format: choice(['auto', 'pretty', 'json'], {
      default: 'auto',
      sentence: 'For people (pretty) or for programs (json); auto is pretty on a terminal.',
    }),
  },
} satisfies Record<string, Record<string, Key<unknown>>>

/** What [apps] sets for every application and [app:/path] for one. */
export const appKeys = {
  allow: words(
    {
      default: '',
      sentence: 'What the script may reach outside itself.',
      expected: 'words like fetch:example.com, tcp:127.0.0.1:*, listen:tcp:7000, mail, separated by commas',
    },
    readCapability,
  ),
  memory: whole({ default: '128', min: 8, max: 65_536, unit: 'megabytes', sentence: 'How much the script may hold.' }),
  timeout: time({
    default: '500 ms',
    min: 1,
    max: 60_000,
    unit: 'seconds',
    sentence: 'How long one call into the script may run.',
  }),
  verdictTimeout: time({
    default: '5',
    min: 10,
    max: 600_000,
    unit: 'seconds',
    sentence: 'How long a promised answer may take, also while the application starts.',
  }),
  timers: whole({
    default: '1000',
    min: 0,
    max: 1_000_000,
    sentence: 'How many timers may run at once.',
    unit: 'timers',
  }),
  record: choice(['off', 'flv', 'mp4'], {
    default: 'off',
    sentence: 'Whether everything that is published is recorded, and in which format.',
  }),
  recordSegment: time({
    default: '0',
    min: 0,
    max: 86_400_000,
    unit: 'seconds',
    sentence: 'How long such a recording goes on in one file; 0 is for ever.',
  }),
  pendingCalls: whole({
    default: '1000',
    min: 0,
    max: 1_000_000,
    unit: 'calls',
    sentence: 'How many calls may await their answers at once.',
  }),
  rollback: whole({
    default: '3',
    min: 0,
    max: 1_000_000,
    unit: 'errors',
    sentence: 'So many errors of a new version in its first ten seconds take it back; 0 never does.',
  }),
  ...outsideKeys,
  ...journalKeys,
  instances: whole({
    default: '32',
    min: 1,
    max: 1000,
    unit: 'instances',
    sentence: 'How many instances of a main.asc may run at once.',
  }),
  instanceIdle: time({
    default: '600',
    min: 0,
    max: 86_400_000,
    unit: 'seconds',
    sentence: 'An instance of a main.asc without clients ends after so long.',
  }),
} satisfies Record<string, Key<unknown>>

/** Known in [app:/path] only; there it has no fixed default, because apps.enabled gives it. */
export const appEnabled = flag({ default: 'true', sentence: 'Whether this application is served.' })
