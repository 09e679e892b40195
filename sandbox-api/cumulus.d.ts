// What an application's script finds in its world: for completion and checks in editors. Nothing has to be imported;
// `jsconfig.json` beside the applications brings this file in.
//
// Editors know the parameters of a hook when it says which one it is:
//
//     /** @type {OnPublish} */
//     export function onPublish(client, publication) { … }

// biome-ignore-all lint/suspicious/noExplicitAny: what scripts put on clients, send and receive has any type
// biome-ignore-all lint/suspicious/noConfusingVoidType: a hook may end without a value

// ------------------------------------------------------------------------------------------------- globals

/** The server, as this application may see it. */
declare const server: Server
/** The clients of this application and of those in its folders, by id. */
declare const clients: Clients
/** Publications: this application's by address (`cam`, `lobby/cam`), those of its folders by `/path/address`. */
declare const publications: Publications
/** NetGroups, by id. */
declare const groups: Groups
/** Rooms that have a client or a publication: this application's by name, those of its folders by `/path/name`. */
declare const rooms: Rooms
/** Other servers, by address. */
declare const servers: Collection<string, object>
/** All applications of this server that have a script, by path. */
declare const applications: Applications
/** This application. */
declare const application: Application
/** Values that outlive the application, in a file of its own. */
declare const storage: DurableStorage

/** Logs an error: values are joined without anything in between. */
declare function ERROR(...values: unknown[]): void
/** Logs a warning. */
declare function WARN(...values: unknown[]): void
/** Logs something worth knowing that is no warning. */
declare function NOTE(...values: unknown[]): void
/** Logs what goes on. */
declare function INFO(...values: unknown[]): void
/** Logs what helps to find an error. */
declare function DEBUG(...values: unknown[]): void
/** Logs every step. */
declare function TRACE(...values: unknown[]): void
/** As INFO. */
declare function print(...values: unknown[]): void
/** As INFO. */
declare function trace(...values: unknown[]): void

// ------------------------------------------------------------------------------------------------- objects

interface Server {
  readonly clients: Clients
  readonly publications: Publications
  readonly groups: Groups
  readonly rooms: Rooms
  readonly servers: Collection<string, object>
  /** What is recorded of this application's streams. */
  readonly recordings: Recordings
  /**
   * CumulusServer.ini, by section: texts, except for `true` and `false`. Secrets and other applications' sections are left out.
   * `application` and `system` tell of the program and its machine: `application.path`, `application.baseName`, `system.osName` …
   */
  readonly configs: Readonly<Record<string, any>>
  /** Milliseconds since 1970. */
  readonly epochTime: number
  /** host:port told to others, as configured. */
  readonly publicAddress: string
  readonly hostname: string
  readonly version: string
  readonly platform: string
  /** The global `crypto`. */
  readonly crypto: Crypto
  /** Values as AMF0, with AMF3 behind the marker 0x11 where it says them better: what clients of objectEncoding 3 are sent. */
  toAMF(...values: unknown[]): Uint8Array
  /** Values as AMF0; arrays, byte arrays, dictionaries, vectors and externalizables are AMF3 all the same. */
  toAMF0(...values: unknown[]): Uint8Array
  /** All the values that AMF bytes hold. */
  fromAMF(data: ArrayBuffer | ArrayBufferView): any[]
  /** The MD5 of one value; a text counts as UTF-8. */
  md5(value: string | ArrayBuffer | ArrayBufferView): Uint8Array
  /** The MD5s of several. */
  md5(...values: (string | ArrayBuffer | ArrayBufferView)[]): Uint8Array[]
  /** The SHA-256 of one value; a text counts as UTF-8. */
  sha256(value: string | ArrayBuffer | ArrayBufferView): Uint8Array
  /** The SHA-256s of several. */
  sha256(...values: (string | ArrayBuffer | ArrayBufferView)[]): Uint8Array[]
  /**
   * The tokens between any of the separator's characters.
   * @param option 1 leaves out empty tokens, 2 takes white space from both ends of each, 3 does both. Default 0.
   */
  split(expression: string, separator: string, option?: 0 | 1 | 2 | 3): string[]
  /** The folder of the application at `path`, with a slash at its end. Default: the root application's. */
  absolutePath(path?: string): string
  /**
   * Keeps IP addresses and ranges (`10.0.0.0/8`, `2001:db8::/32`) out of this application and its folders; the root
   * application's are kept out of the server, before they have said a word. What is open from there is closed.
   */
  addToBlacklist(...addresses: string[]): void
  removeFromBlacklist(...addresses: string[]): void
  /** What this application has and has seen; bytes and memory as of the latest statistics. */
  stats(): ServerStats
  /** Collects this application's garbage, within its time limit. */
  gc(): void
  /** Calls `name` on every client of this application. */
  broadcast(name: string, ...values: unknown[]): void
  /** Takes this application down: its clients are closed, onStop is called; whoever connects next starts it again. */
  unload(): void
  /**
   * Publishes a name from this script: `cam`, or `lobby/cam` for room lobby.
   * @returns null when somebody publishes it already.
   */
  publish(name: string): Publication | null
  /** The global `storage`. */
  readonly storage: DurableStorage
  createTCPClient(): TCPClient
  createTCPServer(): TCPServer
  createUDPSocket(allowBroadcast?: boolean): UDPSocket
  /**
   * Hands a mail to the server of section [smtp]; needs the capability `mail`.
   * @throws CapabilityError
   */
  sendMail(sender: string, subject: string, content: string, ...recipients: string[]): Mail
}

