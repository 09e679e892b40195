import { arch, hostname, release, type } from 'node:os'
import { basename, dirname, extname } from 'node:path'

/**
 * What CumulusServer's `configs` told beside its file: the program and the machine, in sections of their own. A section
 * that the operator wrote under the same name is laid over it.
 */
export function withComputed(written: Record<string, unknown>, program: string): Record<string, unknown> {
  const name = basename(program)
  const computed: Record<string, Record<string, string>> = {
    application: { path: program, dir: `${dirname(program)}/`, name, baseName: basename(program, extname(program)) },
    system: { osName: type(), osVersion: release(), osArchitecture: arch(), nodeName: hostname() },
  }
  const configs: Record<string, unknown> = { ...computed, ...written }
  for (const [section, values] of Object.entries(computed)) {
    const own = Object.hasOwn(written, section) ? written[section] : undefined
    if (typeof own === 'object' && own !== null) configs[section] = { ...values, ...own }
  }
  return configs
}
