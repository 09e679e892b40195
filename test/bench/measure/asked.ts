import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '' },
    seconds: { type: 'string', default: '4' },
    players: { type: 'string', default: '' },
    cases: { type: 'string', default: '' },
    checkout: { type: 'string', default: '' },
    machine: { type: 'string', default: '' },
    keep: { type: 'boolean', default: false },
  },
})

/** What the command line of a bench asks for; README.md explains it. */
export const asked = {
  /** Of each thing that is compared. */
  runs: (usual: number): number => Number(values.runs) || usual,
  /** One window of measuring. */
  windowMs: Number(values.seconds) * 1000,
  players: (usual: readonly number[]): readonly number[] =>
    values.players === '' ? usual : values.players.split(',').map(Number),
  /** Whether that case is wanted; all are unless some are named. */
  wants: (name: string): boolean => values.cases === '' || values.cases.split(',').includes(name),
  checkout: values.checkout,
  machine: values.machine,
  keep: values.keep,
} as const
