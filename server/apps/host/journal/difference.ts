import { isDeepStrictEqual } from 'node:util'
import type { GlassCommand } from '../../../../sandbox-api/glass.ts'
import { canonicalBytes } from './canonical.ts'
import type { Ending } from './entry.ts'
import { shownCommand, shownEnding } from './shown.ts'

/** What the journal says, and what came of it now, each in a line. */
export interface Difference {
  what: string
  expected: string
  actual: string
}

/**
 * The first difference of what came of one call. `places`: whether lines and columns count; with other sources they do not.
 * `wasCut`: it ends a turn that was cut, at another moment each time.
 * `wasInterrupted`: an operator cut it, or a busy machine, perhaps when it was about to end by itself; nothing differs then.
 */
export function differenceOf(
  expected: Ending,
  actual: Ending,
  { places, wasCut, wasInterrupted }: { places: boolean; wasCut: boolean; wasInterrupted: boolean },
): Difference | undefined {
  if (wasInterrupted) return undefined
  if (expected.how === 'turn' && actual.how === 'turn') {
    const [then, now] = [expected.turn.commands, actual.turn.commands]
    if (wasCut && then.length !== now.length) return undefined
    return ofCommands(then, now, places)
  }
  // A rejection that the engine told of then and has forgotten now: what the turn wrote is compared behind it.
  if (places && expected.how === 'thrown' && actual.how === 'turn') return undefined
  // It was the machine that had no time for it then, and not the script that took it.
  if (places && expected.how === 'cut' && actual.how === 'turn') return undefined
  const isSame =
    expected.how === actual.how &&
    (expected.how === 'thrown' && actual.how === 'thrown'
      ? faultText(expected, places) === faultText(actual, places)
      : expected.how === 'cut' || !places || isDeepStrictEqual(expected, actual))
  return isSame ? undefined : { what: 'how it ended', expected: shownEnding(expected), actual: shownEnding(actual) }
}

function ofCommands(then: GlassCommand[], now: GlassCommand[], places: boolean): Difference | undefined {
  for (let at = 0; at < Math.max(then.length, now.length); at++) {
    const [expected, actual] = [then[at], now[at]]
    if (expected !== undefined && actual !== undefined && isSame(expected, actual, places)) continue
    const what = `command ${at + 1} of ${then.length}`
    return { what, expected: shownOr(expected), actual: shownOr(actual) }
  }
  return undefined
}

function isSame(then: GlassCommand, now: GlassCommand, places: boolean): boolean {
  const [expected, actual] = places ? [then, now] : [withoutPlace(then), withoutPlace(now)]
  return canonicalBytes(expected).equals(canonicalBytes(actual))
}

function withoutPlace(command: GlassCommand): GlassCommand {
  if (command.c === 'log') return { ...command, file: '', line: 0 }
  if (command.c === 'fault') return { ...command, file: '', line: 0, column: 0, stack: '' }
  if (command.c === 'settled' && command.fault) {
    return { ...command, fault: { ...command.fault, file: '', line: 0, column: 0, stack: '' } }
  }
  return command
}

function shownOr(command: GlassCommand | undefined): string {
  return command === undefined ? 'nothing' : shownCommand(command)
}

function faultText({ fault }: Ending & { how: 'thrown' }, places: boolean): string {
  return places ? `${fault.text} ${fault.file}:${fault.line}` : fault.text
}
