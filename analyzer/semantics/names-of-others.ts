import type { FileCode } from '../code/file-code.ts'
import { nameAt, type Parent, parentsIn } from '../code/placement.ts'
import { eachStatement } from '../code/statements.ts'
import type { FunctionCode, NameValue, Value } from '../code/tree.ts'
import { calleeName } from '../code/values.ts'
import { variablesIn } from '../code/variables.ts'
import type { ProjectModel } from '../project/model.ts'
import { addTo } from '../source/multimap.ts'
import { Nesting } from '../source/nesting.ts'
import type { FileId, Offset, Span } from '../source/text.ts'

/** What stands before a name that is not that of a function or a variable. */
const beforeOtherNames = new Set(['struct', 'union', 'enum', 'class', 'goto', '::'])

/** What hands the compiler attributes; the last one is a macro of CPython's `pyport.h`. */
const attributes = new Set(['__attribute__', '__attribute', '__declspec', 'Py_GCC_ATTRIBUTE'])

/** Tells where names are those of somebody else's headers, and not of the project, as far as its code says. */
export class NamesOfOthers {
  private readonly declaring = new Map<string, boolean>()
  private readonly members = new Map<string, boolean>()
  private readonly unread = new WeakMap<FunctionCode, Map<string, boolean>>()
  private readonly useAt = new Map<string, boolean>()

  constructor(private readonly model: ProjectModel) {}

  private code(file: FileId): FileCode {
    return this.model.project.code(file)
  }

  /** Whether the project itself declares a name in a translation unit; a member of a class is none. */
  isDeclared(name: string, root: FileId, files: readonly FileId[]): boolean {
    if (name.includes('::')) return false
    const { declarations } = this.model.project
    const values = declarations
      .value(name)
      .filter(({ file, fact }) => fact.kind !== 'function' || !this.code(file).isMember(fact.offset))
    const entries = [...values, ...declarations.typedef(name), ...declarations.macro(name)]
    const isLive = ({ file, fact }: (typeof entries)[number]): boolean =>
      files.includes(file) && this.model.conditions.verdictOfIn(root, file, fact) !== 'no'
    return entries.some(isLive) || files.some((file) => this.declares(file, name))
  }

  /** Whether a file declares a name that the facts do not hold: those of a file that is not parsed. */
  private declares(file: FileId, name: string): boolean {
    const key = keyOf(file, name)
    let known = this.declaring.get(key)
    if (known === undefined) {
      const code = this.code(file)
      known =
        code.occurrences(name).length > 0 &&
        (code.functionsNamed(name).some((each) => !code.isMember(each.nameSpan.start)) ||
          code.declarations.some(
            ({ variables, types, prototypes }) =>
              variables.some((each) => each.name === name) || types.includes(name) || prototypes.includes(name),
          ))
      this.declaring.set(key, known)
    }
    return known
  }

  /** Whether a name in some code of a file is one of others where it stands; many units ask it of a header. */
  isUse(file: FileId, around: FunctionCode, name: string, offset: Offset): boolean {
    const key = `${file}:${offset} ${name}`
    let known = this.useAt.get(key)
    if (known === undefined) {
      known = this.readUse(file, around, name, offset)
      this.useAt.set(key, known)
    }
    return known
  }

  private readUse(file: FileId, around: FunctionCode, name: string, offset: Offset): boolean {
    const value = nameAt(around, offset)
    const bare = bareName(name)
    if (bare !== name) return value !== null && `${value.scope}::${value.name}`.replace(/^::/, '') === name
    if (value === null) return isTypeOfVariable(around, name, offset)
    return (
      value.name === name &&
      value.scope === '' &&
      !this.isInDeclarator(around) &&
      !this.isBound(file, around, value) &&
      !this.isDropped(file, around, value)
    )
  }

  /** Whether a name is that of a parameter or of something that the function declares. */
  private isBound(file: FileId, around: FunctionCode, value: NameValue): boolean {
    const { name } = value
    const isIn = (code: FunctionCode): boolean => boundIn(code).has(name)
    if (around.kind === 'file' ? this.declares(file, name) : isIn(around)) return true
    const parents = parentsIn(around)
    for (let at = parents.get(value); at !== undefined; at = parents.get(at))
      if (at.kind === 'code' && at.lambda !== null && isIn(at.lambda)) return true
    return declaredIn(around).has(name) || this.mayBeDeclared(file, around, name)
  }

  /** Whether a name stands in some code as what is no value: in a declaration that was not understood. */
  private mayBeDeclared(file: FileId, around: FunctionCode, name: string): boolean {
    const known = this.unread.get(around) ?? new Map<string, boolean>()
    this.unread.set(around, known)
    const answer = known.get(name) ?? this.readUnread(file, around, name)
    known.set(name, answer)
    return answer
  }

