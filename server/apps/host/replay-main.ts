/**
 * The process in which a journal is replayed: forked by `cumulus replay`, with the flags of an app host, the order as its
 * argument. It writes what it finds to standard output, tells its parent whether all was equal, and kills itself:
 * an orderly exit takes the engine down while threads of isolated-vm still dispose of isolates, and now and then that ends in
 * a segmentation fault.
 */
import { dirname, join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { CodedError, complaintOf } from '../../base/errors.ts'
import type { ReplayOrder } from '../replay-order.ts'
import type { AppPlace } from './app-sources.ts'
import { JournalFile } from './journal/journal-file.ts'
import { Replay } from './journal/replay.ts'
import { printed, toldOrigin, toldResult } from './journal/told.ts'
import { Watch } from './watch.ts'

// Room enough for the garbage of a turn: a promise that was rejected is not collected before the engine has told of it.
setFlagsFromString('--min-semi-space-size=16')
setFlagsFromString('--max-semi-space-size=16')
// As scripts find it in an app host.
setFlagsFromString('--expose-gc')

const order = JSON.parse(process.argv[2]!) as ReplayOrder

/** What is told first stands. */
function conclude(isEqual: boolean): void {
  process.send!(isEqual, undefined, undefined, () => process.kill(process.pid, 'SIGKILL'))
}

async function replay(): Promise<boolean> {
  const journal = JournalFile.read(order.file, order.cumulus)
  process.env.TZ = journal.header.zone
  process.stdout.write(toldOrigin(journal.header, order.cumulus))
  if (order.print) {
    for (const line of printed(journal)) process.stdout.write(line)
    return true
  }
  const { home } = journal.header
  const result = await new Replay(journal, {
    watch: new Watch(),
    from: order.from === null ? undefined : placeOf(home, order.from),
    overdrawn(what, { turns }) {
      const limit = what === 'memory' ? 'apps.memory' : 'apps.timeout'
      process.stdout.write(`turn ${turns} ran into ${limit} so hard that the replay ends here\n`)
      conclude(false)
    },
  }).run()
  process.stdout.write(toldResult(result, journal))
  return result.difference === undefined
}

/** A folder that stands for the application's: in its own place below www, or anywhere. */
function placeOf(home: string, { folder, main }: NonNullable<ReplayOrder['from']>): AppPlace {
  const wwwFolder = folder.endsWith(home) ? folder.slice(0, folder.length - home.length) : dirname(folder)
  return {
    folder,
    main,
    home,
    wwwFolder,
    libFolder: join(wwwFolder, 'lib'),
    instance: main.endsWith('.asc') ? '' : null,
  }
}

try {
  conclude(await replay())
} catch (error) {
  const text = error instanceof CodedError ? complaintOf(error) : `cumulus: ${(error as Error).stack}\n`
  process.stderr.write(text)
  conclude(false)
}
