import { callsIn, inCasts, nameAt, statementOf } from '../../code/placement.ts'
import { eachStatement, expressionOf } from '../../code/statements.ts'
import type { CallValue, FunctionCode, IfStatement, Statement, Value } from '../../code/tree.ts'
import { addressed, bare, calleeName, isNull, nameOf } from '../../code/values.ts'
import { variablesNamed } from '../../code/variables.ts'
import { initFunctions } from '../../project/init-functions.ts'
import type { ProjectModel } from '../../project/model.ts'
import { failsBehind, nextBehind } from '../../semantics/failing-ends.ts'
import { type GlobalUse, usesOf } from '../../semantics/global-uses.ts'
import { globalVariablesNamed } from '../../semantics/global-variables.ts'
import { type ModuleDef, moduleDefNamed } from '../../semantics/module-defs.ts'
import type { Module } from '../../semantics/modules.ts'
import type { FileId, Offset, Span } from '../../source/text.ts'
import type { Sources } from '../sources.ts'
import { InitMacros, type PlaceSpan } from './init-macros.ts'
import type { Obstacles } from './obstacles.ts'

/** How a module is made in one phase: what becomes of its code is the `Py_mod_exec` of multi-phase initialisation. */
export interface InitCode {
  readonly file: string
  /** The function that Python calls. */
  readonly entry: FunctionCode
  /** The head of the entry, without the blanks behind it: in the branch of a condition that is for Python 3. */
  readonly entryHead: Span
  /** The function that makes the module: the entry itself, or the one that this returns the result of. */
  readonly maker: FunctionCode
  /** Declarations of the maker without a body; none where it is the entry. */
  readonly announcements: readonly Span[]
  readonly def: ModuleDef
  readonly create: CallValue
  /** The variable of the maker that the module is put into; null where it only returns it. */
  readonly variable: string | null
  /** The variable of the process that it is put into instead; null for none. */
  readonly keeper: string | null
  /** What makes the module, and what asks whether that went well. */
  readonly creation: readonly Statement[]
  /** `NULL` in macros of the maker that return it among other things. */
  readonly macroReturns: readonly PlaceSpan[]
  /** Statements that end the maker. */
  readonly ends: readonly InitEnd[]
  /** Statements of the maker that give its reference to the module back. */
  readonly releases: readonly Statement[]
}

/** A statement that ends a function: `return`, or a macro that stands for one. */
export interface InitEnd {
  readonly statement: Statement
  readonly gives: 'module' | 'error'
}

/** @returns null where it is not understood, with the obstacle */
export function initCode(sources: Sources, module: Module, obstacles: Obstacles): InitCode | null {
  return new InitReader(sources, module, obstacles).read()
}

const makers = /^PyModule_Create2?$/

class InitReader {
  private readonly file: string
  private readonly macros: InitMacros

  constructor(
    private readonly sources: Sources,
    private readonly module: Module,
    private readonly obstacles: Obstacles,
  ) {
    this.file = sources.model.files[module.definedIn]!.file
    this.macros = new InitMacros(sources, this.file, module.definedIn)
  }

  read(): InitCode | null {
    const own = initFunctions(this.sources.model.project).filter(
      ({ module, file }) => module === this.module.name && file === this.module.definedIn,
    )
    const handed = own.find(({ kind }) => kind === 'inittab')?.bodies[0]
    if (handed) return this.refuse(handed.nameSpan.start, '`PyImport_AppendInittab` makes it a part of a program')
    const entries = own
      .filter(({ kind }) => kind === 'PyInit')
      .flatMap(({ bodies }) => bodies.filter((code) => this.isNow(code.span.start)))
    const [entry, ...others] = entries
    if (!entry) return this.refuse(0, 'its `PyInit_` function is not found')
    if (others.length > 0) return this.refuse(entry.nameSpan.start, 'it has several `PyInit_` functions')
    const head = this.headOf(entry)
    if (head === null) return this.refuse(entry.nameSpan.start, 'the head of its `PyInit_` function is not understood')
    const maker = this.makerOf(entry)
    if (maker === null) return this.refuse(entry.nameSpan.start, 'how it is made is not understood')
    const creates = this.creates(maker)
    const [create] = creates
    if (!create || creates.length > 1) return this.refuse(maker.nameSpan.start, 'it is made in several places')
    const def = this.definition(create)
    if (def === null) return this.refuse(create.span.start, 'its `PyModuleDef` is not found')
    const unstable = changeOf(this.sources.model, def)
    if (!unstable) return this.body(entry, head, maker, create, def)
    this.obstacles.add(this.sources.model.files[unstable.file]!.file, unstable.offset, unstable.why)
    return null
  }