/** What can be sent; texts go as UTF-8. */
type Sendable = string | Uint8Array | ArrayBuffer

/** A TCP connection, made by the script (capability `tcp:host:port`) or accepted by its server. */
interface TCPClient {
  /** Fulfilled with nothing once it stands, with the text of what went wrong otherwise. Rejects with a CapabilityError. */
  connect(host: string, port: number): Promise<string | undefined>
  /** Fulfilled with nothing once the system has it, or with the text of what went wrong. Waits for connect(). */
  send(data: Sendable): Promise<string | undefined>
  /** What was sent leaves first. */
  disconnect(): void
  readonly connected: boolean
  /** ip:port of this side, while it is connected. */
  readonly address: string | undefined
  readonly peerAddress: string | undefined
  /** The last thing that went wrong. */
  readonly error: string | undefined
  /** Gives how many bytes at the end it has not consumed: they come again, with what follows. Nothing is 0. */
  onReception: ((this: TCPClient, data: Uint8Array) => number | void | Promise<number | void>) | undefined
  onDisconnection: ((this: TCPClient) => void) | undefined
}

/** A port on which the script waits for others (capability `listen:tcp:port`). */
interface TCPServer {
  /** 0 takes any free port. Fulfilled with nothing once it runs, or with the text of what went wrong. */
  start(port: number): Promise<string | undefined>
  /** Connections that stand stay. */
  stop(): void
  readonly running: boolean
  /** 0 while it does not run. */
  readonly port: number
  clientHandler: ((this: TCPServer, client: TCPClient) => void) | undefined
}

/** Datagrams (capabilities `listen:udp:port` to bind, `udp:host:port` to connect and send). */
interface UDPSocket {
  /** `ip:port` of this machine. */
  bind(address: string): Promise<string | undefined>
  /** `host:port`: only that peer is heard, and send() goes there. */
  connect(address: string): Promise<string | undefined>
  send(data: Sendable, address?: string): Promise<string | undefined>
  /** Afterwards it may be bound or connected anew. */
  close(): void
  readonly address: string | undefined
  readonly peerAddress: string | undefined
  readonly error: string | undefined
  onReception: ((this: UDPSocket, data: Uint8Array, address: string) => void) | undefined
}

/** A mail on its way. */
interface Mail {
  /** Called once: with nothing when the mail server took it, with the text of what went wrong otherwise. */
  onSent: ((this: Mail, error: string | undefined) => void) | undefined
}

/** Fulfilled only when the disk has it. */
interface DurableStorage {
  /** A copy of its own each time; undefined when there is none. */
  get(key: string): Promise<any>
  /** Whatever structuredClone can copy. Rejects with a QuotaError past apps.storage. */
  set(key: string, value: unknown): Promise<void>
  /** Whether there was one. */
  delete(key: string): Promise<boolean>
  /** The keys that begin with `prefix`, sorted. */
  list(prefix?: string): Promise<string[]>
}

/** The storage is full; the message names the limit. */
declare class QuotaError extends Error {
  constructor(message?: string)
}

interface ServerStats {
  clients: number
  publications: number
  rooms: number
  /** Milliseconds since 1970. */
  startedAt: number
  accepted: number
  rejected: number
  left: number
  /** Calls of clients. */
  calls: number
  /** Of all clients, those that have left too. */
  bytesIn: number
  bytesOut: number
  messagesIn: number
  messagesOut: number
  /** Frames that players were spared because they lagged. */
  dropped: number
  /** Bytes of the heap in use. */
  memory: number
  /** Milliseconds of processor time used. */
  cpu: number
  /** The part of one processor used of late: 0.3 is 30 %. */
  load: number
  /** How often a save was taken back because of its errors. */
  rollbacks: number
  /** Why the last save was taken back; `` once another has held. */
  rolledBack: string
  /** Of this version, by name: hooks, `call NAME`, `timer` … */
  hooks: Record<string, HookStats>
}

/** Times in milliseconds, to the millisecond; `p50` and `p99` to the next of 1, 2, 5, 10 … 5000. */
interface HookStats {
  count: number
  /** How often it threw or was cut. */
  thrown: number
  /** How long it ran, in all. */
  ms: number
  /** How long its answers took. */
  p50: number
  p99: number
  max: number
}

interface ApplicationConfig {
  readonly [option: string]: any
  /**
   * Writes an option of your own into the section; needs the capability `config`. It reads back at once, and the promise is
   * fulfilled when the file has it. Nothing is reloaded.
   */
  set(key: string, value: string | number | boolean): Promise<void>
}

interface Application {
  /** `chat` for the application /chat, `` for the root. */
  readonly name: string
  /** `/chat`, `` for the root. */
  readonly path: string
  /** The application's own section of CumulusServer.ini: texts, except for `true` and `false`. */
  readonly config: ApplicationConfig
  /**
   * AMF objects with that class name become instances of `Class`, which is constructed without arguments before their fields
   * are set, and instances of it are sent under that name. null forgets it.
   */
  registerClass(name: string, Class: (new () => object) | null): void
  /** Calls of that name that nothing here answers are passed on to the connection's server; null ends it. */
  registerProxy(name: string, connection: NetConnection | null): void
}

/** What another server says of a connection or a stream. */
interface NetInfo {
  readonly level: 'status' | 'warning' | 'error'
  readonly code: string
  readonly description: string
  readonly [name: string]: any
}

