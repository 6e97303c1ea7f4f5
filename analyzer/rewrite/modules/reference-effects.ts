import { aloneStatement, inCasts, nameAt, parentsIn, statementOf } from '../../code/placement.ts'
import { expressionOf } from '../../code/statements.ts'
import type { CallValue, FunctionCode, NameValue, Value } from '../../code/tree.ts'
import { bare, calleeName, isNull, plainText } from '../../code/values.ts'
import { operandReference } from '../../knowledge/references.ts'
import type { ProjectModel } from '../../project/model.ts'
import { siblingsOf } from '../../semantics/failing-ends.ts'
import { functionsOf } from '../../semantics/functions.ts'
import type { GlobalUse } from '../../semantics/global-uses.ts'
import { leavesReference } from '../../semantics/lent-references.ts'
import {
  counting,
  isFollowedByFailure,
  isNewReference,
  ownsName,
  releasing,
  withFormat,
} from '../../semantics/new-references.ts'
import type { Offset } from '../../source/text.ts'
import type { Sources } from '../sources.ts'
import { isBorrowingCopy } from './local-copies.ts'
import type { Effect } from './references.ts'

export interface EffectOfUse {
  readonly what: Effect
  readonly use: GlobalUse
  readonly call: CallValue | null
  /** Why it is not known, as a sentence without full stop; empty where it is. */
  readonly why: string
}

/**
 * What a use of a variable does to references to its object.
 * @param isType whether it points to a type, whose references nobody takes over but by name
 * @param copies how many local variables it is copied through
 */
export function effectOfUse(sources: Sources, use: GlobalUse, isType: boolean, copies = 0): EffectOfUse {
  return new UseReader(sources, use, isType, copies).read()
}

class UseReader {
  private readonly model: ProjectModel
  private readonly around: FunctionCode

  constructor(
    private readonly sources: Sources,
    private readonly use: GlobalUse,
    private readonly isType: boolean,
    private readonly copies: number,
  ) {
    this.model = sources.model
    this.around = use.around!
  }

  read(): EffectOfUse {
    const value = nameAt(this.around, this.use.offset)
    if (!value || this.around.kind !== 'function') return this.macroUse(value)
    return this.of(value)
  }

  private as(what: Effect, call: CallValue | null = null): EffectOfUse {
    return { what, use: this.use, call, why: what === 'unknown' ? notFollowed : '' }
  }

  private unknown(why: string): EffectOfUse {
    return { what: 'unknown', use: this.use, call: null, why }
  }

  /** In the body of a macro it may only be looked at. */
  private macroUse(value: Value | null): EffectOfUse {
    const parent = value ? inCasts(this.around, value).parent : undefined
    const isCompared = parent?.kind === 'binary'
    const isPassed = parent?.kind === 'call' && this.isApi(parent) && !counting.test(calleeName(parent)!)
    const isTaken =
      parent?.kind === 'call' &&
      (operandReference(calleeName(parent)!, indexIn(parent, this.use)) === 'stolen' ||
        releasing.test(calleeName(parent)!))
    return this.as((isCompared || isPassed) && !isTaken ? 'none' : 'unknown')
  }

  private isApi = (call: CallValue): boolean => {
    const name = calleeName(call)
    return name !== null && functionsOf(this.model).isOfApi(this.use.file, name)
  }

  private of(value: NameValue): EffectOfUse {
    const { whole, parent } = inCasts(this.around, value)
    switch (parent?.kind) {
      case 'assign':
        if (parent.target !== whole) return this.goesTo(value, whole)
        return parent.operator === '=' ? this.given(parent.value) : this.as('unknown')
      case 'variable':
        return this.goesTo(value, whole)
      case 'return':
        return this.as('returned')
      case 'conditional':
        return parent.condition === whole ? this.as('none') : this.inConditional(value, parent)
      case 'unary':
        return parent.operator === '&'
          ? this.address(parent)
          : this.as(parent.operator === '!' || parent.operator === '*' ? 'none' : 'unknown')
      case 'binary':
        return this.as(parent.operator === ',' ? 'unknown' : 'none')
      case 'member':
      case 'if':
      case 'loop':
      case 'switch':
        return this.as('none')
      case 'call':
        return this.called(parent)
      default:
        return this.as('unknown')
    }
  }

  /** Either of two values goes to a function, or to a variable. */
  private inConditional(name: NameValue, value: Value): EffectOfUse {
    const { whole, parent } = inCasts(this.around, value)
    if (parent?.kind === 'call') return this.called(parent)
    const isPut = parent?.kind === 'variable' || (parent?.kind === 'assign' && parent.target !== whole)
    return isPut ? this.goesTo(name, whole) : this.as('unknown')
  }

  /** @param whole what another variable gets: the name itself, or one of two values */
  private goesTo(name: NameValue, whole: Value): EffectOfUse {
    const at = parentsIn(this.around).get(whole)
    const target = at?.kind === 'variable' ? at.name : at?.kind === 'assign' && at.operator === '=' ? at.target : null
    if (target === null || (at?.kind === 'assign' && !isUsedUp(this.around, at))) return this.as('copied')
    const text = typeof target === 'string' ? target : plainText(target)
    const beside = this.takenBeside(name, text)
    if (beside !== null) return this.as(beside === 'copy' ? 'none' : 'stored')
    const local = typeof target === 'string' ? target : bare(target).kind === 'name' ? text : null
    const effectAt = (offset: Offset): Effect =>
      effectOfUse(this.sources, { ...this.use, offset, how: 'read' }, this.isType, this.copies + 1).what
    const isRead = local !== null && this.copies < mostCopies && isBorrowingCopy(this.around, local, effectAt)
    return this.as(isRead ? 'none' : 'copied')
  }

