import { branchesAround } from '../../code/placement.ts'
import type { FunctionCode, Value } from '../../code/tree.ts'
import { calleeName, isNull, operandsOf, slotName } from '../../code/values.ts'
import { variablesIn } from '../../code/variables.ts'
import { idleFields, slotFields, subTables } from '../../knowledge/slots.ts'
import { allFields, type Field } from '../../semantics/type-fields.ts'
import { addAll } from '../../source/lists.ts'
import type { Sources } from '../sources.ts'
import { lookObstacles } from './early-looks.ts'
import { hasSlot, isSpecField } from './fields.ts'
import { finalBase, whyNoMethod } from './final-bases.ts'
import { functionPlace } from './function-place.ts'
import { initPlaceOf } from './init-functions.ts'
import { isFreeing } from './instances.ts'
import { latePlace } from './late-tables.ts'
import { entryInsertion, stringIn } from './members.ts'
import type { NameChange } from './name-reads.ts'
import type { TypeFacts } from './type-facts.ts'
import { type DeclaredIn, type DefinedIn, type Obstacle, offsetOf, type TypeObject } from './type-objects.ts'
import { instanceObstacles, isWithin, pointerObstacles, secondReferences } from './use-obstacles.ts'
import type { FieldAssignment, TypeUses } from './uses.ts'

/**
 * Types of CPython's that nothing may be derived from, at least in some versions. Source: their `tp_flags` in
 * Objects/.
 */
const finalTypes: ReadonlySet<string> = new Set(
  (
    'Bool Function Method CFunction Gen Coro AsyncGen Slice Range MemoryView DictProxy Ellipsis Cell Frame Code ' +
    'Capsule ClassMethodDescr GetSetDescr MemberDescr MethodDescr WrapperDescr CallIter SeqIter'
  )
    .split(' ')
    .map((name) => `Py${name}_Type`),
)

/** What is in the way of rewriting a type by itself, whatever becomes of others. */
export function ownObstacles(facts: TypeFacts, uses: TypeUses, names: NameChange): readonly Obstacle[] {
  const { homes, places, references, obstacles } = uses.type
  if (homes[0] !== undefined)
    return [...new Eligibility(facts, uses, names, homes[0]).check(), ...suppressed(facts.sources, uses.type)]
  const place = places[0] ?? references[0]
  return place && obstacles.length === 0 ? [{ ...place, text: 'where it is defined is not understood' }] : []
}

/** What a comment suppresses stays as it is. */
function suppressed({ settings }: Sources, { places }: TypeObject): readonly Obstacle[] {
  const place = places.find(({ file, offset }) => settings.isSuppressed('static-type-object', file, offset))
  return place ? [{ ...place, text: 'a comment suppresses what is said of it' }] : []
}

/** Looks at one type by itself. */
class Eligibility {
  private readonly found: Obstacle[] = []
  private readonly sources: Sources
  private readonly type: TypeObject

  constructor(
    private readonly facts: TypeFacts,
    private readonly uses: TypeUses,
    private readonly names: NameChange,
    private readonly home: DeclaredIn,
  ) {
    this.sources = facts.sources
    this.type = uses.type
  }

  check(): readonly Obstacle[] {
    if (!this.isCompiled()) this.refuse('it is not compiled for the target')
    else {
      this.definitions()
      addAll(this.found, lookObstacles(this.sources, this.uses))
      if (this.uses.sequenceCalls.length > 0) this.sequence()
      else {
        this.name()
        this.assignments()
        this.fields()
        this.creation()
        addAll(this.found, [
          ...instanceObstacles(this.facts, this.type),
          ...secondReferences(this.sources, this.uses),
          ...pointerObstacles(this.sources, this.uses),
        ])
        this.base()
        this.refusal()
        this.attributes()
      }
      this.lockedFiles()
    }
    return this.found
  }

  /** Notes what is in the way, at the type itself. */
  private refuse(text: string): void {
    this.refuseAt(this.home.file, offsetOf(this.home), text)
  }