/** A connection to another RTMP server, or to an AMF gateway over HTTP. Functions put on it the other server may call. */
declare class NetConnection {
  [name: string]: any
  constructor()
  /**
   * True: it is on its way, and onStatus hears what becomes of it. `rtmp://` and `rtmps://` need the capability `rtmp:host`,
   * `http://` and `https://` (gateways) `fetch:host`. Throws a CapabilityError without it, a TypeError for what is no URL.
   */
  connect(uri: string, ...args: unknown[]): boolean
  /** Waits for the connection. Rejects with an Error whose `info` is what the other server gave in place of a result. */
  call(name: string, ...args: unknown[]): Promise<any>
  /** Goes along with every call to a gateway; without an object it does not any more. */
  addHeader(name: string, mustUnderstand?: boolean, object?: unknown): void
  close(): void
  readonly isConnected: boolean
  /** As connect() was given it. */
  readonly uri: string | undefined
  /** The version of AMF: chosen before connect(), 3 without, and then what was agreed on. */
  objectEncoding: 0 | 3
  onStatus?: (info: NetInfo) => unknown
}

/** A stream on a connection: a publication here is published there, or a stream there is published here. */
declare class NetStream {
  constructor(connection: NetConnection)
  /** What is meant here: a publication or its name; null: the one of the stream's own name. */
  attach(publication: Publication | string | null): void
  /** false ends it. */
  publish(name: string | false, type?: 'live' | 'record' | 'append'): void
  /** false ends it. */
  play(name: string | false, ...args: unknown[]): void
  /** A data message to those who play what it publishes there. */
  send(handler: string, ...values: unknown[]): void
  /** Seconds that the other server may send ahead of what is played. */
  setBufferTime(seconds: number): void
  readonly bufferTime: number
  /** Seconds since it began; 0 before. */
  readonly time: number
  close(): void
  onStatus?: (info: NetInfo) => unknown
}

/**
 * A stream of the server's: it plays live streams and recordings into it, one after another, and players see one
 * publication of that name (its `publisherId` is `script`). The frames do not pass through the script.
 */
declare class Stream {
  [name: string]: any
  private constructor()
  /** The one of that name, the same every time. */
  static get(name: string): Stream
  /** Seconds of a recording; 0 when there is none. */
  static length(name: string): Promise<number>
  /** Bytes of a recording; 0 when there is none. */
  static size(name: string): Promise<number>
  /** Ends what it plays, and forgets it. */
  static destroy(stream: Stream): void
  readonly name: string
  readonly bufferTime: number
  /** Seconds since the server began to play into it; 0 when it does not. */
  readonly time: number
  /** What stood behind a `?` in the name its publisher gave. */
  readonly publishQueryString: string
  /**
   * Plays a live stream (`start` -1), a recording (from so many seconds on) or whichever there is (-2, the default), `length`
   * seconds of it (-1 is all). With `reset` false it follows what is played already; false as `source` ends it all. With a
   * `connection` it is a stream of that server, in place of all that was played.
   */
  play(
    source: string | false,
    start?: number,
    length?: number,
    reset?: boolean,
    connection?: NetConnection | null,
  ): boolean
  /** What nobody publishes yet is recorded once the server plays into it; false ends it. */
  record(mode?: 'record' | 'append' | boolean): boolean
  /** Calls a function of everybody who watches it. */
  send(handler: string, ...values: unknown[]): boolean
  /** Deletes what is recorded of it. */
  clear(): boolean
  flush(): boolean
  setBufferTime(seconds: number): void
  /** The metadata of what is published in it; null when there is none. */
  getOnMetaData(): any
  /** Hears what becomes of it: `info.details` is the name of what is played. */
  onStatus?: (info: NetInfo) => unknown
}

/** What `__readExternal` of an externalizable object reads itself from (ActionScript's IDataInput); of use during that call only. */
interface ByteReader {
  /** Order of the bytes of numbers. Default `bigEndian`. */
  endian: 'bigEndian' | 'littleEndian'
  /** Bytes left in the message, those behind the object included. */
  readonly bytesAvailable: number
  readBoolean(): boolean
  readByte(): number
  readUnsignedByte(): number
  readShort(): number
  readUnsignedShort(): number
  readInt(): number
  readUnsignedInt(): number
  readFloat(): number
  readDouble(): number
  /** 0 or none: all that are left. */
  readBytes(count?: number): Uint8Array
  /** A text behind its length in 16 bits. */
  readUTF(): string
  readUTFBytes(count: number): string
  /** Charsets: utf-8, utf-16, utf-16be, iso-8859-1, us-ascii; any other is read as utf-8. */
  readMultiByte(count: number, charset: string): string
  /** 1: the next AMF value; more: an array of them; 0 or none: an array of all that are left. */
  readAMF(count?: number): any
}

/** What `__writeExternal` writes itself to (ActionScript's IDataOutput); of use during that call only. */
interface ByteWriter {
  /** Order of the bytes of numbers. Default `bigEndian`. */
  endian: 'bigEndian' | 'littleEndian'
  writeBoolean(value: boolean): void
  /** Whole numbers are cut to their size. */
  writeByte(value: number): void
  writeUnsignedByte(value: number): void
  writeShort(value: number): void
  writeUnsignedShort(value: number): void
  writeInt(value: number): void
  writeUnsignedInt(value: number): void
  writeFloat(value: number): void
  writeDouble(value: number): void
  /** `length` bytes from `offset` on; 0 or none: all the rest. */
  writeBytes(bytes: Uint8Array, offset?: number, length?: number): void
  /** A text behind its length in 16 bits: at most 65,535 bytes of UTF-8. */
  writeUTF(text: string): void
  writeUTFBytes(text: string): void
  /** Charsets as in readMultiByte. */
  writeMultiByte(text: string, charset: string): void
  writeAMF(...values: unknown[]): void
}

