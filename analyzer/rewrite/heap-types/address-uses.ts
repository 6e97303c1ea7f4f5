import { aloneStatement, callsIn, inParentheses, parentsIn } from '../../code/placement.ts'
import type { CallValue, FunctionCode, Value, Variable } from '../../code/tree.ts'
import { addressed, calleeName, nameOf } from '../../code/values.ts'
import { objectFunction } from '../../knowledge/object-functions.ts'
import { isEvaluatedBefore } from '../../semantics/lvalues.ts'
import { allFields } from '../../semantics/type-fields.ts'
import { lineOf } from '../places.ts'
import type { CodeIn, PlaceIn, Sources } from '../sources.ts'
import { assignedType, baseAssignment, changeByHelper, isTypeOfObject } from './address-hazards.ts'
import type { CallOperand, TypeUseContext } from './contexts.ts'
import { type CallIn, callAt, type FoundUses, inheritsDealloc, notUnderstood, type TypeMention } from './found-uses.ts'
import { fieldsSetBy } from './helper-fields.ts'
import { readyCall } from './ready-tests.ts'
import { tableEntry, variableAround } from './table-entries.ts'
import type { TypeIndex } from './type-index.ts'
import { initialValues, type TypeObject } from './type-objects.ts'
import type { TypeParameters } from './type-parameters.ts'
import type { GuardedCall, TypeCreationCall } from './uses.ts'

type Address = Extract<TypeUseContext, { kind: 'address' }>

type Creation = Pick<TypeCreationCall, 'how' | 'guarded'>

/** Says what is done with the address of a type: `&T`. */
export class AddressUses {
  constructor(
    private readonly sources: Sources,
    private readonly index: TypeIndex,
    private readonly parameters: TypeParameters,
  ) {}

  find(uses: FoundUses, mention: TypeMention, { value, operand }: Address): void {
    const { code } = mention
    const [statement] = code.body
    const name = mention.as === 'type' ? addressed(value) : nameOf(value)
    const isEmpty = mention.as === 'type' && initialValues(uses.type, 'tp_name').length === 0
    const test =
      operand === null || name === null || code.kind === 'file' ? null : readyCall(code, operand, name, isEmpty)
    if (test !== null) uses.readyTests.push({ file: mention.file, ...test })
    else if (code.kind === 'macro') this.inMacro(uses, mention, value, operand)
    else if (code.kind === 'file' && statement?.kind === 'expression')
      this.inMacroCall(uses, mention, value, statement.value)
    else if (code.kind === 'file' || isEvaluatedBefore(this.sources.text(mention.file), code, value))
      this.inInitialiser(uses, mention, value)
    else this.inFunction(uses, mention, value, operand)
  }

  /** A part of an operand of a macro at file level that makes a function of it. */
  private inMacroCall(uses: FoundUses, mention: TypeMention, value: Value, call: Value | null): void {
    const index =
      call?.kind === 'call'
        ? call.operands.findIndex(({ span }) => span.start <= value.span.start && value.span.end <= span.end)
        : -1
    const isFunction = call?.kind === 'call' && this.isFunctionMacro(calleeName(call) ?? '', index)
    if (isFunction) this.address(uses, mention, value)
    else this.refuse(uses, { file: mention.file, offset: value.span.start })
  }

  private address(uses: FoundUses, { file, parameter, as }: TypeMention, { span }: Value): void {
    if (as !== 'pointer') uses.addresses.push({ file, span, name: parameter ?? uses.type.name })
  }

  private refuse(uses: FoundUses, place: PlaceIn): void {
    const line = lineOf(this.sources.text(place.file), place.offset)
    uses.addObstacle(place, `its address stands in a static initialiser: \`${line}\``)
  }

  private inMacro(uses: FoundUses, mention: TypeMention, value: Value, operand: CallOperand | null): void {
    const { file, parameter } = mention
    if (this.setsMetaclass(uses, mention, value, operand)) return
    if (operand?.callee !== 'PyType_Ready') this.address(uses, mention, value)
    else if (parameter === null) uses.addObstacle({ file, offset: value.span.start }, 'a macro makes it ready')
    else {
      const { callee, close } = operand.call
      uses.macroCreations.push({ file, callee: callee.span, close, name: parameter })
    }
  }

