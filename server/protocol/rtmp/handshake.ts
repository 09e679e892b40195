import { randomBytes } from 'node:crypto'
import { ProtocolError } from '../../base/errors.ts'
import {
  blockBytes,
  clientKey,
  type DigestKey,
  type DigestScheme,
  findDigest,
  imprintDigest,
  serverKey,
  signReply,
  verifyReply,
} from './digest.ts'
import { type Cipher, encryptedVersion, KeyExchange } from './encryption.ts'

/** What a handshake makes of the bytes it was given. */
export interface HandshakeStep {
  /** To be sent now. */
  readonly reply: Buffer | null
  /** What stood behind the handshake; null while it lasts. */
  readonly rest: Buffer | null
  /** With `rest`: what it and all that follows is encrypted with, by both sides; null for nothing. */
  readonly cipher: Cipher | null
}

/** One side of a handshake; the bytes may come cut anywhere. */
export interface Handshake {
  /** To be sent first; null for the side that is greeted. */
  readonly hello: Buffer | null
  /** Throws a ProtocolError when the peer cannot be meant to speak RTMP with us. */
  receive(bytes: Buffer): HandshakeStep
}

/** C0 and S0 (RTMP 1.0 §5.2.2). */
const protocolVersion = 3

/** In S1 and C1 behind the time; zero asks for, and answers, a plain handshake. Any version since Flash 9 will do. */
const serverVersion = Buffer.of(5, 0, 17, 1)
const clientVersion = Buffer.of(32, 0, 0, 1)

/** C0 and C1, or S0 and S1. */
const helloBytes = 1 + blockBytes

const waiting: HandshakeStep = { reply: null, rest: null, cipher: null }

/** S0 or C0 with its first block, plain: time 0, version 0, random bytes. */
function plainHello(): Buffer {
  return Buffer.concat([Buffer.of(protocolVersion), Buffer.alloc(8), randomBytes(blockBytes - 8)])
}

function serverHello(scheme: DigestScheme): Buffer {
  const bytes = plainHello()
  serverVersion.copy(bytes, 5)
  imprintDigest(bytes.subarray(1), scheme, serverKey)
  return bytes
}

/**
 * The random bytes of a handshake guard nothing, so all connections share three beginnings: plain, and one for each
 * digest scheme. A plain handshake then costs two copies, one with digests up to four HMACs of 1.5 kB.
 */
const serverHellos = { plain: plainHello(), digest: [serverHello(0), serverHello(1)] }
const signedBlock = randomBytes(blockBytes)

export interface ServerHandshakeOptions {
  /** Answer who asks for RTMPE. */
  readonly encryption?: boolean
}

/** Answers a client: S0, S1 and S2 at once when C1 is whole (§5.2), done when as many bytes as C2 has have come. */
export class ServerHandshake implements Handshake {
  readonly hello = null
  readonly #encryption: boolean
  #cipher: Cipher | null = null
  /** C0 and C1 where they come in pieces, and how much of them there is; -1 when they were answered. */
  #hello: Buffer | null = null
  #known = 0
  /** Bytes of C2 still to come. Their content is not looked at: real clients send odd ones. */
  #left = blockBytes
  #scheme: DigestScheme | null = null

  constructor({ encryption = false }: ServerHandshakeOptions = {}) {
    this.#encryption = encryption
  }

  /** The digest scheme the client and we agreed on; null in a plain handshake. */
  get scheme(): DigestScheme | null {
    return this.#scheme
  }