/** Data that the clients of an application and its script share under a name. Functions put on it may be called by its users. */
interface SharedObject {
  readonly name: string
  /** Grows with every change. */
  readonly version: number
  /** A persistent one has changes that are not on the disk yet. */
  readonly isDirty: boolean
  /** false: stored only by flush(). Default true. */
  autoCommit: boolean
  /** How many versions of removed properties are remembered for who comes back. Default Infinity. */
  resyncDepth: number
  /** @returns null when there is no such property. */
  getProperty(name: string): any
  getPropertyNames(): string[]
  /** null and undefined remove it. */
  setProperty(name: string, value: unknown): void
  /** How many properties it has. */
  size(): number
  /** What is in that property was changed from within: its users are told. */
  setDirty(name: string): void
  /** Nobody else changes it until unlock(). @returns how often it is locked now. */
  lock(): number
  /** @returns how often it is still locked; -1 when it was not. */
  unlock(): number
  /** Calls a function of everybody who uses it. */
  send(handler: string, ...values: unknown[]): boolean
  /** As send(); while it is locked, in one message with the changes. */
  mark(handler: string, ...values: unknown[]): boolean
  /** Removes every property. */
  clear(): boolean
  /** Forgets what was removed before that version. */
  purge(version: number): void
  /** @returns whether it is on the disk. */
  flush(): Promise<boolean>
  /** The script lets go of it; a temporary one that nobody uses is no more. */
  close(): void
  /** What others changed; null for none. */
  onSync?: ((changes: { code: 'change' | 'delete' | 'clear'; name?: string }[]) => void) | null
  /** Something you wanted was not done; null for none. */
  onStatus?: ((info: { code: string; level: string; description: string }) => void) | null
  [handler: string]: any
}

interface SharedObjects {
  /**
   * The object of that name, made if there is none: the same one each time. With a connection to an RTMP server it is the
   * one that lives there; `lock`, `unlock`, `purge`, `flush`, `autoCommit` and `resyncDepth` are its owner's and throw.
   */
  get(name: string, persistent?: boolean, connection?: NetConnection): SharedObject
  /** Stores one persistent object, or all of them. @returns whether they are on the disk. */
  commit(name?: string): Promise<boolean>
  /** Clears objects and deletes what is stored of them; `*` stands for any characters, `?` for one. */
  delete(pattern: string): Promise<boolean>
}
declare const SharedObject: SharedObjects

/** Kept true by itself; cannot be changed. Iterates as [key, item]. */
interface Collection<Key, Item> extends Iterable<[Key, Item]> {
  readonly count: number
  get(key: Key): Item | undefined
  has(key: Key): boolean
  pairs(): IterableIterator<[Key, Item]>
  ipairs(): IterableIterator<[Key, Item]>
}

interface Clients extends Collection<string, Client> {
  /** By `id` or `rawId`. */
  get(id: string | Uint8Array): Client | undefined
  has(id: string | Uint8Array): boolean
}

interface Publications extends Collection<string, Publication> {}

interface Rooms extends Collection<string, Room> {}

/** What is left of the URL's path behind the application. It is there while it has a client or a publication. Other properties are yours. */
interface Room {
  /** `` for the default one. */
  readonly name: string
  /** Path of its application, `` for the root. */
  readonly path: string
  readonly clients: Clients
  /** By their names within the room. */
  readonly publications: Publications
  /** Calls `name` on every client in it. */
  broadcast(name: string, ...values: unknown[]): void
  [field: string]: any
}

interface Groups extends Collection<string, Group> {
  /** By `id` or `rawId`. */
  get(id: string | Uint8Array): Group | undefined
  has(id: string | Uint8Array): boolean
  /** The group whose id is the SHA-256 of the name; it is there while it has members or you hold it. */
  create(name: string): Group
}

interface Applications extends Collection<string, OtherApplication> {}

interface OtherApplication {
  /** `chat` for /chat. */
  readonly name: string
  readonly path: string
  /**
   * Calls a function that the application exports (no hooks). Needs `allow = apps:/path`.
   * @returns what it gives; rejects with the message of what it throws.
   */
  call(name: string, ...values: unknown[]): Promise<any>
}

/** Iterates as [id, client], in the order in which they joined. */
interface Group extends Iterable<[string, Client]> {
  /** 64 hexadecimal digits. */
  readonly id: string
  /** The same as 32 bytes. */
  readonly rawId: Uint8Array
  /** How many are in it. */
  readonly size: number
  add(client: Client): void
  remove(client: Client): void
  pairs(): IterableIterator<[string, Client]>
  ipairs(): IterableIterator<[string, Client]>
}

/**
 * Somebody who is connected. Its members cannot be assigned, but for those that say so; any other property is yours
 * (data in it is the same in every application that sees the client, and survives saves and crashes),
 * and values of the URL's query are there from the beginning. Functions you put on a client it may call.
 */
