import {
  callsIn,
  inCasts,
  isBraceless,
  leadOf,
  mayBeSkipped,
  type Parent,
  parentsIn,
  statementOf,
} from '../code/placement.ts'
import { eachStatement } from '../code/statements.ts'
import type { CallValue, FunctionCode, NameValue, Statement, Value, Variable } from '../code/tree.ts'
import { bare, calleeName, eachValue, nameOf } from '../code/values.ts'
import { variablesNamed } from '../code/variables.ts'
import { objectFunction } from '../knowledge/object-functions.ts'
import type { ProjectModel } from '../project/model.ts'
import { commentBehind } from '../source/comments.ts'
import type { FileId, Offset, Span } from '../source/text.ts'
import { DataPointers } from './data-pointers.ts'
import { LocalNames } from './local-names.ts'
import { isOperandOfTest } from './null-tests.ts'

/** A new str that a function fills itself before anybody else sees it. */
export interface TextBuffer {
  /** The local variable that holds it. */
  readonly variable: string
  /** The call of `PyUnicode_New`. */
  readonly maker: CallValue
  /** The calls of macros that give its data and its kind, and of those that write a character. */
  readonly calls: readonly CallValue[]
  /** Behind the last statement in which it is written to, where others may stand, with the blanks before those. */
  readonly end: { readonly at: Offset; readonly lead: string }
  /** Whether the function asks behind that whether there is a str, or returns it. */
  readonly isTested: boolean
}

const makerName = 'PyUnicode_New'
const writeName = 'PyUnicode_WRITE'
const dataNames: ReadonlySet<string> = new Set([
  'PyUnicode_DATA',
  'PyUnicode_1BYTE_DATA',
  'PyUnicode_2BYTE_DATA',
  'PyUnicode_4BYTE_DATA',
])
const kindName = 'PyUnicode_KIND'
/** Which operand of `PyUnicode_WRITE` is the data. */
const dataOperand = 1

const known = new WeakMap<FunctionCode, readonly TextBuffer[]>()

/**
 * The new str that a call makes, asks for its data or its kind, or writes to; null where it is no such str, or where
 * not all that is done with it is understood.
 * @param start where the call begins, in bytes
 */
export function textBufferAt(
  model: ProjectModel,
  file: FileId,
  start: Offset,
): { readonly buffer: TextBuffer; readonly call: CallValue } | null {
  const code = model.project.code(file).functionAt(start)
  if (code === null) return null
  let buffers = known.get(code)
  if (!buffers) {
    buffers = new Buffers(model, file, code).found
    known.set(code, buffers)
  }
  for (const buffer of buffers) {
    const call = [buffer.maker, ...buffer.calls].find(({ span }) => span.start === start)
    if (call) return { buffer, call }
  }
  return null
}

/** What is known of one of them on the way. */
interface Draft {
  readonly variable: Variable
  readonly maker: CallValue
  /** The statements of the block that it is made in, from that on. */
  readonly rest: readonly Statement[]
  readonly calls: CallValue[]
  /** Where the data is used. */
  readonly uses: Offset[]
  isUnderstood: boolean
}

/** What is done with the variable at one place. */
interface Use {
  readonly value: NameValue
  readonly kind: 'set' | 'data' | 'test' | 'release' | 'escape'
}

/** Finds those of one function. */
class Buffers {
  readonly found: readonly TextBuffer[]
  private readonly parents: ReturnType<typeof parentsIn>
  private readonly local: LocalNames

  constructor(
    private readonly model: ProjectModel,
    private readonly file: FileId,
    private readonly code: FunctionCode,
  ) {
    this.parents = parentsIn(code)
    this.local = new LocalNames(model, file, code)
    const makers = callsIn(code).filter((call) => calleeName(call) === makerName)
    const drafts = makers.flatMap((maker) => this.draft(maker) ?? [])
    for (const draft of drafts) this.follow(draft, drafts)
    this.found = drafts.flatMap((draft) => this.finished(draft, drafts) ?? [])
  }

