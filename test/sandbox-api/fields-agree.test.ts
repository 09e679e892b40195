import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { FieldWatch } from '../../sandbox-api/field-watch.ts'
import { Outbox } from '../../sandbox-api/outbox.ts'
import { OwnFields } from '../../sandbox-api/own-fields.ts'
import { Fields } from '../../server/apps/fields.ts'
import type { FieldValues } from '../../server/apps/wire.ts'

type Event = { fields: FieldValues } | { taken: string[] }

/** One application's view of a client, with what is on its way to it and from it. */
class Side {
  readonly outbox = new Outbox()
  readonly watch = new FieldWatch(this.outbox)
  readonly fields = new OwnFields(this.watch, 'client', 'c', {})
  readonly view = this.fields.view as Record<string, unknown>
  readonly up: FieldValues[] = []
  readonly down: Event[] = []

  /** The script's function is through. */
  tell(): void {
    this.watch.tell()
    // The lists of the glass have no prototype.
    for (const command of Array.from(this.outbox.turn.commands)) {
      if (command.c === 'fields') this.up.push(Array.from(command.fields))
    }
    this.outbox.begin()
  }

  hear(): void {
    const event = this.down.shift()
    if (!event) return
    if ('taken' in event) this.fields.taken(event.taken)
    else this.fields.heard(event.fields)
  }
}

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31)
const name = fc.constantFrom('a', 'b')
const side = fc.nat(2)
const step = fc.oneof(
  fc.record({ do: fc.constant('write' as const), side, name, value: fc.nat(5) }),
  fc.record({ do: fc.constant('push' as const), side, name, value: fc.nat(5) }),
  fc.record({ do: fc.constant('remove' as const), side, name }),
  fc.record({ do: fc.constant('carry' as const), side }),
  fc.record({ do: fc.constant('hear' as const), side }),
)

suite('fields written by several applications at once', () => {
  test(`end up the same in all of them, in whatever order the words travel (seed ${seed})`, () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), steps => {
        const sides = [new Side(), new Side(), new Side()]
        const kept = new Fields()
        /** The server takes the next word of a side, and tells the others. */
        const carry = (from: Side): void => {
          const fields = from.up.shift()
          if (!fields) return
          kept.write('client', 'c', '/app', fields)
          for (const each of sides) if (each !== from) each.down.push({ fields })
          from.down.push({ taken: fields.map(([field]) => field) })
        }
        for (const each of steps) {
          const at = sides[each.side]!
          if (each.do === 'carry') carry(at)
          else if (each.do === 'hear') at.hear()
          else if (each.do === 'write') at.view[each.name] = each.value
          else if (each.do === 'remove') delete at.view[each.name]
          else if (Array.isArray(at.view[each.name])) (at.view[each.name] as number[]).push(each.value)
          else at.view[each.name] = [each.value]
          at.tell()
        }
        while (sides.some(each => each.up.length + each.down.length > 0)) {
          for (const each of sides) {
            carry(each)
            each.hear()
            each.tell()
          }
        }
        const seen = sides.map(({ view }) => ({ ...view }))
        assert.deepEqual(seen[1], seen[0])
        assert.deepEqual(seen[2], seen[0])
        const late = new Side()
        const event = kept.event('client', 'c')
        if (event?.e === 'fields') late.fields.heard(event.fields)
        assert.deepEqual({ ...late.view }, seen[0], 'and whoever comes later finds the same')
      }),
      { seed, numRuns: 1000 },
    )
  })
})
