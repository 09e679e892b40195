#!/usr/bin/env -S node --max-semi-space-size=4
// The flag: a young generation of 4 MB. V8's own default lets it grow to 48 MB as soon as connections come and go, and
// what a connection costs doubles; a media server's garbage is small and dies at once.
// Asked before anything else is loaded: an older Node would fail with a riddle.
const nodeMajorMin = 24
if (Number.parseInt(process.versions.node, 10) < nodeMajorMin) {
  process.stderr.write(`cumulus: NODE_TOO_OLD: this is Node ${process.versions.node}\n`)
  process.stderr.write(`  Install Node ${nodeMajorMin} or newer from https://nodejs.org.\n`)
  process.exit(1)
}

const [{ createProgram }, { openShell }] = await Promise.all([import('./program.ts'), import('./shell.ts')])
// Most of the house is for serving: the other commands do without it.
const start: import('./serve.ts').StartServer = async options => (await import('../main.ts')).startServer(options)
await createProgram({ start, openShell }).parseAsync()
