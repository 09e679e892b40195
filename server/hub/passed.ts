import type { ListenerSink } from './listener.ts'
import type { Qos } from './qos.ts'

/** How many messages a listener was given. It is added up once a second, because deliver() runs for thousands. */
export class Passed {
  /** Those that are in the figures of neither kind: data, and what comes before the first frames. */
  others = 0
  #told = 0

  /** Tells the sink how many more there are. */
  tell({ audioQos, videoQos, sink }: { audioQos: Qos; videoQos: Qos; sink: ListenerSink }): void {
    const passed = audioQos.allFrames + videoQos.allFrames + this.others
    if (passed > this.#told) sink.passed?.(passed - this.#told)
    this.#told = passed
  }
}
