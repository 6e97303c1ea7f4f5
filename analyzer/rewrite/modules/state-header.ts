import { isStateHeader } from '../../fix/shim-header.ts'
import { greatest, least } from '../../source/lists.ts'
import type { Offset } from '../../source/text.ts'
import type { EditList } from '../edit-list.ts'
import { lineEndOf, lineStart } from '../places.ts'
import type { Sources } from '../sources.ts'
import type { InitCode } from './init-code.ts'
import { isEverywhere } from './interpreters.ts'
import type { Obstacles } from './obstacles.ts'
import type { StateAccess } from './state-access.ts'
import type { StateMember } from './state-members.ts'

/** Where a state is declared that several files use: in a header that all of them include. */
export interface StateHeader {
  readonly file: string
  readonly offset: Offset
  /** Files that are to include it: where, and how it is called from there. */
  readonly includes: readonly { readonly file: string; readonly offset: Offset; readonly path: string }[]
}

/** Whether a file is the header of shims, which is nobody's to read or to change. */
export const isShimHeader = (file: string): boolean => /(?:^|\/)pep_shims\.h$/.test(file)

/** The files that name the state. */
export function filesWithState({ file }: InitCode, { users }: StateAccess): ReadonlySet<string> {
  return new Set([file, ...[...users.values()].map((each) => each.file)])
}

/**
 * Finds the header, and the place in it: where it declares one of the members or a function that gets the state, or
 * behind its includes, of which one is that of Python.
 * @returns null where there is none, with the obstacle
 */
export function stateHeader(
  sources: Sources,
  init: InitCode,
  members: readonly StateMember[],
  access: StateAccess,
  obstacles: Obstacles,
): StateHeader | null {
  const files = filesWithState(init, access)
  const refuse = (text: string): null => {
    obstacles.add(init.file, init.entry.nameSpan.start, text)
    return null
  }
  const kinds = new Set([...files].map((file) => sources.settings.isCxx(file)))
  if (kinds.size > 1) return refuse('files of C and of C++ use what it keeps')
  const other = members.find(({ declarator }) => !/^(?:PyObject|PyTypeObject|PyVarObject) \*/.test(declarator))
  if (other) return refuse(`\`${other.name}\` is of a type of its own, and several files use it`)
  const headers = sources
    .inOrder(new Set(sources.texts.keys()))
    .filter(
      (file) =>
        /\.h\w*$/.test(file) && sources.settings.locked(file) === null && !isShimHeader(file) && !isStateHeader(file),
    )
  const found = headers.flatMap((file): (StateHeader & { readonly rank: number })[] => {
    const includes = [...files].flatMap((each) =>
      sources.includes(each, file) ? [] : [includeIn(sources, each, file)],
    )
    // What nobody includes is not for these files.
    if (includes.includes(null) || includes.length >= files.size) return []
    const declared = members.flatMap(({ declarations }) =>
      declarations.flatMap((each) => (each.file === file ? [each.variable.declaration.span.start] : [])),
    )
    const announced = access.prototypes.flatMap((each) => (each.file === file ? [each.start] : []))
    const places = [...declared, ...announced]
    const users = [...access.users.values()].flatMap((each) => (each.file === file ? [each.code.headStart] : []))
    const inner = sources.code(file).directives.includes
    const hasPython = includesPython(sources, file)
    const last =
      inner.length > 0 && hasPython ? lineBehind(sources.text(file), greatest(inner.map(({ offset }) => offset))) : -1
    const offset = places.length > 0 ? lineStart(sources.text(file), least(places)) : last
    const isBefore = offset >= 0 && users.every((each) => offset <= each)
    const region = offset < 0 ? 0 : sources.regionsAround({ file, offset }).length
    const isNew = includes.length > 0
    if (!isBefore || region > 1 || (isNew && !hasPython)) return []
    const rank = (declared.length > 0 ? 0 : places.length > 0 ? 1 : 2) + includes.length * ranks
    return [{ file, offset, includes: includes.flatMap((each) => each ?? []), rank }]
  })
  const [best] = [...found].sort((a, b) => a.rank - b.rank)
  return best ?? refuse('several files use what it keeps, and no header that all of them include can declare it')
}

const lineBehind = (text: string, offset: Offset): Offset => {
  const end = text.indexOf('\n', offset)
  return end < 0 ? text.length : end + 1
}

/** How many ranks there are of headers that all files include. */
const ranks = 3

const includesPython = (sources: Sources, file: string): boolean =>
  /^[ \t]*#[ \t]*include[ \t]*[<"]Python\.h[>"]/m.test(sources.text(file))

/**
 * Where a file may include a header of the project: behind all that it includes, where it uses nothing of what that
 * declares. Null for nowhere.
 */
function includeIn(sources: Sources, file: string, header: string): StateHeader['includes'][number] | null {
  const { model } = sources
  const { graph } = model.project
  const known = graph.closure(sources.idOf(file))
  const added = [sources.idOf(header), ...graph.closure(sources.idOf(header))].filter((each) => !known.has(each))
  const code = sources.code(file)
  const outer = new Set(
    [sources.idOf(file), ...known].flatMap((id) => model.files[id]!.includes.map(({ path }) => path)),
  )
  for (const id of added) {
    const { macros, declarations, structs, includes, undefinitions } = model.files[id]!
    const named = [...macros, ...declarations, ...undefinitions].map(({ name }) => name)
    const names = [...named, ...structs.map(({ tag }) => tag.replace(/^\w+ /, ''))]
    const own = model.project.code(id)
    const isForeign = includes.some(
      ({ path }, index) => graph.targets[id]![index] == null && !isEverywhere(path) && !outer.has(path),
    )
    const defines = own.functionNames.length > 0 || own.variables.some(({ storage }) => storage !== 'extern')
    const isNamed = (name: string): boolean => name !== forPython && code.occurrences(name).length > 0
    if (isForeign || defines || names.some(isNamed)) return null
  }
  const { includes } = code.directives
  const places = includes.flatMap(({ offset }) =>
    sources.regionsAround({ file, offset }).length === 0 ? [offset] : [],
  )
  if (places.length === 0 || !includesPython(sources, file)) return null
  const offset = lineBehind(sources.text(file), greatest(places))
  const isFirst = code.functionNames.every((each) => each.offset > offset)
  return isFirst ? { file, offset, path: pathFrom(file, header) } : null
}

/** What only `Python.h` asks for, which is included before. */
const forPython = 'PY_SSIZE_T_CLEAN'

/** How a file calls another one. */
function pathFrom(file: string, other: string): string {
  const [from, to] = [file.split('/').slice(0, -1), other.split('/')]
  let same = 0
  while (same < from.length && from[same] === to[same]) same++
  return [...from.slice(same).map(() => '..'), ...to.slice(same)].join('/')
}

/** Writes the lines that make files include the header of the state. */
export function emitIncludes(sources: Sources, { includes }: StateHeader, edits: EditList): void {
  for (const { file, offset, path } of includes)
    edits.insert(file, offset, `#include "${path}"${lineEndOf(sources.text(file))}`)
}