  private refuseAt(file: string, offset: number, text: string): void {
    this.found.push({ file, offset, text })
  }

  private texts(field: string): readonly string[] {
    return this.facts.texts(this.type, field)
  }

  private isCompiled(): boolean {
    return [...this.type.definitions, this.home].some((each) =>
      this.sources.settings.isCompiled(each.file, this.sources.code(each.file).regionAt(offsetOf(each))),
    )
  }

  private definitions(): void {
    const late = latePlace(this.sources, this.uses)
    if (late !== null && 'why' in late) this.refuse(late.why)
    for (const definition of this.type.definitions)
      for (const each of allFields(definition.fields)) this.initialValue(definition, each)
  }

  private initialValue({ file }: DefinedIn, { field, item }: Field): void {
    const { written, holdsDirectives, value } = item
    const text = this.sources.written(file, written)
    const refuse = (why: string): void => this.refuseAt(file, written.start, why)
    if (field === 'ob_base' && /&\s*(?!PyType_Type\b)\w+/.test(text)) refuse(`it has a metaclass: \`${text}\``)
    if (holdsDirectives && field !== 'tp_flags' && field !== 'tp_doc')
      refuse(`\`${field}\` has a condition in the middle of its value`)
    if (!isNull(value) && (field === 'tp_dict' || field === 'tp_bases')) refuse(`\`${field}\` is given by hand`)
  }

  private sequence(): void {
    const { fieldAssignments, creationCalls } = this.uses
    const hasOwn = ({ file, fields }: DefinedIn): boolean =>
      [...allFields(fields)].some(({ item: { written } }) =>
        /[A-Za-z_]/.test(this.sources.written(file, written).replace(/_?Py\w*HEAD_INIT|NULL|PyType_Type/g, '')),
      )
    if (fieldAssignments.length > 0 || creationCalls.length > 0 || this.type.definitions.some(hasOwn))
      this.refuse('it is a struct sequence, and has fields of its own')
  }

  private name(): void {
    if (this.texts('tp_name').length === 0) this.refuse('it has no name')
    addAll(this.found, this.names.obstacles)
  }

  private assignments(): void {
    const { fieldAssignments } = this.uses
    if (this.type.definitions.length > 1 && fieldAssignments.length > 0)
      this.refuse('it is defined more than once, and assigned to')
    const place = functionPlace(this.facts, this.uses)
    if (place !== null && 'why' in place) {
      const { file, statement } = place.assignment
      this.refuseAt(file, statement.span.start, place.why)
    }
    for (const each of fieldAssignments) this.assignment(each)
  }

  private assignment(assignment: FieldAssignment): void {
    const { file, field, operator, text, value, around, statement } = assignment
    const refuse = (why: string): void => this.refuseAt(file, statement.span.start, why)
    if (Object.hasOwn(subTables, field)) return
    if (!hasPlace(field)) {
      refuse(`\`${field}\` is assigned to, which has no slot`)
      return
    }
    if (operator !== '=' && field !== 'tp_flags') refuse(`\`${field}\` is changed by \`${operator}\``)
    if (operator === '&=') refuse('flags are taken away from it')
    this.assignedInTime(assignment)
    if (field === 'tp_base' || isNull(value) || this.facts.isInherited(this.type, field, value)) return
    const unknown = this.unknownAtHome(assignment)
    if (unknown !== null)
      refuse(`\`${field}\` is assigned in another file, and \`${unknown}\` is not known where the type is`)
    if (!isConstant(value, around)) refuse(`\`${field}\` gets a value that is known at run time only: \`${text}\``)
  }