interface Client {
  /** 64 hexadecimal digits. */
  readonly id: string
  /** The same as 32 bytes. */
  readonly rawId: Uint8Array
  /** "ip:port", IPv6 in brackets. */
  readonly address: string
  /** `rtmp`, `rtmps`, `rtmpt`; `rtmpe` and `rtmpte` for old clients that asked for encryption. */
  readonly protocol: string
  readonly secure: boolean
  /** The URL it connected to. */
  readonly uri: string
  /** Path of its application, `` for the root. */
  readonly path: string
  /** The room it is in, `` for the default one. */
  readonly room: string
  readonly flashVersion: string
  /** FourCCs that it announced to take (`hvc1`, `Opus`, `*` for any); null of a kind it said nothing of, as most players do. */
  readonly codecs: { audio: string[] | null; video: string[] | null }
  /** Extensions of Enhanced RTMP that it announced. */
  readonly capabilities: { reconnect: boolean; multitrack: boolean; modEx: boolean; nanoOffset: boolean }
  readonly pageUrl: string
  readonly swfUrl: string
  /** Milliseconds there and back, as measured last. */
  readonly ping: number
  /** Milliseconds since its last message, as of the latest statistics. */
  readonly elapsedFromReception: number
  /** Its main flow writer. */
  readonly writer: FlowWriter
  /** It was here before this version of the application. */
  readonly adopted: boolean
  /** Folders whose publications it may play, separated by `;`. Assignable. */
  readAccess: string
  /** Folders it may publish in, separated by `;`. Assignable. */
  writeAccess: string
  /** Folders whose raw sound its player may read, separated by `;`; true for all. Reads as a text. Assignable. */
  audioSampleAccess: string | boolean
  /** The same for raw pictures. Assignable. */
  videoSampleAccess: string | boolean
  /** Called every two seconds; null for none. Assignable. */
  onManage: ((this: Client) => void) | null
  stats(): ClientStats
  /**
   * Calls a function of the client's.
   * @returns what it answers. Rejects when it answers with an error (its object is in `error.info`), leaves, or gives no
   * answer within apps.verdictTimeout.
   */
  call(name: string, ...values: unknown[]): Promise<any>
  /** Measures its line, by up to 2 MiB that it throws away. Rejects when it leaves, or within apps.verdictTimeout. */
  bandwidth(): Promise<Bandwidth>
  /** Measures `ping` anew. */
  sendPing(): void
  /**
   * Sends it elsewhere: `host:port` (its own path and query there) or a URL. During onConnection that refuses it, later it
   * ends its connection: NetConnection.Connect.Rejected with `ex: { code: 302, redirect }`. One with `capabilities.reconnect`
   * reads NetConnection.Connect.ReconnectRequest with `tcUrl` instead, and has ten seconds to leave by itself.
   */
  redirect(to: string): void
  /** Ends its connection: NetConnection.Connect.Closed, with the reason. */
  close(reason?: string): void
  [field: string]: any
}

interface Bandwidth {
  /** Bytes a second that come from it at present. */
  in: number
  /** Bytes a second that go to it at present. */
  out: number
  /** Bytes a second its line can take. */
  maximum: number
  /** Milliseconds of a ping. */
  latency: number
}

interface ClientStats {
  ping: number
  bytesIn: number
  bytesOut: number
  elapsedFromReception: number
}

/** A one-way pipe of messages to a client. Writing to one that has gone has no effect. */
interface FlowWriter {
  /** false marks what may be dropped when the client lags. Default true. */
  reliable: boolean
  /** Calls `name` on the client; nothing comes back. */
  writeAMFMessage(name: string, ...values: unknown[]): void
  /** Answers the call that is being served, before its function has returned. */
  writeAMFResult(...values: unknown[]): void
  /** A status event: NetConnection.<code>. */
  writeStatusResponse(code: string, description?: string): void
  /**
   * What it wrote leaves before what the client's other writers have not flushed. All leaves when your function has
   * returned; `full` says something over UDP only.
   */
  flush(full?: boolean): void
  newFlowWriter(): FlowWriter
  /** Called every two seconds, on writers you opened; null for none. */
  onManage: ((this: FlowWriter) => void) | null
  /** Closing `client.writer` ends the session: onFailed, then onDisconnection. */
  close(): void
}

/** A name that somebody publishes, or that listeners wait for. Other properties are yours. */
interface Publication {
  readonly name: string
  /** The room it is in, `` for the default one. */
  readonly room: string
  /** Path of its application, `` for the root. */
  readonly path: string
  /** The client's id, `script`, `relay` for what comes from another server, or `` while nobody publishes. */
  readonly publisherId: string
  /** Grows with every publish of the name. */
  readonly generation: number
  /** Milliseconds since 1970; 0 while idle. */
  readonly startedAt: number
  /** What stood behind a "?" in the name. */
  readonly query: Record<string, string>
  readonly listeners: Collection<number, Listener>
  readonly audioQOS: QualityOfService
  readonly videoQOS: QualityOfService
  /** What the publisher said in onMetaData; undefined before. */
  readonly metadata: any
  /** Of the default tracks, by name: `avc1`, `hvc1`, `av01`, `mp4a`, `Opus` …; empty texts while not known. */
  readonly codecs: { audio: string; video: string }
  /** All its sounds and pictures by number, 0 being the default one of its kind; what they are for, `metadata` may say. */
  readonly tracks: { kind: 'audio' | 'video'; track: number; codec: string }[]
  /**
   * Only for publications of server.publish(). `packet`: the body of an FLV tag, codec byte first, from `offset` on;
   * `time` in ms; `lost`: how many packets are missing before it.
   */
  pushAudioPacket(time: number, packet: Uint8Array, offset?: number, lost?: number): void
  /** As pushAudioPacket. Pictures before the first key frame, and after a loss before the next, are left out. */
  pushVideoPacket(time: number, packet: Uint8Array, offset?: number, lost?: number): void
  /** Only for publications of server.publish(). `packet`: AMF0 values. */
  pushDataPacket(name: string, packet: Uint8Array, offset?: number): void
  /** Sends what was pushed; otherwise it leaves when your function has returned. */
  flush(): void
  /**
   * Calls `render` with the time of each frame to be, `fps` times a second, until it is stopped or the publication ends.
   * What is late, or due while a frame is rendered, is skipped.
   * @returns a function that stops it
   */
  onFrame(fps: number, render: (time: number) => Awaitable<void>): () => void
  /** Calls `handler` on every listener's stream. */
  send(handler: string, ...values: unknown[]): void
  /**
   * Records it from now on, in `format` `flv` or `mp4`; `false` ends all its recordings. `append` goes on where the file ended,
   * `segment` begins another one after so many seconds, `path` is the name it is recorded under (its own otherwise).
   * Kept when the file stands, broken with the reason when it cannot be written. It ends with the publication.
   */
  record(options?: RecordOptions | false): Promise<void>
  /** Ends it: its publisher is told NetStream.Unpublish.Success, or NetStream.<code>; players stay. */
  close(code?: string, description?: string): void
  [field: string]: any
}

