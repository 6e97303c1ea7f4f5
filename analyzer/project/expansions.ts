import { mapLeaves } from '../facts/expressions.ts'
import type { CompleteTypeUse, Declaration, Expression, FileFacts, MemberAccess, Use } from '../facts/file-facts.ts'
import type { CType } from '../knowledge/ctype.ts'
import type { FileId, RegionId } from '../source/text.ts'
import type { IncludeGraph } from './includes.ts'
import { type Instantiation, Instantiations, nameOf, type Operand, resolved } from './instantiations.ts'

/**
 * The facts of a project with those that macros make: `#define CHECK(T) Py##T##_Check(o)` makes a use of `PyList_Check`
 * where it is called with `List`; `#define ATTR(name) v->name` makes a member access at each call, `#define TYPE(T)
 * PyTypeObject T = {...}` a variable.
 * @returns the files in the same order; those for which macros make nothing are the same objects
 */
export function withPastedFacts(files: readonly FileFacts[], graph: IncludeGraph): readonly FileFacts[] {
  if (files.every(({ macroCallTexts }) => macroCallTexts.length === 0)) return files
  const made = new MadeFacts(files, new Instantiations(files, graph))
  files.forEach((_, file) => {
    made.addObjects(file)
    made.addTypes(file)
    made.addUses(file)
    made.addMembers(file)
    made.addVariables(file)
    made.addDeclarations(file)
  })
  return files.map((facts, file) => made.with(facts, file))
}

/** The facts that calls of macros make, by file. The same fact is made once for each expansion. */
class MadeFacts {
  private readonly byFile: {
    readonly uses: Use[]
    readonly members: MemberAccess[]
    readonly completeTypeUses: CompleteTypeUse[]
    readonly declarations: Declaration[]
  }[]
  private readonly seen = new Set<string>()

  constructor(
    private readonly files: readonly FileFacts[],
    private readonly instantiations: Instantiations,
  ) {
    this.byFile = files.map(() => ({ uses: [], members: [], completeTypeUses: [], declarations: [] }))
  }

  /** A file's facts with those that macros make in it. */
  with(facts: FileFacts, file: FileId): FileFacts {
    const { uses, members, completeTypeUses, declarations } = this.byFile[file]!
    if (uses.length + members.length + completeTypeUses.length + declarations.length === 0) return facts
    return {
      ...facts,
      uses: [...facts.uses, ...uses],
      members: [...facts.members, ...members],
      completeTypeUses: [...facts.completeTypeUses, ...completeTypeUses],
      declarations: [...facts.declarations, ...declarations],
    }
  }

  /** Fields of objects that bodies of macros make: `v->name->tp_free`. */
  addObjects(file: FileId): void {
    for (const access of this.files[file]!.members) {
      if (access.macro < 0 || !mentionsPasted(access.object)) continue
      for (const instantiation of this.instantiations.of(file, access.macro)) {
        const object = resolved(access.object, instantiation)
        const { expansion, id } = instantiation
        if (this.isNew('object', file, access.start, id, JSON.stringify(object)))
          this.byFile[file]!.members.push({ ...access, object, expansion })
      }
    }
  }

  /** `sizeof(T)` of a type that is a parameter. */
  addTypes(file: FileId): void {
    for (const use of this.files[file]!.completeTypeUses) {
      if (use.macro < 0 || typeof use.of === 'string' || use.of?.[0] !== 'parameter') continue
      for (const { operands, expansion, id } of this.instantiations.of(file, use.macro)) {
        const operand = operands[use.of[1]]
        if (operand?.whole && this.isNew('type', file, use.start, id, operand.text))
          this.byFile[file]!.completeTypeUses.push({ ...use, of: operand.text, expansion })
      }
    }
  }

  /** `Py##T##_Check(o)` */
  addUses(file: FileId): void {
    for (const use of this.files[file]!.pasted.uses) {
      for (const { operands, expansion, id } of this.instantiations.of(file, use.macro)) {
        const name = nameOf(use.name, operands)
        if (name !== null && this.isNew('use', file, use.start, id, name))
          this.byFile[file]!.uses.push({ ...use, name, within: [], expansion })
      }
    }
  }

  /** `v->name`, `v->tp_##name` */
  addMembers(file: FileId): void {
    for (const { field, end, ...access } of this.files[file]!.pasted.members) {
      for (const instantiation of this.instantiations.of(file, access.macro)) {
        const name = nameOf(field, instantiation.operands, true)
        if (name === null) continue
        const object = resolved(access.object, instantiation)
        const operand = field.length === 1 ? instantiation.operands[field[0] as number]! : null
        const { expansion, id } = instantiation
        const where = operand?.file ?? file
        const place = operand
          ? { start: operand.start, macro: -1, region: regionOf(operand, expansion) }
          : { start: access.start, end, macro: access.macro, region: access.region }
        if (this.isNew('member', where, place.start, name, id, JSON.stringify(object)))
          this.byFile[where]!.members.push({ ...place, field: name, object, within: [], expansion })
      }
    }
  }

  /** `PyTypeObject name = {...}` */
  addVariables(file: FileId): void {
    for (const { name, ...use } of this.files[file]!.pasted.completeTypeUses) {
      for (const { operands, expansion, id } of this.instantiations.of(file, use.macro)) {
        const operand = operands[name[0] as number]
        if (!operand || !this.isNew('size', operand.file, operand.start, id)) continue
        const { start, end } = operand
        const region = regionOf(operand, expansion)
        this.byFile[operand.file]!.completeTypeUses.push({
          ...use,
          start,
          end,
          initialised: true,
          region,
          macro: -1,
          expansion,
        })
      }
    }
  }

  /** What is declared by a name that is made. It stands where the outermost call does. */
  addDeclarations(file: FileId): void {
    for (const { name, macro, ...declaration } of this.files[file]!.pasted.declarations) {
      const parameters = this.files[file]!.macros[macro]!.parameters ?? []
      for (const { operands, expansion, offset, id } of this.instantiations.of(file, macro)) {
        const text = nameOf(name, operands)
        if (text === null || !this.isNew('declaration', text, declaration.type, id)) continue
        this.byFile[expansion.file]!.declarations.push({
          ...declaration,
          name: text,
          type: typeWith(declaration.type, parameters, operands),
          offset,
          region: expansion.region,
          expansion,
        })
      }
    }
  }

  private isNew(...parts: readonly (string | number)[]): boolean {
    const key = parts.join(' ')
    if (this.seen.has(key)) return false
    this.seen.add(key)
    return true
  }
}

/** The region of what an argument makes: that of the outermost call, where it is written in the same file. */
const regionOf = (operand: Operand, expansion: Instantiation['expansion']): RegionId =>
  operand.file === expansion.file ? expansion.region : 0

function mentionsPasted(expression: Expression): boolean {
  let found = false
  mapLeaves(expression, (leaf) => {
    found ||= leaf[0] === 'pasted'
    return leaf
  })
  return found
}

/** A type whose name is a parameter. */
function typeWith(type: CType, parameters: readonly string[], operands: readonly (Operand | null)[]): CType {
  const base = /^\w+/.exec(type)?.[0] ?? ''
  const operand = operands[parameters.indexOf(base)]
  return operand?.whole ? operand.text + type.slice(base.length) : type
}
