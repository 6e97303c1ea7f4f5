import type { ProjectEdits } from '../../fix/fix.ts'
import { isStateHeader } from '../../fix/shim-header.ts'
import type { Module } from '../../semantics/modules.ts'
import type { FileId, Offset } from '../../source/text.ts'
import { EditList } from '../edit-list.ts'
import { lineEndOf, lineStart } from '../places.ts'
import type { Sources } from '../sources.ts'
import { type Difference, difference, lostAssertions, lostReferences } from './differences.ts'
import { emitAccess } from './emit-access.ts'
import {
  aroundDefinition,
  definitionOfInit,
  emitDefinition,
  lookupLines,
  memberLines,
  stateDeclaration,
} from './emit-definition.ts'
import { emitInit } from './emit-init.ts'
import { emitMembers, emitTypes, firstModuleTypes } from './emit-members.ts'
import { emitMethods } from './emit-methods.ts'
import { emitJoining, existingState, refuseJoining } from './existing-state.ts'
import { initCode } from './init-code.ts'
import { reasonsAgainst } from './interpreters.ts'
import type { ModuleParts } from './module-parts.ts'
import { namesFor } from './names.ts'
import { type Obstacle, Obstacles } from './obstacles.ts'
import { refuseHabits, refuseHazards } from './refusals.ts'
import { stateAccess } from './state-access.ts'
import { emitIncludes, filesWithState, isShimHeader, stateHeader } from './state-header.ts'
import { type StateMember, stateMembers, withKeeper } from './state-members.ts'
import { statePlace } from './state-place.ts'
import {
  emitTrampolines,
  includeStateHeader,
  leftWithoutMacros,
  type ModuleStyle,
  noTrampolines,
  refuseMacros,
  trampolinesOf,
} from './trampolines.ts'
import { typeMakings } from './type-makings.ts'

/**
 * Modules that are made in one phase come to be made in several, and what they keep in variables of the process goes
 * into a state that each module object has. A module is rewritten whole, in all files, or left alone with the reasons.
 */

export interface ModulePlan {
  /** Empty where it is rewritten. */
  readonly obstacles: readonly Obstacle[]
  /** What is not as it was, or stays as it was, in a few words each. */
  readonly differs: readonly Difference[]
  readonly edits: ProjectEdits | null
}

/**
 * Plans what becomes of a module that is made in one phase.
 * @param isOfOthers whether another module is made of a file, too
 */
export function planModule(
  sources: Sources,
  module: Module,
  isOfOthers: (file: string) => boolean,
  style: ModuleStyle,
): ModulePlan {
  const obstacles = new Obstacles()
  const edits = rewritten(sources, module, isOfOthers, style, obstacles)
  return obstacles.all.length > 0 || edits === null
    ? { obstacles: obstacles.all, differs: [], edits: null }
    : { obstacles: [], ...edits }
}

