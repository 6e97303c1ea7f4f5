import type { MemberAccess } from '../facts/file-facts.ts'
import type { ProjectModel } from '../project/model.ts'
import { structBehind } from '../project/typing.ts'
import type { LiveUse } from '../semantics/availability.ts'
import { isObjectStruct, whyDistinct } from '../semantics/distinct-pointers.ts'
import { mayMake } from '../semantics/pasted-names.ts'
import type { Fix } from './fix.ts'

/**
 * The fix for a pointer to the struct of a concrete object (`PyTupleObject *`) that a target does not have: a pointer
 * to `PyObject`. Only where the whole project needs no more of the struct than such pointers: no field, no size, no
 * typedef, no overload that it tells from another.
 */
export function asObject(model: ProjectModel, { file, use }: LiveUse): Fix | null {
  if (
    !use.pointer ||
    use.expansion !== undefined ||
    model.isProjectDefined(file, use.name) !== 'no' ||
    !isObjectStruct(model.api, use.name)
  )
    return null
  if (needed(model).has(use.name) || whyDistinct(model, use.name) !== null) return null
  return {
    title: 'write `PyObject`',
    safety: 'unsafe',
    reason: `functions of others that take or give a \`${use.name} *\` meet another pointer, of which compilers warn`,
    kind: 'file',
    rewrites: [{ start: use.start, end: use.start + use.name.length, pieces: ['PyObject'] }],
    includes: [],
    shims: [],
  }
}

const remembered = new WeakMap<ProjectModel, ReadonlySet<string>>()

/** The structs of which the project needs more than pointers, whatever is compiled for the target. */
function needed(model: ProjectModel): ReadonlySet<string> {
  const known = remembered.get(model)
  if (known) return known
  const names = new Set<string>()
  const mentioned = new Set(
    model.files.flatMap(({ uses }) => uses.flatMap(({ name, pointer }) => (pointer ? [name] : []))),
  )
  model.files.forEach(({ uses, members, pasted, structs }, file) => {
    // a struct of shims with room for one, whose address is a pointer to it in other builds
    for (const type of structs.flatMap(({ fields }) => Object.values(fields)))
      if (/^Pep\w+Object$/.test(type)) names.add(type.replace(/^Pep/, 'Py'))
    for (const { name, pointer } of uses) if (!pointer && mentioned.has(name)) names.add(name)
    const structsOf = ({ object, start, macro }: Pick<MemberAccess, 'object' | 'start' | 'macro'>): string[] | null => {
      const types = [...model.typesOf(file, object, start, macro)]
      if (types.length === 0) return null
      return types.flatMap((type) => {
        const struct = structBehind(model.apiType(file, type))
        return struct === null ? [] : [model.api.struct(struct)?.name ?? struct]
      })
    }
    for (const access of members) {
      const withField = (name: string): boolean => model.api.struct(name)?.fields.has(access.field) ?? false
      for (const name of structsOf(access) ?? [...mentioned].filter(withField)) names.add(name)
    }
    for (const access of pasted.members) {
      const mayHave = (name: string): boolean =>
        [...(model.api.struct(name)?.fields.keys() ?? [])].some((field) => mayMake(model, access.field, field))
      for (const name of structsOf(access) ?? [...mentioned].filter(mayHave)) names.add(name)
    }
  })
  remembered.set(model, names)
  return names
}
