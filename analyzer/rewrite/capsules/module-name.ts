import { callsIn } from '../../code/placement.ts'
import { calleeName } from '../../code/values.ts'
import type { CapsuleTable } from '../../semantics/capsule-tables.ts'
import type { Sources } from '../sources.ts'
import { type Taking, takingsOf, textOf } from './users.ts'

/** What is known of the name by which a module is imported, besides its capsules. */
export interface KnownModule {
  /** The last part, as its `PyInit_` function has it; null where that is not known. */
  readonly last: string | null
  /** As build files say; null where they do not. */
  readonly built: string | null
}

/**
 * How the module is imported that makes capsules: as the build says, or those who take the pointers. The name of a
 * capsule alone says nothing: nobody looks it up but `PyCapsule_Import`.
 * @returns null where nothing says so, or not all say the same
 */
export function importedName(
  sources: Sources,
  tables: readonly CapsuleTable[],
  { last, built }: KnownModule,
): string | null {
  if (last === null) return null
  const takings = tables.flatMap(({ capsule: { names } }) => names.flatMap((each) => takingsOf(sources, each)))
  const told = (kind: Taking['around']['kind']): ReadonlySet<string> =>
    new Set(
      takings.flatMap((each) =>
        each.around.kind === kind ? importedBy(sources, each).filter((name) => lastOf(name) === last) : [],
      ),
    )
  const inFunctions = told('function')
  // A macro may be one that nobody uses, and that would not work.
  const found = inFunctions.size > 0 ? inFunctions : told('macro')
  const [name, ...others] = built === null ? found : new Set([...found, built])
  if (name === undefined || others.length === 0) return name ?? null
  // Packages may be named elsewhere in the build.
  const [other, ...more] = others
  if (more.length > 0) return null
  return name.endsWith(`.${other!}`) ? name : other!.endsWith(`.${name}`) ? other! : null
}

/** The modules that are imported where the pointer of a capsule is taken. */
function importedBy(sources: Sources, { file, around, call }: Taking): readonly string[] {
  const capsule = call.operands[0]
  if (calleeName(call) === 'PyCapsule_Import')
    return [((capsule && textOf(sources, file, capsule)) ?? '').split('.').slice(0, -1).join('.')]
  return callsIn(around).flatMap((each) => {
    const [name] = each.operands
    return calleeName(each) === 'PyImport_ImportModule' && name ? (textOf(sources, file, name) ?? []) : []
  })
}

const lastOf = (name: string): string => name.split('.').at(-1)!
