import type { SyntaxNode } from '../syntax/parse.ts'
import type { Expression, Operand, OperandText, UseContext } from './file-facts.ts'
import { describedType } from './types.ts'

/** How expressions that may be rewritten stand in the tree. */

/** What is done with an expression: see `UseContext`. */
export function roleOf(node: SyntaxNode): UseContext['role'] {
  let at = node
  let parent = node.parent
  while (parent?.type === 'parenthesized_expression') {
    at = parent
    parent = parent.parent
  }
  switch (parent?.type) {
    case 'expression_statement':
      return 'statement'
    case 'assignment_expression':
      return parent.childForFieldName('left')?.equals(at) ? 'target' : 'value'
    case 'update_expression':
    case 'sizeof_expression':
    case 'alignof_expression':
    case 'decltype':
      return 'target'
    case 'pointer_expression':
      return parent.childForFieldName('operator')?.type === '&' ? 'target' : 'value'
    // `x.a[0] = y` and `x.a.b = y` write into `x.a`, unless that is a pointer.
    case 'subscript_expression':
      return parent.childForFieldName('argument')?.equals(at) && roleOf(parent) === 'target' ? 'target' : 'value'
    case 'field_expression':
      return parent.childForFieldName('operator')?.type === '.' && roleOf(parent) === 'target' ? 'target' : 'value'
    default:
      return 'value'
  }
}

/** The statement that an expression is, where that stands in a block. */
export function statementOf(node: SyntaxNode): UseContext['alone'] {
  const { parent } = node
  return parent?.type === 'expression_statement' &&
    parent.parent?.type === 'compound_statement' &&
    parent.text.endsWith(';')
    ? { start: parent.startIndex, end: parent.endIndex }
    : undefined
}

const withoutParentheses = new Set([
  'call_expression',
  'field_expression',
  'subscript_expression',
  'parenthesized_expression',
  'cast_expression',
  'pointer_expression',
  'number_literal',
  'string_literal',
  'null',
  'this',
])

const duplicable: OperandText = { duplicable: true, needsParentheses: false }
const castable: OperandText = { duplicable: false, needsParentheses: false }
const parenthesized: OperandText = { duplicable: false, needsParentheses: true }

/** @param isParameter whether a name is a parameter of the macro around it, which may stand for anything */
function operandText(node: SyntaxNode, isParameter: (name: SyntaxNode) => boolean): OperandText {
  if (node.type === 'identifier') return isParameter(node) ? parenthesized : duplicable
  if (/^(?:number_literal|string_literal|char_literal|null|this|true|false)$/.test(node.type)) return duplicable
  const part = node.type === 'cast_expression' ? 'value' : node.type === 'field_expression' ? 'argument' : null
  if (part !== null) {
    const inner = node.childForFieldName(part)
    return inner && operandText(inner, isParameter).duplicable ? duplicable : castable
  }
  return withoutParentheses.has(node.type) ? castable : parenthesized
}

const soleChild = (node: SyntaxNode): SyntaxNode | null => {
  const children = node.namedChildren.filter((child) => child !== null)
  return children.length === 1 ? children[0]! : null
}

/** An operand of a call, or the object of a field. @param typed the type of an expression */
export function operandOf(
  node: SyntaxNode,
  typed: (node: SyntaxNode) => Expression,
  isParameter: (name: SyntaxNode) => boolean,
): Operand {
  let inner: SyntaxNode | null = node
  let cast: string | null = null
  const open = (): void => {
    while (inner?.type === 'parenthesized_expression') inner = soleChild(inner)
  }
  open()
  const type = inner?.type === 'cast_expression' ? inner.childForFieldName('type') : null
  if (inner && type && describedType(type).endsWith('*')) {
    cast = describedType(type)
    inner = inner.childForFieldName('value')
    open()
  }
  return {
    start: node.startIndex,
    end: node.endIndex,
    type: typed(node),
    ...operandText(node, isParameter),
    ...(/^(?:number_literal|string_literal|null|identifier)$/.test(node.type) ? { literal: node.text } : {}),
    ...(inner && !inner.equals(node) && inner.type !== 'comma_expression'
      ? {
          within: {
            start: inner.startIndex,
            end: inner.endIndex,
            type: typed(inner),
            ...operandText(inner, isParameter),
            cast,
          },
        }
      : {}),
  }
}

