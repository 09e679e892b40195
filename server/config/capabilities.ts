import { type Capability, canonicalHost } from '../base/capability.ts'

/** The ports a bare host stands for. */
const usual = { fetch: [80, 443], rtmp: [1935, 443, 80], tcp: undefined, udp: undefined } as const

/** One word of `allow`: what it stands for, or what is wrong with it as the end of a sentence. */
export function readCapability(word: string): Capability | string {
  const colon = word.indexOf(':')
  const kind = colon < 0 ? word : word.slice(0, colon)
  const rest = colon < 0 ? undefined : word.slice(colon + 1)
  switch (kind) {
    case 'mail':
    case 'config':
      return rest === undefined ? { kind } : `'${word}' takes nothing behind a colon`
    case 'apps':
      return readApps(word, rest)
    case 'listen':
      return readListen(word, rest ?? '')
    case 'fetch':
    case 'tcp':
    case 'udp':
    case 'rtmp':
      return readPeer(word, kind, rest ?? '')
    default:
      return `'${word}' is none of fetch, tcp, udp, rtmp, listen, mail, apps, config`
  }
}

function readApps(word: string, path: string | undefined): Capability | string {
  if (path === undefined || path === '*') return { kind: 'apps', path: null }
  if (!path.startsWith('/')) return `'${word}' should be like apps or apps:/lobby`
  return { kind: 'apps', path: path.replace(/\/+$/, '') }
}

function readListen(word: string, rest: string): Capability | string {
  const [, protocol, port] = /^(tcp|udp):(\*|\d{1,5})$/.exec(rest) ?? []
  const ports = port === undefined ? undefined : readPorts(port)
  if (ports === undefined) return `'${word}' should be like listen:tcp:7000 or listen:udp:*`
  return { kind: 'listen', protocol: protocol as 'tcp' | 'udp', ports }
}

function readPeer(word: string, kind: 'fetch' | 'tcp' | 'udp' | 'rtmp', rest: string): Capability | string {
  const [, host = '', port] = /^(\[[^\]]*\]|[^:]*)(?::(\*|\d{1,5}))?$/.exec(rest) ?? []
  const ports = port === undefined ? usual[kind] : readPorts(port)
  const known = readHost(host)
  if (ports === undefined || known === undefined) {
    const example = usual[kind]
      ? `${kind}:example.com or ${kind}:[::1]:8080`
      : `${kind}:example.com:7000 or ${kind}:[::1]:*`
    return `'${word}' should be like ${example}`
  }
  return { kind, host: known, ports: [...ports] }
}

function readHost(host: string): string | undefined {
  if (host === '*') return host
  if (!host.startsWith('*.')) return host.includes('*') ? undefined : canonicalHost(host)
  const parent = canonicalHost(host.slice(2))
  return parent === undefined || parent.includes('*') ? undefined : `*.${parent}`
}

function readPorts(text: string): number[] | undefined {
  if (text === '*') return []
  return Number(text) <= 65_535 ? [Number(text)] : undefined
}
