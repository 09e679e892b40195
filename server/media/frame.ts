/** The kinds of frame; the numbers are those of FLV tags (FLV 10.1 §E.4.1) and RTMP messages (RTMP 1.0 §7.1). */
export const FrameKind = { Audio: 8, Video: 9, Data: 18 } as const
export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind]

/**
 * What a frame means to those who join late or fall behind.
 * `metadata` and `header` (a codec's configuration) are kept and given to every newcomer,
 * `key` begins a group of pictures, `inter` leans on what came before it.
 */
export const FrameRole = { Metadata: 'metadata', Header: 'header', Key: 'key', Inter: 'inter' } as const
export type FrameRole = (typeof FrameRole)[keyof typeof FrameRole]

/** One thing that travels from a publisher to its listeners, no matter how. Joined once on arrival, never changed. */
export interface Frame {
  readonly kind: FrameKind
  readonly role: FrameRole
  /** Enhanced RTMP: which of several tracks of its kind; 0 for the default one. */
  readonly track: number
  /** Milliseconds on the publication's own timeline: monotonic within a kind, never wrapping. */
  readonly timestamp: number
  /** The body of an FLV tag: codec byte first for audio and video; AMF0 values, the name first, for data. */
  readonly payload: Buffer
}
