/** What Node says of one end of a connection, or of a listening socket. */
export interface Endpoint {
  readonly address?: string | undefined
  readonly port?: number | undefined
}

/** "ip:port", IPv6 in brackets; IPv4 addresses that came through an IPv6 socket are written as what they are. */
export function formatEndpoint({ address = '', port = 0 }: Endpoint): string {
  const ip = address.startsWith('::ffff:') && address.includes('.') ? address.slice('::ffff:'.length) : address
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
}