  /** Whether a statement beside takes a reference for another variable: of that, or of this one; null for none. */
  private takenBeside(name: NameValue, target: string): 'copy' | 'own' | null {
    const statement = statementOf(this.around, name)
    if (statement?.kind !== 'expression' && statement?.kind !== 'declaration') return null
    const list = siblingsOf(this.around, statement)
    const own = plainText(name)
    for (const step of [1, -1])
      for (let at = list.indexOf(statement) + step; at >= 0 && at < list.length; at += step) {
        const inner = expressionOf(list[at]!)
        if (inner?.kind === 'call' && counting.test(calleeName(inner) ?? '') && inner.operands[0]) {
          const operand = plainText(inner.operands[0])
          if (operand === target && step > 0) return 'copy'
          if (operand === own) return 'own'
          continue
        }
        const isPlain = inner?.kind === 'assign' && /^(?:name|member|literal)$/.test(bare(inner.value).kind)
        const changed = isPlain ? plainText(inner.target) : null
        if (changed === null || changed === target || changed === own) break
      }
    return null
  }

  private address(value: Value): EffectOfUse {
    const { whole, parent } = inCasts(this.around, value)
    const callee = parent?.kind === 'call' ? (calleeName(parent) ?? '') : ''
    if (/^PepType_(?:Ready|Make)(?:In)?$/.test(callee)) return this.as('given')
    const isParsed =
      this.copies > 0 &&
      parent?.kind === 'call' &&
      parent.callee !== whole &&
      /^_?PyArg_(?:Parse|Unpack)/.test(callee) &&
      this.isApi(parent) &&
      !parent.operands.some((each) => /^"[^":;]*[&]/.test(plainText(each)))
    return isParsed ? this.as('parsed', parent) : this.unknown('its address is handed on')
  }

  private given(value: Value): EffectOfUse {
    const inner = bare(value)
    if (isNull(inner)) return this.as('reset')
    // What a local variable gets is its own matter.
    if (this.copies > 0) return this.as('none')
    if (inner.kind === 'assign') return this.given(inner.value)
    const body = { file: this.use.file, code: this.around }
    const isNew =
      (inner.kind === 'call' && isNewReference(this.model, body, inner)) ||
      (inner.kind === 'name' && ownsName(this.model, body, inner))
    return isNew ? this.as('given') : this.unknown('what it gets may be a borrowed reference')
  }

  private called(call: CallValue): EffectOfUse {
    const name = calleeName(call) ?? ''
    const index = indexIn(call, this.use)
    // `((newfunc)PyType_GetSlot(T, Py_tp_new))(T, args, NULL)`
    if (index < 0 || (this.isType && calleeName(call) === null)) return this.as('none')
    if (counting.test(name)) {
      if (isAlone(this.around, call)) return this.as('taken', call)
      // Whoever gets what `Py_NewRef` gives has a reference of its own.
      return name.endsWith('NewRef') ? this.as('none') : this.as('unknown')
    }
    if (releasing.test(name)) return this.as(isFollowedByFailure(this.around, call) ? 'released' : 'dropped', call)
    if (operandReference(name, index) === 'stolen') return this.as('stolen', call)
    if (/^Py_X?SETREF$/.test(name)) return index > 0 ? this.as('stolen', call) : this.replaced(call)
    if (name === 'Py_CLEAR' && this.copies > 0) return this.as('dropped', call)
    if (name === 'Py_CLEAR' || name === 'Py_VISIT') return this.as('none')
    if (withFormat.test(name) && call.operands.some((each) => /^"[^"]*N/.test(plainText(each))))
      return this.unknown(`\`${name}\` may take its reference over`)
    if (this.isApi(call) || /^Pep[A-Z]/.test(name)) return this.as('none')
    const isHistory = (file: number, offset: Offset): boolean =>
      this.sources.isHistory({ file: this.model.files[file]!.file, offset })
    return leavesReference(this.model, this.use.file, name, index, this.isType, isHistory)
      ? this.as('none')
      : this.unknown(`what ${name === '' ? 'a function' : `\`${name}\``} does with its reference is not followed`)
  }

  /** What the variable had is given back, so that it had a reference of its own. */
  private replaced(call: CallValue): EffectOfUse {
    if (this.copies > 0) return this.as('dropped', call)
    const [, value] = call.operands
    const { what } = value ? this.given(value) : this.as('unknown')
    return this.as(what === 'given' ? 'given' : 'none')
  }
}

/** Local variables through which one is followed. */
const mostCopies = 3

const notFollowed = 'what becomes of its reference is not followed'

/** Whether nothing is made of what a call gives: `f(x);`, `(f(x), g(y))`. */
function isAlone(around: FunctionCode, call: CallValue): boolean {
  const { whole, parent } = inCasts(around, call)
  if (parent?.kind === 'binary' && parent.operator === ',') return parent.left === whole
  return aloneStatement(around, call) !== null
}

/** Whether what a value comes to goes nowhere else: `x = y;`, `if ((x = y) == NULL)`. */
function isUsedUp(around: FunctionCode, value: Value): boolean {
  const { parent } = inCasts(around, value)
  return ['expression', 'if', 'loop', 'binary'].includes(parent?.kind ?? '')
}

const indexIn = (call: CallValue, { offset }: GlobalUse): number =>
  call.operands.findIndex(({ span }) => span.start <= offset && offset < span.end)