  private draft(maker: CallValue): Draft | null {
    if (mayBeSkipped(this.code, maker)) return null
    const { whole, parent } = inCasts(this.code, maker)
    const target = parent?.kind === 'assign' && parent.value === whole && parent.operator === '=' ? parent.target : null
    const name = parent?.kind === 'variable' ? parent.name : target === null ? null : nameOf(target)
    const [variable, ...others] = variablesNamed(this.code, name)
    if (!variable || others.length > 0 || variable.storage === 'static' || variable.type !== 'PyObject*') return null
    const statement = statementOf(this.code, maker)
    const rest = statement && this.restOf(statement)
    return rest && { variable, maker, rest, calls: [], uses: [], isUnderstood: true }
  }

  /** A statement of a block with those behind it; null for one that is in no block. */
  private restOf(statement: Statement): readonly Statement[] | null {
    if (isBraceless(this.code, statement)) return null
    const around = this.parents.get(statement)
    if (around !== undefined && around.kind !== 'block') return null
    const all = around?.statements ?? this.code.body
    return all.slice(all.indexOf(statement))
  }

  /** The one that a place belongs to: made before it, in the same block or one around, last. */
  private ownerOf(variable: Variable, offset: Offset, drafts: readonly Draft[]): Draft | null {
    const around = drafts.filter(
      ({ variable: other, rest }) =>
        other.name === variable.name && rest[0]!.span.start <= offset && offset < rest.at(-1)!.span.end,
    )
    return around.at(-1) ?? null
  }

  /** Follows the data of one to where it goes. */
  private follow(draft: Draft, drafts: readonly Draft[]): void {
    for (const value of this.local.places(draft.variable.name)) {
      if (value === null) {
        draft.isUnderstood = false
        continue
      }
      const call = this.askedBy(value)
      if (call === null || this.ownerOf(draft.variable, value.span.start, drafts) !== draft) continue
      draft.calls.push(call)
      draft.uses.push(call.span.start)
      if (calleeName(call) !== kindName) this.pointersOf(draft).follow(call)
    }
  }

  /** The call that asks for the data or the kind of a str. */
  private askedBy(value: Value): CallValue | null {
    const { whole, parent } = inCasts(this.code, value)
    if (parent?.kind !== 'call' || parent.operands[0] !== whole) return null
    const name = calleeName(parent) ?? ''
    return dataNames.has(name) || name === kindName ? parent : null
  }

  /** Follows pointers into the data. A character may be read, written and pointed to. */
  private pointersOf(draft: Draft): DataPointers {
    return new DataPointers(this.code, this.local, {
      refuse: () => {
        draft.isUnderstood = false
      },
      isSettled: () => false,
      isGivenBack: (call, operand) => this.handOver(draft, call, operand),
      element: () => {},
      used: (offset) => draft.uses.push(offset),
    })
  }

  /** What gets the data writes to it; whether a pointer that it gives may point into it. */
  private handOver(draft: Draft, call: CallValue, operand: Value): boolean {
    const name = calleeName(call)
    if (name === writeName) {
      if (call.operands[dataOperand] === operand && !draft.calls.includes(call)) draft.calls.push(call)
      return false
    }
    if (/^PyUnicode_READ/.test(name ?? '') || call.callee.kind === 'type') draft.isUnderstood = false
    const { parent } = inCasts(this.code, call)
    return parent?.kind === 'variable' ? parent.type.endsWith('*') : parent?.kind === 'assign'
  }

