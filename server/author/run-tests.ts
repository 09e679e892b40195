import { fork } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { testFile } from '../apps/catalog.ts'
import { hostOptions } from '../apps/forked-host.ts'
import { deafMs } from './limits.ts'
import type { TrialOrder, TrialReport } from './trial/report.ts'

const program = fileURLToPath(new URL(`./trial/main${extname(import.meta.url)}`, import.meta.url))

/** The tests in the folder of an application, with those of the folders below that are no applications of their own. */
export function testFiles(www: string, path: string, isApp: (path: string) => boolean): string[] {
  const files: string[] = []
  const gather = (folder: string, app: string) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const below = `${app}/${entry.name}`
      if (entry.isFile() && testFile.test(entry.name)) files.push(join(folder, entry.name))
      else if (entry.isDirectory() && path !== '' && entry.name !== 'node_modules' && !isApp(below))
        gather(join(folder, entry.name), below)
    }
  }
  gather(join(www, path), path)
  return files.sort()
}

/** Runs tests in a process of their own and tells `write` how they went; gives how many did not go well. */
export async function runTests(order: TrialOrder, write: (text: string) => void): Promise<number> {
  const { execArgv } = hostOptions()
  const child = fork(program, [], {
    execArgv: [...execArgv, '--disable-warning=MODULE_TYPELESS_PACKAGE_JSON'],
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  let [passed, failed] = [0, 0]
  /** When the first test did: what comes before is two programs that start. */
  let began: number | undefined
  let running = ''
  let lastFile = ''
  let timer: NodeJS.Timeout | undefined
  let isDone = false
  const fail = (title: string, text: string) => {
    failed++
    write(`  ✖ ${title}\n${text.replace(/^(?=.)/gm, '      ')}\n`)
  }
  const head = (file: string) => {
    if (file !== lastFile) write(`${file}\n`)
    lastFile = file
  }
  child.on('message', message => {
    const report = message as TrialReport
    switch (report.report) {
      case 'begun':
        began ??= performance.now()
        head(report.file)
        running = report.title
        timer = setTimeout(() => child.kill('SIGKILL'), order.limit + deafMs)
        break
      case 'ended':
        clearTimeout(timer)
        running = ''
        if (report.failure !== undefined) fail(report.title, report.failure)
        else {
          passed++
          write(`  ✔ ${report.title} (${report.ms} ms)\n`)
        }
        break
      case 'broken':
        head(report.file)
        fail('the file does not run', report.text)
        break
      case 'done':
        isDone = true
    }
  })
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()))
  child.send(order)
  await ended
  clearTimeout(timer)
  if (running !== '') {
    fail(running, 'it hangs in a loop of its own, so that the tests after it did not run: give the loop an end.')
  } else if (!isDone) fail('the tests', 'their process ended before they did: does one of them call process.exit()?')
  write(`${passed} passed, ${failed} failed, ${Math.round(performance.now() - (began ?? performance.now()))} ms\n`)
  return failed
}
