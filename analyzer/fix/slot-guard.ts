import { type Minor, showVersion, showVersionHex } from '../knowledge/version.ts'
import type { ProjectModel } from '../project/model.ts'
import { linesOfSlot } from '../semantics/definition-tables.ts'
import type { FileId, Offset } from '../source/text.ts'
import type { Fix } from './fix.ts'

/** The first level that has a slot of modules and what it is set to, by the beginning of the names. */
const slots: readonly (readonly [RegExp, Minor])[] = [
  [/^Py_mod_multiple_interpreters$|^Py_MOD_(?:MULTIPLE|PER)_INTERPRETER/, 12],
  [/^Py_mod_gil$|^Py_MOD_GIL_/, 13],
]

/**
 * Leaves the entry of a table of module slots out below the level that has it: what does not ask for the level compiles
 * as before, and the headers of a lower level, but for those of 3.15, do not have its names.
 * @param name of the slot, or of what it is set to
 * @param offset where that name stands, in bytes
 * @returns null for other names, and where the entry has no lines of its own
 */
export function slotGuard(model: ProjectModel, file: FileId, name: string, offset: Offset): Fix | null {
  const since = slots.find(([pattern]) => pattern.test(name))?.[1]
  const lines = since === undefined ? null : linesOfSlot(model, file, offset)
  if (lines === null || since === undefined) return null
  const { start, end, eol } = lines
  const condition = `#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= ${showVersionHex(since)}`
  return {
    title: `leave the entry out below level ${showVersion(since)}`,
    safety: 'safe',
    reason: '',
    includes: [],
    shims: [],
    kind: 'file',
    rewrites: [
      { start, end: start, pieces: [`${condition}${eol}`] },
      { start: end, end, pieces: [`${eol}#endif`] },
    ],
  }
}