  private inFunction(uses: FoundUses, mention: TypeMention, value: Value, operand: CallOperand | null): void {
    const { file, code: around } = mention
    if (operand !== null && this.parameters.named(operand.callee, operand.index, file)?.type === uses.type) {
      this.address(uses, mention, value)
      return
    }
    if (this.setsMetaclass(uses, mention, value, operand) || this.isHazard(uses, mention, value, operand)) return
    const address = value.span
    const callee = operand?.callee ?? ''
    const creation = operand === null ? null : creationBy(this.sources, operand, file)
    if (operand !== null && creation !== null) {
      uses.creationCalls.push({ file, operand, address, around, ...creation })
      return
    }
    if (operand !== null && callee.startsWith('PyStructSequence_InitType') && operand.index === 0) {
      this.sequence(uses, mention, operand)
      return
    }
    if (operand !== null && /memset$/.test(callee)) {
      this.clearing(uses, mention, value, operand)
      return
    }
    if (objectFunction(callee) === 'incref') uses.increfSites.push(around)
    if (operand !== null && callee === 'PyModule_AddObject' && operand.index === 2)
      uses.stolenReferences.push({ file, operand, around })
    if (operand === null && isHandedToReady(around, value)) uses.onDemandUses.push({ file, span: address, around })
    else {
      if (/^_?P(?:y|ep)/.test(callee) && !copesWithNull.test(callee))
        uses.looks.push({ file, offset: address.start, around, what: callee })
      this.address(uses, mention, value)
    }
  }

  /** Whether more is done with it than can be done with a heap type; what goes with it is taken down. */
  private isHazard(uses: FoundUses, mention: TypeMention, value: Value, operand: CallOperand | null): boolean {
    const { file, code } = mention
    const refuse = (why: string): true => {
      uses.addObstacle({ file, offset: value.span.start }, why)
      return true
    }
    const object = operand?.callee === 'Py_SET_TYPE' ? addressed(operand.call.operands[0]!) : null
    if (object !== null && this.index.named(object, file) !== null)
      return refuse(`it is made the metaclass of \`${object}\``)
    if (isTypeOfObject(code, value, operand))
      return refuse(`an object gets it by hand: \`${lineOf(this.sources.text(file), value.span.start)}\``)
    if (operand !== null && this.sources.settings.level < 8 && /^PyObject_(?:GC_)?(?:New|Init)/i.test(operand.callee))
      return refuse(`before Python 3.8 \`${operand.callee}\` takes no reference to a heap type`)
    const slot = operand?.callee === 'PyType_GetSlot' && operand.index === 0 ? operand.call.operands[1] : undefined
    if (slot && nameOf(slot) === 'Py_tp_dealloc' && initialValues(uses.type, 'tp_dealloc').length === 0)
      return refuse(inheritsDealloc)
    if (operand !== null && operand.index === 2 && /^PepType_(?:Make|Ready)$/.test(operand.callee))
      return uses.obstacles.some(({ text }) => text === isBase) || refuse(isBase)
    const change =
      operand &&
      (changeByHelper(this.sources, operand, file) ?? this.setByHelper(uses, { file, around: code, ...operand }))
    if (operand !== null && change !== null) return refuse(`\`${operand.callee}\` ${change}`)
    const assign = baseAssignment(code, value)
    if (assign === null) return false
    const name = assignedType(assign)
    const pointer = nameOf(assign.target.object)
    const owner =
      name !== null
        ? this.index.named(name, file)
        : pointer !== null
          ? this.parameters.typeIn({ file, code }, pointer)
          : null
    if (owner !== null) uses.needs.add(owner)
    else if (name === null)
      return refuse(`it becomes a base: \`${lineOf(this.sources.text(file), assign.span.start)}\``)
    return false
  }

