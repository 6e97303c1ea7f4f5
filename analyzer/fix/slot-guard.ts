import { type Minor, showVersion, showVersionHex } from '../knowledge/version.ts'
import type { ProjectModel } from '../project/model.ts'
import { slotEntryAt } from '../semantics/definition-tables.ts'
import type { FileId, Offset, Span } from '../source/text.ts'
import type { Fix, Rewrite } from './fix.ts'

/** The first level that has a slot of modules and what it is set to, by the names. */
const slots: readonly (readonly [RegExp, Minor])[] = [
  [/^Py_mod_multiple_interpreters$|^Py_MOD_(?:MULTIPLE|PER)_INTERPRETER/, 12],
  [/^Py_mod_gil$|^Py_MOD_GIL_/, 13],
]

/**
 * Keeps an entry of a table of module slots from Pythons that refuse it. What says that several interpreters may have
 * the module stays in the one binary, and is taken out where an older Python loads it; what only free-threaded Pythons
 * ask for, which do not load such a binary, is left out below the level that has it. Full builds stay as they are.
 * @param name of the slot, or of what it is set to
 * @param offset where that name stands, in bytes
 * @returns null for other names, and where the entry or its table is not understood
 */
export function slotGuard(model: ProjectModel, file: FileId, name: string, offset: Offset): Fix | null {
  const since = slots.find(([pattern]) => pattern.test(name))?.[1]
  const entry = since === undefined ? null : slotEntryAt(model, file, offset)
  if (entry === null || since === undefined) return null
  const common = { reason: '', includes: [], kind: 'file', safety: 'safe' } as const
  if (since === 12 && entry.inits.length > 0) {
    const renamed: Rewrite[] = [
      ...entry.names.filter((each) => slots[0]![0].test(each.name)).map(({ name: old, span }) => renamedAt(span, old)),
      ...entry.inits.map((span) => renamedAt(span, 'PyModuleDef_Init')),
      ...(entry.lines === null ? [] : withoutHeaders(model.project.code(file).text, entry.lines)),
    ]
    const title = 'use the shim `PepModuleDef_Init`, which takes the slot out where Python does not know it'
    return { ...common, title, shims: ['PepModuleDef_Init'], rewrites: renamed }
  }
  if (entry.lines === null) return null
  const { start, end } = entry.lines
  const eol = model.project.code(file).text.includes('\r\n') ? '\r\n' : '\n'
  const condition = `#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= ${showVersionHex(since)}`
  return {
    ...common,
    title: `leave the entry out below level ${showVersion(since)}`,
    ...(since === 12
      ? { safety: 'unsafe', reason: 'newer Pythons are not told that several interpreters may have the module' }
      : {}),
    shims: [],
    rewrites: [
      { start, end: start, pieces: [`${condition}${eol}`] },
      { start: end, end, pieces: [`${eol}#endif`] },
    ],
  }
}

/** `Py_mod_x` becomes `Pep_mod_x`. */
const renamedAt = ({ start, end }: Span, name: string): Rewrite => ({ start, end, pieces: [`Pep${name.slice(2)}`] })

/**
 * Where an entry stands alone in a condition that asks the headers whether they have it, it is for limited builds, too:
 * their headers may be older than the Python that loads what they build.
 */
function withoutHeaders(text: string, { start, end }: Span): Rewrite[] {
  const lineAbove = Math.max(0, text.lastIndexOf('\n', start - 2))
  const above = /(?:^|\n)([ \t]*#[ \t]*)(if|ifdef)[ \t]([^\n\\/]*)\n$/.exec(text.slice(lineAbove, start))
  const isAlone = /^\r?\n[ \t]*#[ \t]*endif\b/.test(text.slice(end))
  if (above === null || !isAlone || !/PY_VERSION_HEX|PY_M\w+_VERSION|Py_mod_|Py_MOD_/.test(above[3]!)) return []
  const [whole, hash, word, rest] = above as unknown as readonly [string, string, string, string]
  const condition = rest.trim()
  const base = lineAbove + above.index
  const from = base + whole.indexOf(word, whole.indexOf('#'))
  const asked = word === 'ifdef' ? `defined(${condition})` : /&&|\|\||\?/.test(condition) ? `(${condition})` : condition
  const to = base + whole.indexOf(condition, from - base + word.length) + condition.length
  return hash === '' ? [] : [{ start: from, end: to, pieces: [`if defined(Py_LIMITED_API) || ${asked}`] }]
}
