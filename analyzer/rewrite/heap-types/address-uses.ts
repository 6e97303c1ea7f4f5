import { aloneStatement, callsIn, parentsIn, statementOf } from '../../code/placement.ts'
import type { CallValue, FunctionCode, UnaryValue, Value } from '../../code/tree.ts'
import { calleeName, nameOf } from '../../code/values.ts'
import type { Operand, UseContext } from './contexts.ts'
import { allFields } from './fields.ts'
import type { FoundUses, Mention } from './found-uses.ts'
import { lineOf } from './places.ts'
import type { CodeIn, Sources } from './sources.ts'
import { tableEntry, variableAround } from './table-entries.ts'
import type { TypeIndex } from './type-index.ts'
import type { TypeObject } from './type-objects.ts'
import type { GuardedCall } from './uses.ts'

type Address = Extract<UseContext, { kind: 'address' }>

/** Says what is done with the address of a type: `&T`. */
export class AddressUses {
  constructor(
    private readonly sources: Sources,
    private readonly index: TypeIndex,
  ) {}

  find(uses: FoundUses, mention: Mention, { value, operand }: Address): void {
    const { code } = mention
    const [statement] = code.body
    if (code.kind === 'macro') this.inMacro(uses, mention, value, operand)
    else if (code.kind === 'file' && statement?.kind === 'expression')
      this.inMacroCall(uses, mention, value, statement.value)
    else if (code.kind === 'file' || this.isStatic(mention, value)) this.inInitialiser(uses, mention, value)
    else this.inFunction(uses, mention, value, operand)
  }

  /** Whether a value stands in what is evaluated before the program runs, of a variable in a function. */
  private isStatic({ file, code }: Mention, value: Value): boolean {
    const statement = statementOf(code, value)
    if (statement === null || !/^(?:declaration|expression|unknown)$/.test(statement.kind)) return false
    const before = this.sources.written(file, { start: statement.span.start, end: value.span.start })
    return /\b(?:static|constexpr|constinit)\b/.test(before)
  }

  /** A part of an operand of a macro at file level that makes a function of it. */
  private inMacroCall(uses: FoundUses, mention: Mention, value: UnaryValue, call: Value | null): void {
    const index =
      call?.kind === 'call'
        ? call.operands.findIndex(({ span }) => span.start <= value.span.start && value.span.end <= span.end)
        : -1
    const isFunction = call?.kind === 'call' && this.isFunctionMacro(calleeName(call) ?? '', index)
    if (isFunction) this.address(uses, mention, value)
    else this.refuse(uses, mention, value)
  }

  private address(uses: FoundUses, { file, parameter }: Mention, { span }: UnaryValue): void {
    uses.addresses.push({ file, span, name: parameter ?? uses.type.name })
  }

  private refuse(uses: FoundUses, { file }: Mention, { span }: UnaryValue): void {
    const line = lineOf(this.sources.text(file), span.start)
    uses.addObstacle({ file, offset: span.start }, `its address stands in a static initialiser: \`${line}\``)
  }

  private inMacro(uses: FoundUses, mention: Mention, value: UnaryValue, operand: Operand | null): void {
    const { file, parameter } = mention
    if (this.setsMetaclass(uses, mention, value, operand)) return
    if (operand?.callee !== 'PyType_Ready') this.address(uses, mention, value)
    else if (parameter === null) uses.addObstacle({ file, offset: value.span.start }, 'a macro makes it ready')
    else {
      const { callee, close } = operand.call
      uses.macroCreations.push({ file, callee: callee.span, close, name: parameter })
    }
  }

  private inFunction(uses: FoundUses, mention: Mention, value: UnaryValue, operand: Operand | null): void {
    if (this.setsMetaclass(uses, mention, value, operand)) return
    const { file, code: around } = mention
    const address = value.span
    const callee = operand?.callee ?? ''
    if (operand !== null) {
      const guarded = this.guardedCalls(operand, file)
      const how =
        callee === 'PyType_Ready'
          ? 'ready'
          : callee === 'PyModule_AddType'
            ? 'add'
            : guarded.isFound && !/memset$/.test(callee)
              ? 'helper'
              : null
      if (how !== null) {
        uses.creationCalls.push({ file, how, operand, address, around, guarded: how === 'helper' ? guarded.calls : [] })
        return
      }
      if (/^PyStructSequence_InitType2?$/.test(callee) && operand.index === 0) {
        this.sequence(uses, mention, operand)
        return
      }
    }
    if (operand !== null && /memset$/.test(callee)) {
      this.clearing(uses, mention, value, operand)
      return
    }
    if (/^Py_(?:INCREF|NewRef|XINCREF)$/.test(callee)) uses.increfSites.push(around)
    if (operand !== null && callee === 'PyModule_AddObject' && operand.index === 2)
      uses.stolenReferences.push({ file, operand, around })
    if (operand === null && isHandedToReady(around, value)) uses.onDemandUses.push({ file, span: address, around })
    else this.address(uses, mention, value)
  }