  /** What is assigned has to be there when the type is made. */
  private assignedInTime({ file, field, around, statement, isByHelper }: FieldAssignment): void {
    const { creationCalls, onDemandUses } = this.uses
    if (isByHelper) return
    const places = [...creationCalls.map((each) => ({ ...each, span: each.address })), ...onDemandUses]
    const here = places.filter((each) => each.file === file && each.around === around)
    const isBefore = here.length > 0 && here.every(({ span }) => statement.span.end <= span.start)
    const isHarmless = here.length > 0 && slotFields.has(field) && !attributeFields.has(field)
    // Where the type is made in the same branch, it is not made without.
    const branches = branchesAround(around, statement)
    if (branches.some(({ span }) => here.length === 0 || !here.every((each) => isWithin(each.span, span))))
      this.refuseAt(file, statement.span.start, `\`${field}\` is assigned under a condition`)
    if (places.length > 0 && !isBefore && !isHarmless)
      this.refuseAt(
        file,
        statement.span.start,
        `\`${field}\` is assigned ${here.length > 0 ? 'after' : 'in another function than'} \`PyType_Ready\``,
      )
  }

  /** A name in what is assigned in another file that is not known where the type stands. */
  private unknownAtHome({ file, value }: FieldAssignment): string | null {
    const [home] = this.type.definitions
    if (!home || home.file === file) return null
    const isKnown = (name: string): boolean =>
      /^_?Py/.test(name) || this.sources.referencesIn(new Set([home.file]), name).length > 0
    return this.sources.namesIn(file, value.span).find((name) => !isKnown(name)) ?? null
  }

