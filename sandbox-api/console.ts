import type { LogLevel } from '../server/apps/wire.ts'
import { format } from './format.ts'
import type { GlassClock } from './glass-clock.ts'
import { inspect } from './inspect.ts'
import type { Logger } from './logger.ts'
import { ErrorClass, SafeMap } from './primordials.ts'
import { readStack } from './stack.ts'

/** Spaces that each console.group adds, and how many groups count. */
const indentStep = 2
const indentMax = 40

/** `console` as in Node, as far as lines of a log go. */
export function createConsole(logger: Logger, clock: GlassClock) {
  const counts = new SafeMap<string, number>()
  const times = new SafeMap<string, number>()
  let indent = 0

  const write = (level: LogLevel, text: string) => {
    const space = ' '.repeat(Math.min(indent, indentMax))
    logger.write(level, space === '' ? text : space + text.replaceAll('\n', `\n${space}`))
  }
  const at =
    (level: LogLevel) =>
    (...values: unknown[]) =>
      write(level, format(values))
  const elapsed = (label: string) => {
    const started = times.get(label)
    return started === undefined ? undefined : `${label}: ${Math.round(clock.now() - started)}ms`
  }

  return {
    log: at('info'),
    info: at('info'),
    debug: at('debug'),
    warn: at('warn'),
    error: at('error'),
    trace(...values: unknown[]) {
      const { stack } = readStack(String(new ErrorClass().stack))
      write('trace', `Trace: ${format(values)}${stack.slice(stack.indexOf('\n'))}`)
    },
    dir: (value: unknown) => write('info', inspect(value)),
    table: (value: unknown) => write('info', inspect(value)),
    assert(condition?: unknown, ...values: unknown[]) {
      if (!condition) write('error', values.length === 0 ? 'Assertion failed' : `Assertion failed: ${format(values)}`)
    },
    count(label: unknown = 'default') {
      const name = labelOf(label)
      const count = (counts.get(name) ?? 0) + 1
      counts.set(name, count)
      write('info', `${name}: ${count}`)
    },
    countReset: (label: unknown = 'default') => void counts.delete(labelOf(label)),
    time: (label: unknown = 'default') => void times.set(labelOf(label), clock.now()),
    timeLog(label: unknown = 'default', ...values: unknown[]) {
      const text = elapsed(labelOf(label))
      if (text !== undefined) write('info', values.length === 0 ? text : `${text} ${format(values)}`)
    },
    timeEnd(label: unknown = 'default') {
      const text = elapsed(labelOf(label))
      times.delete(labelOf(label))
      if (text !== undefined) write('info', text)
    },
    group(...values: unknown[]) {
      if (values.length > 0) write('info', format(values))
      indent += indentStep
    },
    groupCollapsed(...values: unknown[]) {
      if (values.length > 0) write('info', format(values))
      indent += indentStep
    },
    groupEnd() {
      indent = Math.max(0, indent - indentStep)
    },
  }
}

function labelOf(label: unknown): string {
  return typeof label === 'string' ? label : inspect(label)
}
