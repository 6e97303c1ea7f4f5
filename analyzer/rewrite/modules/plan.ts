import { operandsAround } from '../../code/placement.ts'
import { calleeName, isNull } from '../../code/values.ts'
import type { ProjectEdits } from '../../fix/fix.ts'
import { isStateHeader } from '../../fix/shim-header.ts'
import { compiledAt } from '../../semantics/calls.ts'
import { functionsOf } from '../../semantics/functions.ts'
import { isNegative } from '../../semantics/module-defs.ts'
import type { Module } from '../../semantics/modules.ts'
import { mayMake, pastingsOf } from '../../semantics/pasted-names.ts'
import type { FileId, Offset } from '../../source/text.ts'
import { EditList } from '../heap-types/edit-list.ts'
import { lineEndOf } from '../heap-types/places.ts'
import type { Sources } from '../heap-types/sources.ts'
import { emitAccess } from './emit-access.ts'
import { aroundDefinition, definitionOf, emitDefinition, stateDeclaration } from './emit-definition.ts'
import { emitInit, gilSlot } from './emit-init.ts'
import { emitMembers, emitTypes, firstModuleTypes } from './emit-members.ts'
import { emitMethods } from './emit-methods.ts'
import { type InitCode, initCode } from './init-code.ts'
import { reasonsAgainst } from './interpreters.ts'
import { namesFor } from './names.ts'
import { type Obstacle, Obstacles } from './obstacles.ts'
import { refuseHazards } from './refusals.ts'
import { type StateAccess, stateAccess } from './state-access.ts'
import { filesWithState, isShimHeader, stateHeader } from './state-header.ts'
import { type StateMember, stateMembers } from './state-members.ts'
import { statePlace } from './state-place.ts'
import { emitTrampolines, includeStateHeader, type ModuleStyle, refuseMacros, trampolinesOf } from './trampolines.ts'
import { typeMakings } from './type-makings.ts'

/**
 * Modules that are made in one phase come to be made in several, and what they keep in variables of the process goes
 * into a state that each module object has. A module is rewritten whole, in all files, or left alone with the reasons.
 */

export interface ModulePlan {
  /** Empty where it is rewritten. */
  readonly obstacles: readonly Obstacle[]
  /** What is not as it was, or stays as it was, in a few words each. */
  readonly differs: readonly string[]
  readonly edits: ProjectEdits | null
}

/** Plans what becomes of a module that is made in one phase. @param others files that other modules are made of */
export function planModule(
  sources: Sources,
  module: Module,
  others: ReadonlySet<FileId>,
  style: ModuleStyle,
): ModulePlan {
  const obstacles = new Obstacles()
  const edits = rewritten(sources, module, others, style, obstacles)
  return obstacles.all.length > 0 || edits === null
    ? { obstacles: obstacles.all, differs: [], edits: null }
    : { obstacles: [], ...edits }
}

function rewritten(
  sources: Sources,
  module: Module,
  others: ReadonlySet<FileId>,
  style: ModuleStyle,
  obstacles: Obstacles,
): Pick<ModulePlan, 'differs' | 'edits'> | null {
  const init = initCode(sources, module, obstacles)
  if (init === null) return null
  const files = module.files.filter((id) => isOwn(sources, id))
  refuseHabits(sources, init, files, obstacles)
  const definition = definitionOf(sources, init)
  if (definition === null)
    obstacles.add(init.file, init.def.span.start, 'how its `PyModuleDef` is written is not understood')
  const members = stateMembers(sources, files, obstacles)
  const makings = typeMakings(sources, files)
  const access = stateAccess(sources, init, files, members, makings, obstacles)
  if (members.length + makings.length > 0 && sources.settings.level < firstModuleTypes)
    obstacles.add(init.file, init.entry.nameSpan.start, 'types know their modules from level 3.9 on')
  const isShared = filesWithState(init, access).size > 1
  const header = isShared ? stateHeader(sources, init, members, access, obstacles) : null
  if (style === 'macros') refuseMacros(sources, init, obstacles)
  refuseFiles(sources, init, members, access, others, obstacles)
  refusePasting(sources, files, members, access, obstacles)
  refuseHazards(sources, files, members, access, obstacles)
  if (definition === null || obstacles.all.length > 0) return null
  const names = namesFor(sources, module.name, access)
  const edits = new EditList(sources)
  const trampolines = style === 'macros' ? trampolinesOf(sources, access) : new Map<never, never>()
  const hasMacros = trampolines.size > 0
  const lookups = emitAccess(sources, access, members, names, header?.file ?? null, trampolines, edits, obstacles)
  emitTrampolines(sources, access, trampolines, names, edits)
  emitMembers(sources, members, names, edits)
  emitMethods(sources, access, trampolines, names, edits)
  emitTypes(sources, access, makings, names, edits)
  const reasons = reasonsAgainst(sources, files)
  const gil = gilSlot(sources, init)
  const around = aroundDefinition(init, members, names, lookups, reasons.length === 0, gil, isShared, hasMacros)
  if (members.length > 0) {
    const place = header ?? statePlace(sources, init, members, access, definition, obstacles)
    if (place !== null) {
      const text = sources.text(place.file)
      const isApart = /^\r?\n/.test(text.slice(behindMembers(text, place.file, place.offset, members)))
      const declaration = stateDeclaration(members, names, lookups, isShared, hasMacros)
      const written = isApart ? declaration.replace(/\n$/, '') : declaration
      if (hasMacros) includeStateHeader(sources, place, isShared, edits)
      edits.insert(place.file, place.offset, written.replaceAll('\n', lineEndOf(text)))
    }
  }
  const before = emitDefinition(
    sources,
    init,
    definition,
    members.length > 0,
    members.some(({ ownership }) => ownership.owns),
    names,
    around,
    edits,
  )
  emitInit(sources, init, names, before, edits, obstacles)
  if (lookups.byType || lookups.byOperands) edits.useShim(init.file, 'PepType_GetModuleByDef')
  const unowned = members.filter(({ ownership }) => !ownership.owns).map(({ name }) => `\`${name}\``)
  return {
    differs: [...(unowned.length > 0 ? [`nobody gives back what ${unowned.join(', ')} point to`] : []), ...reasons],
    edits: edits.done(),
  }
}

