import type { FileCode } from '../code/file-code.ts'
import { callStarting, inCasts, inParentheses, type Parent } from '../code/placement.ts'
import type { CallValue, FunctionCode, Value, Variable } from '../code/tree.ts'
import { bare, calleeName } from '../code/values.ts'
import { variablesIn, variablesNamed } from '../code/variables.ts'
import { readingOf } from '../knowledge/reading-functions.ts'
import type { ProjectModel } from '../project/model.ts'
import { greatest } from '../source/lists.ts'
import type { FileId, Offset } from '../source/text.ts'
import { isTestedAscii } from './ascii-tests.ts'
import { DataPointers } from './data-pointers.ts'
import { functionsOf, isCxxFile } from './functions.ts'
import { LocalNames } from './local-names.ts'
import { lvalueUse } from './lvalues.ts'

/**
 * Whether a call asks for the data of a str of which tests say that it is ASCII, and that data is only read: it goes
 * into pointers to `const`, or nobody writes through what it goes into.
 *
 * Of such a str the data is its UTF-8, at the same place: behind a compact one, and where an instance of a subclass, or
 * a str that `PyUnicode_READY` made ready, has its data, both point to that. Source: Objects/unicodeobject.c of 3.3 to
 * 3.15, `PyUnicode_UTF8`, `unicode_subtype_new`, `_PyUnicode_Ready`.
 * @param start where the call begins, in bytes
 */
export function isAsciiDataAt(model: ProjectModel, file: FileId, start: Offset): boolean {
  const code = model.project.code(file).functionAt(start)
  const call = code && callStarting(code, start)
  if (!code || !call || !isTestedAscii(model, file, code, call)) return false
  const reader = new DataReader(model, file, code)
  return reader.isOnlyRead(call)
}

/**
 * What has to stand around the data of a str where a call that asks for it stands, if that has another type than the
 * call: parentheses and a cast, a cast alone, or nothing, where a pointer to `const char` is as good.
 * @param start where the call begins, in bytes
 */
export function castAround(model: ProjectModel, file: FileId, start: Offset): 'group' | 'cast' | 'nothing' {
  const text = model.project.code(file)
  const code = text.functionAt(start)
  const call = code && callStarting(code, start)
  if (!code || !call) return 'group'
  const { whole, parent } = inParentheses(code, call)
  const isTarget = parent?.kind === 'assign' && parent.target === whole
  const taker = parent?.kind === 'assign' ? parent.target : parent
  // `static_cast<T *>(...)` does not take what is `const`.
  if (parent?.kind === 'cast' && text.text[parent.span.start] !== '(') return 'cast'
  if (parent?.kind === 'cast' && parent.type.endsWith('*')) return 'nothing'
  if (taker && !isTarget && new DataReader(model, file, code).takesText(taker)) return 'nothing'
  const isOperand = parent?.kind === 'call' && parent.callee !== whole
  const isGiven = isOperand || (!isTarget && /^(?:variable|assign|return|conditional)$/.test(parent?.kind ?? ''))
  return isGiven || whole !== call ? 'cast' : 'group'
}

class DataReader {
  private isRead = true
  private readonly text: FileCode
  private readonly isCxx: boolean

  constructor(
    private readonly model: ProjectModel,
    private readonly file: FileId,
    private readonly code: FunctionCode,
  ) {
    this.text = model.project.code(file)
    this.isCxx = isCxxFile(model, file)
  }

  isOnlyRead(call: CallValue): boolean {
    const refuse = (): void => {
      this.isRead = false
    }
    const local = new LocalNames(this.model, this.file, this.code)
    const pointers = new DataPointers(this.code, local, {
      refuse,
      isSettled: (taker) => this.isToConst(taker),
      isGivenBack: (each, operand) => {
        const reading = this.readingBy(each, operand)
        if (reading === null) refuse()
        return reading === 'gives back'
      },
      element: (value) => {
        const { parent } = inCasts(this.code, value)
        // A function of C++ may take it by reference.
        const isHanded = this.isCxx && parent?.kind === 'call' && !/^P(?:y|ep)/.test(calleeName(parent) ?? '')
        if (isHanded || lvalueUse(this.code, value) !== null) refuse()
      },
      used: () => {},
    })
    pointers.follow(call)
    return this.isRead
  }