  private refuse(offset: Offset, text: string): null {
    this.obstacles.add(this.file, offset, text)
    return null
  }

  private isNow = (offset: Offset): boolean => !this.sources.isHistory({ file: this.file, offset })

  private creates = (code: FunctionCode): readonly CallValue[] =>
    callsIn(code).filter((call) => makers.test(calleeName(call) ?? '') && this.isNow(call.span.start))

  /** The head of the function that Python calls: one of several where conditions choose. */
  private headOf(entry: FunctionCode): Span | null {
    const text = this.sources.text(this.file)
    const name = `PyInit_${this.module.name}`
    const written = text.slice(entry.headStart, entry.span.start)
    const whole = { start: entry.headStart, end: entry.headStart + written.trimEnd().length }
    if (
      !/#[ \t]*(?:if|el|endif)/.test(written) &&
      (entry.name === name || !entry.name.startsWith('init') || this.macros.has(entry.name))
    )
      return /\/\*|\/\//.test(written) ? null : whole
    const at = this.sources
      .code(this.file)
      .references(name)
      .findLast((offset) => this.isNow(offset) && offset < entry.span.start)
    if (at === undefined) return null
    const region = this.sources.regionsAround({ file: this.file, offset: at }).at(-1)
    const behind = /^\s*\((?:\s*void)?\s*\)/.exec(text.slice(at + name.length, region?.end))
    return behind && { start: beginningOf(text, at), end: at + name.length + behind[0].length }
  }

  /** The function itself, or another one that does all and that nobody else calls. */
  private makerOf(entry: FunctionCode): FunctionCode | null {
    if (this.creates(entry).length > 0) return entry
    const now = entry.body.filter(({ span }) => this.isNow(span.start))
    const [only] = now
    const call = only?.kind === 'return' && now.length === 1 && only.value ? bare(only.value) : null
    const name = call?.kind === 'call' && call.operands.length === 0 ? calleeName(call) : null
    if (name === null) return null
    const code = this.sources.code(this.file)
    const found = code.functionsNamed(name).filter(({ nameSpan }) => this.isNow(nameSpan.start))
    const announced = this.announcements(name)
    const uses = this.sources
      .references(name)
      // Other files may have a function of that name for themselves.
      .filter((place) => !this.sources.isHistory(place) && (place.file === this.file || found[0]?.storage !== 'static'))
      .filter(({ offset }) => !announced.some(({ start, end }) => start <= offset && offset < end))
    const isOwn = found.length === 1 && uses.length === 2 && uses.every(({ file }) => file === this.file)
    return isOwn && this.creates(found[0]!).length > 0 ? found[0]! : null
  }

  /** Declarations of the maker without a body. */
  private announcements = (name: string): readonly Span[] =>
    this.sources
      .code(this.file)
      .declarations.flatMap(({ prototypes, span }) => (prototypes.length === 1 && prototypes[0] === name ? [span] : []))

  private definition({ operands: [operand] }: CallValue): ModuleDef | null {
    const name = operand ? (addressed(operand) ?? nameOf(operand)) : null
    const def = name === null ? null : moduleDefNamed(this.sources.model, this.module.definedIn, name)
    return def?.file === this.module.definedIn ? def : null
  }

