import type { Subject, SubjectKind } from './subject.ts'

/** A thing to measure: its name, the server it is measured at, and how. */
export interface Case<Figures> {
  readonly name: string
  readonly kind: SubjectKind
  measure(subject: Subject): Promise<Figures>
}

/**
 * Measures every case so many times, each time at a server begun afresh, in turns: first all once, then all again in
 * another order, so that a slow minute of the machine hits everybody. Ratios of such medians hold where times do not.
 */
export async function interleaved<Figures>(
  cases: readonly Case<Figures>[],
  runs: number,
): Promise<Map<string, Figures[]>> {
  const found = new Map<string, Figures[]>(cases.map(({ name }) => [name, []]))
  for (let run = 0; run < runs; run++) {
    for (let nth = 0; nth < cases.length; nth++) {
      const { name, kind, measure } = cases[(nth + run) % cases.length]!
      await using subject = await kind.start()
      found.get(name)!.push(await measure(subject))
      process.stderr.write(`${run + 1}/${runs} ${name}\n`)
    }
  }
  return found
}

/** The median of each number, through objects of objects. */
export function medians<Figures extends object>(figures: readonly Figures[]): Figures {
  const first = figures[0]
  if (!first) throw new Error('nothing was measured')
  const members = Object.keys(first).map(key => {
    const values = figures.map(each => (each as Record<string, unknown>)[key])
    if (typeof values[0] === 'object') return [key, medians(values as object[])]
    return [key, significant(median(values as number[]))]
  })
  return Object.fromEntries(members)
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** The median of what each run makes of two cases: both were measured a moment apart. */
export function medianRatio<F>(over: readonly F[], under: readonly F[], of: (figures: F) => number): number {
  return significant(median(over.map((each, run) => of(each) / of(under[run]!))))
}

export function significant(value: number): number {
  return Number(value.toPrecision(4))
}
