import type { SyntaxNode } from '../syntax/parse.ts'
import type { UseContext } from './file-facts.ts'
import { type Mention, nodesOf } from './function-nodes.ts'
import { argumentsOf, bareText, calledName } from './nodes.ts'

/** What a function does with a tuple or a list whose items it sets or reads. */

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

/**
 * Where the container whose item a call sets was made in the same function, if from there to the call
 * nobody else got hold of it or of an item that may stand where the call sets one: then it has one owner and no item
 * there; null where that is in doubt. Code is taken in the order of its lines; loops count as a whole, and a label
 * between the two lets it be in doubt. What sets an item to NULL takes one out. Whether an item is set again in a loop,
 * or by macros, is asked where the project is known.
 */
function placeOfMaking(call: SyntaxNode, container: SyntaxNode): number | null {
  const maker = setsItem.get(calledName(call))
  if (container.type !== 'identifier' || !maker) return null
  const [, place, item] = argumentsOf(call)
  if (item && /^(?:NULL|nullptr|0)$/.test(bareText(item))) return null
  const around = enclosing(call)
  const body = around.at(-1)?.type === 'function_definition' ? around.at(-1)!.childForFieldName('body') : null
  if (!body) return null
  const nodes = nodesOf(body)
  const mentions = nodes.mentions(container.text)
  if (mentions.length > mostMentions) return null
  const made = mentions.filter((each) => each.start < call.startIndex && maker.test(each.given)).at(-1)
  if (!made || !mentions.some((each) => each.isLocalDeclaration) || mayBeSkipped(made.node, call)) return null
  // A loop around the call, but not around what makes the container, repeats all that is in it.
  const loop = around
    .filter((each) => /^(?:for|while|do)_statement$|^for_range_loop$/.test(each.type) && each.startIndex > made.start)
    .at(-1)
  const from = made.start
  const to = Math.max(call.endIndex, loop?.endIndex ?? 0)
  if (nodes.labels.some((each) => from < each && each < call.startIndex)) return null
  const at = place ? { text: place.text, isNumber: place.type === 'number_literal' } : null
  const isUntouched = mentions.every(
    (each) => each.start <= from || each.start >= to || (each.isHarmless && !mayTouchItem(each, call, at)),
  )
  return isUntouched ? from : null
}

/** Of a container that is named more often nothing is said. */
const mostMentions = 1000

/**
 * Whether a call with a container as its first argument reads the item that another call sets, or has set it before:
 * what code reads before it sets it anew, it releases or moves itself. Of a place that is set twice only what is sure
 * counts, since one that is counted up (`i`, `n++`) is another one each time.
 * @param place where the other call sets one, as it is written
 */
function mayTouchItem(
  { operandOf: other }: Mention,
  call: SyntaxNode,
  place: { readonly text: string; readonly isNumber: boolean } | null,
): boolean {
  if (other === null || place === null || other.node.startIndex === call.startIndex) return false
  const isSame = other.place === place.text
  const isEarlier = other.node.startIndex < call.startIndex
  const areNumbers = other.isNumber && place.isNumber
  if (other.reads) return areNumbers ? isSame : isEarlier || !isSame
  return isEarlier && isSame && other.sets && !mayBeSkipped(other.node, call) && !changes(other, call)
}

/** Whether a place may be another one at a later call: it changes itself, or a variable in it is assigned between. */
function changes(earlier: NonNullable<Mention['operandOf']>, call: SyntaxNode): boolean {
  if (!earlier.isPlain) return true
  const around = enclosing(call).at(-1)
  if (!around) return true
  const assigned = nodesOf(around).assigned.get(earlier.place) ?? []
  return assigned.some((start) => earlier.node.endIndex <= start && start < call.startIndex)
}

/** What is known of the container whose item a call reads or sets. */
export const containerOf = (call: SyntaxNode, container: SyntaxNode): Pick<UseContext, 'fresh' | 'resized'> => ({
  ...freshness(placeOfMaking(call, container)),
  ...(isResized(call, container) ? { resized: true } : {}),
})

const freshness = (made: number | null): Pick<UseContext, 'fresh'> => (made === null ? {} : { fresh: made })

/** Whether the function around a call sets the size of a container, under whichever name. */
function isResized(call: SyntaxNode, container: SyntaxNode): boolean {
  const body = enclosing(call).at(-1)
  const nodes = body ? nodesOf(body) : null
  if (!nodes || nodes.sizeSetters.length === 0) return false
  const names = nodes.otherNames(bareText(container))
  return nodes.sizeSetters.some(({ isCall, object }) =>
    isCall ? names.has(object) : [...names].some((name) => object.includes(name)),
  )
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
