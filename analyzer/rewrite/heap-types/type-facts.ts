import type { BracesValue, FunctionCode, Value } from '../../code/tree.ts'
import { addressed, bare, calleeName, isNull, nameOf, pointedName, slotName } from '../../code/values.ts'
import { variablesNamed } from '../../code/variables.ts'
import { offsetMembers } from '../../knowledge/slots.ts'
import { isNullFor } from '../../semantics/null-values.ts'
import { addTo } from '../../source/multimap.ts'
import type { Offset } from '../../source/text.ts'
import type { CodeIn, Sources } from '../sources.ts'
import { isFreeing } from './instances.ts'
import { TypeIndex } from './type-index.ts'
import { initialValues, type TypeObject } from './type-objects.ts'
import type { TypeUses } from './uses.ts'

/** A value that a field of a type gets, and the C of it. */
export interface FieldValue {
  readonly file: string
  readonly value: Value
  readonly text: string
  /** The function that assigns it; null for a value in an initialiser. */
  readonly around: FunctionCode | null
}

/** The base of a type as it is written. */
export interface Base {
  readonly file: string
  readonly value: Value
  readonly text: string
  /** The type object that it is, or the exception: `PyList_Type`, `PyExc_KeyError`; null where the program finds it. */
  readonly name: string | null
  /** The type of the project that it is; null for any other. */
  readonly type: TypeObject | null
}

/** The exception of CPython's that a value is; null for anything else. */
function exceptionOf(value: Value): string | null {
  const name = nameOf(value)
  return name?.startsWith('PyExc_') ? name : null
}

/** What the values of fields and the uses of all types together say of each. */
export class TypeFacts {
  readonly index: TypeIndex
  private readonly byType: ReadonlyMap<TypeObject, TypeUses>
  private readonly known = new Map<TypeObject, Map<string, readonly FieldValue[]>>()
  private readonly bases = new Map<TypeObject, Base | null>()
  private knownDerived: Map<TypeObject, TypeObject[]> | null = null
  private knownBases: ReadonlySet<TypeObject | null | undefined> | null = null

  constructor(
    readonly sources: Sources,
    readonly all: readonly TypeUses[],
  ) {
    this.index = new TypeIndex(all.map(({ type }) => type))
    this.byType = new Map(all.map((uses) => [uses.type, uses]))
  }

  usesOf(type: TypeObject): TypeUses {
    return this.byType.get(type)!
  }

  /** The values that a field gets, in initialisers and assigned later; zeros left out. */
  values(type: TypeObject, field: string): readonly FieldValue[] {
    let fields = this.known.get(type)
    if (!fields) {
      fields = new Map()
      this.known.set(type, fields)
    }
    let found = fields.get(field)
    if (!found) {
      const initial = initialValues(type, field).map(({ file, item: { value, written } }) => ({
        file,
        value,
        text: this.sources.written(file, written),
        around: null,
      }))
      const assigned = this.usesOf(type).fieldAssignments.filter((each) => each.field === field && !isNull(each.value))
      found = [...initial, ...assigned.map(({ file, value, text, around }) => ({ file, value, text, around }))]
      // `tp_print` is written as a macro that is 0 or NULL, from the Python on that has another field there
      if (field === 'tp_vectorcall_offset') found = found.filter(({ value }) => !isNullFor(this.sources.model, value))
      fields.set(field, found)
    }
    return found
  }

  /** The C of the values that a field gets. */
  texts(type: TypeObject, field: string): readonly string[] {
    return this.values(type, field).map(({ text }) => text)
  }

  /** The flags that initialisers give a type. */
  initialFlags(type: TypeObject): readonly string[] {
    return initialValues(type, 'tp_flags').map(({ file, item: { written } }) => this.sources.written(file, written))
  }

  /** The base of a type, whatever the conditions; null for none. */
  base(type: TypeObject): Base | null {
    let found = this.bases.get(type)
    if (found === undefined) {
      const last = this.values(type, 'tp_base').at(-1)
      const name = last ? (addressed(last.value) ?? exceptionOf(last.value)) : null
      found = last ? { ...last, name, type: name === null ? null : this.index.named(name, last.file) } : null
      this.bases.set(type, found)
    }
    return found
  }

  /** The types whose base a type is. */
  derivedFrom(type: TypeObject): readonly TypeObject[] {
    if (this.knownDerived === null) {
      this.knownDerived = new Map()
      for (const each of this.index.types) {
        const base = this.base(each)?.type
        if (base) addTo(this.knownDerived, base, each)
      }
    }
    return this.knownDerived.get(type) ?? []
  }

