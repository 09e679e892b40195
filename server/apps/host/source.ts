/** One module, ready to be compiled. */
export interface Source {
  /** The real path: one module, whatever ways lead to it. */
  id: string
  /** The name errors carry: relative to www/, or one of the runtime's own. */
  file: string
  code: string
  /** Lines of ours behind the author's. */
  tail?: string
}

/** Finds what modules import. */
export interface Sources {
  /** Throws a ScriptError when there is nothing to be had by that name. */
  resolve(specifier: string, from: Source): Promise<Source>
}
