import { BlockList, isIP } from 'node:net'

/**
 * Addresses that are not the public Internet's (IANA's registries of special-purpose addresses, RFC 6890). Two lists, for
 * in one a range of IPv6 that holds the mapped addresses would hold all of IPv4.
 */
const special = { 4: new BlockList(), 6: new BlockList() }
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  special[4].addSubnet(network, prefix, 'ipv4')
}
// Only 2000::/3 is given out for the public; in it 6to4, Teredo and documentation lead elsewhere.
for (const [network, prefix] of [
  ['::', 3],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['4000::', 2],
  ['8000::', 1],
] as const) {
  special[6].addSubnet(network, prefix, 'ipv6')
}

/** Loopback, private, link-local and the like: a script reaches it only where it is written out. */
export function isSpecial(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return special[4].check(address, 'ipv4')
    case 6:
      return special[6].check(address, 'ipv6')
    default:
      return true
  }
}
