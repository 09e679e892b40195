import type { CallEntry, Ending, Header } from './entry.ts'
import type { JournalFile } from './journal-file.ts'
import type { Result } from './replay.ts'
import { shownCommand, shownEnding, shownEvent, shownTime } from './shown.ts'

/** Events of a turn that are shown with a difference; a turn may have thousands. */
const EVENTS_SHOWN = 20

/** What a replay found, for people. */
export function toldResult(result: Result, journal: JournalFile): string {
  const { turns, commands, versions, digest, difference, unfinished } = result
  const counts = `${turns} turns, ${commands} commands, ${versions} ${versions === 1 ? 'version' : 'versions'}`
  const lines: string[] = []
  if (difference !== undefined) {
    const { what, expected, actual } = difference
    lines.push(`the first difference: ${whereOf(difference, turns)}, ${what}`)
    lines.push(...eventsOf(difference))
    lines.push(`  expected: ${expected}`, `  actual:   ${actual}`)
  } else {
    lines.push(`all equal: ${counts}, sha256 ${digest}`)
  }
  if (unfinished !== undefined) {
    lines.push(
      `the server's process ended ${whereOf(unfinished, turns)}; here it ended like this: ${shownEnding(unfinished.actual)}`,
    )
    lines.push(...eventsOf(unfinished))
  }
  if (journal.rest > 0 && difference === undefined) {
    lines.push(`the journal was cut: ${journal.rest} bytes at its end are no whole record and were left out`)
  }
  return `${lines.join('\n')}\n`
}

/** Who wrote it, if that is not this server: what differs may be its doing. */
export function toldOrigin({ cumulus, v8, app, began, language }: Header, own: string): string {
  const text = `${app || '/'}, begun at ${shownTime(began)} UTC\n`
  const here = Intl.DateTimeFormat().resolvedOptions().locale
  if (language !== here)
    return `${text}recorded in ${language}, replayed in ${here}: dates may be written differently\n`
  const isOwn = cumulus === own && v8 === process.versions.v8
  const writer = `written by cumulus ${cumulus} with V8 ${v8}, replayed by ${own} with V8 ${process.versions.v8}`
  return isOwn ? text : `${text}${writer}: differences may come from that\n`
}

/** All of a journal in lines, for `--print`. */
export function* printed(journal: JournalFile): Generator<string, void, void> {
  let turn = 0
  for (const entry of journal.entries()) {
    const mark = `[${entry.version}]`
    if ('ending' in entry) {
      yield* printedEnding(entry.ending, mark)
      continue
    }
    const { call } = entry
    const time = shownTime(entry.wall)
    if (call.do === 'dispatch') {
      yield `${mark} turn ${++turn} at ${time}\n`
      for (const event of call.events) yield `${mark}   < ${shownEvent(event)}\n`
    } else {
      yield `${mark} ${callName(entry)} at ${time}\n`
    }
  }
  if (journal.rest > 0) yield `the journal was cut: ${journal.rest} bytes at its end are no whole record\n`
}

function* printedEnding(ending: Ending, mark: string): Generator<string, void, void> {
  if (ending.how === 'turn') {
    for (const command of ending.turn.commands) yield `${mark}   > ${shownCommand(command)}\n`
  } else if (ending.how !== 'done') {
    yield `${mark}   ${shownEnding(ending)}\n`
  }
}

function whereOf(entry: CallEntry, turns: number): string {
  const { version, wall, call } = entry
  const isTurn = call.do === 'dispatch' || call.do === 'recover'
  const where = isTurn && turns > 0 ? `in turn ${turns}` : `at ${callName(entry)}`
  return `${where}, ${shownTime(wall)} UTC${version > 1 ? `, version ${version}` : ''}`
}

function eventsOf({ call }: CallEntry): string[] {
  if (call.do !== 'dispatch') return []
  const { events } = call
  if (events.length === 0) return ['  event:    none: timers']
  const lines = events.slice(0, EVENTS_SHOWN).map(event => `  event:    ${shownEvent(event)}`)
  if (events.length > EVENTS_SHOWN) lines.push(`  … and ${events.length - EVENTS_SHOWN} more`)
  return lines
}

function callName({ call, version }: CallEntry): string {
  switch (call.do) {
    case 'create':
      return `the birth of version ${version}`
    case 'compile':
      return `compiling ${call.sources.sources.map(({ file }) => file).join(', ')}`
    case 'evaluate':
      return 'the top level'
    case 'run':
      return `the top level of ${call.source.file}`
    case 'recover':
      return call.limit === '' ? 'the end of a turn' : `the end of a turn that was cut (${call.limit})`
    case 'loads':
      return 'what it loads'
    case 'begin':
    case 'beginScripts':
      return 'the end of the top level'
    case 'dispatch':
      return 'a turn'
    case 'dispose':
      return `the end of version ${version}`
  }
}