interface RecordOptions {
  format?: 'flv' | 'mp4'
  append?: boolean
  /** Seconds; 0 never. */
  segment?: number
  path?: string
}

/** Recordings by the names of their streams: `cam`, `lobby/cam`, `mp4:cam`. */
interface Recordings {
  /** Seconds; 0 when there is no such recording. */
  length(name: string): Promise<number>
  /** Bytes; 0 when there is no such recording. */
  size(name: string): Promise<number>
  /** Deletes one; false when there was none. What is being recorded stays. */
  delete(name: string): Promise<boolean>
  /** Deletes all, or those of one folder (a room); gives how many files these were. */
  clear(folder?: string): Promise<number>
}

/** One subscription of a client. */
interface Listener {
  readonly id: number
  readonly client: Client
  readonly publication: Publication
  /** What stood behind a "?" in the name. */
  readonly query: Record<string, string>
  readonly audioQOS: QualityOfService
  readonly videoQOS: QualityOfService
  /** false mutes it. Assignable. */
  receiveAudio: boolean
  /** false blanks it. Assignable. */
  receiveVideo: boolean
  /** The player may read raw samples. Assignable. */
  audioSampleAccess: boolean
  /** The player may read raw pictures. Assignable. */
  videoSampleAccess: boolean
  /** Ends it: NetStream.Play.Stop, or NetStream.<code>. */
  close(code?: string, description?: string): void
  [field: string]: any
}

/** Of the last five seconds, told every two; a publication's is what its publisher sends, a listener's what reaches it. */
interface QualityOfService {
  /** Bytes a second. */
  byteRate: number
  /** Which part of the frames is missing: 0 to 1. */
  lostRate: number
  /** How fast the line falls behind: 1 nothing gets through, 0 it keeps up, below 0 it catches up and has room for more. */
  congestionRate: number
  /** Milliseconds on the way: half of the ping, and what waits. */
  latency: number
  /** Frames left out since the publisher began: before a key frame, or because a listener could not keep up. */
  droppedFrames: number
}

// --------------------------------------------------------------------------------------------------- hooks

/** A hook may be async: whoever waits, waits for its promise, at most apps.verdictTimeout. */
type Awaitable<Value> = Value | Promise<Value>

interface StartOptions {
  reason: 'start' | 'reload' | 'crash' | 'rollback'
  /** What onStop of the version before returned; undefined otherwise. */
  state: any
}

/** The application starts. A throw keeps it from starting; after a reload, the version before serves on. */
type OnStart = (path: string, options: StartOptions) => Awaitable<void>
/** The application stops. What it returns at a reload is the `state` of the new version's onStart. */
type OnStop = (path: string, reason: 'reload' | 'deleted' | 'shutdown' | 'unload') => Awaitable<unknown>
/** Every two seconds. */
type OnManage = () => void
/** Where a client may be sent: `host:port`, a URL, `again` for this server, something with a publicAddress, or several. */
type Redirect = string | { readonly publicAddress: string } | Iterable<Redirect> | null | undefined | void
/**
 * Somebody knocks; there is no client yet. `address` is "ip:port", `path` the URL's without its query, `properties` the
 * query's values, `attempts` how often this address tried this path within ten seconds. Nothing lets it in; `false` or a
 * throw refuses; an address sends it there.
 */
type OnHandshake = (
  address: string,
  path: string,
  properties: Record<string, string>,
  attempts: number,
) => Awaitable<Redirect | boolean>
/** A throw refuses, with its text; `false` refuses. An object is merged into what the client is told. */
type OnConnection = (client: Client, ...values: any[]) => Awaitable<object | boolean | void>
/** A client of the version before, in place of onConnection. */
type OnAdopt = (client: Client) => Awaitable<void>
type OnConnectionAccepted = (client: Client) => void
type OnConnectionRejected = (client: Client, text: string) => void
/** The client has left: it can be read, and writing to it has no effect. */
type OnDisconnection = (client: Client) => void
/** Its connection broke; onDisconnection follows. */
type OnFailed = (client: Client, error: string) => void
/** A room gets its first client or publication; whoever enters waits for it. */
type OnRoomCreate = (room: Room) => Awaitable<void>
/** After onConnection, before the client hears of its success. `false` refuses, a throw refuses with its text. */
type OnRoomEnter = (client: Client, room: Room) => Awaitable<boolean | void>
type OnRoomLeave = (client: Client, room: Room) => void
/** Its last client or publication has gone. */
type OnRoomDestroy = (room: Room) => void
/** `false` refuses, a throw refuses with its text. */
type OnPublish = (client: Client, publication: Publication) => Awaitable<boolean | void>
/**
 * Somebody publishes the name already: `replace` takes it away from them. Nothing leaves it to the server: a living
 * publisher keeps the name, one that has been silent for publication.staleMs loses it.
 */