  private body(
    entry: FunctionCode,
    entryHead: Span,
    maker: FunctionCode,
    create: CallValue,
    def: ModuleDef,
  ): InitCode | null {
    const statements = eachStatement(maker.body).filter(({ span }) => this.isNow(span.start))
    const made = statementOf(maker, create)
    const keeper = made && this.keeperOf(maker, made, create)
    const variable = keeper ? null : made && this.variableOf(maker, made, create)
    const known = keeper ?? variable ?? null
    if (!made || variable === undefined)
      return this.refuse(create.span.start, 'what becomes of the module there is not understood')
    if (made.kind === 'if' && !isErrorTest(made, (each) => this.macros.isError(each)))
      return this.refuse(create.span.start, 'what it does there is not understood')
    const check =
      known === null || made.kind === 'if'
        ? null
        : checkBehind(statements, made, known, (each) => this.macros.isError(each))
    const creation = made.kind === 'return' ? [] : check ? [made, check] : [made]
    const isGone = ({ span: { start, end } }: Statement): boolean =>
      creation.some(({ span }) => span.start <= start && end <= span.end)
    const ends: InitEnd[] = []
    const releases: Statement[] = []
    for (const statement of statements) {
      if (statement.kind === 'unknown') return this.refuse(statement.span.start, 'what it does there is not understood')
      if (isGone(statement)) continue
      const end = this.endOf(statement, known, create)
      if (end === 'unknown') return this.refuse(statement.span.start, 'what it returns there is not understood')
      if (end !== null) ends.push({ statement, gives: end })
      else if (known !== null && isReset(statement, known) && this.isReturnedNext(maker, statement, known))
        ends.push({ statement, gives: 'error' })
      else if (isRelease(statement, known)) releases.push(statement)
      else if (known !== null && assigns(statement, known))
        return this.refuse(statement.span.start, `\`${known}\` gets another value there`)
    }
    const endOf = (statement: Statement): 'error' | 'other' | null => {
      const end = ends.find((each) => each.statement === statement)
      return end ? (end.gives === 'error' ? 'error' : 'other') : null
    }
    const careless = releases.find((each) => !failsBehind(maker, each, endOf))
    if (careless) return this.refuse(careless.span.start, 'the module is given back there, and returned')
    const macroReturns = this.macros.returnsIn(maker)
    if (macroReturns === null)
      return this.refuse(maker.nameSpan.start, `a macro in \`${maker.name}\` returns, and stands elsewhere, too`)
    const announcements = entry === maker ? [] : this.announcements(maker.name)
    return {
      file: this.file,
      entry,
      entryHead,
      maker,
      announcements,
      def,
      create,
      variable,
      keeper: keeper ?? null,
      creation,
      macroReturns,
      ends,
      releases,
    }
  }

  /** The variable of the process that the module is put into; null for none. */
  private keeperOf(maker: FunctionCode, made: Statement, create: CallValue): string | null {
    const assign = expressionOf(made)
    const isIt = assign?.kind === 'assign' && assign.operator === '=' && bare(assign.value) === create
    const name = isIt ? nameOf(assign.target) : null
    if (name === null || variablesNamed(maker, name).length > 0) return null
    const isKept = this.sources
      .code(this.file)
      .variables.some((each) => each.name === name && each.type === 'PyObject*')
    return isKept ? name : null
  }

  /** The local variable that the module is put into; null where it is returned at once, undefined for anything else. */
  private variableOf(maker: FunctionCode, made: Statement, create: CallValue): string | null | undefined {
    if (made.kind === 'return') return made.value && bare(made.value) === create ? null : undefined
    if (made.kind === 'declaration')
      return this.sources.code(this.file).holdsDirectives(made.span)
        ? undefined
        : made.variables.find(({ initialiser }) => initialiser && bare(initialiser) === create)?.name
    const value =
      made.kind === 'expression' ? made.value : made.kind === 'if' ? assignmentIn(made.condition, create) : null
    const assign = value && bare(value)
    const name = assign?.kind === 'assign' && bare(assign.value) === create ? nameOf(assign.target) : null
    const [declared, ...others] = variablesNamed(maker, name)
    const isPlain = declared?.storage === '' && !this.sources.code(this.file).holdsDirectives(declared.declaration.span)
    return isPlain && others.length === 0 ? name! : undefined
  }

  private endOf(statement: Statement, variable: string | null, create: CallValue): InitEnd['gives'] | 'unknown' | null {
    const returned = this.macros.returnedBy(statement)
    if (statement.kind === 'return' || returned !== null) {
      const value = returned ?? (statement.kind === 'return' ? statement.value : null)
      if (value === null) return 'unknown'
      if (this.macros.isNull(value)) return 'error'
      const given = this.macros.operandOf(value)
      if (given) return variable !== null && nameOf(given) === variable ? 'module' : 'unknown'
      return bare(value) === create || (variable !== null && nameOf(value) === variable) ? 'module' : 'unknown'
    }
    return this.macros.isError(statement) ? 'error' : null
  }

  /** Whether a variable is returned behind a statement, and nothing is done before. */
  private isReturnedNext(maker: FunctionCode, statement: Statement, variable: string): boolean {
    const next = nextBehind(maker, statement)
    if (next === null || !this.isNow(next.span.start)) return false
    const isIt = (each: Statement | undefined): boolean =>
      each?.kind === 'return' &&
      each.value !== null &&
      nameOf(this.macros.operandOf(each.value) ?? each.value) === variable
    // `#if` around the last statement of a function
    if (next.kind === 'branches')
      return maker.body.at(-1) === next && next.branches.every(({ statements: [first] }) => isIt(first))
    return isIt(next)
  }
}

