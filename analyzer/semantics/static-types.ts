import { branchesAround, inParentheses, mayBeSkipped, nameAt, operandsAround, statementOf } from '../code/placement.ts'
import type { FunctionCode, ItemEntry, Value, Variable } from '../code/tree.ts'
import { bare, calleeName, isNull, itemsOf, slotName } from '../code/values.ts'
import { variablesOfTypes } from '../code/variables.ts'
import type { ProjectModel } from '../project/model.ts'
import type { VersionCoverage } from '../project/version-coverage.ts'
import { addTo } from '../source/multimap.ts'
import type { FileId, Offset } from '../source/text.ts'
import { functionsOf } from './functions.ts'
import { filesSeeing } from './object-members.ts'
import type { StaticType, TypeEntry } from './type-definition.ts'
import { allFields, initialFields, macroOfFields, miscountedMacro, structAliasesOf } from './type-fields.ts'
import { flagsIn, type TypeHead, textIn } from './type-specs.ts'

/** A value that a field of a static type gets. */
interface FieldValue {
  readonly file: FileId
  readonly field: string
  readonly value: Value
  /** `=` in an initialiser, too. */
  readonly operator: string
  /** Whether it gets it in all runs. */
  readonly isCertain: boolean
}

/** A variable of type `PyTypeObject`. */
interface TypeVariable {
  readonly file: FileId
  readonly variable: Variable
}

const known = new WeakMap<ProjectModel, readonly StaticType[]>()

/** The static types of a project that may be compiled for the target, as far as what they are is written out. */
export function staticTypes(model: ProjectModel): readonly StaticType[] {
  let found = known.get(model)
  if (!found) {
    found = new StaticTypeReader(model).read()
    known.set(model, found)
  }
  return found
}

/** The static types that a name means in a file: its own, else those of other files that are not `static`. */
export function staticTypesNamed(model: ProjectModel, file: FileId, name: string): readonly StaticType[] {
  const all = staticTypes(model).filter(({ head: { variable } }) => variable === name)
  const own = all.filter((type) => type.file === file)
  return own.length > 0 ? own : all.filter(({ isShared }) => isShared)
}

const knownEntries = new WeakMap<ProjectModel, ReadonlyMap<FileId, readonly TypeEntry[]>>()

/** The values in a file that fields of static types get. */
export function staticEntriesIn(model: ProjectModel, file: FileId): readonly TypeEntry[] {
  let found = knownEntries.get(model)
  if (!found) {
    const byFile = new Map<FileId, TypeEntry[]>()
    for (const { entries } of staticTypes(model)) for (const each of entries) addTo(byFile, each.file, each)
    found = byFile
    knownEntries.set(model, found)
  }
  return found.get(file) ?? []
}

class StaticTypeReader {
  private readonly structs: readonly string[]
  private readonly writesByPointer: boolean

  constructor(private readonly model: ProjectModel) {
    const aliases = [...structAliasesOf(model.project)]
    const others = aliases.flatMap(([name, struct]) => (struct === 'PyTypeObject' ? [name] : []))
    this.structs = ['PyTypeObject', '_typeobject', ...others]
    this.writesByPointer = [...model.files.keys()].some((file) => endsByPointer.test(this.code(file).text))
  }

  private code(file: FileId): ReturnType<ProjectModel['project']['code']> {
    return this.model.project.code(file)
  }

  read(): readonly StaticType[] {
    const byName = new Map<string, TypeVariable[]>()
    for (const file of this.model.files.keys())
      for (const each of this.variables(file)) addTo(byName, each.variable.name, each)
    return [...byName.values()].flatMap((all) => {
      const isShared = ({ storage }: Variable): boolean => storage !== 'static'
      return all
        .filter(({ file, variable }) => {
          if (variable.initialiser !== null) return variable.initialiser.kind === 'braces'
          // A declaration of what is defined elsewhere, or the only thing that there is.
          const isOther = (each: TypeVariable): boolean => each.file === file || isShared(each.variable)
          return variable.storage !== 'extern' && !all.some((each) => each.variable.initialiser && isOther(each))
        })
        .filter((each, index, found) => index === found.findIndex((other) => isSameBlank(each, other)))
        .flatMap((each) => this.type(each) ?? [])
    })
  }

