import { callsIn } from '../../code/placement.ts'
import type { FunctionCode } from '../../code/tree.ts'
import { calleeName } from '../../code/values.ts'
import { initFunctions } from '../../project/init-functions.ts'
import { rolesOf } from '../../semantics/function-roles.ts'
import type { Obstacles } from '../modules/obstacles.ts'
import type { Sources } from '../sources.ts'
import type { Part } from './parts.ts'
import { textOf } from './users.ts'

/** Functions that import, each with the number of the operand that says what. */
const importers: ReadonlyMap<string, number> = new Map([
  ['PyImport_ImportModule', 0],
  ['PyImport_ImportModuleNoBlock', 0],
  ['PyImport_ImportModuleLevel', 0],
  ['PyImport_ImportModuleLevelObject', 0],
  ['PyImport_Import', 0],
])

/**
 * Refuses a module that imports others while it is filled, behind its capsule, which may use that: the new table is
 * offered when all is filled.
 * @param module as Python imports it
 */
export function refuseEarlyImports(
  sources: Sources,
  file: string,
  module: string,
  parts: readonly Part[],
  obstacles: Obstacles,
): void {
  for (const code of fillingFunctions(sources, file, parts))
    for (const call of callsIn(code)) {
      const at = importers.get(calleeName(call) ?? '')
      const name = at === undefined ? undefined : call.operands[at]
      if (!name || isBefore(parts, code, call.span.start)) continue
      const text = textOf(sources, file, name)
      if (text === null || mayUse(sources, module, text))
        obstacles.add(
          file,
          call.span.start,
          text === null
            ? 'what is imported there, before the new table is offered, is not known, and may use that'
            : `\`${text}\` is imported there, before the new table is offered, and may use that`,
        )
    }
}

/** Whether code of a function is done before it makes a capsule, which nobody can use then. */
const isBefore = (parts: readonly Part[], code: FunctionCode, offset: number): boolean =>
  parts.every(({ table: { capsule } }) => capsule.around === code && offset < capsule.call.span.start)

/** Whether a module is of the project or of the package of another one. */
function mayUse({ model }: Sources, module: string, name: string): boolean {
  const [first] = module.split('.')
  if (module.includes('.') && (name === first || name.startsWith(`${first}.`) || name.startsWith('.'))) return true
  const last = name.split('.').at(-1)
  return initFunctions(model.project).some((each) => each.module === last)
}

/** The functions of a file that Python calls to fill its module, and those of the file that they call. */
function fillingFunctions(sources: Sources, file: string, parts: readonly Part[]): ReadonlySet<FunctionCode> {
  const code = sources.code(file)
  const all = code.functionNames.flatMap(({ name }) => code.functionsNamed(name))
  const found = new Set([
    ...parts.map(({ table }) => table.capsule.around),
    ...all.filter((each) => rolesOf(sources.model, sources.body({ file, code: each })).some(isFilling)),
  ])
  // What is found is looked at in its turn.
  for (const each of found)
    for (const call of callsIn(each))
      for (const callee of code.functionsNamed(calleeName(call) ?? '')) found.add(callee)
  return found
}

const isFilling = ({ kind }: { readonly kind: string }): boolean => kind === 'exec'