/** What sets an item of a container that it does not look at, and what makes such a container. */
export const setsItem: ReadonlyMap<string, RegExp> = new Map([
  ['PyTuple_SET_ITEM', /^PyTuple_New$/],
  ['PyList_SET_ITEM', /^PyList_New$/],
])

/** What reads or sets an item of a container whose size it does not look at. */
export const takesItem: ReadonlySet<string> = new Set([
  ...setsItem.keys(),
  'PyTuple_GET_ITEM',
  'PyList_GET_ITEM',
  'PySequence_Fast_GET_ITEM',
])

/** What looks into a container and keeps no reference to it. */
const looks = /^Py(?:Tuple|List)_(?:SET_ITEM|GET_ITEM|GET_SIZE|SetItem|GetItem|Size)$/
const reads = /^Py(?:Tuple|List)_(?:GET_ITEM|GetItem)$/
const sets = /^Py(?:Tuple|List)_(?:SET_ITEM|SetItem)$/
const drops = /^Py_(?:X?DECREF|CLEAR|SETREF)$/

/**
 * Whether the container whose item a call sets was made in the same function before, and from there to the call
 * nobody else got hold of it or of an item that may stand where the call sets one: then it has one owner and no item
 * there. Code is taken in the order of its lines; loops count as a whole, and a label between the two lets it be in
 * doubt. What sets an item to NULL takes one out.
 */
function isFresh(call: SyntaxNode, container: SyntaxNode): boolean {
  const maker = setsItem.get(call.childForFieldName('function')?.text ?? '')
  if (container.type !== 'identifier' || !maker) return false
  const item = argumentsOf(call)[2]
  if (item && /^(?:NULL|nullptr|0)$/.test(bareText(item))) return false
  const name = container.text
  const around = enclosing(call)
  const body = around.at(-1)?.type === 'function_definition' ? around.at(-1)!.childForFieldName('body') : null
  if (!body) return false
  const mentions = body
    .descendantsOfType('identifier')
    .filter((each): each is SyntaxNode => each !== null && each.text === name)
  const made = mentions.filter((each) => each.startIndex < call.startIndex && madeBy(each, maker)).at(-1)
  if (!made || !mentions.some(isLocalDeclaration) || mayBeSkipped(made, call)) return false
  // A loop around the call, but not around what makes the container, repeats all that is in it.
  const loop = around
    .filter(
      (each) => /^(?:for|while|do)_statement$|^for_range_loop$/.test(each.type) && each.startIndex > made.startIndex,
    )
    .at(-1)
  const from = made.startIndex
  const to = Math.max(call.endIndex, loop?.endIndex ?? 0)
  const labels = body.descendantsOfType('labeled_statement')
  if (labels.some((each) => each !== null && from < each.startIndex && each.startIndex < call.startIndex)) return false
  return mentions.every(
    (each) => each.startIndex <= from || each.startIndex >= to || (isHarmless(each) && !mayTouchItem(each, call)),
  )
}

/**
 * Whether a call with a container as its first argument reads the item that another call sets, or has set it before:
 * what code reads before it sets it anew, it releases or moves itself. Of a place that is set twice only what is sure
 * counts, since one that is counted up (`i`, `n++`) is another one each time.
 */
