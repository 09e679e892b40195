import { type Key, portOrOff, text, time } from './kinds.ts'

/** Those of [apps] that are about debuggers. */
export const inspectorKeys = {
  inspector: portOrOff({
    sentence: 'The TCP port for debuggers of applications; 0 takes any free one, off serves none.',
  }),
  inspectorInterface: text({ default: '127.0.0.1', sentence: 'The address the inspector listens on.' }),
  inspectorPause: time({
    default: '30',
    min: 100,
    max: 86_400_000,
    unit: 'seconds',
    sentence: 'A script that a debugger has stopped goes on by itself after so long.',
  }),
} satisfies Record<string, Key<unknown>>