type OnPublishConflict = (
  client: Client,
  publication: Publication,
  current: Publication,
) => Awaitable<'refuse' | 'replace' | void>
type OnUnpublish = (client: Client, publication: Publication) => void
/** A recording's file is whole: its name within the application's recordings. */
type OnRecorded = (publication: Publication, file: string) => void
/** `false` refuses, a throw refuses with its text. */
type OnSubscribe = (client: Client, listener: Listener) => Awaitable<boolean | void>
/** A client wants a stream of its own, under that id. `false` refuses, a throw refuses with its text. */
type OnCreateStream = (client: Client, streamId: number) => Awaitable<boolean | void>
/** A player pauses, or goes on. `false` refuses, a throw refuses with its text. */
type OnPause = (client: Client, listener: Listener, paused: boolean) => Awaitable<boolean | void>
/** A player seeks. `false` refuses, a throw refuses with its text. */
type OnSeek = (client: Client, listener: Listener, ms: number) => Awaitable<boolean | void>
type OnUnsubscribe = (client: Client, listener: Listener) => void
/** `packet`: the body of an FLV tag, codec byte first; `time` in ms. */
type OnAudioPacket = (client: Client, publication: Publication, time: number, packet: Uint8Array) => void
type OnVideoPacket = (client: Client, publication: Publication, time: number, packet: Uint8Array) => void
/** `packet`: the AMF0 values that followed the name. */
type OnDataPacket = (client: Client, publication: Publication, name: string, packet: Uint8Array) => void
/** A call that neither the client's own functions nor `calls` know. */
type OnCall = (client: Client, name: string, ...values: any[]) => Awaitable<unknown>
/**
 * An AMF object with a class name has come: an externalizable before its content is read (give it `__readExternal`), any other
 * with its fields. Methods and fields may be added.
 */
type OnTypedObject = (type: string, object: Record<string, any>) => void

interface StatusInfo {
  level: 'error'
  code: 'Application.Script.Error'
  /** What was thrown, in words. */
  description: string
  /** The hook, `timer`, `promise`, `client.onManage` or `writer.onManage`. */
  hook: string
  /** Whom it was about; null for nobody. */
  client: Client | null
}
/** Something went wrong in a packet hook, a timer, or another function whose answer nobody waits for. */
type OnStatus = (info: StatusInfo) => void

/**
 * `export const connectHandlers`: asked one after another in place of onConnection. The first that returns true, or an
 * object for the info of Success, has claimed the connection; a throw refuses it, and so does nobody's claim.
 */
type ConnectHandlers = ((client: Client, ...values: any[]) => Awaitable<object | boolean | void>)[]

type OnJoinGroup = (client: Client, group: Group) => void
type OnUnjoinGroup = (client: Client, group: Group) => void

/** `export const calls`: functions every client may call; `this` is the client. */
type Calls = Record<string, (this: Client, ...values: any[]) => unknown> & ThisType<Client>

// ----------------------------------------------------------------------------------------------------- web

interface Console {
  log(...values: unknown[]): void
  info(...values: unknown[]): void
  debug(...values: unknown[]): void
  warn(...values: unknown[]): void
  error(...values: unknown[]): void
  trace(...values: unknown[]): void
  dir(value: unknown): void
  table(value: unknown): void
  assert(condition?: unknown, ...values: unknown[]): void
  count(label?: string): void
  countReset(label?: string): void
  time(label?: string): void
  timeLog(label?: string, ...values: unknown[]): void
  timeEnd(label?: string): void
  group(...values: unknown[]): void
  groupCollapsed(...values: unknown[]): void
  groupEnd(): void
}
declare const console: Console

declare function setTimeout<Values extends any[]>(
  run: (...values: Values) => void,
  ms?: number,
  ...values: Values
): number
declare function setInterval<Values extends any[]>(
  run: (...values: Values) => void,
  ms?: number,
  ...values: Values
): number
declare function clearTimeout(timer?: number): void
declare function clearInterval(timer?: number): void
declare function queueMicrotask(run: () => void): void
declare function structuredClone<Value>(value: Value): Value
/** Text from base64. */
declare function atob(text: string): string
/** Base64 of a text whose characters are bytes. */
declare function btoa(text: string): string
/** `now()`: milliseconds that only go forward. */
declare const performance: { now(): number }

/** The part of WebCrypto that needs no more than hashes and random numbers. */
interface Crypto {
  readonly subtle: SubtleCrypto
  /** Fills a typed array of whole numbers, 65,536 bytes at most. */
  getRandomValues<Values extends ArrayBufferView>(array: Values): Values
  randomUUID(): string
}
declare const crypto: Crypto

type HashAlgorithm = string | { name: string }
type BytesSource = ArrayBuffer | ArrayBufferView

