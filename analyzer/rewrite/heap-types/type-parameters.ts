import { callsAround, callsIn } from '../../code/placement.ts'
import { valuesInCode } from '../../code/statements.ts'
import type { FunctionCode, Variable } from '../../code/tree.ts'
import { addressed, calleeName, nameOf } from '../../code/values.ts'
import { variablesIn, variablesNamed } from '../../code/variables.ts'
import type { Offset } from '../../source/text.ts'
import type { CodeIn, PlaceIn, Sources } from '../sources.ts'
import { isDeclaredBefore } from './declared-before.ts'
import { callAt } from './found-uses.ts'
import type { TypeIndex } from './type-index.ts'
import type { TypeObject } from './type-objects.ts'
import type { TypeUses } from './uses.ts'

/**
 * Parameters that always are the same type: a function sets the fields of the type that it gets and makes it ready, and
 * all calls of it hand over the address of one static type.
 */

/** A parameter of a function that is always the address of one type. */
export interface TypeParameter extends CodeIn {
  readonly name: string
  readonly type: TypeObject
}

/** Knows the parameters of a project that always are one type. */
export class TypeParameters {
  private readonly known = new Map<FunctionCode, ReadonlyMap<number, TypeParameter>>()

  constructor(
    private readonly sources: Sources,
    private readonly index: TypeIndex,
  ) {}

  /** The parameters that always are a type. */
  of(type: TypeObject): readonly TypeParameter[] {
    const found = new Set<TypeParameter>()
    for (const { file, offset } of type.references) {
      const code = this.sources.code(file).functionAt(offset)
      if (code === null) continue
      for (const call of callsAround(code, offset)) {
        for (const index of call.operands.keys()) {
          const parameter = this.named(calleeName(call) ?? '', index, file)
          if (parameter?.type === type) found.add(parameter)
        }
      }
    }
    return [...found]
  }

  /**
   * The parameter of a function that always is one type; null for any other.
   * @param index of the parameter, from 0
   * @param file where the function is called
   */
  named(callee: string, index: number, file: string): TypeParameter | null {
    const [helper, ...others] = callee === '' ? [] : this.sources.functions(callee, file)
    if (!helper || others.length > 0 || this.sources.macros(callee).length > 0) return null
    return this.in(helper).get(index) ?? null
  }

  /** The type that a name always is in a function; null for none. */
  typeIn(helper: CodeIn, name: string): TypeObject | null {
    if (helper.code.kind !== 'function') return null
    return [...this.in(helper).values()].find((each) => each.name === name)?.type ?? null
  }

  private in(helper: CodeIn): ReadonlyMap<number, TypeParameter> {
    let found = this.known.get(helper.code)
    if (!found) {
      found = this.read(helper)
      this.known.set(helper.code, found)
    }
    return found
  }

  private read(helper: CodeIn): ReadonlyMap<number, TypeParameter> {
    const { file, code } = helper
    const found = new Map<number, TypeParameter>()
    for (const [index, parameter] of code.parameters.entries()) {
      if (!isMadeHere(code, parameter) || this.isOtherToo(helper, parameter)) continue
      const type = this.onlyType(code.name, index)
      if (type === null || !this.mayName(type, helper)) continue
      found.set(index, { file, code, name: parameter.name, type })
    }
    return found
  }

  /** Whether a name may mean another thing, or what it means may change. */
  private isOtherToo({ file, code }: CodeIn, { name }: Variable): boolean {
    if (variablesNamed(code, name).length > 0) return true
    for (const value of valuesInCode(code.body)) {
      if (value.kind === 'assign' && nameOf(value.target) === name) return true
      if (value.kind === 'unary' && /^(?:&|\+\+|--)/.test(value.operator) && nameOf(value.operand) === name) return true
    }
    // A macro that says the name without getting it.
    return this.sources
      .namesIn(file, code.span)
      .some((word) =>
        this.sources
          .macros(word)
          .some(
            (macro) =>
              !macro.code.parameters.some((each) => each.name === name) &&
              this.sources.code(macro.file).referencesIn(name, macro.code.span).length > 0,
          ),
      )
  }

  /** Whether a function may say the name of a type. */
  private mayName({ name, pointer, pointerName }: TypeObject, { file, code }: CodeIn): boolean {
    const own = [...code.parameters, ...variablesIn(code)]
    return (
      pointer === null &&
      pointerName === null &&
      this.sources.declares(name) &&
      !own.some((each) => each.name === name) &&
      isDeclaredBefore(this.sources, name, { file, offset: code.span.start })
    )
  }

  /** The type that all calls of a function give to a parameter; null for others, or where that is not known. */
  private onlyType(name: string, index: number): TypeObject | null {
    const types = new Set<TypeObject | null>()
    for (const place of this.sources.references(name)) {
      if (this.isDeclaration(place, name)) continue
      const call = callAt(this.sources, place)
      const operand = call === null || call === 'unread' ? undefined : call.operands[index]
      const given = operand ? addressed(operand) : null
      types.add(given === null ? null : this.index.named(given, place.file))
    }
    const [type] = types
    return types.size === 1 ? type! : null
  }

  /** Whether a function is defined or declared at a place. */
  isDeclaration({ file, offset }: PlaceIn, name: string): boolean {
    const code = this.sources.code(file)
    if (code.isInDirective(offset)) return false
    if (code.headAt(offset)?.name === name) return true
    const [statement] = code.codeAt(offset)?.body ?? []
    return code.functionAt(offset) === null && statement?.kind === 'declaration' && statement.prototypes.includes(name)
  }
}

/** Whether a function makes ready what a parameter points to, and sets fields of it. */
function isMadeHere(code: FunctionCode, { name, type }: Variable): boolean {
  if (name === '' || !type.endsWith('*') || type.endsWith('**')) return false
  const isReady = callsIn(code).some(
    (call) =>
      calleeName(call) === 'PyType_Ready' && call.operands[0] !== undefined && nameOf(call.operands[0]) === name,
  )
  return (
    isReady &&
    valuesInCode(code.body).some((value) => {
      if (value.kind !== 'assign' || value.target.kind !== 'member') return false
      return nameOf(value.target.object) === name
    })
  )
}

/**
 * Where a parameter is used before the type is made, until when what is handed over is NULL; null for nowhere.
 * @param places where it is named
 */
export function earlyUse(
  { creationCalls, removals, readyTests }: TypeUses,
  { file, code }: TypeParameter,
  places: readonly Offset[],
): Offset | null {
  const ready = creationCalls.find((each) => each.around === code)?.operand.call.span.start ?? Infinity
  const gone = [...removals, ...readyTests].filter((each) => each.file === file)
  const isGone = (offset: Offset): boolean => gone.some(({ span }) => span.start <= offset && offset < span.end)
  return places.find((offset) => offset < ready && !isGone(offset)) ?? null
}
