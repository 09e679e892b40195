import type { Capability } from '../base/capability.ts'
import type { RelayRule } from './relay-rules.ts'

/** The configuration as the house reads it: checked, typed, with defaults. Times in milliseconds, sizes in bytes, unless said. */
export interface Config {
  /** The file it came from, for messages and for `config.set`. */
  readonly file: string
  readonly server: {
    /** host:port told to linked servers and scripts. */
    readonly publicAddress: string
    /** Where clients are sent when the server stops: host:port or a URL, '' for nowhere. */
    readonly drainTo: string
    /** Processes that hold the sockets; 1 is the main process itself. Default 1. */
    readonly workers: number
  }
  readonly rtmp: RtmpConfig
  readonly rtmps: RtmpsConfig
  readonly http: HttpConfig
  readonly listener: ListenerConfig
  readonly publication: PublicationConfig
  readonly relay: RelayConfig
  readonly sharedobjects: SharedObjectsConfig
  readonly recording: RecordingConfig
  readonly apps: AppsConfig
  readonly smtp: SmtpConfig
  readonly log: { readonly level: LogLevelName; readonly format: 'auto' | 'pretty' | 'json' }
  /** The application at `path` ("" for the root): defaults of [apps] overlaid by [app:/path]. */
  app(path: string): AppConfig
  /**
   * Writes an option into the application's own section of the file; it counts from the next start or reload
   * of the application. Gives a text when a value of the command line stays. Rejects with a ConfigError.
   */
  setOption(path: string, key: string, value: string): Promise<string | undefined>
  /** `server.configs` of every application: nested by section, without secrets and the sections of applications. */
  visible(): Record<string, unknown>
}

/** The mail server of `server.sendMail`. */
export interface SmtpConfig {
  /** Empty: no mail is sent. */
  readonly host: string
  /** Default 25. */
  readonly port: number
  /** Until a mail is given up. Default 60 s. */
  readonly timeout: number
  readonly user: string
  readonly password: string
  /** Default auto: STARTTLS when the server offers it. */
  readonly secure: 'auto' | 'required' | 'tls' | 'none'
}

export type LogLevelName = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'

export interface RtmpConfig {
  /** TCP port; 0 takes any free one. Default 1935. */
  readonly port: number
  /** Address to bind; empty = all. */
  readonly interface: string
  /** Length of the accept queue. Default 511. */
  readonly backlog: number
  /** From TCP connect to the end of the handshake, and again to an accepted connect. Default 10 s. */
  readonly handshakeTimeout: number
  /** After that much silence a ping is sent. Default 10 s. */
  readonly pingInterval: number
  /** After that much silence the connection is closed; must exceed pingInterval. Default 30 s. */
  readonly keepAliveTimeout: number
  /** Size of the chunks the server sends: a frame of live video fits in one, so that its bytes are shared whole. Default 65,536. */
  readonly chunkSize: number
  /** Window the peer acknowledges within, and the one we announce. Default 2,500,000. */
  readonly windowSize: number
  /** Largest message accepted. Default 16 MiB - 1 (the field's limit). */
  readonly messageBytes: number
  /** Bytes of unfinished messages one connection may hold. Default 32 MiB. */
  readonly pendingBytes: number
  /** Chunk stream ids one connection may use. Default 128. */
  readonly chunkStreams: number
  /** Streams (createStream) one connection may hold. Default 64. */
  readonly streams: number
  /** Connections at once. Default 50,000. */
  readonly connections: number
  /** Answer who asks for RTMPE. Default false. */
  readonly rtmpe: boolean
  /** Serve RTMP through HTTP, on the HTTP port. Default false. */
  readonly rtmpt: boolean
}

export interface RtmpsConfig {
  /** TCP port; 0 takes any free one, null serves no RTMPS. Default null. */
  readonly port: number | null
  /** PEM files. */
  readonly certificate: string
  readonly key: string
  /** The newest version of TLS spoken; the oldest is 1.2. Default 1.2. */
  readonly tls: '1.2' | '1.3'
}

export interface HttpConfig {
  /** TCP port; 0 takes any free one, null serves nothing over HTTP. Default null. */
  readonly port: number | null
  /** Address to bind; empty = all. */
  readonly interface: string
  /** Connections at once. Default 10,000. */
  readonly connections: number
}

