import { inCasts, nameAt, operandsAround } from '../../code/placement.ts'
import { valuesInCode } from '../../code/statements.ts'
import type { CallValue, FunctionCode, NameValue, Value } from '../../code/tree.ts'
import { bare, calleeName, isNull } from '../../code/values.ts'
import { compiledAt } from '../../semantics/calls.ts'
import { functionsOf } from '../../semantics/functions.ts'
import { allUsesOf } from '../../semantics/global-uses.ts'
import { globalVariablesNamed } from '../../semantics/global-variables.ts'
import { methodDefs } from '../../semantics/method-tables.ts'
import { mayMake, pastingsOf } from '../../semantics/pasted-names.ts'
import type { FileId, Offset } from '../../source/text.ts'
import type { Sources } from '../sources.ts'
import { refuseHiddenObjects } from './hidden-objects.ts'
import type { InitCode } from './init-code.ts'
import { changedData } from './interpreters.ts'
import { namesMadeBy } from './made-names.ts'
import type { ModuleParts } from './module-parts.ts'
import type { Obstacles } from './obstacles.ts'
import { filesWithState } from './state-header.ts'
import { typeMakers } from './type-makings.ts'

/**
 * What would compile, and do something else, or may not be changed.
 * @param isOfOthers whether another module is made of a file, too
 */
export function refuseHazards(parts: ModuleParts, isOfOthers: (file: string) => boolean, obstacles: Obstacles): void {
  refuseFiles(parts, isOfOthers, obstacles)
  refusePasting(parts, obstacles)
  refuseFlags(parts, obstacles)
  refuseHiddenObjects(parts.sources, parts.files, obstacles)
  refuseSharedTables(parts, obstacles)
  refuseIndirectMaking(parts, obstacles)
  refuseAttributes(parts, obstacles)
}

/** `if (!ready) { cache = PyDict_New(); ready = 1; }`: the flag stays for the process, and the object does not. */
function refuseFlags({ sources, files, members }: ModuleParts, obstacles: Obstacles): void {
  const flags = new Set(changedData(sources, files))
  if (flags.size === 0) return
  const known = new Map<FunctionCode, NameValue | undefined>()
  const flagIn = (file: FileId, around: FunctionCode): NameValue | undefined => {
    if (!known.has(around)) {
      const names = sources.model.project.code(file).namesIn(around.span)
      known.set(
        around,
        names.find((each) => flags.has(each.name) && !isHandedOut(around, each.name)),
      )
    }
    return known.get(around)
  }
  for (const { name, uses } of members)
    for (const { file, offset, around, how } of uses) {
      if (how === 'read' || !around) continue
      const flag = flagIn(file, around)
      if (flag)
        obstacles.add(
          sources.model.files[file]!.file,
          offset,
          `\`${name}\` is set in \`${around.name}\`, where \`${flag.name}\`, which stays, may say that it has a value`,
        )
    }
}

const isInCapsule = (call: CallValue, value: Value): boolean =>
  calleeName(call) === 'PyCapsule_New' && call.operands[0] === value

/**
 * Whether all that a function does with an array or a struct is to fill it and to put it into a capsule: it says
 * nothing then.
 */
function isHandedOut(code: FunctionCode, name: string): boolean {
  const uses = valuesInCode(code.body).filter((each) => each.kind === 'name' && each.name === name)
  return (
    uses.length > 0 &&
    uses.every((each) => {
      const { whole, parent } = inCasts(code, each)
      if (parent?.kind === 'call') return isInCapsule(parent, whole)
      if (parent?.kind === 'unary' && parent.operator === '&') {
        const { whole: address, parent: call } = inCasts(code, parent)
        return call?.kind === 'call' && isInCapsule(call, address)
      }
      const isPart =
        (parent?.kind === 'index' && parent.object === whole) || (parent?.kind === 'member' && !parent.arrow)
      const assign = isPart ? inCasts(code, parent).parent : undefined
      return assign?.kind === 'assign' && assign.operator === '=' && bare(assign.target) === parent
    })
  )
}

/** A table of methods that functions hand to others: what is made of it may have no module. */
function refuseSharedTables({ sources, access: { users } }: ModuleParts, obstacles: Obstacles): void {
  const functions = new Set(users.keys())
  for (const { file, table, functions: own } of methodDefs(sources.model)) {
    if (!own.some(({ code }) => functions.has(code))) continue
    const uses = globalVariablesNamed(sources.model, [file], table).flatMap((each) => allUsesOf(sources.model, each))
    for (const { file: user, offset, around } of uses) {
      const { file: where } = sources.model.files[user]!
      const value = around && nameAt(around, offset)
      if (!around || !value || sources.isHistory({ file: where, offset })) continue
      const { parent } = inCasts(around, value)
      if (parent?.kind !== 'braces' && parent?.kind !== 'variable')
        obstacles.add(where, offset, `\`${table}\` is handed to others in \`${around.name}\``)
    }
  }
}

