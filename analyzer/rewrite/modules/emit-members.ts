import type { DeclaredVariable, Variable } from '../../code/tree.ts'
import { calleeName } from '../../code/values.ts'
import { commentBehind } from '../../source/comments.ts'
import type { Offset, Span } from '../../source/text.ts'
import type { EditList } from '../edit-list.ts'
import { withGap } from '../places.ts'
import type { Sources } from '../sources.ts'
import { moduleOf } from './emit-access.ts'
import type { ModuleParts } from './module-parts.ts'
import type { Names } from './names.ts'
import type { StateAccess } from './state-access.ts'
import { type TypeMaking, typeMakers } from './type-makings.ts'

/** Puts the members in the place of the variables, and takes away their declarations. */
export function emitMembers(
  { sources, init, members, access: { asserts } }: ModuleParts,
  names: Names,
  edits: EditList,
): void {
  const { model } = sources
  const [made] = init.creation
  for (const { name, variable, uses, ownership, isModule } of members) {
    const { stealing, surplus, releases } = ownership
    for (const { file: where, offset } of uses) {
      const place = model.files[where]!.file
      // What puts the module there is written anew.
      if (isModule && place === init.file && made!.span.start <= offset && offset < made!.span.end) continue
      const isIn = (each: Span & { readonly file: string }): boolean =>
        each.file === place && each.start <= offset && offset < each.end
      if (asserts.some(isIn)) continue
      const start = sources.settings.isCxx(place) ? qualifierBefore(sources.text(place), offset) : offset
      edits.replace(place, { start, end: offset + variable.name.length }, `${names.state}->${name}`)
    }
    if (stealing) {
      const place = model.files[stealing.use.file]!.file
      edits.replace(place, stealing.callee.span, 'PepModule_AddObjectRef')
      edits.useShim(place, 'PepModule_AddObjectRef')
    }
    for (const { use, start, end } of surplus) {
      const place = model.files[use.file]!.file
      edits.replace(place, withGap(sources.text(place), start, end), '')
    }
    // `Py_DECREF(x)` where a function fails: the state must not give it back once more.
    for (const { use, callee } of releases) edits.replace(model.files[use.file]!.file, callee.span, 'Py_CLEAR')
  }
  for (const { file, start, end } of asserts) edits.replace(file, withGap(sources.text(file), start, end), '')
  const byDeclaration = new Map<DeclaredVariable['declaration'], { file: string; gone: DeclaredVariable[] }>()
  for (const { declarations } of members)
    for (const { file, variable } of declarations) {
      const { gone } = byDeclaration.get(variable.declaration) ?? { gone: [] }
      byDeclaration.set(variable.declaration, { file, gone: [...gone, variable] })
    }
  const comments = new Set(members.flatMap(({ comment }) => comment))
  for (const { file, gone } of byDeclaration.values()) removeVariables(sources.text(file), file, gone, edits, comments)
}

/** Where a name begins with what it is qualified by: `::x`, `space::x`. */
function qualifierBefore(text: string, offset: Offset): Offset {
  const found = /(?:[\w\x80-\xff]*::\s*)+$/.exec(text.slice(Math.max(0, offset - longestQualifier), offset))
  return offset - (found?.[0].length ?? 0)
}

/** Characters of a qualifier that are looked at. */
const longestQualifier = 200

/**
 * Takes variables out of their declaration, and that away where nothing is left of it.
 * @param comments that are written elsewhere, and go with it
 */
export function removeVariables(
  text: string,
  file: string,
  gone: readonly DeclaredVariable[],
  edits: EditList,
  comments: ReadonlySet<string> = new Set(),
): void {
  const [{ declaration }] = gone as readonly [DeclaredVariable]
  const all = declaration.variables
  const isGone = (each: Variable): boolean => gone.some(({ nameSpan }) => nameSpan.start === each.nameSpan.start)
  if (all.every(isGone)) {
    const { start, end } = declaration.span
    const behind = commentBehind(text, end) ?? ''
    const isTaken = behind.trim() === '' || comments.has(behind.trim())
    edits.replace(file, isTaken ? withGap(text, start, end + behind.length) : { start, end }, '')
    return
  }
  const spans = all.map(
    (each): Span => ({
      start: starsBefore(text, each.nameSpan.start),
      end: each.initialiser?.span.end ?? arraysBehind(text, each.nameSpan.end),
    }),
  )
  // What stays is written anew from the first to the last: the commas belong to nobody.
  const kept = spans.flatMap(({ start, end }, index) => (isGone(all[index]!) ? [] : [text.slice(start, end)]))
  edits.replace(file, { start: spans[0]!.start, end: spans.at(-1)!.end }, kept.join(', '))
}

/** Where the `*` before a name begin. */
function starsBefore(text: string, start: Offset): Offset {
  const before = /(?:\*\s*)*$/.exec(text.slice(Math.max(0, start - longestStars), start))![0]
  return start - before.length
}

/** Where the sizes of an array behind a name end. */
const arraysBehind = (text: string, end: Offset): Offset =>
  end + /^(?:\s*\[[^\][]*\])*/.exec(text.slice(end, end + longestSizes))![0].length

/** Characters that are looked at. */
const longestStars = 40
const longestSizes = 300

/** Types are made with the module, so that their functions find it. */
export function emitTypes(
  sources: Sources,
  { users }: StateAccess,
  makings: readonly TypeMaking[],
  names: Names,
  edits: EditList,
): void {
  for (const { file, around, call } of makings) {
    const maker = typeMakers.get(calleeName(call)!)!
    edits.replace(file, call.callee.span, maker)
    edits.insert(file, call.open + 1, `${moduleOf(users.get(around)!, names)}, `)
    if (calleeName(call) === 'PyType_FromSpec') edits.insert(file, call.close, ', NULL')
    if (maker.startsWith('Pep')) edits.useShim(file, maker)
    else if (sources.settings.level < firstModuleTypes) edits.useShim(file, maker)
  }
}

/** The first level at which a type can be made with its module. */
export const firstModuleTypes = 9
