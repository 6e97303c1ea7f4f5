import { addTo } from '../source/multimap.ts'
import type { SyntaxNode } from '../syntax/parse.ts'
import { argumentsOf, bareText, calledName, inParentheses } from './nodes.ts'

/** What looks into a container and keeps no reference to it. */
const looks = /^Py(?:Tuple|List)_(?:SET_ITEM|GET_ITEM|GET_SIZE|SetItem|GetItem|Size)$/
const reads = /^Py(?:Tuple|List)_(?:GET_ITEM|GetItem)$/
const sets = /^Py(?:Tuple|List)_(?:SET_ITEM|SetItem)$/
const drops = /^Py_(?:X?DECREF|CLEAR)$/

/** A place where a function names a variable. What is asked of it is found out once. */
export class Mention {
  readonly start: number
  private knownGiven: string | null = null
  private knownLocal: boolean | null = null
  private knownHarmless: boolean | null = null
  private knownOperandOf: OperandOf | null | undefined

  constructor(readonly node: SyntaxNode) {
    this.start = node.startIndex
  }

  /** The function whose call gives the variable its value here; empty where that is no call, or it gets none. */
  get given(): string {
    this.knownGiven ??= givenBy(this.node)
    return this.knownGiven
  }

  /** Whether it declares a variable that lives only as long as its function. */
  get isLocalDeclaration(): boolean {
    this.knownLocal ??= isLocalDeclaration(this.node)
    return this.knownLocal
  }

  /** Whether nobody gets hold of the variable's value: it is tested, looked into, dropped, or given back. */
  get isHarmless(): boolean {
    this.knownHarmless ??= isHarmless(this.node)
    return this.knownHarmless
  }

  /** The call of which it is an operand; null for none, and for one with fewer than two operands. */
  get operandOf(): OperandOf | null {
    if (this.knownOperandOf === undefined) this.knownOperandOf = operandOf(this.node)
    return this.knownOperandOf
  }
}

/** A call, and its second operand: the place of an item. */
interface OperandOf {
  readonly node: SyntaxNode
  readonly reads: boolean
  readonly sets: boolean
  readonly place: string
  readonly isNumber: boolean
  /** It is a name or a number. */
  readonly isPlain: boolean
}

/** What is asked of the nodes in a function, or in its body. A big one has many items, and is searched once. */
export class FunctionNodes {
  private knownMentions: ReadonlyMap<string, readonly Mention[]> | null = null
  private knownAssigned: ReadonlyMap<string, readonly number[]> | null = null
  private knownLabels: readonly number[] | null = null
  private knownSetters: readonly SizeSetter[] | null = null
  private knownPairs: readonly (readonly [string, string])[] | null = null
  private readonly names = new Map<string, ReadonlySet<string>>()

  constructor(private readonly node: SyntaxNode) {}

  private all(types: string | string[]): SyntaxNode[] {
    return this.node.descendantsOfType(types).filter((each): each is SyntaxNode => each !== null)
  }

  /** The places where a name stands, in the order of the text. */
  mentions(name: string): readonly Mention[] {
    if (this.knownMentions === null) {
      const found = new Map<string, Mention[]>()
      for (const each of this.all('identifier')) addTo(found, each.text, new Mention(each))
      this.knownMentions = found
    }
    return this.knownMentions.get(name) ?? []
  }

  /** Where something is assigned to, or counted up or down, by how that is written. */
  get assigned(): ReadonlyMap<string, readonly number[]> {
    if (this.knownAssigned === null) {
      const found = new Map<string, number[]>()
      for (const each of this.all(['assignment_expression', 'update_expression']))
        addTo(found, assignedTo(each)?.text ?? '', each.startIndex)
      this.knownAssigned = found
    }
    return this.knownAssigned
  }

  /** Where labels stand. */
  get labels(): readonly number[] {
    this.knownLabels ??= this.all('labeled_statement').map(({ startIndex }) => startIndex)
    return this.knownLabels
  }

  /** What sets an object's size: `Py_SET_SIZE(list, n)`, `list->ob_size = n`. */
  get sizeSetters(): readonly SizeSetter[] {
    this.knownSetters ??= this.all(['call_expression', 'assignment_expression', 'update_expression']).flatMap(
      (node): SizeSetter[] => {
        if (node.type !== 'call_expression') {
          const object = assignedTo(node)?.text ?? ''
          return /\bob_size\b|Py_SIZE/.test(object) ? [{ isCall: false, object }] : []
        }
        const first = /SET_SIZE$/.test(calledName(node)) ? argumentsOf(node)[0] : undefined
        return first === undefined ? [] : [{ isCall: true, object: bareText(first) }]
      },
    )
    return this.knownSetters
  }

