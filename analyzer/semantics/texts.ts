import { bodyValue } from '../code/statements.ts'
import { textParts } from '../code/strings.ts'
import type { CallValue, FunctionCode, Value } from '../code/tree.ts'
import { bare, calleeName, itemsOf } from '../code/values.ts'
import { variablesOf } from '../code/variables.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId, Span } from '../source/text.ts'
import { type Call, Callers, type Frame } from './callers.ts'
import { type Functions, functionsOf } from './functions.ts'

/** A text that a value may be. */
export interface Text {
  readonly text: string
  /** Where it is handed over: the value that was asked for, or what a macro or a function around it gets as that. */
  readonly file: FileId
  readonly span: Span
  /** The file whose code expands the macro that the value stands in; that of the value where it stands in none. */
  readonly expandedIn: FileId
}

type Place = Pick<Text, 'file' | 'span' | 'expandedIn'>

const deepest = 8

/** More ways to come to a text are not followed. */
const mostTexts = 200

/** Tells which texts values may be: by macros, variables, tables, and what macros and functions are called with. */
export class Texts {
  private readonly functions: Functions
  private readonly callers: Callers

  constructor(private readonly model: ProjectModel) {
    this.functions = functionsOf(model)
    this.callers = new Callers(model)
  }

  /** The texts that an operand of a call may be, as far as they can be told. @param operand from 0 */
  ofOperand({ file, around, call }: Call, operand: number): readonly Text[] {
    const frame: Frame = { file, code: around, caller: null }
    const value = call.operands[operand]
    const variadic = call.operands.findIndex((each) => isVariadic(each, around))
    // `PyArg_ParseTuple(args, __VA_ARGS__)`
    if (variadic >= 0 && variadic <= operand)
      return this.ofParameter(around.parameters.length - 1 + operand - variadic, frame, 0, null)
    if (value === undefined) return []
    return this.of(value, frame, { file, span: value.span, expandedIn: file }, 0)
  }

  private of(value: Value, frame: Frame, place: Place, depth: number): readonly Text[] {
    if (depth > deepest) return []
    const inner = bare(value)
    switch (inner.kind) {
      case 'literal':
      case 'unknown':
        return this.pieces(inner.span, frame, place, depth)
      case 'name':
        return this.ofName(inner.name, frame, place, depth)
      case 'call':
        return this.ofCall(inner, frame, place, depth)
      case 'conditional':
        return [
          ...this.of(inner.whenTrue, frame, place, depth + 1),
          ...this.of(inner.whenFalse, frame, place, depth + 1),
        ]
      case 'assign':
        return this.of(inner.value, frame, place, depth + 1)
      case 'index':
        return this.of(inner.object, frame, place, depth + 1)
      case 'braces':
        return [...itemsOf(inner.entries ?? [])].flatMap((item) => this.of(item.value, frame, place, depth + 1))
      case 'unary':
        return inner.operator === '&' ? this.of(inner.operand, frame, place, depth + 1) : []
      default:
        return []
    }
  }

  /** What strings that follow each other make, with macros and parameters among them: `"(" FORMAT #name ")"`. */
  private pieces({ start, end }: Span, frame: Frame, place: Place, depth: number): readonly Text[] {
    let found: readonly Text[] = [{ text: '', ...place }]
    for (const part of textParts(this.functions.code(frame.file).text.slice(start, end)) ?? []) {
      const more =
        part.kind === 'text'
          ? [{ text: part.text, ...place }]
          : part.kind === 'name'
            ? this.ofName(part.text, frame, place, depth + 1)
            : this.stringized(part.text, frame, place, depth + 1)
      // What a part is called with tells more than the strings around it.
      const placed = (before: Text, each: Text): Text => (each.span === place.span ? before : each)
      found = found
        .flatMap((before) => more.map((each) => ({ ...placed(before, each), text: before.text + each.text })))
        .slice(0, mostTexts)
    }
    return found
  }