function rewritten(
  sources: Sources,
  module: Module,
  isOfOthers: (file: string) => boolean,
  style: ModuleStyle,
  obstacles: Obstacles,
): Pick<ModulePlan, 'differs' | 'edits'> | null {
  const init = initCode(sources, module, obstacles)
  if (init === null) return null
  const files = module.files.filter((id) => isOwn(sources, id))
  refuseHabits(sources, init, files, obstacles)
  const definition = definitionOfInit(sources, init)
  if (definition === null)
    obstacles.add(init.file, init.def.span.start, 'how its `PyModuleDef` is written is not understood')
  const existing = existingState(sources, init, obstacles)
  const members = withKeeper(init, stateMembers(sources, files, obstacles), obstacles)
  const makings = typeMakings(sources, files)
  const access = stateAccess(sources, init, files, members, makings, obstacles)
  if (members.length + makings.length > 0 && sources.settings.level < firstModuleTypes)
    obstacles.add(init.file, init.entry.nameSpan.start, 'types know their modules from level 3.9 on')
  const isShared = filesWithState(init, access).size > 1 || (existing !== null && existing.file !== init.file)
  const header = isShared && !existing ? stateHeader(sources, init, members, access, obstacles) : null
  if (existing) refuseJoining(sources, existing, init, members, access, obstacles)
  const parts: ModuleParts = { sources, init, files, members, makings, access, existing }
  if (style === 'macros') refuseMacros(parts, obstacles)
  refuseHazards(parts, isOfOthers, obstacles)
  if (definition === null || obstacles.all.length > 0) return null
  const names = namesFor(sources, module.name, access, existing?.struct ?? null)
  const edits = new EditList(sources)
  if (header) emitIncludes(sources, header, edits)
  // Macros are for a state whose name is one word, and which they declare.
  const macros = style === 'macros' && !existing ? trampolinesOf(parts) : noTrampolines
  const trampolines = macros.made
  const hasMacros = trampolines.size > 0
  const lookups = emitAccess(sources, access, members, names, header?.file ?? null, trampolines, edits, obstacles)
  emitTrampolines(parts, trampolines, names, edits)
  emitMembers(parts, names, edits)
  emitMethods(sources, access, trampolines, names, lookups, edits)
  emitTypes(sources, access, makings, names, edits)
  const reasons = reasonsAgainst(sources, files)
  const around = aroundDefinition(parts, names, { lookups, isIsolated: reasons.length === 0, isShared, hasMacros })
  if (existing) {
    emitJoining(sources, existing, members, memberLines(members), edits)
    const lines = lookupLines(names, lookups, isShared)
    const lineEnd = lineEndOf(sources.text(existing.file))
    if (lines.length > 0) edits.insert(existing.file, existing.end, ['', '', ...lines].join(lineEnd))
  } else if (members.length > 0) {
    const place = header ?? statePlace(sources, init, members, access, definition, obstacles)
    if (place !== null) {
      const text = sources.text(place.file)
      const isApart = isApartBehind(text, place.file, place.offset, members)
      if (hasMacros) includeStateHeader(sources, place, isShared, edits)
      const declaration = stateDeclaration(members, names, lookups, isShared, hasMacros)
      const written = isApart ? declaration.replace(/\n$/, '') : declaration
      edits.insert(place.file, place.offset, written.replaceAll('\n', lineEndOf(text)))
    }
  }
  const before = emitDefinition(parts, definition, names, around, edits)
  emitInit(parts, names, before, edits, obstacles)
  if (Object.values(lookups).some((need) => need !== 'never')) edits.useShim(init.file, 'PepType_GetModuleByDef')
  const noMacros =
    style === 'macros' && existing
      ? ['the module has a state already, which macros do not know']
      : leftWithoutMacros(macros)
  return {
    differs: [
      ...noMacros.map(difference),
      ...lostAssertions(access),
      ...lostReferences(sources, members),
      ...reasons.map(difference),
    ],
    edits: { ...edits.done(), byHand: new Map(noMacros.length === 0 ? [] : [[init.file, noMacros.join('; ')]]) },
  }
}

/** Whether a blank line follows a place when the declarations of members are gone that stand there. */
function isApartBehind(text: string, file: string, place: Offset, members: readonly StateMember[]): boolean {
  const gone = members.flatMap(({ declarations }) =>
    declarations.flatMap((each) => (each.file === file ? [each.variable.declaration.span] : [])),
  )
  const isBlank = (at: Offset): boolean => /^[ \t]*\r?\n/.test(text.slice(at, at + longestBlank))
  let isAlone = false
  for (let at = place; ; ) {
    const next = gone.find(({ start }) => start === at)
    // The blank line behind a declaration goes with it where another one stands before.
    if (!next) return !isAlone && isBlank(at)
    isAlone = isBlank(lineStart(text, at - 1))
    at = text.indexOf('\n', next.end) + 1
  }
}

/** Characters of a blank line that are looked at. */
const longestBlank = 100

/** Whether a file is one that people wrote, and not the header of shims, or of macros. */
const isOwn = (sources: Sources, id: FileId): boolean => {
  const { file } = sources.model.files[id]!
  return sources.texts.has(file) && !isShimHeader(file) && !isStateHeader(file)
}
