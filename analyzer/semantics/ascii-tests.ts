import { nestWithBraces } from '../code/conditionals.ts'
import type {
  BinaryValue,
  CallValue,
  FunctionCode,
  IfStatement,
  LoopStatement,
  Statement,
  Value,
} from '../code/tree.ts'
import { bare, nameOf, operandsOf } from '../code/values.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId, Offset, Span } from '../source/text.ts'
import { TestReader, truth } from './ascii-conditions.ts'
import { VariableChanges } from './variable-changes.ts'

const known = new WeakMap<FunctionCode, AsciiTests>()

/**
 * Whether a test on every path of a function to a call says that the str that the call gets is ASCII. The str is a
 * variable or a parameter of the function, which gets no other value between the two.
 */
export function isTestedAscii(model: ProjectModel, file: FileId, code: FunctionCode, call: CallValue): boolean {
  const name = call.operands.length === 1 ? nameOf(call.operands[0]!) : null
  if (name === null) return false
  let found = known.get(code)
  if (!found) {
    found = new AsciiTests(model, file, code)
    known.set(code, found)
  }
  return found.at(call)?.has(name) ?? false
}

/**
 * What is known where a path has come to: the variables that hold an ASCII str, and as `flag>name` those that are not
 * zero only if another one does. Null where no path comes to.
 */
type State = ReadonlySet<string> | null
const nothing: ReadonlySet<string> = new Set()

/** What is known where paths come together. */
function meet(one: State, other: State): State {
  if (one === null || other === null) return one ?? other
  return new Set([...one].filter((each) => other.has(each)))
}

/** Follows what tests say through one function. */
class AsciiTests {
  private readonly found = new Map<CallValue, State>()
  private readonly changes: VariableChanges
  /** What is known before each `switch` that is read, the innermost last. */
  private readonly choices: State[] = []
  private readonly tests: TestReader
  /** Whether directives stand in what is read: what is a condition in one build is none in another. */
  private isOpaque = false

  constructor(
    private readonly model: ProjectModel,
    private readonly file: FileId,
    code: FunctionCode,
  ) {
    this.changes = new VariableChanges(model, file, code)
    this.tests = new TestReader(model, (name) => this.changes.isUnderstood(name))
    // Else there is another function in each build.
    const { text } = model.project.code(file)
    if (nestWithBraces(text.slice(code.span.start, code.span.end))) this.list(code.body, nothing)
  }

  /** What is known of strs before a call. */
  at(call: CallValue): State {
    return this.found.get(call) ?? null
  }

  /** What is still known behind a part of the text, whatever is done there. */
  private without(state: State, span: Span): State {
    if (state === null || state.size === 0) return state
    return new Set([...state].filter((each) => each.split('>').every((name) => this.changes.isKept(name, span))))
  }

  private list(statements: readonly Statement[], state: State): State {
    return statements.reduce<State>((at, each) => this.statement(each, at), state)
  }

  private statement(statement: Statement, state: State): State {
    const isSimple = /^(?:expression|declaration|return)$/.test(statement.kind)
    if (isSimple && !this.isOpaque && this.holdsDirectives(statement.span.start, statement.span.end))
      return this.opaquely(() => this.statement(statement, state))
    switch (statement.kind) {
      case 'expression': {
        const after = statement.value ? this.value(statement.value, state) : state
        return statement.value && this.tests.isEnd(statement.value) ? null : after
      }
      case 'declaration':
        return statement.variables.reduce<State>((at, { name, nameSpan, initialiser }) => {
          const after = initialiser ? this.value(initialiser, at) : at
          return initialiser ? this.given(name, nameSpan, initialiser, after) : this.without(after, nameSpan)
        }, state)
      case 'if':
        return this.choice(statement, state)
      case 'loop':
        return this.loop(statement, state)
      case 'switch': {
        const isWhole = !this.holdsDirectives(statement.span.start, statement.body.span.start)
        const asked = (): State => this.value(statement.value, state)
        const before = this.without(isWhole ? asked() : this.opaquely(asked), statement.body.span)
        this.choices.push(before)
        this.statement(statement.body, null)
        this.choices.pop()
        return before
      }
      case 'return':
        if (statement.value) this.value(statement.value, state)
        return null
      case 'jump':
        return null
      case 'label':
        // Whatever a `goto` knows is forgotten.
        return /^(?:case|default)$/.test(statement.name) ? meet(state, this.choices.at(-1) ?? nothing) : nothing
      case 'block':
        return statement.block === 'catch'
          ? meet(state, this.list(statement.statements, nothing))
          : this.list(statement.statements, state)
      case 'branches':
        // Each of them is some build's.
        return statement.branches
          .map(({ statements }) => this.list(statements, state))
          .reduce<State>(meet, statement.hasElse ? null : state)
      default:
        return nothing
    }
  }

  private choice({ condition, then, otherwise, span }: IfStatement, state: State): State {
    // Of what stands among directives another `if` may decide, or none.
    const isWhole =
      !this.holdsDirectives(span.start, then.span.start) &&
      then.kind !== 'branches' &&
      (otherwise === null ||
        (otherwise.kind !== 'branches' && !this.holdsDirectives(then.span.end, otherwise.span.start)))
    const [yes, no] = isWhole ? this.condition(condition, state) : this.opaquely(() => this.condition(condition, state))
    const done = this.statement(then, yes)
    const rest = otherwise === null ? no : this.statement(otherwise, no)
    return isWhole ? meet(done, rest) : meet(meet(done, rest), no)
  }

  private holdsDirectives(start: Offset, end: Offset): boolean {
    return this.model.project.code(this.file).holdsDirectives({ start, end })
  }