  private readUnread(file: FileId, around: FunctionCode, name: string): boolean {
    return this.code(file)
      .occurrencesIn(name, around.span)
      .some(
        ({ span, before, behind, isField, isInDirective }) =>
          !isField &&
          isInDirective === (around.kind === 'macro') &&
          !beforeOtherNames.has(before) &&
          behind !== ':' &&
          nameAt(around, span.start) === null,
      )
  }

  /**
   * Whether code outside of functions is a declarator with macros around it, `API void CALL spam(int index)`, or what
   * stands behind one: a call there is that of a macro, or none.
   */
  private isInDeclarator(around: FunctionCode): boolean {
    const [first] = around.body
    if (around.kind !== 'file' || first?.kind !== 'expression' || first.value?.kind !== 'call') return false
    const callee = calleeName(first.value)
    return callee === null || this.model.project.declarations.macro(callee).length === 0
  }

  /** Whether a macro of the project stands for an attribute: what it is called with is no code then. */
  private isAttribute(macro: string): boolean {
    return this.model.project.declarations.macro(macro).some(({ file }) =>
      this.code(file)
        .macrosNamed(macro)
        .some(({ body: [first] }) => {
          if (first?.kind !== 'expression' || first.value?.kind !== 'call') return false
          return attributes.has(calleeName(first.value) ?? '')
        }),
    )
  }

  /** Whether a name is handed to a macro of the project that drops it, or makes another name or a text of it. */
  private isDropped(file: FileId, around: FunctionCode, value: NameValue): boolean {
    const parents = parentsIn(around)
    let child: Parent = value
    for (let at = parents.get(child); at !== undefined; child = at, at = parents.get(at)) {
      if (at.kind !== 'call' || at.callee === child) continue
      const callee = calleeName(at)
      if (callee !== null && (attributes.has(callee) || this.isAttribute(callee))) return true
      const argument = at.operands.indexOf(child as Value)
      if (callee !== null && argument >= 0 && this.model.keepsArgument(file, callee, argument) !== 'yes') return true
    }
    return false
  }

  /** Whether a class of a file has a member of a name. */
  hasMember(file: FileId, name: string): boolean {
    const key = keyOf(file, name)
    let known = this.members.get(key)
    if (known === undefined) {
      const code = this.code(file)
      known =
        code.functionsNamed(name).some((each) => code.isMember(each.nameSpan.start)) ||
        code
          .occurrences(name)
          .some(({ span, before, isInDirective }) => !isInDirective && before !== '::' && code.isMember(span.start))
      this.members.set(key, known)
    }
    return known
  }

  /** Whether a class of some files is derived from one that was not read. */
  hasUnreadBase(files: readonly FileId[]): boolean {
    const { declarations } = this.model.project
    return files.some((file) =>
      this.model.files[file]!.structs.some(({ bases }) =>
        bases.some((base) => declarations.struct(`struct ${base}`).length === 0),
      ),
    )
  }
}

/** A name in a file, as the key of a map. */
export const keyOf = (file: FileId, name: string): string => `${file}:${name}`

/** `free` of `std::free`. */
export const bareName = (name: string): string => name.slice(name.lastIndexOf(':') + 1)

/** Makes of each function something that is kept, as each use in it asks for it. */
function keptFor<T>(make: (code: FunctionCode) => T): (code: FunctionCode) => T {
  const kept = new WeakMap<FunctionCode, T & object>()
  return (code) => {
    const known = kept.get(code) ?? (make(code) as T & object)
    kept.set(code, known)
    return known
  }
}

/** The names of a function's parameters and variables. */
const boundIn = keptFor((code) => new Set([...code.parameters, ...variablesIn(code)].map(({ name }) => name)))

/** The names of functions and types that are declared in a function. */
const declaredIn = keptFor(
  ({ body }) =>
    new Set(
      eachStatement(body).flatMap((statement) =>
        statement.kind === 'declaration' ? [...statement.prototypes, ...statement.types] : [],
      ),
    ),
)

/** The declarations of variables in a function, by the first word of their types. */
const declarationsByType = keptFor((code) => {
  const spans = new Map<string, Span[]>()
  for (const { type, declaration } of variablesIn(code)) {
    const word = /^\w+/.exec(type)?.[0]
    if (word !== undefined) addTo(spans, word, declaration.span)
  }
  return new Map([...spans].map(([word, list]) => [word, new Nesting(list)]))
})

/** Whether a name is the type of what a declaration declares: `fpos_t position;`. */
const isTypeOfVariable = (around: FunctionCode, name: string, offset: Offset): boolean =>
  (declarationsByType(around).get(name)?.innermostAt(offset) ?? null) !== null