  /**
   * Takes down the fields that a function or a macro sets of what it makes ready; then it has to get types of the
   * project and nothing else, which go with this one.
   * @returns why it cannot be so; null where it can, or where nothing is set
   */
  private setByHelper(uses: FoundUses, from: CallIn & CallOperand): string | null {
    const { callee, index, file } = from
    for (const helper of [...this.sources.functions(callee, file), ...this.sources.macros(callee)]) {
      const parameter = helper.code.parameters[index]?.name ?? ''
      if (parameter === '' || readyCalls(helper, index).length === 0) continue
      const all = fieldsSetBy(this.sources, helper, parameter, from)
      if (typeof all === 'string') return all
      if (all.length > 0 && !this.getsTypesOnly(uses, callee, index)) return `sets fields of other types, too`
      for (const each of all) uses.addFieldAssignment(each)
    }
    return null
  }

  /** Whether all calls of a helper get the address of a type of the project. */
  private getsTypesOnly(uses: FoundUses, callee: string, index: number): boolean {
    for (const place of this.sources.references(callee)) {
      const call = callAt(this.sources, place)
      const code = this.sources.code(place.file)
      if (this.parameters.isDeclaration(place, callee) || (call === null && code.isInDirective(place.offset))) continue
      const operand = call === null || call === 'unread' ? undefined : call.operands[index]
      const name = operand ? addressed(operand) : null
      const type = name === null ? null : this.index.named(name, place.file)
      if (type === null) return false
      if (type !== uses.type) uses.needs.add(type)
    }
    return true
  }

  /** `memset(&T, 0, sizeof(T));` */
  private clearing(uses: FoundUses, { file, code }: TypeMention, value: Value, { call }: CallOperand): void {
    const alone = aloneStatement(code, call)
    if (alone?.inBlock) uses.removals.push({ file, span: alone.statement.span })
    else notUnderstood(this.sources, uses, { file, offset: value.span.start })
  }

  /** `Py_SET_TYPE(&T, &PyType_Type)`, `Py_TYPE(&T) = &PyType_Type` */
  private setsMetaclass(uses: FoundUses, mention: TypeMention, value: Value, operand: CallOperand | null): boolean {
    if (operand === null || operand.index !== 0) return false
    const { file, code } = mention
    const { call, callee } = operand
    const parent = parentsIn(code).get(call)
    const assign = callee === 'Py_TYPE' && parent?.kind === 'assign' && parent.target === call ? parent : null
    if (callee !== 'Py_SET_TYPE' && assign === null) return false
    const metaclass = assign?.value ?? call.operands[1]
    const text = metaclass ? this.sources.written(file, metaclass.span) : ''
    const alone = code.kind === 'function' ? aloneStatement(code, assign ?? call) : null
    if (alone?.inBlock && metaclass && addressed(metaclass) === 'PyType_Type')
      uses.removals.push({ file, span: alone.statement.span })
    else {
      const shown = text || lineOf(this.sources.text(file), value.span.start)
      uses.addObstacle({ file, offset: value.span.start }, `it gets a metaclass: \`${shown}\``)
    }
    return true
  }

  /** `PyStructSequence_InitType(&T, &desc)` becomes `PyStructSequence_NewType`, which needs no spec. */
  private sequence(uses: FoundUses, { file }: TypeMention, { call, callee }: CallOperand): void {
    const description = call.operands[1]
    if (description)
      uses.sequenceCalls.push({
        file,
        span: call.span,
        callee,
        description: this.sources.written(file, description.span),
      })
  }

  /** Whether a macro makes a function in whose body the operand stands: `DEFINE_WRAPPER(name, &T)`. */
  private isFunctionMacro(name: string, index: number): boolean {
    const macros = this.sources.macros(name)
    return (
      macros.length > 0 &&
      macros.every(({ file, code }) => {
        const body = this.sources.written(file, code.span)
        const parameter = code.parameters[index]?.name
        const start = body.search(/\)\s*(?:\\\r?\n\s*)*\{/)
        return (
          parameter !== undefined &&
          start >= 0 &&
          !new RegExp(`\\b${parameter}\\b`).test(body.slice(0, start)) &&
          !/\bstatic\b/.test(body.slice(start))
        )
      })
    )
  }