  private loop({ loop, head, body, span }: LoopStatement, state: State): State {
    const before = this.without(state, span)
    if (loop === 'do' || loop === 'macro') {
      this.statement(body, before)
      this.list(head, before)
      return before
    }
    const asked = loop === 'while' ? (head.length === 1 ? head[0] : undefined) : head.length === 3 ? head[1] : undefined
    const isWhole = body.kind !== 'branches' && !this.holdsDirectives(span.start, body.span.start)
    for (const each of head) this.statement(each, before)
    const [inside] =
      asked?.kind === 'expression' && asked.value && isWhole ? this.condition(asked.value, before) : [before]
    this.statement(body, inside)
    return before
  }

  /** What is known behind a value, whatever it gives. */
  private value(value: Value, state: State): State {
    switch (value.kind) {
      case 'binary': {
        if (value.operator === ',') return this.value(value.right, this.value(value.left, state))
        if (this.isOpaque || (value.operator !== '&&' && value.operator !== '||')) break
        const [yes, no] = this.condition(value, state)
        return meet(yes, no)
      }
      case 'conditional': {
        if (this.isOpaque) break
        const [yes, no] = this.condition(value.condition, state)
        return meet(this.value(value.whenTrue, yes), this.value(value.whenFalse, no))
      }
      case 'group':
        return this.value(value.inner, state)
      case 'cast':
        return this.value(value.operand, state)
      case 'assign': {
        const name = value.operator === '=' ? nameOf(value.target) : null
        if (name === null) break
        return this.given(name, value.target.span, value.value, this.value(value.value, state))
      }
      case 'code':
        if (value.lambda === null) this.list(value.body, this.without(state, value.span))
        return this.without(state, value.span)
      case 'unknown':
        return this.without(state, value.span)
    }
    // Its operands are done in any order.
    const before = this.without(state, value.span)
    for (const each of operandsOf(value)) this.value(each, before)
    if (value.kind === 'call') this.found.set(value, this.found.has(value) ? meet(this.at(value), before) : before)
    return before
  }

  /** What is known where a variable has got a value. @param state behind the value */
  private given(name: string, at: Span, value: Value, state: State): State {
    const after = this.without(state, at)
    if (after === null || !this.changes.isUnderstood(name) || bare(value).kind === 'assign') return after
    const [yes] = this.condition(value, after)
    const said = [...(yes ?? [])].filter((each) => !after.has(each) && !each.includes('>') && each !== name)
    return said.length === 0 ? after : new Set([...after, ...said.map((each) => `${name}>${each}`)])
  }

  /** What is known where a condition holds, and where it does not. */
  private condition(value: Value, state: State): readonly [State, State] {
    if (this.isOpaque) return this.either(value, state)
    switch (value.kind) {
      case 'group':
        return this.condition(value.inner, state)
      case 'cast':
        return this.condition(value.operand, state)
      case 'name':
        return [this.flagged(value.name, state), state]
      case 'assign': {
        const after = this.value(value, state)
        const name = value.operator === '=' ? nameOf(value.target) : null
        return [name === null ? after : this.flagged(name, after), after]
      }
      case 'conditional': {
        const [yes, no] = this.condition(value.condition, state)
        const [first, second] = [this.condition(value.whenTrue, yes), this.condition(value.whenFalse, no)]
        return [meet(first[0], second[0]), meet(first[1], second[1])]
      }
      case 'unary': {
        if (value.operator !== '!') break
        const [yes, no] = this.condition(value.operand, state)
        return [no, yes]
      }
      case 'binary':
        return this.compared(value, state)
    }
    return this.said(value, state)
  }

  private compared(value: BinaryValue, state: State): readonly [State, State] {
    if (value.operator === '&&' || value.operator === '||') {
      const [yes, no] = this.condition(value.left, state)
      const isAnd = value.operator === '&&'
      const [yes2, no2] = this.condition(value.right, isAnd ? yes : no)
      return isAnd ? [yes2, meet(no, no2)] : [meet(yes, yes2), no2]
    }
    const other = /^[!=]=$/.test(value.operator) ? truth(bare(value.right)) : null
    if (other === null || !this.isLogical(value.left)) return this.said(value, state)
    const [yes, no] = this.condition(value.left, state)
    return other === (value.operator === '==') ? [yes, no] : [no, yes]
  }

  /** What is known where a variable is not zero. */
  private flagged(name: string, state: State): State {
    const said = [...(state ?? [])].flatMap((each) =>
      each.startsWith(`${name}>`) ? [each.slice(name.length + 1)] : [],
    )
    return state === null || said.length === 0 ? state : new Set([...state, ...said])
  }

  private opaquely<T>(read: () => T): T {
    const before = this.isOpaque
    this.isOpaque = true
    const found = read()
    this.isOpaque = before
    return found
  }

  private either(value: Value, state: State): readonly [State, State] {
    const after = this.value(value, state)
    return [after, after]
  }

  /** Whether a value is 0 or 1. */
  private isLogical(value: Value): boolean {
    const inner = bare(value)
    if (inner.kind === 'call') return this.tests.isTest(inner)
    return inner.kind === 'unary' && inner.operator === '!'
  }

  /** What a test, or what stands for one, says of the str that it gets. */
  private said(value: Value, state: State): readonly [State, State] {
    const [after] = this.either(value, state)
    if (after === null) return [null, null]
    const always = truth(value)
    if (always !== null) return always ? [after, null] : [null, after]
    const where = (isTrue: boolean): State =>
      this.without(new Set([...after, ...this.tests.namesSaid(value, isTrue)]), value.span)
    return [where(true), where(false)]
  }
}