  /** `memset(&T, 0, sizeof(T));` */
  private clearing(uses: FoundUses, { file, code }: Mention, value: UnaryValue, { call }: Operand): void {
    const alone = aloneStatement(code, call)
    if (alone?.inBlock) uses.removals.push({ file, span: alone.statement.span })
    else {
      const line = lineOf(this.sources.text(file), value.span.start)
      const text = `what \`${line}\` does with \`${uses.type.name}\` is not understood`
      uses.addObstacle({ file, offset: value.span.start }, text)
    }
  }

  /** `Py_SET_TYPE(&T, &PyType_Type)`, `Py_TYPE(&T) = &PyType_Type` */
  private setsMetaclass(uses: FoundUses, mention: Mention, value: UnaryValue, operand: Operand | null): boolean {
    if (operand === null || operand.index !== 0) return false
    const { file, code } = mention
    const { call, callee } = operand
    const parent = parentsIn(code).get(call)
    const assign = callee === 'Py_TYPE' && parent?.kind === 'assign' && parent.target === call ? parent : null
    if (callee !== 'Py_SET_TYPE' && assign === null) return false
    const metaclass = assign?.value ?? call.operands[1]
    const text = metaclass ? this.sources.written(file, metaclass.span) : ''
    const alone = code.kind === 'function' ? aloneStatement(code, assign ?? call) : null
    if (alone?.inBlock && /^\(?&\s*PyType_Type\)?$/.test(text)) uses.removals.push({ file, span: alone.statement.span })
    else {
      const shown = text || lineOf(this.sources.text(file), value.span.start)
      uses.addObstacle({ file, offset: value.span.start }, `it gets a metaclass: \`${shown}\``)
    }
    return true
  }

  /** `PyStructSequence_InitType(&T, &desc)` becomes `PyStructSequence_NewType`, which needs no spec. */
  private sequence(uses: FoundUses, { file }: Mention, { call, callee }: Operand): void {
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

  /** The calls by which a helper or macro of the project makes ready what it gets, but those that cope with `NULL`. */
  private guardedCalls(
    { callee, index }: Operand,
    file: string,
  ): { readonly isFound: boolean; readonly calls: GuardedCall[] } {
    const helpers = [...this.sources.functions(callee, file), ...this.sources.macros(callee)]
    const calls: GuardedCall[] = []
    let isFound = false
    for (const helper of helpers) {
      for (const call of readyCalls(helper, index)) {
        isFound = true
        const text = this.sources.text(helper.file)
        if (text.slice(0, call.span.start).endsWith('NULL ? -1 : ')) continue
        const argument = text.slice(call.open + 1, call.close).trim()
        calls.push({ file: helper.file, span: call.span, argument })
      }
    }
    return { isFound, calls }
  }

  private inInitialiser(uses: FoundUses, { file, code }: Mention, value: UnaryValue): void {
    const place = { file, offset: value.span.start }
    const owner = this.index.definedAround(place)
    if (owner !== null && variableAround(code, value)?.variable.nameSpan.start === ownName(owner, file)) {
      const field = fieldAround(owner, place.offset, file)
      if (field === 'tp_base') uses.needs.add(owner)
      else if (field === 'ob_base') uses.addObstacle(place, `it is the metaclass of \`${owner.name}\``)
      else uses.addObstacle(place, `its address stands in \`${owner.name}\``)
      return
    }
    const entry = tableEntry(this.sources, file, code, value)
    if (entry === null) this.refuse(uses, { file, offset: place.offset, code, parameter: null }, value)
    else if ('why' in entry) uses.addObstacle(place, entry.why)
    else uses.tableEntries.push(entry)
  }
}

const ownName = (type: TypeObject, file: string): number | undefined =>
  type.definitions.find((each) => each.file === file)?.variable.nameSpan.start

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

/** Whether a local variable gets the address, in a function that makes types ready. */
function isHandedToReady(around: FunctionCode, value: Value): boolean {
  const parents = parentsIn(around)
  let parent = parents.get(value)
  while (parent?.kind === 'group') parent = parents.get(parent)
  const isGiven = parent !== undefined && /^(?:variable|assign|cast|braces)$/.test(parent.kind)
  return isGiven && callsIn(around).some((call) => calleeName(call) === 'PyType_Ready')
}