/** Where code changes the definition of a module, or it does not stay. */
function changeOf(model: ProjectModel, def: ModuleDef): { file: FileId; offset: Offset; why: string } | null {
  const { file, span } = def
  const variable = globalVariablesNamed(model, [file], def.variable).find((each) => each.span.start === span.start)
  if (!variable) return { file, offset: span.start, why: 'its `PyModuleDef` is gone when its function ends' }
  const use = usesOf(model, variable).find(
    (each) => each.how === 'write' || (each.how === 'address' && !isForPython(each)),
  )
  return use ? { file: use.file, offset: use.offset, why: 'its `PyModuleDef` may change there' } : null
}

/** Whether an address is handed to a function of CPython's. */
function isForPython({ around, offset }: GlobalUse): boolean {
  const name = around && nameAt(around, offset)
  const address = around && name ? inCasts(around, name).parent : undefined
  const user = around && address?.kind === 'unary' ? inCasts(around, address).parent : undefined
  return user?.kind === 'call' && /^Py/.test(calleeName(user) ?? '')
}

/** Where what stands before a name in a declaration begins: on its own line, or on those before. */
function beginningOf(text: string, name: Offset): Offset {
  let start = text.lastIndexOf('\n', name - 1) + 1
  while (start > 0) {
    const before = text.lastIndexOf('\n', start - 2) + 1
    const isContinued = /\\\r?\n$/.test(text.slice(Math.max(0, before - 3), before))
    if (isContinued || !/^[\w \t*"]*[\w*"][ \t]*\r?\n$/.test(text.slice(before, start))) break
    start = before
  }
  return start
}

/** The assignment in a test: `(m = f()) == NULL`, `!(m = f())`. */
function assignmentIn(condition: Value, create: CallValue): Value | null {
  const inner = bare(condition)
  if (inner.kind === 'assign') return bare(inner.value) === create ? inner : null
  if (inner.kind === 'binary') return inner.operator === '==' ? assignmentIn(inner.left, create) : null
  return inner.kind === 'unary' && inner.operator === '!' ? assignmentIn(inner.operand, create) : null
}

/** The test behind the statement that makes a module that does no more than to end the function where that failed. */
function checkBehind(
  statements: readonly Statement[],
  made: Statement,
  variable: string,
  isError: (statement: Statement) => boolean,
): IfStatement | null {
  const next = statements.find(({ span }) => span.start >= made.span.end)
  return next?.kind === 'if' && isNullTest(next.condition, variable) && isErrorTest(next, isError) ? next : null
}

/** Whether all that an `if` does is to end the function with an error. */
function isErrorTest({ then, otherwise }: IfStatement, isError: (statement: Statement) => boolean): boolean {
  const [only, ...others] = then.kind === 'block' ? then.statements : [then]
  return otherwise === null && only !== undefined && others.length === 0 && isError(only)
}

/** `m == NULL`, `NULL == m`, `!m` */
function isNullTest(condition: Value, variable: string): boolean {
  const inner = bare(condition)
  if (inner.kind === 'unary') return inner.operator === '!' && nameOf(inner.operand) === variable
  if (inner.kind !== 'binary' || inner.operator !== '==') return false
  const names = [nameOf(inner.left), nameOf(inner.right)]
  return names.includes(variable) && names.some((each) => each === 'NULL' || each === 'nullptr')
}

/** `m = NULL;`, `Py_CLEAR(m);` */
const isReset = (statement: Statement, variable: string): boolean => {
  const value = expressionOf(statement)
  if (value?.kind === 'assign')
    return value.operator === '=' && nameOf(value.target) === variable && isNull(value.value)
  return value?.kind === 'call' && calleeName(value) === 'Py_CLEAR' && isRelease(statement, variable)
}

const isRelease = (statement: Statement, variable: string | null): boolean => {
  const call = expressionOf(statement)
  return (
    variable !== null &&
    call?.kind === 'call' &&
    /^Py_(?:X?DECREF|DecRef|CLEAR)$/.test(calleeName(call) ?? '') &&
    call.operands[0] !== undefined &&
    nameOf(call.operands[0]) === variable
  )
}

/** Whether a statement itself gives a variable another value, or hands out its address. */
const assigns = (statement: Statement, variable: string): boolean => {
  const values: readonly Value[] = statement.kind === 'expression' && statement.value ? [statement.value] : []
  return values.some((value) => {
    const inner = bare(value)
    if (inner.kind === 'assign') return nameOf(inner.target) === variable
    return inner.kind === 'call' && inner.operands.some((each) => addressed(each) === variable)
  })
}
