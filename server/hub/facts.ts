/** What the hub knows of its members, as plain data: for judges, mirrors, consoles and metrics. */

import type { Announced } from '../media/announced.ts'

/** AMF0 values, one after another, as they stood on the wire (AMF3 ones behind the 0x11 marker). */
export type Amf = Uint8Array

/** What a client is, told once when it appears. */
export interface ClientFacts {
  /** 64 hexadecimal digits. */
  id: string
  /** "ip:port", IPv6 in brackets. */
  address: string
  /** rtmp, rtmps, rtmpt, rtmfp, ws … */
  protocol: string
  secure: boolean
  /** tcUrl as the client sent it. */
  uri: string
  /** The application's path, "" for the root. */
  path: string
  /** The room, "" for the default one. */
  room: string
  /** Values of the URL's query. */
  query: Record<string, string>
  flashVersion: string
  pageUrl: string
  swfUrl: string
  objectEncoding: 0 | 3
  /** What it said of Enhanced RTMP; absent when it said nothing. */
  enhanced?: Announced
  /** The AMF values that followed connect()'s command object; kept for adoption after a reload or a crash. */
  args: Amf
  /** Folders, separated by `;`: see allows(). */
  readAccess: string
  writeAccess: string
  /** Servers that what it publishes, or passes on, came through; absent for whoever is no relay. */
  via?: readonly string[]
  /** Whose raw samples and pictures its player may read. */
  audioSampleAccess: string
  videoSampleAccess: string
}

/** What an application may change of a client. */
export type Access = Pick<ClientFacts, 'readAccess' | 'writeAccess' | 'audioSampleAccess' | 'videoSampleAccess'>

/** What a client may before an application says otherwise. */
export const usualAccess: Access = {
  readAccess: '/',
  writeAccess: '/',
  audioSampleAccess: '',
  videoSampleAccess: '',
}

/** A publication is named by its application's path and its address within it (`room/name`, or `name`). */
export interface PublicationFacts {
  app: string
  address: string
  room: string
  name: string
  /** The client's id, 'script', 'relay', or '' when nobody publishes (listeners wait, or the grace runs). */
  publisherId: string
  generation: number
  /** Milliseconds since 1970; 0 while idle. */
  startedAt: number
  /** What stood behind a "?" in the name the publisher gave (stream keys often carry a token there). */
  query: Record<string, string>
}

export interface ListenerFacts {
  id: number
  client: string
  /** Key of the publication: see publicationKey(). */
  publication: string
  receiveAudio: boolean
  receiveVideo: boolean
  audioSampleAccess: boolean
  videoSampleAccess: boolean
  /** What stood behind a "?" in the name the player gave. */
  query: Record<string, string>
}

export interface QosFacts {
  byteRate: number
  lostRate: number
  congestionRate: number
  latency: number
  droppedFrames: number
}
