import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import type { Verdict } from '../../server/hub/judge.ts'
import { limits, PretendHub, type PretendPublisher } from './pretend-hub.ts'

/** What two encoders, a script that takes its time and the clock may do next. `who`: which encoder. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('publish' as const), who: fc.nat(1) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('frame' as const), who: fc.nat(1) }) },
  // With an end (FIN or reset), which the hub hears; without one it hears nothing more, and the encoder connects anew.
  { weight: 3, arbitrary: fc.record({ do: fc.constant('cut' as const), who: fc.nat(1), end: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('unpublish' as const), who: fc.nat(1) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('verdict' as const), nth: fc.nat(3), ok: fc.boolean() }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.oneof(fc.nat(100), fc.nat(6000)) }) },
)

const schedule = fc.record({
  steps: fc.array(step, { minLength: 5, maxLength: 60 }),
  /** What the application says of a conflict: yes, no, nothing; it has no hook when that is undefined. */
  conflict: fc.constantFrom(true, false, undefined),
  /** Its verdicts come at once, or when the schedule says so. */
  slow: fc.boolean(),
  graceMs: fc.constantFrom(0, 5000),
})

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never
type Schedule = typeof schedule extends fc.Arbitrary<infer S> ? S : never

/** One run of a schedule, and the rules that hold after every step of it. */
class Run {
  readonly hub: PretendHub
  readonly #slow: boolean
  readonly #waiting: ((ok: boolean) => void)[] = []
  /** The newest connection of each encoder, and what it publishes. */
  readonly #encoders: { client: ReturnType<PretendHub['client']>; publisher: PretendPublisher | null }[]
  readonly #all: PretendPublisher[] = []
  readonly #player: { take(): string[] }
  #read = 0
  #generation = 0
  #live = false
  #told = false
  #sent = 0
  published = 0
  replaced = 0

  constructor({ conflict, slow, graceMs }: Schedule) {
    this.#slow = slow
    const say = (text: string): void => void this.hub.facts.push(text)
    this.hub = new PretendHub(
      {
        conflict: (_client, publication, answer) => {
          say(`conflict ${publication.address.address}`)
          this.#later(() => answer(conflict))
        },
        publish: (_client, publication, answer) => {
          say(`asked ${publication.address.address} ${publication.generation}`)
          this.#later(ok => answer(ok ? { ok } : ({ ok, text: 'no' } satisfies Verdict)))
        },
      },
      { ...limits, publication: { ...limits.publication, graceMs } },
    )
    this.#encoders = [0, 1].map(() => ({ client: this.hub.client(), publisher: null }))
    this.#player = this.hub.play(this.hub.client()).player
  }

  take(step: Step): void {
    switch (step.do) {
      case 'publish': {
        const encoder = this.#encoders[step.who]!
        if (encoder.publisher) this.#unpublish(encoder)
        encoder.publisher = this.hub.publish(encoder.client)
        this.#all.push(encoder.publisher)
        break
      }
      case 'frame':
        this.#encoders[step.who]!.publisher?.sendNow('k', this.#sent++ * 40)
        break
      case 'cut': {
        const { client } = this.#encoders[step.who]!
        if (step.end) this.hub.hub.leave(client, 'the connection was reset')
        this.#encoders[step.who] = { client: this.hub.client(), publisher: null }
        break
      }
      case 'unpublish':
        this.#unpublish(this.#encoders[step.who]!)
        break
      case 'verdict':
        this.#waiting.splice(step.nth, 1)[0]?.(step.ok)
        break
      case 'pass':
        this.hub.clock.advance(step.ms)
        break
      default:
        step satisfies never
    }
    this.#check()
  }

  /** All verdicts come, everybody leaves, and every grace runs out. */
  end(): void {
    while (this.#waiting.length > 0) this.take({ do: 'verdict', nth: 0, ok: true })
    for (const { client } of this.#all) this.hub.hub.leave(client, 'nothing came from it for 30 s')
    for (const who of [0, 1]) this.take({ do: 'cut', who, end: true })
    this.take({ do: 'pass', ms: 20_000 })
    this.take({ do: 'publish', who: 0 })
    while (this.#waiting.length > 0) this.take({ do: 'verdict', nth: 0, ok: true })
    this.take({ do: 'pass', ms: 5000 })
    while (this.#waiting.length > 0) this.take({ do: 'verdict', nth: 0, ok: true })
    this.take({ do: 'pass', ms: 5000 })
    assert.ok(this.#encoders[0]!.publisher!.heard.includes('ok'), 'a name that nobody has any more is free')
  }

  #unpublish(encoder: { client: ReturnType<PretendHub['client']>; publisher: PretendPublisher | null }): void {
    const { publisher, client } = encoder
    encoder.publisher = null
    if (!publisher) return
    if (publisher.publication) publisher.stop()
    else this.hub.hub.publishing.withdraw(client, publisher)
  }

  #later(answer: (ok: boolean) => void): void {
    if (!this.#slow) return answer(true)
    this.#waiting.push(answer)
  }

  #check(): void {
    const { facts } = this.hub
    for (; this.#read < facts.length; this.#read++) {
      const [what, name, given] = facts[this.#read]!.split(' ')
      if (name !== 'cam') continue
      const generation = Number(given)
      if (what === 'asked') {
        assert.equal(this.#live, false, 'asked about the new one before the old one was unpublished')
        assert.equal(generation, this.#generation + 1, 'a candidate is of the next generation')
      } else if (what === 'published') {
        assert.equal(this.#live, false, 'published before the one before was unpublished')
        assert.equal(generation, this.#generation + 1, 'generations grow one by one')
        this.#generation = generation
        this.#live = true
        this.published++
      } else if (what === 'unpublished') {
        assert.equal(this.#live, true, 'unpublished what was not published')
        assert.equal(generation, this.#generation, 'unpublished an old generation')
        this.#live = false
        const before = facts
          .slice(0, this.#read)
          .findLast(fact => /^(conflict|asked|published|unpublished) /.test(fact))
        if (before === 'conflict cam') this.replaced++
      }
    }
    for (const said of this.#player.take()) {
      if (said !== 'published' && said !== 'unpublished') continue
      assert.equal(this.#told, said === 'unpublished', `a player heard "${said}" twice`)
      this.#told = said === 'published'
    }
    for (const { heard } of this.#all) {
      assert.ok(heard.length <= 2 && (heard.length < 2 || heard[0] === 'ok'), `a publisher heard ${heard.join(', ')}`)
    }
    const publication = this.hub.hub.publications.get('/live\ncam')
    assert.equal(publication?.state === 'live', this.#live)
    if (this.#live) assert.equal(this.#told, true, 'a player has not heard that it is published')
  }
}

suite('any schedule of two encoders', () => {
  test('keeps the order of events, and generations grow (C136, C140)', t => {
    const seed = Number(process.env.SCHEDULE_SEED ?? Date.now() % 0x7fffffff)
    t.diagnostic(`SCHEDULE_SEED=${seed}`)
    let published = 0
    let replaced = 0
    fc.assert(
      fc.property(schedule, given => {
        const run = new Run(given)
        for (const step of given.steps) run.take(step)
        run.end()
        published += run.published
        replaced += run.replaced
        run.hub.hub.close()
      }),
      { numRuns: 1000, seed },
    )
    t.diagnostic(`${published} published, ${replaced} of them replaced by another`)
    assert.ok(published > 1000 && replaced > 100, 'the schedules did not come to what they are to try')
  })
})