  private *variables(file: FileId): Iterable<TypeVariable> {
    const code = this.code(file)
    if (!this.structs.some((name) => code.text.includes(name))) return
    for (const variable of variablesOfTypes(code, this.structs))
      if (!variable.type.endsWith(']') && this.model.active(file, code.regionAt(variable.nameSpan.start)) !== 'no')
        yield { file, variable }
  }

  private type({ file, variable }: TypeVariable): StaticType | null {
    const initial = this.initial(file, variable)
    if (initial === null) return null
    const assigned = this.assigned(file, variable)
    if (initial.length + assigned.length === 0) return null
    const all = [...initial, ...assigned].filter(
      ({ file: at, value: { span } }) => this.model.active(at, this.code(at).regionAt(span.start)) !== 'no',
    )
    const valuesOf = (field: string): readonly Value[] =>
      all.flatMap((each) => (each.field === field && !isNull(each.value) ? [each.value] : []))
    const names = valuesOf('tp_name')
    const code = this.code(file)
    const { nameSpan, name } = variable
    const isOpen = this.writesByPointer && this.isHandedOut(file, variable)
    return {
      kind: 'static',
      file,
      isShared: variable.storage !== 'static',
      head: {
        variable: name,
        span: nameSpan,
        region: code.regionAt(nameSpan.start),
        name: names.length === 1 && code.text[bare(names[0]!).span.start] === '"' ? textIn(names[0]!) : null,
        basicSizes: valuesOf('tp_basicsize'),
        itemSizes: valuesOf('tp_itemsize').map(({ span }) => ({ span, region: code.regionAt(span.start) })),
        ...this.flags(all, isOpen),
      },
      entries: all.flatMap((each) =>
        /^tp_(?:name|basicsize|itemsize|flags)$/.test(each.field) ? [] : this.entry(each),
      ),
      isWhole: !isOpen,
    }
  }

  private flags(all: readonly FieldValue[], isOpen: boolean): Pick<TypeHead, 'flags' | 'flagNames' | 'hasOpenFlags'> {
    const given = all.filter(({ field }) => field === 'tp_flags')
    const added = given.filter(({ operator, isCertain }) => isCertain && (operator === '=' || operator === '|='))
    const read = added.map(({ file, value }) => flagsIn(this.code(file), [value]))
    return {
      flags: read.flatMap(({ flags }) => flags),
      flagNames: read.flatMap(({ flagNames }) => flagNames),
      hasOpenFlags: isOpen || added.length < given.length || read.some(({ isAll }) => !isAll),
    }
  }

  private entry({ file, field, value }: FieldValue): TypeEntry {
    const { span } = value
    const isEmpty = isNull(value)
    return {
      file,
      slot: `Py_${field}`,
      span,
      region: this.code(file).regionAt(span.start),
      lead: null,
      value: isEmpty ? null : slotName(value),
      isNull: isEmpty,
      given: value,
    }
  }

  /** What an initialiser says; null where it cannot be told which value is for which field. */
  private initial(file: FileId, variable: Variable): readonly FieldValue[] | null {
    const { initialiser } = variable
    if (initialiser?.kind !== 'braces') return []
    const code = this.code(file)
    const parts = initialFields('PyTypeObject', variable, (branch) => this.coverage(file, branch))
    if (parts === null) return null
    const bodiesOf = (name: string): readonly string[] =>
      functionsOf(this.model)
        .macrosNamed(file, name)
        .map((macro) => this.code(macro.file).text.slice(macro.code.span.start, macro.code.span.end))
    const items: readonly ItemEntry[] = [...itemsOf(initialiser.entries ?? [])]
    if (miscountedMacro(items, code.text, bodiesOf) !== null) return null
    const fields = [...allFields(parts)]
    if (fields.some(({ field, item }) => item.designator === null && !fits(field, item.value, bodiesOf))) return null
    return fields.map(({ field, item: { value } }) => ({ file, field, value, operator: '=', isCertain: true }))
  }

  private coverage(file: FileId, branch: Offset): VersionCoverage {
    const verdict = this.model.active(file, this.code(file).regionAt(branch))
    return verdict === 'yes' ? 'always' : verdict === 'no' ? 'never' : 'sometimes'
  }

  /** The files whose code may name a variable. */
  private filesNaming(file: FileId, { name, storage }: Variable): readonly FileId[] {
    return storage === 'static' ? filesSeeing(this.model, file) : [...this.model.project.filesWith(name)]
  }

