import { audioFourCcs, isEnhanced, videoFourCcs } from './codec.ts'
import { announcedMax } from './limits.ts'
import type { Reading } from './readable.ts'

/** What a client said with connect() of Enhanced RTMP: which codecs it can take, and which extensions. */
export interface Announced {
  /** FourCCs, `*` for any; null when it said nothing of that kind. */
  readonly video: readonly string[] | null
  readonly audio: readonly string[] | null
  /** CapsExMask. */
  readonly capsEx: number
}

/** Enhanced RTMP v2, "Enhancing NetConnection connect Command": CapsExMask. */
export const CapsEx = { Reconnect: 1, Multitrack: 2, ModEx: 4, TimestampNanoOffset: 8 } as const

/** FourCcInfoMask. */
const FourCcInfo = { CanDecode: 1, CanEncode: 2, CanForward: 4 } as const

/** What the server says of itself: it forwards every codec and takes all extensions apart. */
export const ownCapabilities = {
  fourCcList: ['*', ...videoFourCcs.keys(), ...audioFourCcs.keys()],
  videoFourCcInfoMap: infoMap(videoFourCcs),
  audioFourCcInfoMap: infoMap(audioFourCcs),
  capsEx: CapsEx.Reconnect | CapsEx.Multitrack | CapsEx.ModEx | CapsEx.TimestampNanoOffset,
}

function infoMap(codecs: ReadonlyMap<string, string>): Record<string, number> {
  return Object.fromEntries(['*', ...codecs.keys()].map(name => [name, FourCcInfo.CanForward]))
}

/** Reads connect()'s command object; undefined when there is nothing of Enhanced RTMP in it. */
export function readAnnounced(object: unknown): Announced | undefined {
  const members = membersOf(object)
  const { fourCcList, videoFourCcInfoMap, audioFourCcInfoMap, capsEx } = Object.fromEntries(members)
  const listed = Array.isArray(fourCcList) ? fourCcList.filter(isFourCc).slice(0, announcedMax) : []
  const ofKind = (codecs: ReadonlyMap<string, string>, others: ReadonlyMap<string, string>, map: unknown) => {
    // The first version of Enhanced RTMP knew only video: a list without sounds says nothing of them. Letters that
    // nobody has heard of may be of either kind.
    const named = listed.filter(name => codecs.has(name) || name === '*')
    const strange = listed.filter(name => name !== '*' && !codecs.has(name) && !others.has(name))
    const mapped = membersOf(map).filter(([name]) => isFourCc(name))
    if (named.length + mapped.length === 0) return null
    const taken = mapped.filter(([, mask]) => canTake(mask)).map(([name]) => name)
    return [...new Set([...taken.slice(0, announcedMax), ...named, ...strange])]
  }
  const video = ofKind(videoFourCcs, audioFourCcs, videoFourCcInfoMap)
  const audio = ofKind(audioFourCcs, videoFourCcs, audioFourCcInfoMap)
  const caps = typeof capsEx === 'number' && capsEx > 0 && capsEx <= 0xffffffff ? Math.floor(capsEx) : 0
  return video || audio || caps > 0 ? { video, audio, capsEx: caps } : undefined
}

/** May a codec be sent to who announced these? What Flash knew everybody takes. */
export function takes(codecs: readonly string[], codec: string): boolean {
  return !isEnhanced(codec) || codecs.includes('*') || codecs.includes(codec)
}

export function reconnects(announced: Announced | undefined): boolean {
  return ((announced?.capsEx ?? 0) & CapsEx.Reconnect) !== 0
}

/** What a player of whom this is known can take apart. */
export function readingOf(announced: Announced | undefined): Reading {
  const capsEx = announced?.capsEx ?? 0
  return { multitrack: (capsEx & CapsEx.Multitrack) !== 0, modEx: (capsEx & CapsEx.ModEx) !== 0 }
}

function canTake(mask: unknown): boolean {
  return typeof mask === 'number' && (mask & (FourCcInfo.CanDecode | FourCcInfo.CanForward)) !== 0
}

function isFourCc(name: unknown): name is string {
  return typeof name === 'string' && (name === '*' || /^[\x20-\x7e]{4}$/.test(name))
}

function membersOf(object: unknown): [string, unknown][] {
  return typeof object === 'object' && object !== null ? Object.entries(object) : []
}
