import { PacedPublisher } from './paced-publisher.ts'
import { RtmpClient } from './rtmp-client.ts'
import { Watcher } from './watcher.ts'

/** Pictures a second. */
const fps = 25

interface Arrival {
  readonly phase: string
  /** Milliseconds between a picture's timestamp and its coming, counted from an arbitrary zero. */
  readonly delay: number
}

export interface Lateness {
  readonly pictures: number
  /** Milliseconds by which a picture came later than the promptest one of its player. */
  readonly median: number
  readonly p95: number
  readonly p99: number
  readonly max: number
}

/** One publisher and its players, who note how late each picture comes; phase by phase. */
export class Audience implements AsyncDisposable {
  readonly publisher: PacedPublisher
  readonly watchers: Watcher[] = []
  readonly clients: RtmpClient[] = []
  /** What arrives from now on belongs to this phase. */
  phase = 'arriving'
  readonly #arrivals: Arrival[][] = []

  private constructor(publisher: PacedPublisher) {
    this.publisher = publisher
  }

  /** Everybody is there and sees pictures. `url`: of the application. */
  static async gather(url: string, players: number, name = 'show'): Promise<Audience> {
    const encoder = await RtmpClient.connect({ url })
    const audience = new Audience(new PacedPublisher(await encoder.publish(name), { fps }).start())
    audience.clients.push(encoder)
    for (let i = 0; i < players; i++) await audience.#add(url, name)
    await Promise.all(audience.watchers.map(watcher => watcher.sees(25)))
    return audience
  }

  /** Resolves when everybody has seen so many more pictures. */
  async sees(pictures: number): Promise<void> {
    await Promise.all(this.watchers.map(watcher => watcher.sees(watcher.pictures + pictures)))
  }

  /** What anybody missed or got in disorder. */
  get losses(): unknown[] {
    return this.watchers.flatMap(({ gaps, faults }) => [...gaps, ...faults])
  }

  lateness(phase: string): Lateness {
    const late = this.#arrivals.flatMap(arrivals => {
      const promptest = arrivals.reduce((least, { delay }) => Math.min(least, delay), Number.POSITIVE_INFINITY)
      return arrivals.filter(arrival => arrival.phase === phase).map(({ delay }) => delay - promptest)
    })
    late.sort((a, b) => a - b)
    const at = (part: number): number => Math.round((late[Math.floor(part * (late.length - 1))] ?? 0) * 10) / 10
    return { pictures: late.length, median: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.publisher.stop()
    await Promise.all(this.clients.map(client => client.close()))
  }

  async #add(url: string, name: string): Promise<void> {
    const client = await RtmpClient.connect({ url })
    const arrivals: Arrival[] = []
    const seen = (timestamp: number): void => {
      arrivals.push({ phase: this.phase, delay: performance.now() - timestamp })
    }
    this.clients.push(client)
    this.#arrivals.push(arrivals)
    this.watchers.push(new Watcher(await client.play(name), fps, seen))
  }
}