  /** One that is understood, as a whole. */
  private finished(draft: Draft, drafts: readonly Draft[]): TextBuffer | null {
    const { variable, maker, rest, calls, uses } = draft
    const text = this.model.project.code(this.file)
    const first = rest[0]!
    const last = rest.filter(({ span }) => uses.some((each) => span.start <= each && each < span.end)).at(-1)
    if (!draft.isUnderstood || !last || last.kind === 'return' || last.kind === 'jump') return null
    const within: Span = { start: first.span.start, end: last.span.end }
    const isInside = (offset: Offset): boolean => within.start <= offset && offset < within.end
    if (text.holdsDirectives(within) || uses.some((each) => !isInside(each))) return null
    const all = this.usesOf(variable.name)
    if (all === null || all.some(({ value }) => this.isAddressed(value))) return null
    const isOwned = all.every(
      ({ value, kind }) => kind !== 'data' || this.ownerOf(variable, value.span.start, drafts) !== null,
    )
    const isSeen = all.some(
      ({ value, kind }) =>
        isInside(value.span.start) && (kind === 'escape' || (kind === 'set' && !isIn(maker.span, value, this.parents))),
    )
    if (!isOwned || isSeen || this.isLeft(within, all)) return null
    const at = last.span.end + (commentBehind(text.text, last.span.end)?.length ?? 0)
    const end = { at, lead: leadOf(text.text, last.span) }
    return { variable: variable.name, maker, calls, end, isTested: this.isTestedBehind(last, all) }
  }

  /** What is done with a variable; null where that is not all understood. */
  private usesOf(name: string): readonly Use[] | null {
    const places = this.local.places(name)
    return places.every((each) => each !== null)
      ? places.map((value): Use => ({ value, kind: this.kindOf(value) }))
      : null
  }

  private isAddressed(value: NameValue): boolean {
    const { parent } = inCasts(this.code, value)
    return parent?.kind === 'unary' && parent.operator === '&'
  }

  private kindOf(value: NameValue): Use['kind'] {
    if (this.askedBy(value) !== null) return 'data'
    const { whole, parent } = inCasts(this.code, value)
    if (parent?.kind === 'assign' && parent.target === whole) return parent.operator === '=' ? 'set' : 'escape'
    if (isOperandOfTest(this.code, value)) return 'test'
    const isReleased = parent?.kind === 'call' && objectFunction(calleeName(parent) ?? '') === 'decref'
    return isReleased && parent.operands[0] === whole ? 'release' : 'escape'
  }

  /** Whether what is filled is left on the way, to where it is used as a str. */
  private isLeft(within: Span, all: readonly Use[]): boolean {
    const statements = eachStatement(this.code.body)
    const inside = statements.filter(({ span }) => within.start <= span.start && span.end <= within.end)
    return inside.some((statement) => {
      if (statement.kind !== 'jump') return false
      if (statement.jump !== 'goto') return !this.staysInside(statement, within)
      const label = statements.find((each) => each.kind === 'label' && each.name === statement.label)
      if (!label || label.span.start < within.end) return true
      return all.some(({ value, kind }) => {
        const isBehind = value.span.start >= label.span.start
        return isBehind && (kind === 'escape' || kind === 'data')
      })
    })
  }

  /** Whether a `break` or `continue` stays inside of some statements. */
  private staysInside(jump: Statement, { start }: Span): boolean {
    for (let at: Parent | undefined = this.parents.get(jump); at !== undefined; at = this.parents.get(at))
      if (at.kind === 'loop' || at.kind === 'switch') return start <= at.span.start
    return false
  }

  /** Whether the first use behind a statement is a test, or gives it to the caller. */
  private isTestedBehind(last: Statement, all: readonly Use[]): boolean {
    for (let at: Parent | undefined = last; at !== undefined; at = this.parents.get(at)) {
      const around = this.parents.get(at)
      const list = around === undefined ? this.code.body : around.kind === 'block' ? around.statements : []
      for (const statement of list.slice(list.indexOf(at as Statement) + 1)) {
        const uses = all.filter(
          ({ value: { span } }) => statement.span.start <= span.start && span.end <= statement.span.end,
        )
        if (uses.length === 0) continue
        const isReturned =
          statement.kind === 'return' && statement.value !== null && bare(statement.value) === uses[0]!.value
        return isReturned || uses[0]!.kind === 'test' || uses[0]!.kind === 'set'
      }
    }
    return true
  }
}

/** Whether an assignment to a name is the one that a call is assigned by. */
function isIn(call: Span, name: NameValue, parents: ReturnType<typeof parentsIn>): boolean {
  const assign = parents.get(name)
  return assign?.kind === 'assign' && [...eachValue(assign.value)].some(({ span }) => span.start === call.start)
}