function mayTouchItem(mention: SyntaxNode, call: SyntaxNode): boolean {
  const other = mention.parent?.type === 'argument_list' ? mention.parent.parent : null
  if (!other || other.equals(call)) return false
  const [at, place] = [argumentsOf(other)[1], argumentsOf(call)[1]]
  if (!at || !place) return false
  const isSame = at.text === place.text
  const isEarlier = other.startIndex < call.startIndex
  const areNumbers = at.type === 'number_literal' && place.type === 'number_literal'
  if (reads.test(calledName(other))) return areNumbers ? isSame : isEarlier || !isSame
  return isEarlier && isSame && sets.test(calledName(other)) && !mayBeSkipped(other, call) && !changes(at, other, call)
}

/** Whether a value may be another one at a later place: it changes itself, or a variable in it is assigned between. */
function changes(value: SyntaxNode, earlier: SyntaxNode, place: SyntaxNode): boolean {
  if (!/^(?:identifier|number_literal)$/.test(value.type)) return true
  return (
    enclosing(place)
      .at(-1)
      ?.descendantsOfType(['assignment_expression', 'update_expression'])
      .some(
        (each) =>
          each !== null &&
          earlier.endIndex <= each.startIndex &&
          each.startIndex < place.startIndex &&
          assignedTo(each)?.text === value.text,
      ) ?? true
  )
}

/** What is known of the container whose item a call reads or sets. */
export const containerOf = (call: SyntaxNode, container: SyntaxNode): Pick<UseContext, 'fresh' | 'resized'> => ({
  ...(isFresh(call, container) ? { fresh: true } : {}),
  ...(isResized(call, container) ? { resized: true } : {}),
})

/** What sets sizes in functions: a big one reads many items, and is searched once. */
const settersIn = new WeakMap<object, Map<number, readonly SyntaxNode[]>>()

/** The calls and assignments in a function that set an object's size: `Py_SET_SIZE(list, n)`, `list->ob_size = n`. */
function sizeSetters(body: SyntaxNode): readonly SyntaxNode[] {
  const known = settersIn.get(body.tree) ?? new Map<number, readonly SyntaxNode[]>()
  settersIn.set(body.tree, known)
  let found = known.get(body.id)
  if (!found) {
    const sets = (node: SyntaxNode): boolean =>
      node.type === 'call_expression'
        ? /SET_SIZE$/.test(calledName(node))
        : /\bob_size\b|Py_SIZE/.test(assignedTo(node)?.text ?? '')
    found = body
      .descendantsOfType(['call_expression', 'assignment_expression', 'update_expression'])
      .filter((node): node is SyntaxNode => node !== null && sets(node))
    known.set(body.id, found)
  }
  return found
}

const assignedTo = (node: SyntaxNode): SyntaxNode | null =>
  node.childForFieldName(node.type === 'update_expression' ? 'argument' : 'left')

/** Whether the function around a call sets the size of a container, under whichever name. */
function isResized(call: SyntaxNode, container: SyntaxNode): boolean {
  const body = enclosing(call).at(-1)
  const setters = body ? sizeSetters(body) : []
  if (!body || setters.length === 0) return false
  const names = otherNames(body, bareText(container))
  return setters.some((node) => {
    if (node.type !== 'call_expression') return names.some((name) => assignedTo(node)?.text.includes(name))
    const first = argumentsOf(node)[0]
    return first !== undefined && names.includes(bareText(first))
  })
}

/** A variable, and those of a function that it is assigned to or that are assigned to it: `list = (T *)out`. */
function otherNames(body: SyntaxNode, name: string): readonly string[] {
  const pairs = body.descendantsOfType(['init_declarator', 'assignment_expression']).flatMap((node) => {
    let to = node?.childForFieldName(node.type === 'init_declarator' ? 'declarator' : 'left')
    while (to && to.type !== 'identifier') to = to.childForFieldName('declarator')
    const value = node?.childForFieldName(node.type === 'init_declarator' ? 'value' : 'right')
    return to && value ? [[to.text, bareText(value)] as const] : []
  })
  const names = new Set([name])
  for (let known = 0; known < names.size; ) {
    known = names.size
    for (const [to, value] of pairs) if (names.has(to) || names.has(value)) names.add(to).add(value)
  }
  return [...names]
}

