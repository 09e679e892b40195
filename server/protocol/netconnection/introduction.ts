import { readQuery } from '../../hub/address.ts'
import type { Introduction } from '../../hub/hub.ts'
import { readAnnounced } from '../../media/announced.ts'
import type { MessageChannel } from './channel.ts'
import type { Command } from './command.ts'
import { connectArgsBytes, introductionChars, relayedViaMax, urlChars } from './limits.ts'
import { memberOf, textOf } from './member.ts'

/** What a client says of itself with connect(), or why it cannot be taken for an introduction. */
export type IntroductionResult = { ok: true; introduction: Introduction } | { ok: false; text: string }

/**
 * Reads connect()'s command object. Where the client is going, `app` says, as encoders send it; a client without one
 * goes where its tcUrl leads. Values of a query may stand in either; those of `app` win.
 */
export function introduce(command: Command, channel: MessageChannel): IntroductionResult {
  const text = (name: string): string => textOf(command.object, name)
  const uri = text('tcUrl')
  const app = text('app')
  if (uri.length > urlChars || app.length > urlChars) return refuse(`An address has at most ${urlChars} characters`)
  if (command.args.length > connectArgsBytes) {
    return refuse(`The arguments of connect() take ${command.args.length} bytes, ${connectArgsBytes} are allowed`)
  }
  const url = splitUrl(uri)
  const place = app === '' ? url : splitQuery(app)
  const enhanced = readAnnounced(command.object)
  const introduction: Introduction = {
    address: channel.address,
    protocol: channel.protocol,
    secure: channel.secure,
    uri,
    path: unescapePath(place.path),
    query: { ...readQuery(url.query), ...readQuery(place.query) },
    flashVersion: text('flashVer').slice(0, introductionChars),
    pageUrl: text('pageUrl').slice(0, introductionChars),
    swfUrl: text('swfUrl').slice(0, introductionChars),
    objectEncoding: encodingOf(command),
    ...(enhanced && { enhanced }),
    ...viaOf(text('relayedVia')),
    // A copy, for a view would keep the whole message for as long as the client stays.
    args: Uint8Array.from(command.args),
  }
  return { ok: true, introduction }
}

/** 3 for a client that asked for AMF3; whatever else it asked for, it is answered in AMF0. */
export function encodingOf(command: Command): 0 | 3 {
  return memberOf(command.object, 'objectEncoding') === 3 ? 3 : 0
}

/** Servers that a relay came through, each by its own name. */
function viaOf(text: string): { via?: readonly string[] } {
  return text === '' ? {} : { via: text.slice(0, introductionChars).split(',', relayedViaMax) }
}

function refuse(text: string): IntroductionResult {
  return { ok: false, text }
}

interface Place {
  path: string
  query: string
}

/** `rtmp://host:port/path?query`: what stands behind the host. */
function splitUrl(url: string): Place {
  const host = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i.exec(url)
  return host ? splitQuery(url.slice(host[0].length)) : { path: '', query: '' }
}

function splitQuery(text: string): Place {
  const mark = text.indexOf('?')
  return mark < 0 ? { path: text, query: '' } : { path: text.slice(0, mark), query: text.slice(mark + 1) }
}

/** A path whose escapes are broken is taken as it stands. */
function unescapePath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
