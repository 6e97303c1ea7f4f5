import { mapLeaves } from '../facts/expressions.ts'
import type {
  CompleteTypeUse,
  Declaration,
  Expression,
  FileFacts,
  MemberAccess,
  PastedName,
  Use,
} from '../facts/file-facts.ts'
import type { CType } from '../knowledge/ctype.ts'
import { addTo } from '../source/multimap.ts'
import { lastUpTo } from '../source/search.ts'
import type { FileId, Offset, RegionId } from '../source/text.ts'
import type { IncludeGraph } from './includes.ts'

/** An argument of a call: the identifier that it begins with, and where that is written. */
interface Operand {
  readonly text: string
  readonly file: FileId
  readonly start: Offset
  readonly end: Offset
  /** The identifier is all of it. */
  readonly whole: boolean
}

/** One way in which a macro of the project is called. */
interface Instantiation {
  readonly operands: readonly (Operand | null)[]
  readonly expressions: readonly Expression[]
  /** The types of the local variables that its body mentions, where it is called. */
  readonly locals: Readonly<Record<string, Expression>>
  /** Where the outermost of the calls around it is written. */
  readonly expansion: { readonly file: FileId; readonly offset: Offset; readonly region: RegionId }
}

/** Macros that make more names than this are no concern of ours. */
const mostExpansions = 200_000
const deepest = 12

/**
 * The facts of a project with those that macros make: `#define CHECK(T) Py##T##_Check(o)` makes a use of `PyList_Check`
 * where it is called with `List`; `#define ATTR(name) v->name` makes a member access at each call, `#define TYPE(T)
 * PyTypeObject T = {...}` a variable.
 * @returns the files in the same order; those for which macros make nothing are the same objects
 */
