/**
 * The process an application lives in: forked by the media process, with `--no-node-snapshot` and an IPC channel of
 * serialization 'advanced'. What a script may reach outside the glass is reached from here, never from the media
 * process. It ends with its parent.
 */
import { setFlagsFromString } from 'node:v8'
import type { HostOrder } from '../wire.ts'
import { Host } from './host.ts'
import { LAST_WORDS_MS, WATCH_MS } from './limits.ts'

const kill = () => process.kill(process.pid, 'SIGKILL')

// The flags that keep this process small would slow down scripts, whose isolates are made later; 0 is V8's own choice.
setFlagsFromString('--no-optimize-for-size')
setFlagsFromString('--max-semi-space-size=0')
// For server.gc(): the runtime takes the function away from the script.
setFlagsFromString('--expose-gc')

function leave(): void {
  if (host.busy) setTimeout(leave, WATCH_MS)
  else process.exit()
}

const host = new Host({
  send(report, sent) {
    // A channel that closed meanwhile ends the process by 'disconnect'.
    if (process.connected) process.send!(report, undefined, undefined, sent)
  },
  end(report) {
    setTimeout(kill, LAST_WORDS_MS)
    process.send?.(report, undefined, undefined, kill)
  },
})

process.on('message', order => host.receive(order as HostOrder))
process.on('disconnect', () => {
  // An orderly exit waits for isolates to end, and one that runs may never do so.
  setTimeout(kill, LAST_WORDS_MS)
  leave()
})
// A signal to the whole group (Ctrl+C) is the parent's to answer: it takes applications down in order.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