  private fields(): void {
    if (this.sources.settings.level < 9) {
      for (const field of ['tp_weaklistoffset', 'tp_dictoffset', 'tp_as_buffer'])
        if (this.texts(field).length > 0) this.refuse(`\`${field}\` of heap types works from Python 3.9 on`)
    }
    for (const text of this.texts('tp_vectorcall_offset')) {
      if (!/\boffsetof\b|^\(?\d/.test(text)) this.refuse(`\`tp_print\` is \`${text}\`: nothing calls that any more`)
      else if (this.sources.settings.level < 9)
        this.refuse('`tp_vectorcall_offset` of heap types works from Python 3.9 on')
    }
    const [members] = this.facts.values(this.type, 'tp_members')
    if (members !== undefined && this.facts.hasOffsets(this.type)) {
      const array = this.facts.arrayOf(this.type, members)
      if (array === null || entryInsertion(this.sources.text(this.home.file), array, []) === null)
        this.refuse(`its members, \`${members.text}\`, are not found, and one has to be added`)
      else if (this.facts.isShared(this.type, members))
        this.refuse(`its members, \`${members.text}\`, are used by something else as well, and one has to be added`)
    }
    for (const { value, text } of this.facts.values(this.type, 'tp_dealloc')) {
      const name = slotName(value)
      if (name !== null && (isFreeing(name) || this.sources.functions(name, this.home.file).length > 0)) continue
      this.refuse(`its \`tp_dealloc\`, \`${text.replace(/\s+/g, ' ')}\`, is no function that was found`)
    }
  }

  private creation(): void {
    const { macroCreations } = this.uses
    const isLocal = this.sources.code(this.home.file).functionAt(offsetOf(this.home)) !== null
    if (!this.facts.isMadeByUses(this.type) && (isLocal || initPlaceOf(this.sources, this.type) === null))
      this.refuse('nothing was found that makes it ready')
    const [macro] = macroCreations
    if (macro && this.facts.base(this.type) !== null)
      this.refuseAt(macro.file, macro.callee.start, 'a macro makes it ready, and it has a base')
  }

  private base(): void {
    const { fieldAssignments, creationCalls } = this.uses
    const base = this.facts.base(this.type)
    if (base === null) return
    if (base.name === null) {
      // Known at run time only: where it is made ready the base must be in reach.
      const assigned = fieldAssignments.find(({ field }) => field === 'tp_base')
      if (!assigned || creationCalls.length !== 1 || creationCalls[0]!.around !== assigned.around)
        this.refuse(`its base, \`${base.text}\`, is known at run time only`)
    }
    if (finalTypes.has(base.name ?? '')) this.refuse(`its base, \`${base.text}\`, lacks \`Py_TPFLAGS_BASETYPE\``)
  }

  /** A base that classes of Python must not be derived from gets a method that says so. */
  private refusal(): void {
    if (!finalBase(this.facts, this.type, () => true)) return
    const why = whyNoMethod(this.facts, this.type)
    if (why !== null) this.refuse(`${why}, and one has to be added, by which Python cannot subclass it`)
  }

  private attributes(): void {
    for (const field of ['tp_getset', 'tp_members']) {
      for (const each of this.facts.values(this.type, field)) {
        const array = this.facts.arrayOf(this.type, each)
        const shown = array && stringIn(array, /"__(?:module|annotations)__"/)
        if (shown)
          this.refuse(
            `\`${shown.slice(1, -1)}\` of its instances would be that of the type as well: only static types ` +
              'keep the two apart',
          )
      }
    }
    for (const { file, how, operand } of this.uses.creationCalls) {
      const { call, callee } = operand
      if (how !== 'helper' && call.operands.length > 2)
        this.refuseAt(file, call.span.start, `\`${callee}\` is called in an unusual way`)
    }
  }

  /** All files that are edited for it have to be open for edits. */
  private lockedFiles(): void {
    const { uses, type } = this
    const files = new Set([
      ...[...uses.addresses, ...uses.dots, ...uses.readyTests, ...uses.removals].map(({ file }) => file),
      ...[...uses.sequenceCalls, ...uses.macroCreations, ...uses.creationCalls].map(({ file }) => file),
      ...[...uses.tableEntries, ...uses.onDemandUses, ...uses.stolenReferences].map(({ file }) => file),
      ...[...this.names.reads, ...uses.creationCalls.flatMap(({ guarded }) => guarded)].map(({ file }) => file),
      ...[...type.declarations, ...type.definitions].map(({ file }) => file),
      ...[...type.tables.values(), ...uses.assignedTables.values()].map(({ file }) => file),
    ])
    const told = new Set<string>()
    for (const file of files) {
      const why = this.sources.settings.locked(file)
      if (why === null || told.has(why)) continue
      told.add(why)
      this.refuseAt(file, 0, why)
    }
  }
}

/** Fields of which a type makes attributes when it is made. */
const attributeFields: ReadonlySet<string> = new Set(['tp_methods', 'tp_members', 'tp_getset', 'tp_doc'])

/** Whether a field that is assigned to is a slot, a member, or a part of the spec, or does not matter. */
const hasPlace = (field: string): boolean =>
  hasSlot(field) || isSpecField(field) || field === 'tp_base' || idleFields.has(field)

/** Calls that are known before the program runs. */
const constantCall = /^(?:offsetof|PyDoc_STR|_PyCFunction_CAST)$/

/** Whether a value is known before the program runs: literals, `&`, `sizeof`, names of no variable of the function. */
function isConstant(value: Value, around: FunctionCode): boolean {
  switch (value.kind) {
    case 'literal':
    case 'type':
      return true
    case 'name':
      return /^[A-Z_0-9]+$/.test(value.name) || !isVariableOf(value.name, around)
    case 'call': {
      const name = calleeName(value) ?? ''
      if (!constantCall.test(name)) return false
      return name === 'offsetof' || value.operands.every((each) => isConstant(each, around))
    }
    case 'group':
    case 'cast':
    case 'binary':
    case 'conditional':
      return operandsOf(value).every((each) => isConstant(each, around))
    case 'unary':
      return value.operator === 'sizeof' || isConstant(value.operand, around)
    default:
      return false
  }
}

/** Whether a name is a parameter of a function, or a variable of it that is not `static`. */
function isVariableOf(name: string, around: FunctionCode): boolean {
  let found = locals.get(around)
  if (!found) {
    const own = [...variablesIn(around)].filter(({ storage }) => storage !== 'static')
    found = new Set([...around.parameters, ...own].map((each) => each.name))
    locals.set(around, found)
  }
  return found.has(name)
}

/** The names of parameters and variables of functions, but for those that are `static`. */
const locals = new WeakMap<FunctionCode, ReadonlySet<string>>()