export function withPastedFacts(files: readonly FileFacts[], graph: IncludeGraph): readonly FileFacts[] {
  if (files.every(({ macroCallTexts }) => macroCallTexts.length === 0)) return files
  const made = new MadeFacts(files, expansionsOf(files, graph))
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

/** The facts that calls of macros make, by file. The same fact is made once for each region of a file with the call. */
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
    private readonly expansions: ReadonlyMap<string, readonly Instantiation[]>,
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
      for (const instantiation of this.callsOf(file, access.macro)) {
        const object = resolved(access.object, instantiation)
        const { expansion } = instantiation
        if (this.isNew('object', file, access.start, expansion.file, expansion.region, JSON.stringify(object)))
          this.byFile[file]!.members.push({ ...access, object, expansion })
      }
    }
  }

  /** `sizeof(T)` of a type that is a parameter. */
  addTypes(file: FileId): void {
    for (const use of this.files[file]!.completeTypeUses) {
      if (use.macro < 0 || typeof use.of === 'string' || use.of?.[0] !== 'parameter') continue
      for (const { operands, expansion } of this.callsOf(file, use.macro)) {
        const operand = operands[use.of[1]]
        if (operand?.whole && this.isNew('type', file, use.start, expansion.file, expansion.region, operand.text))
          this.byFile[file]!.completeTypeUses.push({ ...use, of: operand.text, expansion })
      }
    }
  }

  /** `Py##T##_Check(o)` */
  addUses(file: FileId): void {
    for (const use of this.files[file]!.pasted.uses) {
      for (const { operands, expansion } of this.callsOf(file, use.macro)) {
        const name = nameOf(use.name, operands)
        if (name !== null && this.isNew('use', file, use.start, expansion.file, expansion.region, name))
          this.byFile[file]!.uses.push({ ...use, name, within: [], expansion })
      }
    }
  }

  /** `v->name`, `v->tp_##name` */
  addMembers(file: FileId): void {
    for (const { field, end, ...access } of this.files[file]!.pasted.members) {
      for (const instantiation of this.callsOf(file, access.macro)) {
        const name = nameOf(field, instantiation.operands, true)
        if (name === null) continue
        const object = resolved(access.object, instantiation)
        const operand = field.length === 1 ? instantiation.operands[field[0] as number]! : null
        const { expansion } = instantiation
        const where = operand?.file ?? file
        const place = operand
          ? { start: operand.start, macro: -1, region: regionOf(operand, expansion) }
          : { start: access.start, end, macro: access.macro, region: access.region }
        if (this.isNew('member', where, place.start, name, expansion.file, expansion.region, JSON.stringify(object)))
          this.byFile[where]!.members.push({ ...place, field: name, object, within: [], expansion })
      }
    }
  }

  /** `PyTypeObject name = {...}` */
  addVariables(file: FileId): void {
    for (const { name, ...use } of this.files[file]!.pasted.completeTypeUses) {
      for (const { operands, expansion } of this.callsOf(file, use.macro)) {
        const operand = operands[name[0] as number]
        if (!operand || !this.isNew('size', operand.file, operand.start, expansion.region)) continue
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
      for (const { operands, expansion } of this.callsOf(file, macro)) {
        const text = nameOf(name, operands)
        if (text === null || !this.isNew('declaration', expansion.file, text)) continue
        this.byFile[expansion.file]!.declarations.push({
          ...declaration,
          name: text,
          type: typeWith(declaration.type, parameters, operands),
          offset: expansion.offset,
          region: expansion.region,
        })
      }
    }
  }

  /** The ways in which a macro is called. */
  private callsOf(file: FileId, macro: number): readonly Instantiation[] {
    return this.expansions.get(`${file} ${macro}`) ?? []
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

/** Of each macro, by file and number, the ways in which it is called. */
function expansionsOf(files: readonly FileFacts[], graph: IncludeGraph): ReadonlyMap<string, readonly Instantiation[]> {
  const definitions = new Map<string, { file: FileId; macro: number }[]>()
  /** By file and name: what the file says of a macro, in order; null where it takes it away. */
  const words = new Map<string, { readonly macros: (number | null)[]; readonly offsets: Offset[] }>()
  const say = (file: FileId, name: string, macro: number | null, offset: Offset): void => {
    const key = `${file} ${name}`
    let said = words.get(key)
    if (!said) {
      said = { macros: [], offsets: [] }
      words.set(key, said)
    }
    const at = lastUpTo(said.offsets, offset) + 1
    said.macros.splice(at, 0, macro)
    said.offsets.splice(at, 0, offset)
  }
  files.forEach(({ macros, undefinitions }, file) => {
    macros.forEach(({ name, offset }, macro) => {
      say(file, name, macro, offset)
      addTo(definitions, name, { file, macro })
    })
    for (const { name, offset } of undefinitions) if (definitions.has(name)) say(file, name, null, offset)
  })
  /** What is meant by a name at a place: what the file says of it before, else what any file says. */
  const meant = (name: string, file: FileId, offset: Offset): readonly { file: FileId; macro: number }[] => {
    const all = definitions.get(name) ?? []
    if (all.length < 2) return all
    // The last definitions before the place, back to where it was taken away: several, if they stand in branches of
    // an `#if`.
    const said = words.get(`${file} ${name}`) ?? { macros: [], offsets: [] }
    const here: { file: FileId; macro: number }[] = []
    for (let at = lastUpTo(said.offsets, offset); at >= 0 && here.length < 100; at--) {
      const macro = said.macros[at]!
      if (macro === null) break
      here.push({ file, macro })
    }
    if (here.length > 0) return here
    const near = all.filter(
      (each) => each.file !== file && (graph.closure(file).has(each.file) || graph.closure(each.file).has(file)),
    )
    return near.length > 0 ? near : all
  }
  const calls = files.map(({ macroCalls }) => new Map(macroCalls.map((call) => [call.offset, call])))
  const sitesIn = files.map(({ macroCallTexts }) => {
    const byMacro = new Map<number, FileFacts['macroCallTexts'][number][]>()
    for (const expansion of macroCallTexts) addTo(byMacro, expansion.macro, expansion)
    return byMacro
  })

  const found = new Map<string, Instantiation[]>()
  const seen = new Set<string>()
  let count = 0
  const expand = (
    expansion: FileFacts['macroCallTexts'][number],
    file: FileId,
    outer: Instantiation | null,
    depth: number,
  ): void => {
    const callee = nameOf(expansion.callee, outer?.operands ?? [])
    if (callee === null || depth > deepest || count >= mostExpansions) return
    const operands = expansion.operands.map((operand): Operand | null => {
      if (operand === null) return null
      const parameter =
        operand.name.length === 1 && typeof operand.name[0] === 'number' ? outer?.operands[operand.name[0]] : undefined
      // What is handed on keeps the place where it was written.
      if (parameter) return operand.whole ? parameter : { ...parameter, whole: false }
      const text = nameOf(operand.name, outer?.operands ?? [])
      return text === null ? null : { text, file, start: operand.start, end: operand.end, whole: operand.whole }
    })
    const call = calls[file]!.get(expansion.offset)
    const instantiation: Instantiation = {
      operands,
      expressions: (call?.operands ?? []).map((each) => (outer ? resolved(each, outer) : each)),
      locals: { ...outer?.locals, ...call?.locals },
      expansion: outer?.expansion ?? { file, offset: expansion.offset, region: expansion.region },
    }
    for (const { file: where, macro } of meant(callee, file, expansion.offset)) {
      const at = `${where} ${macro}`
      const key =
        `${at} ${instantiation.expansion.file} ${instantiation.expansion.region} ` +
        `${operands.map((each) => (each ? `${each.text}@${each.file}:${each.start}` : '')).join()}`
      if (seen.has(key)) continue
      seen.add(key)
      count++
      addTo(found, at, instantiation)
      for (const inner of sitesIn[where]!.get(macro) ?? []) expand(inner, where, instantiation, depth + 1)
    }
  }
  files.forEach(({ macroCallTexts, macros }, file) => {
    for (const expansion of macroCallTexts)
      if (expansion.macro < 0 || macros[expansion.macro]!.parameters === null) expand(expansion, file, null, 0)
  })
  return found
}

/**
 * The name that parts make; null where an argument is not known, or is more than an identifier.
 * @param leading whether the identifier that an argument begins with will do
 */
function nameOf(parts: PastedName, operands: readonly (Operand | null)[], leading = false): string | null {
  let name = ''
  for (const part of parts) {
    const operand = typeof part === 'number' ? operands[part] : undefined
    if (typeof part === 'string') name += part
    else if (operand && (operand.whole || leading)) name += operand.text
    else return null
  }
  return name
}

/** An expression in a macro's body with what one call puts into it. */
const resolved = (expression: Expression, { expressions, locals, operands }: Instantiation): Expression =>
  mapLeaves(expression, (leaf) => {
    if (leaf[0] === 'parameter')
      return expressions[leaf[1]] ?? (operands[leaf[1]]?.whole ? ['name', operands[leaf[1]]!.text] : null)
    if (leaf[0] === 'name') return Object.hasOwn(locals, leaf[1]) ? locals[leaf[1]]! : leaf
    if (leaf[0] !== 'pasted') return leaf
    const name = nameOf(leaf[1], operands)
    return name === null ? null : ['name', name]
  })

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