/** Hashes: SHA-1, SHA-256, SHA-384, SHA-512; signatures: HMAC. */
interface SubtleCrypto {
  digest(algorithm: HashAlgorithm, data: BytesSource): Promise<ArrayBuffer>
  importKey(
    format: 'raw',
    keyData: BytesSource,
    algorithm: { name: 'HMAC'; hash: HashAlgorithm },
    extractable: boolean,
    keyUsages: ('sign' | 'verify')[],
  ): Promise<CryptoKey>
  sign(algorithm: HashAlgorithm, key: CryptoKey, data: BytesSource): Promise<ArrayBuffer>
  verify(algorithm: HashAlgorithm, key: CryptoKey, signature: BytesSource, data: BytesSource): Promise<boolean>
}

interface CryptoKey {
  readonly type: string
  readonly extractable: boolean
  readonly algorithm: { name: string; hash: { name: string }; length: number }
  readonly usages: readonly ('sign' | 'verify')[]
}

declare class TextEncoder {
  readonly encoding: string
  encode(text?: string): Uint8Array
  encodeInto(text: string, target: Uint8Array): { read: number; written: number }
}

/** UTF-8 and UTF-16 (little-endian). */
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean })
  readonly encoding: string
  readonly fatal: boolean
  readonly ignoreBOM: boolean
  decode(source?: ArrayBuffer | ArrayBufferView, options?: { stream?: boolean }): string
}

declare class URL {
  constructor(url: string | URL, base?: string | URL)
  static canParse(url: string | URL, base?: string | URL): boolean
  static parse(url: string | URL, base?: string | URL): URL | null
  href: string
  readonly origin: string
  protocol: string
  username: string
  password: string
  host: string
  hostname: string
  port: string
  pathname: string
  search: string
  readonly searchParams: URLSearchParams
  hash: string
  toString(): string
  toJSON(): string
}

declare class URLSearchParams implements Iterable<[string, string]> {
  constructor(init?: string | Iterable<[string, string]> | Record<string, string> | URLSearchParams)
  readonly size: number
  append(name: string, value: string): void
  delete(name: string, value?: string): void
  get(name: string): string | null
  getAll(name: string): string[]
  has(name: string, value?: string): boolean
  set(name: string, value: string): void
  sort(): void
  forEach(visit: (value: string, name: string, params: URLSearchParams) => void, self?: unknown): void
  entries(): IterableIterator<[string, string]>
  keys(): IterableIterator<string>
  values(): IterableIterator<string>
  toString(): string
  [Symbol.iterator](): IterableIterator<[string, string]>
}

interface AbortEvent {
  readonly type: 'abort'
  readonly target: AbortSignal
}

declare class AbortSignal {
  static abort(reason?: unknown): AbortSignal
  static timeout(ms: number): AbortSignal
  static any(signals: Iterable<AbortSignal>): AbortSignal
  readonly aborted: boolean
  readonly reason: any
  onabort: ((event: AbortEvent) => void) | null
  throwIfAborted(): void
  addEventListener(type: 'abort', listener: (event: AbortEvent) => void, options?: { once?: boolean }): void
  removeEventListener(type: 'abort', listener: (event: AbortEvent) => void): void
}

declare class AbortController {
  readonly signal: AbortSignal
  abort(reason?: unknown): void
}

/** The application wants something outside itself that nobody has allowed; the message says what to write where. */
declare class CapabilityError extends Error {
  constructor(message?: string)
}

/** Told apart by `name`: AbortError, DataCloneError, TimeoutError … */
declare class DOMException extends Error {
  constructor(message?: string, name?: string)
}

declare class Headers implements Iterable<[string, string]> {
  constructor(init?: Headers | Iterable<[string, string]> | Record<string, string>)
  append(name: string, value: string): void
  set(name: string, value: string): void
  delete(name: string): void
  get(name: string): string | null
  has(name: string): boolean
  getSetCookie(): string[]
  forEach(visit: (value: string, name: string, headers: Headers) => void): void
  entries(): IterableIterator<[string, string]>
  keys(): IterableIterator<string>
  values(): IterableIterator<string>
  [Symbol.iterator](): IterableIterator<[string, string]>
}

type BodyInit = string | ArrayBuffer | ArrayBufferView | URLSearchParams | null

interface RequestInit {
  method?: string
  headers?: Headers | Iterable<[string, string]> | Record<string, string>
  body?: BodyInit
  redirect?: 'follow' | 'error' | 'manual'
  signal?: AbortSignal | null
}

interface Body {
  readonly bodyUsed: boolean
  bytes(): Promise<Uint8Array>
  arrayBuffer(): Promise<ArrayBuffer>
  text(): Promise<string>
  json(): Promise<any>
}

interface Request extends Body {}
declare class Request {
  constructor(input: string | URL | Request, init?: RequestInit)
  readonly url: string
  readonly method: string
  readonly headers: Headers
  readonly redirect: 'follow' | 'error' | 'manual'
  readonly signal: AbortSignal
  clone(): Request
}

interface Response extends Body {}
/** The whole body is there when fetch's promise is fulfilled. */
declare class Response {
  constructor(
    body?: BodyInit,
    init?: {
      status?: number
      statusText?: string
      headers?: Headers | Iterable<[string, string]> | Record<string, string>
    },
  )
  readonly status: number
  readonly statusText: string
  readonly headers: Headers
  readonly ok: boolean
  readonly url: string
  readonly redirected: boolean
  clone(): Response
}

/** Asks a web server; needs the capability `fetch:host`, also of every host it redirects to. */
declare function fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>