  /** Whether something of the project's own gets the address of a type, by which it may write into it. */
  private isHandedOut(file: FileId, variable: Variable): boolean {
    const { name, nameSpan } = variable
    return this.filesNaming(file, variable).some((where) => {
      const code = this.code(where)
      return code.occurrences(name).some(({ span: { start }, before, behind, isField }) => {
        if (isField || behind === '.' || (where === file && start === nameSpan.start)) return false
        // `extern PyTypeObject Spam_Type;`
        if (before !== '&' && this.structs.includes(before)) return false
        const around = code.functionAt(start)
        const [inner] = around === null ? [] : operandsAround(around, start).slice(-1)
        const callee = inner ? calleeName(inner.call) : null
        return callee === null || !functionsOf(this.model).isOfApi(where, callee)
      })
    })
  }

  /** What functions assign to the fields of a variable: `Spam_Type.tp_dealloc = spam_dealloc;`. */
  private assigned(file: FileId, variable: Variable): readonly FieldValue[] {
    const { name } = variable
    return this.filesNaming(file, variable).flatMap((where) => {
      const code = this.code(where)
      if (!code.text.includes(`${name}.`)) return []
      return code.occurrences(name).flatMap(({ span, behind, isField, isInDirective }) => {
        if (behind !== '.' || isField || isInDirective) return []
        const around = code.functionAt(span.start)
        const use = around && nameAt(around, span.start)
        if (!around || !use) return []
        const { parent: member } = inParentheses(around, use)
        if (member?.kind !== 'member' || member.arrow || !/^tp_\w+$/.test(member.name)) return []
        const { whole, parent: assign } = inParentheses(around, member)
        if (assign?.kind !== 'assign' || assign.target !== whole) return []
        return [
          {
            file: where,
            field: member.name,
            value: lastValue(assign.value),
            operator: assign.operator,
            isCertain: isAlwaysDone(around, assign),
          },
        ]
      })
    })
  }
}

/** Whether two variables are announced in the same words: of several tentative definitions the first counts. */
const isSameBlank = (each: TypeVariable, other: TypeVariable): boolean =>
  each === other ||
  (each.variable.initialiser === null && other.variable.initialiser === null && each.file === other.file)

/** Fields by which rules tell what becomes of instances, set by way of a pointer to some type. */
const endsByPointer = /->\s*tp_(?:flags|dealloc|traverse|clear|free|finalize|del|base|bases|is_gc)\s*(?:\|=|&=|=(?!=))/

/** Whether a value is looked at wherever its function is called and comes so far. */
function isAlwaysDone(code: FunctionCode, value: Value): boolean {
  const statement = statementOf(code, value)
  return statement !== null && branchesAround(code, statement).length === 0 && !mayBeSkipped(code, value)
}

/** `f` of `B.tp_free = f` */
function lastValue(value: Value): Value {
  const inner = bare(value)
  return inner.kind === 'assign' ? lastValue(inner.value) : value
}

/** Casts that say which field a value is for. */
const castFields: Readonly<Record<string, string>> = {
  destructor: 'tp_dealloc',
  traverseproc: 'tp_traverse',
  inquiry: 'tp_clear',
  initproc: 'tp_init',
  newfunc: 'tp_new',
  allocfunc: 'tp_alloc',
  richcmpfunc: 'tp_richcompare',
}

/** Whether a value is what its position says, as far as that can be seen. */
function fits(field: string, value: Value, bodiesOf: (name: string) => readonly string[]): boolean {
  if (field === 'ob_base' || isNull(value)) return true
  if (macroOfFields(value, bodiesOf) !== null) return false
  const inner = bare(value)
  if (field === 'tp_name') return inner.kind !== 'unary' && inner.kind !== 'binary'
  if (inner.kind === 'literal' && inner.literal === 'string') return field === 'tp_doc'
  if (inner.kind === 'name' && /^Py_TPFLAGS_/.test(inner.name)) return field === 'tp_flags'
  if (inner.kind === 'unary' && inner.operator === 'sizeof') return /^tp_(?:basic|item)size$/.test(field)
  if (value.kind !== 'cast') return true
  const meant = castFields[value.type]
  return meant === undefined || meant === field || (field === 'tp_is_gc' && meant === 'tp_clear')
}