  /** Whether a variable that gets the data is a pointer to `const char`, or to anything that is `const`. */
  takesText(taker: Parent): boolean {
    if (taker.kind !== 'variable' && taker.kind !== 'name') return false
    const declared = [...variablesIn(this.code), ...this.code.parameters].find(({ name }) => name === taker.name)
    return /^(?:char|void)\*$/.test(declared?.type ?? '') && this.isVariableToConst(taker.name, '*')
  }

  /** What a call does with data that it gets; null where it may write there, or where that is not known. */
  private readingBy(call: CallValue, operand: Value): 'reads' | 'gives back' | null {
    const name = calleeName(call)
    const index = call.operands.indexOf(operand)
    const functions = functionsOf(this.model)
    if (name === null || index < 0 || functions.macrosNamed(this.file, name).length > 0) return null
    const bodies = functions.named(this.file, name)
    if (bodies.length > 0)
      return bodies.every(({ file, code }) => isConstParameter(this.model.project.code(file), code, index))
        ? 'reads'
        : null
    const reading = readingOf(name)
    if (!reading?.operands.includes(index)) return null
    return reading.givesBack ? 'gives back' : 'reads'
  }

  /** Whether a cast, a variable, a field, or what the function gives is a pointer to `const`. */
  private isToConst(taker: Value | Variable | FunctionCode): boolean {
    switch (taker.kind) {
      case 'variable':
        return this.isVariableToConst(taker.name, '*')
      case 'cast':
        return isPointerToConst(this.text, taker.span.start, taker.operand.span.start, taker.type)
      case 'function':
        return isPointerToConst(this.text, taker.headStart, taker.nameSpan.start, taker.result)
      case 'group':
        return this.isToConst(taker.inner)
      case 'name':
        return this.isVariableToConst(taker.name, '*')
      case 'member':
        return this.isFieldToConst(taker.name)
      case 'unary': {
        const out = bare(taker.operand)
        return taker.operator === '*' && out.kind === 'name' && this.isVariableToConst(out.name, '**')
      }
      default:
        return false
    }
  }

  private isVariableToConst(name: string, stars: string): boolean {
    const variables = variablesNamed(this.code, name)
    const parameters = this.code.parameters.filter((each) => each.name === name)
    const [declared, ...others] = [
      ...variables.map(({ declaration, ...each }) => ({ ...each, declaration })),
      ...parameters,
    ]
    if (!declared || others.length > 0) return false
    const { nameSpan, type } = declared
    const start =
      'declaration' in declared ? declared.declaration.span.start : startOfParameter(this.text, nameSpan.start)
    return isPointerToConst(this.text, start, nameSpan.start, type, stars)
  }

  /** Whether all fields of a name, in all structs, are pointers to `const`. */
  private isFieldToConst(name: string): boolean {
    let isFound = false
    for (const file of this.model.project.filesWith(name)) {
      const text = this.model.project.code(file)
      for (const { span, isField, isInDirective } of text.occurrences(name)) {
        if (isInDirective) return false
        if (isField || !text.isMember(span.start)) continue
        const start = greatest([';', '{', '}'].map((each) => text.text.lastIndexOf(each, span.start))) + 1
        const written = text.text.slice(start, span.start)
        const stars = /^[^*]*(\*+)\s*$/.exec(written)?.[1]
        if (stars !== '*' || !isPointerToConst(text, start, span.start, '*')) return false
        isFound = true
      }
    }
    return isFound
  }
}

/** Where a parameter begins: behind the parenthesis or the comma before its name. */
const startOfParameter = ({ text }: FileCode, name: number): number =>
  Math.max(text.lastIndexOf('(', name), text.lastIndexOf(',', name)) + 1

function isConstParameter(text: FileCode, { hasParameters, parameters }: FunctionCode, index: number): boolean {
  const parameter = parameters[index]
  if (!hasParameters || !parameter || parameter.name === '') return false
  const name = parameter.nameSpan.start
  return isPointerToConst(text, startOfParameter(text, name), name, parameter.type)
}

/**
 * Whether a part of the text declares a pointer to `const`: the word stands before the first star.
 * @param type what is declared, without qualifiers
 * @param stars those of the type: with two of them it is what the pointer points to
 */
function isPointerToConst(text: FileCode, start: number, end: number, type: string, stars = '*'): boolean {
  if (/\*+$/.exec(type)?.[0] !== stars || type.replace(/\*+$/, '').includes('*')) return false
  const written = text.text.slice(start, end)
  const star = written.indexOf('*')
  return star >= 0 && !/&|.\(./.test(written) && text.occurrencesIn('const', { start, end: start + star }).length > 0
}
