import { least } from '../../source/lists.ts'
import type { Offset } from '../../source/text.ts'
import { aboveComment, aboveFunction, lineStart } from '../places.ts'
import type { Sources } from '../sources.ts'
import type { Definition } from './emit-definition.ts'
import type { InitCode } from './init-code.ts'
import type { Obstacles } from './obstacles.ts'
import type { StateAccess } from './state-access.ts'
import type { StateMember } from './state-members.ts'

/**
 * Where the state is declared: before all that uses it, outside of conditions, and behind what its members are declared
 * with. Null where there is no such place, with the obstacle.
 */
export function statePlace(
  sources: Sources,
  { file, maker }: InitCode,
  members: readonly StateMember[],
  { users: all, prototypes }: StateAccess,
  definition: Definition,
  obstacles: Obstacles,
): { readonly file: string; readonly offset: Offset } | null {
  const text = sources.text(file)
  const code = sources.code(file)
  const functions = [...all.values()].flatMap((each) => (each.code.kind === 'macro' ? [] : [each.code]))
  const declared = members.flatMap(({ declarations, variable }) =>
    variable.around === null
      ? declarations.flatMap((each) => (each.file === file ? [each.variable.declaration.span.start] : []))
      : [],
  )
  const needed = [
    aboveFunction(text, maker),
    ...(definition.isLocal ? [] : [aboveComment(text, definition.variable.declaration.span.start)]),
    ...functions.map((each) => aboveFunction(text, each)),
    ...prototypes.flatMap((each) => (each.file === file ? [each.start] : [])),
  ]
  // What stands in a namespace, and what does not, may both use it.
  const users = [maker.span.start, ...functions.map(({ span }) => span.start)]
  const placeBefore = (earliest: Offset): Offset => {
    const space = code.namespaceAround(earliest)
    const first = space === null ? earliest : aboveComment(text, space)
    const condition = sources
      .regionsAround({ file, offset: first })
      .find(({ start, end }) => !users.every((each) => start <= each && each < end))
    const group = sources.directives(file).regions.filter((each) => each.group === condition?.group)
    return lineStart(text, condition ? directiveBefore(text, least(group.map(({ start }) => start))) : first)
  }
  const unknownAt = (place: Offset): StateMember | undefined =>
    members.find(({ declarator }) => {
      const [, base] = /^(?:(?:struct|const) )*(\w+)/.exec(declarator)!
      const at = code.declarations.find(
        ({ types, struct }) => types.includes(base!) || struct?.tag === `struct ${base!}`,
      )
      return at !== undefined && at.span.end > place
    })
  // Where the variables were, if their types are known there.
  const places = [placeBefore(least([...needed, ...declared])), placeBefore(least(needed))]
  const offset = places.find((place) => unknownAt(place) === undefined)
  if (offset !== undefined) return { file, offset }
  const unknown = unknownAt(places[1]!)!
  obstacles.add(
    file,
    unknown.variable.span.start,
    `the type of \`${unknown.name}\` is declared behind what uses the state`,
  )
  return null
}

/** The line of the `#if` of a condition's branch, from where that begins, behind its line. */
export function directiveBefore(text: string, start: Offset): Offset {
  const line = lineStart(text, start - 1)
  return /\\\r?\n$/.test(text.slice(0, line)) ? directiveBefore(text, line) : line
}