  receive(bytes: Buffer): HandshakeStep {
    if (this.#known < 0) return this.#skip(null, bytes)
    if (bytes.length === 0) return waiting
    if (this.#known === 0) checkVersion(bytes[0]!, this.#encryption, 'client')
    const missing = helloBytes - this.#known
    if (this.#known > 0 || bytes.length < missing) {
      // A buffer of its own: a slice of Node's shared pool would pin 64 kB for each connection that never goes on.
      this.#hello ??= Buffer.allocUnsafeSlow(helloBytes)
      bytes.copy(this.#hello, this.#known, 0, missing)
      this.#known += bytes.length
      if (bytes.length < missing) return waiting
    }
    const hello = this.#hello ?? bytes
    const c1 = hello.subarray(1, helloBytes)
    const reply = hello[0] === encryptedVersion ? this.#answerEncrypted(c1) : this.#answer(c1)
    this.#known = -1
    this.#hello = null
    return this.#skip(reply, bytes.subarray(missing))
  }

  #skip(reply: Buffer | null, bytes: Buffer): HandshakeStep {
    const skipped = Math.min(this.#left, bytes.length)
    this.#left -= skipped
    return { reply, rest: this.#left === 0 ? bytes.subarray(skipped) : null, cipher: this.#cipher }
  }

  #answer(c1: Buffer): Buffer {
    const asked = c1.readUInt32BE(4) !== 0 ? findDigest(c1, clientKey) : null
    // S2 repeats C1 to the byte, its second time field (§5.2.4) too, as librtmp compares the whole of it.
    if (asked === null) return Buffer.concat([serverHellos.plain, c1])
    this.#scheme = asked.scheme
    const reply = Buffer.concat([serverHellos.digest[asked.scheme]!, signedBlock])
    signReply(reply.subarray(helloBytes), asked.digest, serverKey)
    return reply
  }

  /** With a key of this connection's own in S1. */
  #answerEncrypted(c1: Buffer): Buffer {
    const asked = findDigest(c1, clientKey)
    if (asked === null) throw new ProtocolError('rtmp.handshake.digest', 'RTMPE begins without a digest in C1')
    const exchange = new KeyExchange()
    const reply = Buffer.concat([serverHellos.digest[asked.scheme]!, signedBlock])
    reply[0] = encryptedVersion
    imprintKey(reply, exchange, asked.scheme, serverKey)
    signReply(reply.subarray(helloBytes), asked.digest, serverKey)
    this.#scheme = asked.scheme
    this.#cipher = exchange.agree(c1, asked.scheme)
    return reply
  }
}

export interface ClientHandshakeOptions {
  /** Hide a digest in C1, by this scheme. */
  readonly digest?: DigestScheme
  /** Ask for RTMPE, which needs a digest: scheme 1 where none is chosen. */
  readonly encryption?: boolean
}

/** Greets a server with C0 and C1, answers S1 with C2, and is done when S2 is whole. */
export class ClientHandshake implements Handshake {
  /** C0 and C1, to be sent first. */
  readonly hello: Buffer
  /** The digest in our C1, if it has one. */
  readonly #digest: Buffer | null = null
  /** S0, S1 and S2 as they come in. */
  readonly #received = Buffer.allocUnsafeSlow(helloBytes + blockBytes)
  readonly #exchange: KeyExchange | null
  #known = 0
  #scheme: DigestScheme | null = null
  #cipher: Cipher | null = null

  constructor({ encryption = false, digest = encryption ? 1 : undefined }: ClientHandshakeOptions = {}) {
    this.hello = plainHello()
    this.#exchange = encryption ? new KeyExchange() : null
    if (digest === undefined) return
    clientVersion.copy(this.hello, 5)
    if (this.#exchange) {
      this.hello[0] = encryptedVersion
      this.#digest = imprintKey(this.hello, this.#exchange, digest, clientKey)
    } else this.#digest = imprintDigest(this.hello.subarray(1), digest, clientKey)
  }

  /** The scheme of the server's digest; null when it answered plainly. */
  get scheme(): DigestScheme | null {
    return this.#scheme
  }

  receive(bytes: Buffer): HandshakeStep {
    if (bytes.length === 0) return waiting
    if (this.#known === 0) checkVersion(bytes[0]!, this.#exchange !== null, 'server')
    const before = this.#known
    const taken = bytes.copy(this.#received, before)
    this.#known += taken
    const s1IsWhole = before < helloBytes && this.#known >= helloBytes
    const reply = s1IsWhole ? this.#answer(this.#received.subarray(1, helloBytes)) : null
    if (this.#known < this.#received.length) return { reply, rest: null, cipher: null }
    this.#verify(this.#received.subarray(helloBytes))
    return { reply, rest: bytes.subarray(taken), cipher: this.#cipher }
  }

  /** A server that has no digest answers plainly, and then so do we. */
  #answer(s1: Buffer): Buffer {
    const answer = this.#digest && s1.readUInt32BE(4) !== 0 ? findDigest(s1, serverKey) : null
    if (answer === null && this.#exchange) {
      throw new ProtocolError('rtmp.handshake.digest', 'the server answers RTMPE without a digest in S1')
    }
    if (answer === null) return Buffer.from(s1)
    this.#scheme = answer.scheme
    if (this.#exchange) this.#cipher = this.#exchange.agree(s1, answer.scheme)
    const c2 = Buffer.from(signedBlock)
    signReply(c2, answer.digest, clientKey)
    return c2
  }

  #verify(s2: Buffer): void {
    if (this.#scheme === null || verifyReply(s2, this.#digest!, serverKey)) return
    throw new ProtocolError('rtmp.handshake.signature', "the server's S2 does not answer the digest of our C1")
  }
}

/** Hides key and digest in C1 or S1, behind the version. */
function imprintKey(hello: Buffer, exchange: KeyExchange, scheme: DigestScheme, key: DigestKey): Buffer {
  const block = hello.subarray(1, helloBytes)
  exchange.imprint(block, scheme)
  return imprintDigest(block, scheme, key)
}

/** First bytes of others: TLS's alert and handshake (RFC 8446 §5.1), and the capitals that HTTP begins with. */
const tlsRecords: readonly number[] = [0x15, 0x16]
const capitals = { first: 0x41, last: 0x5a } as const

/** Version 3 is the only one of RTMP, 6 of RTMPE; what else comes from the `peer` says what it is. */
function checkVersion(version: number, encryption: boolean, peer: 'client' | 'server'): void {
  if (version === protocolVersion || (encryption && version === encryptedVersion)) return
  const comes = peer === 'client'
  if (version === 6 || version === 8 || version === 9) {
    throw new ProtocolError(
      'rtmp.handshake.encrypted',
      `the ${peer} ${comes ? 'asks for' : 'answers with'} RTMPE (version ${version}), which is not spoken here`,
      comes
        ? 'connect with rtmp:// or rtmps:// in place of rtmpe://, or set rtmp.rtmpe = true for old clients (version 6)'
        : 'connect to a port of it that is for plain RTMP or for RTMPS',
    )
  }
  if (version >= capitals.first && version <= capitals.last) {
    throw new ProtocolError(
      'rtmp.handshake.http',
      `the ${peer} speaks HTTP (its first byte is "${String.fromCharCode(version)}")`,
      comes ? 'this port is for RTMP; use rtmp:// in the URL' : 'name its port for RTMP in the URL',
    )
  }
  if (tlsRecords.includes(version)) {
    throw new ProtocolError(
      'rtmp.handshake.tls',
      `the ${peer} speaks TLS`,
      comes ? 'this port is for plain RTMP; use rtmp:// in place of rtmps://' : 'use rtmps:// in place of rtmp://',
    )
  }
  throw new ProtocolError('rtmp.handshake.version', `RTMP version ${version} of the ${peer}, only 3 is known`)
}
