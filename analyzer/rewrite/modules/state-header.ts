import { isStateHeader } from '../../fix/shim-header.ts'
import { greatest, least } from '../../source/lists.ts'
import type { Offset } from '../../source/text.ts'
import { lineStart } from '../places.ts'
import type { Sources } from '../sources.ts'
import type { InitCode } from './init-code.ts'
import type { Obstacles } from './obstacles.ts'
import type { StateAccess } from './state-access.ts'
import type { StateMember } from './state-members.ts'

/** Where a state is declared that several files use: in a header that all of them include. */
export interface StateHeader {
  readonly file: string
  readonly offset: Offset
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
    .filter((file) => [...files].every((each) => sources.includes(each, file)))
  const found = headers.flatMap((file): (StateHeader & { readonly rank: number })[] => {
    const declared = members.flatMap(({ declarations }) =>
      declarations.flatMap((each) => (each.file === file ? [each.variable.declaration.span.start] : [])),
    )
    const announced = access.prototypes.flatMap((each) => (each.file === file ? [each.start] : []))
    const places = [...declared, ...announced]
    const users = [...access.users.values()].flatMap((each) => (each.file === file ? [each.code.headStart] : []))
    const includes = sources.code(file).directives.includes
    const hasPython = /^[ \t]*#[ \t]*include[ \t]*[<"]Python\.h[>"]/m.test(sources.text(file))
    const last =
      includes.length > 0 && hasPython
        ? lineBehind(sources.text(file), greatest(includes.map(({ offset }) => offset)))
        : -1
    const offset = places.length > 0 ? lineStart(sources.text(file), least(places)) : last
    const isBefore = offset >= 0 && users.every((each) => offset <= each)
    const region = offset < 0 ? 0 : sources.regionsAround({ file, offset }).length
    return isBefore && region <= 1 ? [{ file, offset, rank: declared.length > 0 ? 0 : places.length > 0 ? 1 : 2 }] : []
  })
  const [best] = [...found].sort((a, b) => a.rank - b.rank)
  return best ?? refuse('several files use what it keeps, and no header that all of them include can declare it')
}

const lineBehind = (text: string, offset: Offset): Offset => {
  const end = text.indexOf('\n', offset)
  return end < 0 ? text.length : end + 1
}
