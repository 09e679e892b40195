#!/usr/bin/env node
// Asked before anything else is loaded: an older Node would fail with a riddle.
const nodeMajorMin = 24
if (Number.parseInt(process.versions.node, 10) < nodeMajorMin) {
  process.stderr.write(`cumulus: NODE_TOO_OLD: this is Node ${process.versions.node}\n`)
  process.stderr.write(`  Install Node ${nodeMajorMin} or newer from https://nodejs.org.\n`)
  process.exit(1)
}

const [{ createProgram }, { startServer }, { openShell }] = await Promise.all([
  import('./program.ts'),
  import('../main.ts'),
  import('./shell.ts'),
])
await createProgram({ start: startServer, openShell }).parseAsync()
