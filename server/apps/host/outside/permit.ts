import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import {
  allows,
  type Capability,
  canonicalHost,
  capabilitySentence,
  capabilityWord,
  type Want,
} from '../../../base/capability.ts'
import { Refusal } from './refusal.ts'
import { isSpecial } from './special-addresses.ts'

/** Gives the addresses of a name. */
export type Resolve = (host: string) => Promise<string[]>

const resolveBySystem: Resolve = async host => (await lookup(host, { all: true })).map(({ address }) => address)

/** The one place that decides whether an application may reach something: asked for names and again for addresses. */
export class Permit {
  readonly #path: string
  readonly #file: string
  readonly #allow: readonly Capability[]
  readonly #resolve: Resolve

  constructor(path: string, configFile: string, allow: readonly Capability[], resolve: Resolve = resolveBySystem) {
    this.#path = path
    this.#file = configFile
    this.#allow = allow
    this.#resolve = resolve
  }

  /** Throws a CapabilityError that names the line to add. */
  need(want: Want): void {
    if (!allows(this.#allow, want)) throw this.#refusal(want)
  }

  /** The host as it is compared. Throws a CapabilityError unless its name is allowed, a TypeError when it is none. */
  needHost(kind: 'fetch' | 'tcp' | 'udp' | 'rtmp', host: string, port: number): string {
    const name = canonicalHost(host)
    if (name === undefined) throw new Refusal('TypeError', `'${host.slice(0, 100)}' is no host`)
    if (!Number.isInteger(port) || port < 1 || port > 65_535)
      throw new Refusal('TypeError', 'a port is a whole number from 1 to 65535')
    const want: Want = { kind, host: name, port }
    const address = bare(name)
    if (!allows(this.#allow, want, isIP(address) === 0 || !isSpecial(address))) throw this.#refusal(want)
    return name
  }

  /**
   * The addresses behind a host that may be reached, at least one. A name that leads to an address which is not public
   * needs that address written out as well, and only what is given here may be connected to: names change.
   */
  async addresses(kind: 'fetch' | 'tcp' | 'udp' | 'rtmp', host: string, port: number): Promise<string[]> {
    const name = bare(this.needHost(kind, host, port))
    if (isIP(name) !== 0) return [name]
    const found = await this.#resolve(name)
    const open = found.filter(address => this.#mayReach(kind, address, port))
    const [first] = found
    if (first === undefined) throw new Refusal('Error', `${name} has no address`)
    if (open.length > 0) return open
    const word = capabilityWord({ kind, host: canonicalHost(first) ?? first, port })
    throw new Refusal(
      'CapabilityError',
      `${name} leads to ${first}, which is no public address; ${this.#sentence(word)}`,
    )
  }

  #mayReach(kind: 'fetch' | 'tcp' | 'udp' | 'rtmp', address: string, port: number): boolean {
    const host = canonicalHost(address)
    return host !== undefined && (!isSpecial(address) || allows(this.#allow, { kind, host, port }, false))
  }

  #refusal(want: Want): Refusal {
    return new Refusal('CapabilityError', this.#sentence(capabilityWord(want)))
  }

  #sentence(word: string): string {
    return capabilitySentence(this.#path, this.#file, word)
  }
}

/** Without the brackets of IPv6. */
function bare(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host
}