const argumentsOf = (call: SyntaxNode): SyntaxNode[] =>
  call
    .childForFieldName('arguments')
    ?.namedChildren.filter((each): each is SyntaxNode => each !== null && each.type !== 'comment') ?? []

/** An expression as text, without the casts and parentheses around it. */
function bareText(node: SyntaxNode): string {
  let at = node
  for (;;) {
    const inner = withinCast(at)
    if (inner === null) return at.text
    at = inner
  }
}

/** What stands in a cast or in parentheses; null where a node is none. */
function withinCast(node: SyntaxNode): SyntaxNode | null {
  switch (node.type) {
    case 'cast_expression':
      return node.childForFieldName('value')
    case 'parenthesized_expression':
      return soleChild(node)
    case 'call_expression':
      return /^(?:static|reinterpret|const|dynamic)_cast\s*</.test(calledName(node))
        ? (argumentsOf(node)[0] ?? null)
        : null
    default:
      return null
  }
}

/** What may be left out, or done several times. */
const branches: ReadonlySet<string> = new Set([
  'case_statement',
  'else_clause',
  'conditional_expression',
  'for_range_loop',
  'do_statement',
  'lambda_expression',
  'try_statement',
  'catch_clause',
])

/** Whether there may be a way to a place that leaves out an earlier one: by a branch, or a loop that is not entered. */
function mayBeSkipped(earlier: SyntaxNode, place: SyntaxNode): boolean {
  for (
    let at = earlier, parent = earlier.parent;
    parent && parent.type !== 'function_definition';
    at = parent, parent = parent.parent
  ) {
    const isBranch = /^(?:if|while|switch)_statement$/.test(parent.type)
      ? !parent.childForFieldName('condition')?.equals(at)
      : parent.type === 'for_statement'
        ? !parent.childForFieldName('initializer')?.equals(at)
        : parent.type === 'binary_expression'
          ? /^(?:&&|\|\|)$/.test(parent.childForFieldName('operator')?.type ?? '') &&
            !parent.childForFieldName('left')?.equals(at)
          : branches.has(parent.type)
    if (isBranch && !(at.startIndex <= place.startIndex && place.endIndex <= at.endIndex)) return true
  }
  return false
}

/** The blocks and loops around a node, from the inside out, up to the function. */
function enclosing(node: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = []
  for (let at = node.parent; at; at = at.parent) {
    found.push(at)
    if (at.type === 'function_definition' || at.type === 'lambda_expression') break
  }
  return found
}

const calledName = (node: SyntaxNode | null | undefined): string =>
  node?.type === 'call_expression' ? (node.childForFieldName('function')?.text ?? '') : ''

/** Whether a mention declares a variable that lives only as long as its function. */
function isLocalDeclaration(mention: SyntaxNode): boolean {
  let at: SyntaxNode | null = mention.parent
  while (at && /declarator$/.test(at.type)) at = at.parent
  return at?.type === 'declaration' && !at.namedChildren.some((child) => child?.type === 'storage_class_specifier')
}

/** Whether a mention of a variable is where it gets what a call of the maker gives. */
function madeBy(mention: SyntaxNode, maker: RegExp): boolean {
  let at: SyntaxNode = mention
  while (at.parent?.type === 'pointer_declarator') at = at.parent
  const parent = at.parent
  const value =
    parent?.type === 'init_declarator'
      ? parent.childForFieldName('value')
      : parent?.type === 'assignment_expression' && parent.childForFieldName('left')?.equals(at)
        ? parent.childForFieldName('right')
        : null
  return maker.test(calledName(value))
}

/** Whether nobody gets hold of a variable's value at a mention: it is tested, looked into, dropped, or given back. */
function isHarmless(mention: SyntaxNode): boolean {
  let at: SyntaxNode = mention
  let parent = mention.parent
  while (parent?.type === 'parenthesized_expression') {
    at = parent
    parent = parent.parent
  }
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
