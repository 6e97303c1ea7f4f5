import { bodyValue, expressionOf } from '../../code/statements.ts'
import type { FunctionCode, Statement, Value } from '../../code/tree.ts'
import { bare, calleeName, isNull, nameOf } from '../../code/values.ts'
import { type Body, functionsOf } from '../../semantics/functions.ts'
import type { FileId, Span } from '../../source/text.ts'
import type { Sources } from '../sources.ts'

/** A part of a file. */
export interface PlaceSpan extends Span {
  readonly file: string
}

/** What macros mean that stand for values and statements of the function that makes a module. */
export class InitMacros {
  constructor(
    private readonly sources: Sources,
    private readonly file: string,
    private readonly definedIn: FileId,
  ) {}

  /** What `MOD_SUCCESS_VAL(m)` is given, of a macro that stands for its operand; null for other values. */
  operandOf(value: Value): Value | null {
    const call = bare(value)
    const [operand, ...others] = call.kind === 'call' ? call.operands : []
    const macros = call.kind === 'call' && operand && others.length === 0 ? this.named(calleeName(call) ?? '') : []
    const isIt = ({ code }: Body): boolean => {
      const body = bodyValue(code)
      return body !== null && nameOf(body) === code.parameters[0]?.name
    }
    return macros.length > 0 && macros.every(isIt) ? operand! : null
  }

  /** Whether a value is `NULL`, or a macro that stands for it. */
  isNull(value: Value): boolean {
    const macros = this.named(nameOf(value) ?? '')
    const isZero = (body: Value | null): boolean => body !== null && isNull(body)
    return isNull(value) || (macros.length > 0 && macros.every(({ code }) => isZero(bodyValue(code))))
  }

  /** Whether there is a macro of a name, for some Python of today. */
  has = (name: string): boolean => this.named(name).length > 0

  /** The macros of a name that are for some Python of today. */
  private named = (name: string): readonly Body[] =>
    functionsOf(this.sources.model)
      .macrosNamed(this.definedIn, name)
      .filter(
        ({ file, code }) =>
          !this.sources.isHistory({ file: this.sources.model.files[file]!.file, offset: code.nameSpan.start }),
      )

  /**
   * Where macros that only the maker uses say `return NULL` among other things; null where others use one, too, or it
   * returns something else.
   */
  returnsIn(maker: FunctionCode): readonly PlaceSpan[] | null {
    const names = new Set(
      this.sources
        .code(this.file)
        .namesIn(maker.span)
        .map(({ name }) => name),
    )
    const found: PlaceSpan[] = []
    for (const name of names) {
      for (const { file, code } of this.named(name)) {
        const { file: where } = this.sources.model.files[file]!
        const text = this.sources.written(where, code.span)
        if (!/\breturn\b/.test(text) || isReturnOfNull(code) || isReturnOfOperand(code)) continue
        const uses = this.sources.references(name).filter((each) => {
          const isIn = each.file === this.file && maker.span.start <= each.offset && each.offset < maker.span.end
          return !isIn && !this.sources.code(each.file).definesMacro(each.offset) && !this.sources.isHistory(each)
        })
        const values = [...text.matchAll(/\breturn\b\s*(\w*)/g)]
        if (uses.length > 0 || values.some(([, value]) => value !== 'NULL' && value !== 'nullptr')) return null
        for (const { index, 0: whole, 1: value } of values) {
          const end = code.span.start + index + whole.length
          found.push({ file: where, start: end - value!.length, end })
        }
      }
    }
    return found
  }

  /** What `INIT_RETURN(m);` returns, of a macro that returns its operand; null for other statements. */
  returnedBy(statement: Statement): Value | null {
    const call = expressionOf(statement)
    if (call?.kind !== 'call' || call.operands.length !== 1) return null
    const macros = this.named(calleeName(call) ?? '')
    return macros.length > 0 && macros.every(({ code }) => isReturnOfOperand(code)) ? call.operands[0]! : null
  }

  /** Whether a statement returns `NULL`: by a macro, too. */
  isError(statement: Statement): boolean {
    if (statement.kind === 'return') return statement.value !== null && this.isNull(statement.value)
    if (statement.kind !== 'expression' || statement.value === null) return false
    const inner = bare(statement.value)
    const returned = this.returnedBy(statement)
    if (returned !== null) return this.isNull(returned)
    const name = inner.kind === 'call' ? calleeName(inner) : nameOf(inner)
    const now = name === null ? [] : this.named(name)
    return now.length > 0 && now.every(({ code }) => isReturnOfNull(code))
  }
}

/** `return (value)`, of a macro that is called with it. */
const isReturnOfOperand = ({ body: [only, ...others], parameters }: FunctionCode): boolean =>
  others.length === 0 &&
  parameters.length === 1 &&
  only?.kind === 'return' &&
  only.value !== null &&
  nameOf(only.value) === parameters[0]!.name

/** `return NULL`, of which the semicolon is where the macro is used, or not. */
const isReturnOfNull = ({ body: [only, ...others] }: FunctionCode): boolean =>
  others.length === 0 && only?.kind === 'return' && only.value !== null && nameOf(only.value) === 'NULL'
