/**
 * What a script may reach outside itself: the words of `allow`, taken apart, and the one question whether
 * they cover something. allows() calls no method of anything, so that it can be asked inside the glass as well, where
 * scripts may tamper with prototypes.
 */
export type Capability =
  /** `host`: as canonicalHost() writes it; `*` is any, `*.example.com` what is below it. No ports: all of them. */
  | { kind: 'fetch' | 'tcp' | 'udp' | 'rtmp'; host: string; ports: number[] }
  | { kind: 'listen'; protocol: 'tcp' | 'udp'; ports: number[] }
  | { kind: 'mail' }
  | { kind: 'config' }
  /** A path without its slash at the end, "" for the root; null is every application. */
  | { kind: 'apps'; path: string | null }

/** One thing that a script wants to reach. */
export type Want =
  | { kind: 'fetch' | 'tcp' | 'udp' | 'rtmp'; host: string; port: number }
  | { kind: 'listen'; protocol: 'tcp' | 'udp'; port: number }
  | { kind: 'mail' }
  | { kind: 'config' }
  | { kind: 'apps'; path: string }

/**
 * Denied until allowed. `byName`: `*` and `*.example.com` count; without it the host must be written out, which is asked
 * of addresses that are no public ones.
 */
export function allows(capabilities: readonly Capability[], want: Want, byName = true): boolean {
  for (let i = 0; i < capabilities.length; i++) if (covers(capabilities[i]!, want, byName)) return true
  return false
}

function covers(capability: Capability, want: Want, byName: boolean): boolean {
  if (capability.kind === 'listen') {
    return want.kind === 'listen' && capability.protocol === want.protocol && hasPort(capability.ports, want.port)
  }
  if (capability.kind === 'apps') {
    return want.kind === 'apps' && (capability.path === null || capability.path === want.path)
  }
  if (capability.kind === 'mail' || capability.kind === 'config') return capability.kind === want.kind
  if (capability.kind !== want.kind || !('host' in want)) return false
  return hasPort(capability.ports, want.port) && hasHost(capability.host, want.host, byName)
}

function hasPort(ports: readonly number[], port: number): boolean {
  if (ports.length === 0) return true
  for (let i = 0; i < ports.length; i++) if (ports[i] === port) return true
  return false
}

function hasHost(pattern: string, host: string, byName: boolean): boolean {
  if (pattern === host) return true
  if (!byName || pattern[0] !== '*') return false
  const tail = pattern.length - 1
  if (tail === 0) return true
  if (host.length <= tail) return false
  for (let i = 0; i < tail; i++) if (host[host.length - tail + i] !== pattern[i + 1]) return false
  return true
}

/** As it is written in `allow`. */
export function capabilityWord(want: Want): string {
  switch (want.kind) {
    case 'listen':
      return `listen:${want.protocol}:${want.port}`
    case 'apps':
      return `apps:${want.path === '' ? '/' : want.path}`
    case 'mail':
    case 'config':
      return want.kind
    default:
      return `${want.kind}:${want.host}:${want.port}`
  }
}

/** A capability as it is written in `allow`. */
export function wordOf(capability: Capability): string {
  if (capability.kind === 'mail' || capability.kind === 'config') return capability.kind
  if (capability.kind === 'apps') return capability.path === null ? 'apps' : capabilityWord(capability as Want)
  const ports = capability.ports.length === 0 ? '*' : capability.ports.join(',')
  return capability.kind === 'listen'
    ? `listen:${capability.protocol}:${ports}`
    : `${capability.kind}:${capability.host}:${ports}`
}

/** What a CapabilityError says: what was refused, and what to write where. */
export function capabilitySentence(app: string, file: string, word: string): string {
  const path = app === '' ? '/' : app
  return `application ${path} may not use ${word}: add it to the line allow in section [app:${path}] of ${file} (allow = …, ${word})`
}

/** A host as it is compared: lower case, ASCII, addresses in their shortest form, IPv6 in brackets. Undefined for none. */
export function canonicalHost(host: string): string | undefined {
  const text = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
  if (text === '' || /[\s/@?#\\%*]/.test(text)) return undefined
  const { hostname, port } = URL.parse(`http://${text}/`) ?? {}
  if (hostname === undefined || port !== '' || /:\d*$/.test(text)) return undefined
  return hostname.endsWith('.') ? hostname.slice(0, -1) : hostname
}
