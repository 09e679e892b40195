export interface ListenerLimits {
  /** Bytes queued past which it drops to the next key frame. */
  readonly queueBytes: number
  /** Age in ms of what is queued past which it does the same. */
  readonly queueMs: number
  /** Milliseconds it may lag before it is closed. */
  readonly lagMs: number
  /** Milliseconds that frames wait for others, so that one write carries more of them: see Pace. */
  readonly mergeMs: number
}
