import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { SharedEvent } from '../../server/hub/shared-events.ts'
import { decodeAmf0 } from '../../server/media/amf0.ts'
import { fuzzPlan, SeededRandom } from '../support/mutate.ts'
import { amf, PretendStore, type PretendUser, SharedScene, slotsOf } from './shared-scene.ts'

/** What happened to the object, one line for each version: the whole truth, from which everything can be worked out. */
interface Deed {
  readonly version: number
  readonly who: string
  /** `*` for all slots. */
  readonly name: string
  /** Undefined: removed. */
  readonly value: unknown
}

/** The rules once more, in the slowest words: a list of deeds, and questions to it. */
class Model {
  readonly deeds: Deed[] = []
  version = 1
  /** Bytes, users and locks are not its business. */
  do(who: string, name: string, value: unknown): void {
    this.deeds.push({ version: ++this.version, who, name, value })
  }

  state(): Map<string, unknown> {
    const state = new Map<string, unknown>()
    for (const { name, value } of this.deeds) {
      if (name === '*') state.clear()
      else if (value === undefined) state.delete(name)
      else state.set(name, value)
    }
    return state
  }

  /** Somebody else has the last word on a slot, and said it after that version. */
  isConflict(who: string, name: string, seen: number): boolean {
    const last = this.deeds.findLast(deed => deed.name === name || deed.name === '*')
    return seen > 0 && last !== undefined && last.version > seen && last.who !== who
  }
}

/** A client as Flash has it: a copy, and the version of the last message it has read. */
class Replica {
  readonly name: string
  readonly user: PretendUser
  readonly copy = new Map<string, unknown>()
  readonly asked: { name: string; value: unknown }[] = []
  version = 0
  #read = 0

  constructor(name: string, user: PretendUser) {
    this.name = name
    this.user = user
  }

  /** Reads so many of the messages that have come. */
  read(count = Number.POSITIVE_INFINITY): void {
    const { messages } = this.user
    for (; count > 0 && this.#read < messages.length; count--) {
      const message = messages[this.#read++]!
      for (const event of message.events) this.#take(event)
      assert.ok(message.version >= this.version, 'versions never go back')
      this.version = message.version
    }
  }

  #take(event: SharedEvent): void {
    if (event.kind === 'clear') this.copy.clear()
    else if (event.kind === 'remove') this.copy.delete(event.name)
    else if (event.kind === 'change') this.copy.set(event.name, decodeAmf0(event.value)[0])
    else if (event.kind === 'success') {
      // The oldest of what it asked for this slot and was not answered: refusals take theirs off the list, below.
      const at = this.asked.findIndex(({ name }) => name === event.name)
      const [granted] = this.asked.splice(at, 1)
      this.copy.set(event.name, granted!.value)
    }
  }
}

suite('a thousand random operations of two clients and a script', () => {
  for (let run = 0; run < 3; run++) {
    test(`agree with a model, over restarts (run ${run + 1}) (R68, R6)`, t => {
      const { seed, count } = fuzzPlan(1000)
      t.diagnostic(`seed ${seed} (FUZZ_SEED)`)
      const random = new SeededRandom(seed + run)
      const names = ['a', 'b', 'c', '__proto__', '']
      const model = new Model()
      let scene = new SharedScene({ storeInterval: 0 }, new PretendStore())
      let object = scene.open('o', true)
      const join = (name: string, version = 0) =>
        new Replica(name, scene.user().use('o', { persistent: true, version }))
      let replicas = [join('tom'), join('ann')]
      let locked: (() => void)[] | null = null

      const request = (replica: Replica, name: string, value: unknown): void => {
        const { version, user } = replica
        const carryOut = () => {
          if (model.isConflict(replica.name, name, version)) return
          if (value !== undefined || model.state().has(name)) model.do(replica.name, name, value)
          if (value !== undefined) replica.asked.push({ name, value })
        }
        if (locked) locked.push(carryOut)
        else carryOut()
        const event: SharedEvent =
          value === undefined ? { kind: 'requestRemove', name } : { kind: 'requestChange', name, value: amf(value) }
        user.say('o', [event], { version, persistent: true })
      }
      const unlock = (): void => {
        for (const each of locked ?? []) each()
        locked = null
        object.unlock()
      }

      for (let step = 0; step < count; step++) {
        const replica = random.pick(replicas)
        const name = random.pick(names)
        const dice = random.below(100)
        if (dice < 35) request(replica, name, step)
        else if (dice < 45) request(replica, name, undefined)
        else if (dice < 70) replica.read(1 + random.below(3))
        else if (dice < 80) {
          model.do('script', name, `script ${step}`)
          scene.set(object, name, `script ${step}`)
        } else if (dice < 84) {
          if (model.state().has(name)) model.do('script', name, undefined)
          scene.set(object, name, null)
        } else if (dice < 86) {
          model.do('script', '*', undefined)
          scene.objects.clear(object, null)
          object.tell([{ kind: 'clear' }])
        } else if (dice < 90) {
          if (!locked) {
            locked = []
            object.lock()
          }
        } else if (dice < 96) unlock()
        else if (dice < 98 && !locked) {
          replica.user.leave()
          const back = join(replica.name)
          replicas = replicas.map(each => (each === replica ? back : each))
        } else if (!locked) {
          // The process ends after a flush; both come back with the copies and versions they had read.
          scene.objects.save([object], error => assert.equal(error, null))
          scene = new SharedScene({ storeInterval: 0 }, scene.store)
          object = scene.open('o', true)
          replicas = replicas.map(old => {
            const back = join(old.name, old.version)
            for (const [name, value] of old.copy) back.copy.set(name, value)
            return back
          })
        }
        assert.equal(object.slots.version, model.version, `seed ${seed + run}, step ${step}`)
        assert.deepEqual(new Map(Object.entries(slotsOf(object))), model.state(), `seed ${seed + run}, step ${step}`)
      }
      unlock()
      for (const replica of replicas) {
        replica.read()
        assert.deepEqual(replica.copy, model.state(), `seed ${seed + run}: ${replica.name}'s copy`)
        assert.equal(replica.version, model.version)
      }
      const bytes = object.slots.bytes
      scene.objects.clear(object, null)
      assert.ok(bytes >= 0 && object.slots.bytes === 0)
    })
  }
})
