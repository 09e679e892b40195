import type { Bandwidth } from '../../hub/client.ts'
import type { MessageChannel } from './channel.ts'
import { encodeCommand } from './command.ts'
import { bandwidthBytes, bandwidthMs, bandwidthText } from './limits.ts'

type Measured = (bandwidth: Bandwidth | null) => void

/**
 * Measures a client's line: a ping, then fillers with a ping behind them, four times as many each time until they take
 * long enough to tell. A filler is a call of `onBWCheck`, as Flash's clients know it from Adobe's server; no answer is
 * asked for, since every client answers a ping. Several who ask at a time are told the same.
 */
export class BandwidthTest {
  readonly #channel: MessageChannel
  readonly #encoding: 0 | 3
  #waiting: Measured[] = []

  constructor(channel: MessageChannel, encoding: 0 | 3) {
    this.#channel = channel
    this.#encoding = encoding
  }

  measure(measured: Measured): void {
    this.#waiting.push(measured)
    if (this.#waiting.length > 1) return
    this.#channel.probe([], latency => this.#fill(latency, bandwidthBytes.first))
  }

  /** The client has left. Harmless when nothing is measured. */
  ended(): void {
    this.#tell(null)
  }

  #fill(latency: number, bytes: number): void {
    const filler = encodeCommand(this.#encoding, 'onBWCheck', { args: [bandwidthText] })
    const messages = Array.from({ length: Math.ceil(bytes / bandwidthText.length) }, () => filler)
    this.#channel.probe(messages, took => {
      if (this.#waiting.length === 0) return
      const ms = Math.max(1, took - latency)
      if (ms < bandwidthMs && bytes < bandwidthBytes.most) return this.#fill(latency, bytes * 4)
      const sent = messages.length * filler.payload.length
      this.#tell({ latency, maximum: (sent / ms) * 1000, bytes: sent, ms })
    })
  }

  #tell(bandwidth: Bandwidth | null): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const measured of waiting) measured(bandwidth)
  }
}