export interface ListenerConfig {
  /** Bytes queued for one listener past which it drops to the next key frame. Default 4 MiB. */
  readonly queueBytes: number
  /** The age of what is queued past which it drops to the next key frame. Default 3 s. */
  readonly queueMs: number
  /** A listener that lags for so long without a pause is closed. Default 15 s. */
  readonly lagMs: number
  /** Sounds wait so long for the next picture, to leave in one write; above 50 pictures wait too. Default 20; 0 = never. */
  readonly mergeMs: number
}

export interface PublicationConfig {
  /** A publisher silent for so long is replaced by who takes its name. Default 2 s. */
  readonly staleMs: number
  /** Players are told of an end only when nobody took the name within. Default 5 s; 0 = at once. */
  readonly graceMs: number
  /** Bounds of the cached group of pictures. Default 16 MiB and 2,000 frames: past either, newcomers wait for the next key frame. */
  readonly gopBytes: number
  readonly gopFrames: number
}

export interface RelayConfig {
  /** Those of [relay], then those of applications. */
  readonly rules: readonly RelayRule[]
  /** A player waits so long for a stream that is pulled on demand. Default 10 s. */
  readonly waitMs: number
  /** What is pulled on demand goes on so long without a player. Default 5 s. */
  readonly idleMs: number
}

export interface SharedObjectsConfig {
  /** Persistent ones that changed are stored so often. Default 10 s; 0 = at the end, and when a script says so. */
  readonly storeInterval: number
  /** What all of them may hold, and those of one application. Default 64 MiB and 16 MiB. */
  readonly bytes: number
  readonly appBytes: number
}

export interface RecordingConfig {
  /** Where files are recorded to and played from. Default: streams in apps.data. */
  readonly folder: string
  /** Whether clients may have their streams recorded (publish types record and append). Default true. */
  readonly clients: boolean
  /** What a fragment of MP4 gathers. Default 2 s. */
  readonly fragment: number
  /** What may wait for the disk, of one recording. Default 16 MiB. */
  readonly queueBytes: number
  /** Default `end`. */
  readonly sync: 'none' | 'end' | 'fragment'
  /** What recordings leave free of the disk. Default 100 MiB. */
  readonly keepFree: number
}

export interface AppsConfig {
  /** Folder of the applications. */
  readonly www: string
  /** Folder for what the server keeps. */
  readonly data: string
  readonly isolation: 'own' | 'shared'
  readonly enabled: 'all' | 'listed'
  /** Milliseconds to gather quick saves into one reload. Default 30. */
  readonly reloadGatherMs: number
  /** TCP port for debuggers; 0 takes any free one, null is none. Default null. */
  readonly inspector: number | null
  /** Address to bind. Default 127.0.0.1. */
  readonly inspectorInterface: string
  /** Milliseconds a script stands still at most. Default 30 s. */
  readonly inspectorPause: number
}

export interface AppConfig {
  readonly enabled: boolean
  /** Capabilities; those of [apps] hold for every application without an `allow` of its own. */
  readonly allow: readonly Capability[]
  /** Megabytes. Default 128. */
  readonly memory: number
  /** Milliseconds one dispatch may run. Default 500. */
  readonly timeout: number
  /** Milliseconds a verdict or call may take. Default 5000. */
  readonly verdictTimeout: number
  readonly timers: number
  readonly pendingCalls: number
  /** Errors of a new version in its first seconds that take it back; 0 never. Default 3. */
  readonly rollback: number
  /** Sockets open at once. Default 256. */
  readonly sockets: number
  /** Bytes that may wait in one socket. Default 1 MiB. */
  readonly socketBytes: number
  /** Milliseconds a fetch may take. Default 30 s. */
  readonly fetchTimeout: number
  /** Largest body of an answer to fetch, in bytes. Default 8 MiB. */
  readonly fetchBytes: number
  /** Bytes an application may store. Default 64 MiB. */
  readonly storage: number
  /** The format in which everything is recorded that is published. Default off. */
  readonly record: 'off' | 'flv' | 'mp4'
  /** How long one file of such a recording goes on; 0 is for ever. Default 0. */
  readonly recordSegment: number
  /** Whether what enters the script is kept for a replay. Default false. */
  readonly journal: boolean
  /** Bytes of one journal. Default 64 MiB. */
  readonly journalBytes: number
  /** Instances of a main.asc that run at once. Default 32. */
  readonly instances: number
  /** Milliseconds after which an instance without clients ends. Default 10 min. */
  readonly instanceIdle: number
  /** Every key of [app:/path], known or free: strings, except true and false. */
  readonly options: Readonly<Record<string, string | boolean>>
}