  /** What `#` makes of a parameter: what the macro gets as that, as it is written. */
  private stringized(name: string, frame: Frame, place: Place, depth: number): readonly Text[] {
    const parameter = frame.code.kind === 'macro' ? frame.code.parameters.findIndex((each) => each.name === name) : -1
    if (parameter < 0 || depth > deepest) return []
    return this.callers.of(frame).flatMap(({ call, frame: caller }) => {
      const operand = call.operands[parameter]
      if (!operand) return []
      const { start, end } = operand.span
      const text = this.functions.code(caller.file).text.slice(start, end)
      const at = frame.caller ? place : { file: caller.file, span: operand.span, expandedIn: caller.file }
      const isHandedOn = caller.code.kind === 'macro' && caller.code.parameters.some((each) => each.name === text)
      if (!isHandedOn) return [{ text, ...at }]
      // What is handed on is expanded first, and then no name.
      return this.stringized(text, caller, at, depth + 1).map((each) => ({
        ...each,
        text: this.expanded(each.text, each.file),
      }))
    })
  }

  /** What a name stands for as a macro without parameters; any other text as it is. */
  private expanded(text: string, file: FileId): string {
    const [macro, ...others] = /^\w+$/.test(text) ? this.functions.macrosNamed(file, text) : []
    if (!macro || others.length > 0 || macro.code.parameters.length > 0) return text
    const { start, end } = macro.code.span
    return this.functions.code(macro.file).text.slice(start, end)
  }

  private ofName(name: string, frame: Frame, place: Place, depth: number): readonly Text[] {
    if (depth > deepest) return []
    const parameter = frame.code.parameters.findIndex((each) => each.name === name)
    if (parameter >= 0) return this.ofParameter(parameter, frame, depth, place)
    const assigned = variablesOf(frame.code).get(name)
    if (assigned && frame.code.kind !== 'file')
      return assigned.flatMap((each) => this.of(each, frame, place, depth + 1)).slice(0, mostTexts)
    const macros = this.functions.macrosNamed(frame.file, name)
    if (macros.length > 0) {
      return macros.flatMap(({ file, code }) => {
        const value = bodyValue(code)
        const inner = { file, code, caller: null }
        return value && code.parameters.length === 0 ? this.of(value, inner, place, depth + 1) : []
      })
    }
    return this.ofVariable(name, frame, place, depth)
  }

  /** The texts of a variable at file level. */
  private ofVariable(name: string, { file }: Frame, place: Place, depth: number): readonly Text[] {
    const { declarations } = this.model.project
    const own = this.functions.code(file).variables.some((each) => each.name === name)
    const files = own
      ? [file]
      : [...new Set(declarations.value(name).flatMap(({ file: each, fact }) => (fact.defines ? [each] : [])))]
    return files.flatMap((each) =>
      this.functions.code(each).variables.flatMap((variable) => {
        if (variable.name !== name || variable.initialiser === null) return []
        const around = this.functions.code(each).codeAt(variable.nameSpan.start)
        return around ? this.of(variable.initialiser, { file: each, code: around, caller: null }, place, depth + 1) : []
      }),
    )
  }

  /** What a macro gives that is called. */
  private ofCall(call: CallValue, frame: Frame, place: Place, depth: number): readonly Text[] {
    const name = calleeName(call)
    if (name === null) return []
    return this.functions.macrosNamed(frame.file, name).flatMap(({ file, code }) => {
      const value = bodyValue(code)
      const inner = { file, code, caller: { call, frame } }
      // `#define TEXT(x) #x`
      return value ? this.of(value, inner, place, depth + 1) : this.pieces(code.span, inner, place, depth + 1)
    })
  }

  /** What a macro or a function gets as a parameter. @param place of what is asked for; null for that of the call */
  private ofParameter(parameter: number, frame: Frame, depth: number, place: Place | null): readonly Text[] {
    if (depth > deepest) return []
    const isMacro = frame.code.kind === 'macro'
    return this.callers
      .of(frame)
      .flatMap(({ call, frame: caller }) => {
        const operand = call.operands[parameter]
        if (!operand) return []
        const here = { file: caller.file, span: operand.span }
        const expandedIn = isMacro || place === null ? caller.file : place.expandedIn
        return this.of(operand, caller, frame.caller && place ? place : { ...here, expandedIn }, depth + 1)
      })
      .slice(0, mostTexts)
  }
}

/** Whether an operand is what a macro gets behind its parameters. */
function isVariadic(value: Value, { kind, parameters }: FunctionCode): boolean {
  const inner = bare(value)
  return (
    kind === 'macro' && inner.kind === 'name' && inner.name === '__VA_ARGS__' && parameters.at(-1)?.name !== inner.name
  )
}
