import { inCasts, nameAt } from '../../code/placement.ts'
import { valuesInCode } from '../../code/statements.ts'
import type { FunctionCode } from '../../code/tree.ts'
import { bare, calleeName, isNull } from '../../code/values.ts'
import { methodDefs } from '../../semantics/method-tables.ts'
import type { FileId } from '../../source/text.ts'
import type { Sources } from '../sources.ts'
import { changedData } from './interpreters.ts'
import type { Obstacles } from './obstacles.ts'
import type { StateAccess } from './state-access.ts'
import type { StateMember } from './state-members.ts'
import { typeMakers } from './type-makings.ts'

/** What would compile, and do something else. */
export function refuseHazards(
  sources: Sources,
  files: readonly FileId[],
  members: readonly StateMember[],
  access: StateAccess,
  obstacles: Obstacles,
): void {
  refuseFlags(sources, files, members, obstacles)
  refuseSharedTables(sources, access, obstacles)
  refuseIndirectMaking(sources, files, members, obstacles)
  refuseAttributes(sources, access, obstacles)
}

/** `if (!ready) { cache = PyDict_New(); ready = 1; }`: the flag stays for the process, and the object does not. */
function refuseFlags(
  sources: Sources,
  files: readonly FileId[],
  members: readonly StateMember[],
  obstacles: Obstacles,
): void {
  const flags = new Set(changedData(sources, files))
  for (const { name, uses } of members)
    for (const { file, offset, around, how } of uses) {
      if (how === 'read' || !around) continue
      const code = sources.model.project.code(file)
      const flag = code.namesIn(around.span).find((each) => flags.has(each.name) && !isHandedOut(around, each.name))
      if (flag)
        obstacles.add(
          sources.model.files[file]!.file,
          offset,
          `\`${name}\` is set in \`${around.name}\`, where \`${flag.name}\`, which stays, may say that it has a value`,
        )
    }
}

/** Whether all that a function does with an array is to fill it and to put it into a capsule: it says nothing then. */
function isHandedOut(code: FunctionCode, name: string): boolean {
  const uses = [...valuesInCode(code.body)].filter((each) => each.kind === 'name' && each.name === name)
  return (
    uses.length > 0 &&
    uses.every((each) => {
      const { whole, parent } = inCasts(code, each)
      if (parent?.kind === 'call') return calleeName(parent) === 'PyCapsule_New' && parent.operands[0] === whole
      const assign = parent?.kind === 'index' && parent.object === whole ? inCasts(code, parent).parent : undefined
      return assign?.kind === 'assign' && assign.operator === '=' && bare(assign.target) === parent
    })
  )
}

/** A table of methods that functions hand to others: what is made of it may have no module. */
function refuseSharedTables(sources: Sources, { users }: StateAccess, obstacles: Obstacles): void {
  const functions = new Set(users.keys())
  for (const { file, table, functions: own } of methodDefs(sources.model)) {
    if (!own.some(({ code }) => functions.has(code))) continue
    const { file: where } = sources.model.files[file]!
    for (const each of sources.references(table)) {
      const around = sources.code(each.file).functionAt(each.offset)
      const value = around && nameAt(around, each.offset)
      if (!around || !value || sources.isHistory(each)) continue
      const { parent } = inCasts(around, value)
      if (parent?.kind !== 'braces' && parent?.kind !== 'variable')
        obstacles.add(where, each.offset, `\`${table}\` is handed to others in \`${around.name}\``)
    }
  }
}

/** Types that are made without the module, in a way that cannot be given one. */
function refuseIndirectMaking(
  sources: Sources,
  files: readonly FileId[],
  members: readonly StateMember[],
  obstacles: Obstacles,
): void {
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
function refuseAttributes(sources: Sources, { users, prototypes }: StateAccess, obstacles: Obstacles): void {
  const counted = /\b_*(?:format|nonnull|alloc_size|access|sentinel)_*\s*\(|Py_GCC_ATTRIBUTE/
  for (const { file, code, access } of users.values()) {
    if (access.by !== 'parameter' && access.by !== 'method') continue
    const text = sources.text(file)
    const heads = [text.slice(code.headStart, code.span.start)]
    for (const each of prototypes)
      if (each.code === code)
        heads.push(sources.text(each.file).slice(each.start, sources.text(each.file).indexOf(';', each.offset)))
    if (heads.some((each) => counted.test(each)))
      obstacles.add(file, code.nameSpan.start, `an attribute of \`${code.name}\` counts its parameters`)
  }
}