  /** A variable, and those that it is assigned to or that are assigned to it: `list = (T *)out`. */
  otherNames(name: string): ReadonlySet<string> {
    let names = this.names.get(name)
    if (names === undefined) {
      names = this.assignedTogether(name)
      this.names.set(name, names)
    }
    return names
  }

  private assignedTogether(name: string): ReadonlySet<string> {
    this.knownPairs ??= this.all(['init_declarator', 'assignment_expression']).flatMap((node) => {
      let to = node.childForFieldName(node.type === 'init_declarator' ? 'declarator' : 'left')
      while (to && to.type !== 'identifier') to = to.childForFieldName('declarator')
      const value = node.childForFieldName(node.type === 'init_declarator' ? 'value' : 'right')
      return to && value ? [[to.text, bareText(value)] as const] : []
    })
    const names = new Set([name])
    for (let known = 0; known < names.size; ) {
      known = names.size
      for (const [to, value] of this.knownPairs) if (names.has(to) || names.has(value)) names.add(to).add(value)
    }
    return names
  }
}

interface SizeSetter {
  readonly isCall: boolean
  /** The operand of a call without casts; what is assigned to. */
  readonly object: string
}

/** By tree and node. */
const known = new WeakMap<object, Map<number, FunctionNodes>>()

/** The nodes in a function, or in its body. */
export function nodesOf(node: SyntaxNode): FunctionNodes {
  const ofTree = known.get(node.tree) ?? new Map<number, FunctionNodes>()
  known.set(node.tree, ofTree)
  const found = ofTree.get(node.id) ?? new FunctionNodes(node)
  ofTree.set(node.id, found)
  return found
}

const assignedTo = (node: SyntaxNode): SyntaxNode | null =>
  node.childForFieldName(node.type === 'update_expression' ? 'argument' : 'left')

function operandOf(mention: SyntaxNode): OperandOf | null {
  const call = mention.parent?.type === 'argument_list' ? mention.parent.parent : null
  const place = call && argumentsOf(call)[1]
  if (!call || !place) return null
  const called = calledName(call)
  const isNumber = place.type === 'number_literal'
  return {
    node: call,
    reads: reads.test(called),
    sets: sets.test(called),
    place: place.text,
    isNumber,
    isPlain: isNumber || place.type === 'identifier',
  }
}

/** Whether a mention declares a variable that lives only as long as its function. */
function isLocalDeclaration(mention: SyntaxNode): boolean {
  let at: SyntaxNode | null = mention.parent
  while (at && /declarator$/.test(at.type)) at = at.parent
  return at?.type === 'declaration' && !at.namedChildren.some((child) => child?.type === 'storage_class_specifier')
}

/** The function whose call a variable gets the value of at a mention. */
function givenBy(mention: SyntaxNode): string {
  let at: SyntaxNode = mention
  while (at.parent?.type === 'pointer_declarator') at = at.parent
  const parent = at.parent
  const value =
    parent?.type === 'init_declarator'
      ? parent.childForFieldName('value')
      : parent?.type === 'assignment_expression' && parent.childForFieldName('left')?.equals(at)
        ? parent.childForFieldName('right')
        : null
  return calledName(value)
}

/** Whether nobody gets hold of a variable's value at a mention: it is tested, looked into, dropped, or given back. */
function isHarmless(mention: SyntaxNode): boolean {
  const { whole: at, parent } = inParentheses(mention)
  switch (parent?.type) {
    case 'if_statement':
    case 'while_statement':
    case 'condition_clause':
    case 'return_statement':
      return true
    case 'unary_expression':
      return parent.childForFieldName('operator')?.type === '!'
    case 'binary_expression':
      return /^(?:==|!=|&&|\|\|)$/.test(parent.childForFieldName('operator')?.type ?? '')
    case 'argument_list': {
      const called = calledName(parent.parent)
      const isFirst =
        parent.namedChildren.find((child) => child !== null && child.type !== 'comment')?.equals(at) ?? false
      return isFirst && (looks.test(called) || drops.test(called))
    }
    default:
      return false
  }
}