  /** Whether a value is what the type inherits if it is not given: `PyBaseObject_Type.tp_new`. */
  isInherited(type: TypeObject, field: string, value: Value): boolean {
    const from = typeOfSlot(value, field)
    const base = this.base(type)
    if (from === null) return false
    // A type with the flag has to have a `tp_traverse` of its own; one without it inherits both.
    if ((field === 'tp_traverse' || field === 'tp_clear') && this.hasFlag(type, 'Py_TPFLAGS_HAVE_GC')) return false
    if (base?.name === from) return true
    if (from !== 'PyBaseObject_Type' || field !== 'tp_new') return false
    // That of `object`, which its bases have as well.
    if (base === null) return true
    const other = base.type
    return (
      other !== null &&
      other !== type &&
      this.values(other, field).every((each) => this.isInherited(other, field, each.value))
    )
  }

  /** Whether a flag is named among those of the type. */
  private hasFlag(type: TypeObject, flag: string): boolean {
    return this.values(type, 'tp_flags').some(({ text }) => text.includes(flag))
  }

  /** Whether a use of it makes the type, or wants it made. */
  isMade(type: TypeObject): boolean {
    const { creationCalls, onDemandUses, tableEntries } = this.usesOf(type)
    return creationCalls.length + onDemandUses.length + tableEntries.length > 0
  }

  /** The types that others are derived from which are made. */
  private get basesOfMade(): ReadonlySet<TypeObject | null | undefined> {
    this.knownBases ??= new Set(
      this.index.types.filter((type) => this.isMade(type)).map((type) => this.base(type)?.type),
    )
    return this.knownBases
  }

  /** Whether the type is made somewhere, by itself, by a macro, or because one is that is derived from it. */
  isMadeByUses(type: TypeObject): boolean {
    return this.isMade(type) || this.usesOf(type).macroCreations.length > 0 || this.basesOfMade.has(type)
  }

  /** Whether the type has an offset that a member has to say. */
  hasOffsets(type: TypeObject): boolean {
    return Object.keys(offsetMembers).some((field) => this.values(type, field).length > 0)
  }

  /** The array that a field of a type is, of the type's own file or of the function that assigns it; null for none. */
  arrayOf(type: TypeObject, { file, value, around }: FieldValue): BracesValue | null {
    return this.sources.array(around === null ? type.homes[0]!.file : file, slotName(value) ?? '', around)
  }

  /** Whether an array of the type's own file is named elsewhere than in its declaration and by the type. */
  isShared(type: TypeObject, { value, around }: FieldValue): boolean {
    const array = slotName(value) ?? ''
    const isLocal = around !== null && variablesNamed(around, array).length > 0
    const isElsewhere = (offset: Offset): boolean =>
      isLocal && (offset < around.span.start || around.span.end <= offset)
    const { file } = type.homes[0]!
    const own = [
      ...type.definitions.filter((each) => each.file === file).map(({ braces }) => braces),
      ...this.usesOf(type)
        .fieldAssignments.filter((each) => each.file === file)
        .map(({ statement }) => statement.span),
    ]
    return this.sources
      .code(file)
      .occurrences(array)
      .some(
        ({ span: { start }, behind, isField }) =>
          !isField &&
          behind !== '[' &&
          !isElsewhere(start) &&
          !own.some((span) => span.start <= start && start < span.end),
      )
  }

  /** A name so that `__module__` comes out as before: that of a static type without one is `builtins`. */
  qualifiedName({ text, value }: FieldValue): string {
    const [macro] = value.kind === 'name' ? this.sources.macros(value.name) : []
    const literal = macro ? this.sources.written(macro.file, macro.code.span) : text
    if (!/^"[^".]*"$/.test(literal)) return text
    return macro ? `"builtins." ${text}` : `"builtins.${text.slice(1)}`
  }

  /** The types that have a function in a slot, by its name. */
  usersOf(field: string): Map<string, Set<TypeObject>> {
    const users = new Map<string, Set<TypeObject>>()
    for (const type of this.index.types) {
      for (const { value } of this.values(type, field)) {
        const name = slotName(value)
        if (name !== null && !isFreeing(name)) users.set(name, (users.get(name) ?? new Set()).add(type))
      }
    }
    return users
  }

  /** The functions of a name in the files of the types that use it. */
  functionsOf(name: string, types: ReadonlySet<TypeObject>): readonly CodeIn[] {
    const found = [...types].flatMap((type) =>
      this.sources.functions(name, type.definitions[0]?.file ?? this.usesOf(type).fieldAssignments[0]!.file),
    )
    return [...new Map(found.map((each) => [each.code, each])).values()]
  }
}

/** The type whose slot a value reads: `T.tp_new`, `PyType_GetSlot(&T, Py_tp_new)`; null for anything else. */
function typeOfSlot(value: Value, field: string): string | null {
  const inner = bare(value)
  if (inner.kind === 'member') return !inner.arrow && inner.name === field ? nameOf(inner.object) : null
  if (inner.kind !== 'call' || calleeName(inner) !== 'PyType_GetSlot') return null
  const [type, slot] = inner.operands
  return type && slot && nameOf(slot) === `Py_${field}` ? pointedName(type) : null
}