  private inInitialiser(uses: FoundUses, { file, code }: TypeMention, value: Value): void {
    const place = { file, offset: value.span.start }
    const owner = this.index.definedAround(place)
    if (owner !== null && isOwn(owner, file, variableAround(code, value)?.variable)) {
      const field = fieldAround(owner, place.offset, file)
      if (field === 'tp_base') uses.needs.add(owner)
      else if (field === 'ob_base') uses.addObstacle(place, `it is the metaclass of \`${owner.name}\``)
      else uses.addObstacle(place, `its address stands in \`${owner.name}\``)
      return
    }
    const entry = tableEntry(this.sources, file, code, value)
    if (entry === null) this.refuse(uses, place)
    else if ('why' in entry) uses.addObstacle(place, entry.why)
    else uses.tableEntries.push(entry)
  }
}

/** Whether a variable is a type object, in one of its definitions. */
const isOwn = (type: TypeObject, file: string, variable: Variable | undefined): boolean =>
  type.definitions.some((each) => each.file === file && each.variable.nameSpan.start === variable?.nameSpan.start)

function fieldAround(type: TypeObject, offset: number, file: string): string | undefined {
  return type.definitions
    .filter((each) => each.file === file)
    .flatMap(({ fields }) => [...allFields(fields)])
    .find(({ item: { span } }) => span.start <= offset && offset < span.end)?.field
}

/** The calls of `PyType_Ready` that get a parameter of a function or a macro. */
function readyCalls({ code }: CodeIn, index: number): CallValue[] {
  const parameter = code.parameters[index]?.name ?? ''
  if (parameter === '') return []
  return callsIn(code).filter(
    (call) => calleeName(call) === 'PyType_Ready' && call.operands[0] && nameOf(call.operands[0]) === parameter,
  )
}

/** How a call makes the type ready that it gets; null where it does not. */
function creationBy(sources: Sources, operand: CallOperand, file: string): Creation | null {
  const { callee } = operand
  if (callee === 'PyType_Ready') return { how: 'ready', guarded: [] }
  if (callee === 'PyModule_AddType') return { how: 'add', guarded: [] }
  return /memset$/.test(callee) ? null : creationByHelper(sources, operand, file)
}

/** A function or a macro of the project that makes ready what it gets has to cope with `NULL`, if it does not yet. */
function creationByHelper(sources: Sources, { callee, index }: CallOperand, file: string): Creation | null {
  const helpers = [...sources.functions(callee, file), ...sources.macros(callee)]
  const calls = helpers.flatMap((helper) => readyCalls(helper, index).map((call) => ({ file: helper.file, call })))
  if (calls.length === 0) return null
  const guarded = calls.flatMap(({ file: where, call }): GuardedCall[] => {
    const text = sources.text(where)
    if (text.slice(0, call.span.start).endsWith('NULL ? -1 : ')) return []
    return [{ file: where, span: call.span, argument: text.slice(call.open + 1, call.close).trim() }]
  })
  return { how: 'helper', guarded }
}

/** Why a type is left alone that types are derived from which are heap types already. */
const isBase = 'it is the base of a heap type'

/** Functions of CPython's that get a type and do not look into it. */
const copesWithNull = /^P(?:y|ep)(?:_(?:X\w+|IS_TYPE|Is)|Object_TypeCheck|_?\w*Check\w*)$/

/** What a value is a part of that is kept in a variable. */
const keeping: ReadonlySet<string> = new Set(['variable', 'assign', 'cast', 'braces'])

/** Whether a local variable gets the address, in a function that makes types ready. */
function isHandedToReady(around: FunctionCode, value: Value): boolean {
  const { parent } = inParentheses(around, value)
  const isGiven = parent !== undefined && keeping.has(parent.kind)
  return isGiven && callsIn(around).some((call) => calleeName(call) === 'PyType_Ready')
}
