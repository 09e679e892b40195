import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { codeFrame } from '../base/code-frame.ts'
import { typeErrors } from './limits.ts'

export interface TypesOptions {
  readonly www: string
  /** The folder of this package: its types stand there, and its own type checker in a checkout. */
  readonly home: string
  /** Below www, '' for all of it: what lies elsewhere is read for its types, and not complained of. */
  readonly folder: string
}

/** What a type checker found, or that there is none. */
export type TypesFound = { readonly how: 'checked'; readonly errors: readonly string[] } | { readonly how: 'missing' }

/** When www has no jsconfig.json of its own that says otherwise: what www/jsconfig.json of this package says. */
const usual = {
  checkJs: true,
  target: 'es2024',
  lib: ['es2024'],
  types: [],
  module: 'esnext',
  moduleResolution: 'bundler',
  moduleDetection: 'force',
  allowImportingTsExtensions: true,
  strict: false,
}

/** Checks the applications against the types of the sandbox, with the compiler of whoever has one. */
export async function checkTypes({ www, home, folder }: TypesOptions): Promise<TypesFound> {
  const compiler = findCompiler([www, home])
  if (compiler === undefined) return { how: 'missing' }
  const project = mkdtempSync(join(tmpdir(), 'cumulus-check-'))
  try {
    const own = ['jsconfig.json', 'tsconfig.json'].map(name => join(www, name)).find(existsSync)
    const scripts = ['js', 'mjs', 'ts', 'mts'].map(ending => join(www, folder, '**', `*.${ending}`))
    const wanted = { noEmit: true, paths: { '/lib/*': [join(www, 'lib/*')] } }
    const config = {
      ...(own && { extends: own }),
      compilerOptions: { ...(own === undefined && usual), ...wanted },
      include: [...scripts, join(home, 'sandbox-api/*.d.ts')],
      exclude: [join(www, '**/node_modules')],
    }
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(config))
    const output = await run(compiler, project)
    return { how: 'checked', errors: errorsIn(output, project, www) }
  } finally {
    rmSync(project, { recursive: true, force: true })
  }
}

function findCompiler(folders: readonly string[]): string | undefined {
  for (const folder of folders) {
    try {
      const manifest = createRequire(join(folder, 'package.json')).resolve('typescript/package.json')
      return join(dirname(manifest), 'bin/tsc')
    } catch {}
  }
  return undefined
}

function run(compiler: string, project: string): Promise<string> {
  const child = spawn(process.execPath, [compiler, '-p', project, '--pretty', 'false'], { cwd: project })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  return new Promise(done => {
    child.once('error', error => done(`error: ${error.message}`))
    child.once('close', () => done(output))
  })
}

/** `file(line,column): error TS2339: text`, with more about it in lines that are indented. */
function errorsIn(output: string, project: string, www: string): string[] {
  const errors: string[] = []
  for (const line of output.split(/\r?\n/)) {
    const found = /^(.+)\((\d+),(\d+)\): error (TS\d+: .*)$/.exec(line)
    if (found === null) {
      if (/^error /.test(line)) errors.push(line)
      continue
    }
    if (errors.length >= typeErrors) return [...errors, 'and more']
    const file = resolve(project, found[1]!)
    const [row, column] = [Number(found[2]), Number(found[3])]
    const frame = codeFrame(existsSync(file) ? readFileSync(file, 'utf8') : '', row, column)
    errors.push(`${relative(www, file)}:${row}: ${found[4]}${frame && `\n${frame}`}`)
  }
  return errors
}