/** What follows a place when the declarations of members are gone that stand there. */
function behindMembers(text: string, file: string, place: Offset, members: readonly StateMember[]): Offset {
  const gone = members.flatMap(({ declarations }) =>
    declarations.flatMap((each) => (each.file === file ? [each.variable.declaration.span] : [])),
  )
  for (let at = place; ; ) {
    const next = gone.find(({ start }) => start === at)
    if (!next) return at
    at = text.indexOf('\n', next.end) + 1
  }
}

/** Whether a file is one that people wrote, and not the header of shims. */
const isOwn = (sources: Sources, id: FileId): boolean => {
  const { file } = sources.model.files[id]!
  return sources.texts.has(file) && !isShimHeader(file) && !isStateHeader(file)
}

/** Files that may not be changed, or that another module is made of, too. */
function refuseFiles(
  sources: Sources,
  init: InitCode,
  members: readonly StateMember[],
  access: StateAccess,
  others: ReadonlySet<FileId>,
  obstacles: Obstacles,
): void {
  const { model, settings } = sources
  const declaring = members.flatMap(({ declarations }) => declarations.map(({ file }) => file))
  const announcing = access.prototypes.map(({ file }) => file)
  for (const file of new Set([...filesWithState(init, access), ...declaring, ...announcing])) {
    const locked = settings.locked(file)
    if (locked !== null) obstacles.add(file, 0, `${file} ${locked}`)
    const isOther = [...others].some((each) => model.files[each]!.file === file)
    if (isOther) obstacles.add(file, 0, `${file} is of another module, too`)
  }
}

/** What a module of several phases may not do, or what has a state already. */
function refuseHabits(sources: Sources, { file, def }: InitCode, files: readonly FileId[], obstacles: Obstacles): void {
  const { model } = sources
  for (const id of files) {
    const where = model.files[id]!.file
    for (const name of ['PyState_FindModule', 'PyState_AddModule'])
      for (const { span } of model.project.code(id).occurrences(name))
        if (!sources.isHistory({ file: where, offset: span.start }) && compiledAt(model, id, span.start) !== 'no')
          obstacles.add(where, span.start, `\`${name}\` finds no module that is made in several phases`)
  }
  const refuse = (offset: Offset, text: string): void => obstacles.add(file, offset, text)
  if (def.hasSlots !== 'no') refuse(def.span.start, 'its definition has slots')
  const [size, ...others] = def.sizes
  if (others.length > 0 || (size && !isNull(size) && !isNegative(model, def.file, size)))
    refuse(def.span.start, 'it has a state already')
  for (const values of Object.values(def.functions))
    for (const value of values)
      if (!isNull(value)) refuse(value.span.start, 'its definition has functions that see to its state')
}

/** What macros make of the names that change: a name of parts, or a string. */
function refusePasting(
  sources: Sources,
  files: readonly FileId[],
  members: readonly StateMember[],
  { users, calls }: StateAccess,
  obstacles: Obstacles,
): void {
  const { model } = sources
  const helpers = [...users.values()].filter(({ access }) => access.by === 'parameter').map(({ code }) => code.name)
  const changed = [...new Set([...members.map(({ variable }) => variable.name), ...helpers])]
  for (const id of files)
    for (const macro of model.files[id]!.macros)
      for (const parts of pastingsOf(model.project.code(id).text, macro))
        for (const name of changed)
          if (mayMake(model, parts, name, (part) => part !== name && isWritten(sources, part)))
            obstacles.add(
              model.files[id]!.file,
              macro.bodyStart,
              `\`${macro.name}\` may make the name \`${name}\` of parts`,
            )
  const places = [
    ...members.flatMap(({ variable, uses }) =>
      uses.flatMap(({ file, offset, around }) => (around ? [{ file, offset, around, name: variable.name }] : [])),
    ),
    ...calls.flatMap(({ file, around, call, callee }) =>
      model.files.flatMap((each, id) =>
        each.file === file ? [{ file: id, offset: call.span.start, around, name: callee.name }] : [],
      ),
    ),
  ]
  for (const { file, offset, around, name } of places)
    for (const { call, index } of operandsAround(around, offset))
      for (const { code, file: where } of functionsOf(model).macrosNamed(file, calleeName(call) ?? '')) {
        const parameter = code.parameters[index]?.name
        const body = model.project.code(where).text.slice(code.span.start, code.span.end)
        if (parameter !== undefined && new RegExp(`#\\s*${parameter}\\b|\\b${parameter}\\s*##`).test(body))
          obstacles.add(model.files[file]!.file, offset, `\`${code.name}\` makes a name or a string of \`${name}\``)
      }
}

/** Whether a part of a name may be written somewhere: an identifier may be what a macro is called with. */
const isWritten = ({ texts }: Sources, part: string): boolean =>
  !/^\d/.test(part) || [...texts.values()].some((text) => new RegExp(`(?<![\\w.])${part}\\b`).test(text))
