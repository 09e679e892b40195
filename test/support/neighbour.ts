import assert from 'node:assert/strict'
import type { RtmpClient } from './rtmp-client.ts'

/** An application that does no harm. */
export const harmless = 'export const calls = { alive: () => true }'

/** Asks an application again and again whether it is alive, and notes how long each answer took. */
export class Neighbour {
  /** Milliseconds. */
  worst = 0
  answers = 0
  /** Why it was not answered, each time; it asks on. */
  readonly failures: string[] = []
  #isAsking = true
  readonly #done: Promise<void>

  constructor(client: RtmpClient) {
    this.#done = this.#ask(client)
  }

  async stop(): Promise<void> {
    this.#isAsking = false
    await this.#done
  }

  async #ask(client: RtmpClient): Promise<void> {
    while (this.#isAsking) {
      const asked = performance.now()
      try {
        assert.equal(await client.call('alive'), true)
        this.answers++
      } catch (error) {
        this.failures.push(String(error))
      }
      this.worst = Math.max(this.worst, performance.now() - asked)
      await new Promise(next => setTimeout(next, 5))
    }
  }
}