/** Types that are made without the module, in a way that cannot be given one. */
function refuseIndirectMaking({ sources, files, members }: ModuleParts, obstacles: Obstacles): void {
  if (members.length === 0) return
  for (const id of files) {
    const { file } = sources.model.files[id]!
    const code = sources.code(file)
    for (const name of [...typeMakers.keys(), 'PyType_FromModuleAndSpec', 'PyType_FromMetaclass'])
      for (const { span, behind } of code.occurrences(name)) {
        if (sources.isHistory({ file, offset: span.start })) continue
        if (behind !== '(') obstacles.add(file, span.start, `\`${name}\` is not only called there`)
        else if (!typeMakers.has(name) && hasNoModule(sources, file, name, span.start))
          obstacles.add(file, span.start, 'a type is made without the module there')
      }
  }
}

function hasNoModule(sources: Sources, file: string, name: string, offset: number): boolean {
  const around = sources.code(file).functionAt(offset)
  const value = around && nameAt(around, offset)
  const call = around && value ? inCasts(around, value).parent : undefined
  const module =
    call?.kind === 'call' && calleeName(call) === name ? call.operands[name.endsWith('Metaclass') ? 1 : 0] : undefined
  return module === undefined || isNull(module)
}

/** Attributes that count parameters: `format(printf, 1, 2)`. */
function refuseAttributes({ sources, access: { users, prototypes } }: ModuleParts, obstacles: Obstacles): void {
  const counted = /\b_*(?:format|nonnull|alloc_size|access|sentinel)_*\s*\(|Py_GCC_ATTRIBUTE/
  for (const { file, code, access } of users.values()) {
    if (!['parameter', 'method', 'entry'].includes(access.by)) continue
    const text = sources.text(file)
    const heads = [text.slice(code.headStart, code.span.start)]
    for (const each of prototypes)
      if (each.code === code)
        heads.push(sources.text(each.file).slice(each.start, sources.text(each.file).indexOf(';', each.offset)))
    if (heads.some((each) => counted.test(each)))
      obstacles.add(file, code.nameSpan.start, `an attribute of \`${code.name}\` counts its parameters`)
  }
}

/** Files that may not be changed, or that another module is made of, too. */
function refuseFiles(
  { sources, init, members, access }: ModuleParts,
  isOfOthers: (file: string) => boolean,
  obstacles: Obstacles,
): void {
  const { settings } = sources
  const declaring = members.flatMap(({ declarations }) => declarations.map(({ file }) => file))
  const announcing = access.prototypes.map(({ file }) => file)
  for (const file of new Set([...filesWithState(init, access), ...declaring, ...announcing])) {
    const locked = settings.locked(file)
    if (locked !== null) obstacles.add(file, 0, `${file} ${locked}`)
    if (isOfOthers(file)) obstacles.add(file, 0, `${file} is of another module, too`)
  }
}

/** What a module of several phases may not do, or what has a state already. */
export function refuseHabits(
  sources: Sources,
  { file, def, maker }: InitCode,
  files: readonly FileId[],
  obstacles: Obstacles,
): void {
  const { model } = sources
  for (const id of files) {
    const where = model.files[id]!.file
    const isNow = (offset: Offset): boolean =>
      !sources.isHistory({ file: where, offset }) && compiledAt(model, id, offset) !== 'no'
    for (const name of ['PyState_FindModule', 'PyState_AddModule'])
      for (const { span } of model.project.code(id).occurrences(name))
        if (isNow(span.start))
          obstacles.add(where, span.start, `\`${name}\` finds no module that is made in several phases`)
    // What is written would mean something else behind that.
    for (const { name, bodyStart } of model.files[id]!.macros)
      if (model.api.fact(name)?.entity === 'type' && isNow(bodyStart))
        obstacles.add(where, bodyStart, `\`${name}\` is defined anew there`)
  }
  if (def.hasSlots !== 'no') obstacles.add(file, def.span.start, 'its definition has slots')
  const code = sources.code(file)
  if (code.namespaceAround(def.span.start) !== code.namespaceAround(maker.nameSpan.start))
    obstacles.add(file, def.span.start, 'its definition is in a namespace, and what makes the module is not')
}

/** What macros make of the names that change: a name of parts, or a string. */
function refusePasting({ sources, files, members, access }: ModuleParts, obstacles: Obstacles): void {
  const { model } = sources
  const { users, calls } = access
  const helpers = [...users.values()].filter(({ access }) => access.by === 'parameter').map(({ code }) => code.name)
  const changed = [...new Set([...members.map(({ variable }) => variable.name), ...helpers])]
  for (const id of files)
    for (const macro of model.files[id]!.macros)
      for (const parts of pastingsOf(model.project.code(id).text, macro)) {
        const made = namesMadeBy(sources, macro.name, parts)
        for (const name of changed)
          if (made?.has(name) ?? mayMake(model, parts, name, (part) => part !== name && isWritten(sources, part)))
            obstacles.add(
              model.files[id]!.file,
              macro.bodyStart,
              `\`${macro.name}\` may make the name \`${name}\` of parts`,
            )
      }
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
