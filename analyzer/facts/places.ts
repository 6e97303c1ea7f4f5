import type { CType } from '../knowledge/ctype.ts'
import type { Offset, Span } from '../source/text.ts'
import { mapLeaves } from './expressions.ts'
import type { Expression, Operand, UseContext } from './file-facts.ts'
import type { Sink } from './tree/sink.ts'

/** Facts on one text as facts on another: what is told of a compact text holds for places of the file. */

/** The place in the other text of one in this. */
export type Place = (offset: Offset) => Offset

/**
 * A sink that is told places in one text and passes on those in another. Structs without a name are named by their
 * place.
 */
export function placedSink(sink: Sink, place: Place): Sink {
  const type = (each: CType): CType => placedType(each, place)
  return {
    member: (access) =>
      sink.member({
        ...access,
        start: place(access.start),
        object: placedExpression(access.object, place),
        ...(access.context ? { context: placedContext(access.context, place) } : {}),
      }),
    useContext: (offset, context) => sink.useContext(place(offset), placedContext(context, place)),
    objectArgument: (argument) => sink.objectArgument({ ...argument, ...placedOperand(argument, place) }),
    completeTypeUse: (use) =>
      sink.completeTypeUse({
        ...use,
        start: place(use.start),
        end: place(use.end),
        of: typeof use.of === 'string' ? type(use.of) : placedExpression(use.of, place),
      }),
    declaration: (each) => sink.declaration({ ...each, offset: place(each.offset), type: type(each.type) }),
    struct: (struct, end) =>
      sink.struct(
        {
          ...struct,
          offset: place(struct.offset),
          tag: type(struct.tag),
          fields: Object.fromEntries(
            Object.entries(struct.fields).map(([name, each]) => [name.startsWith('@') ? type(each) : name, type(each)]),
          ),
        },
        place(end),
      ),
    shadow: (name, start, end, isPrototype) => sink.shadow(name, place(start), place(end), isPrototype),
    macroCall: (name, offset, operands, locals) =>
      sink.macroCall(
        name,
        place(offset),
        operands.map((each) => placedExpression(each, place)),
        Object.fromEntries(Object.entries(locals).map(([local, each]) => [local, placedExpression(each, place)])),
      ),
    unparsed: (start, end) => sink.unparsed(place(start), place(end)),
  }
}

/** The end is exclusive: the place after the last character, which may be followed by what was left out. */
const placedSpan = ({ start, end }: Span, place: Place): Span => ({ start: place(start), end: endAt(end, place) })

const endAt = (end: Offset, place: Place): Offset => place(end - 1) + 1

const placedOperand = (operand: Operand, place: Place): Operand => ({
  ...operand,
  ...placedSpan(operand, place),
  type: placedExpression(operand.type, place),
  ...(operand.within
    ? {
        within: {
          ...operand.within,
          ...placedSpan(operand.within, place),
          type: placedExpression(operand.within.type, place),
        },
      }
    : {}),
})

const placedContext = (context: UseContext, place: Place): UseContext => ({
  ...context,
  ...placedSpan(context, place),
  operands: context.operands.map((each) => placedOperand(each, place)),
  ...(context.outer ? { outer: { ...context.outer, end: endAt(context.outer.end, place) } } : {}),
  ...(context.alone ? { alone: placedSpan(context.alone, place) } : {}),
  ...(context.fresh !== undefined ? { fresh: place(context.fresh) } : {}),
})

const placedType = (type: CType, place: Place): CType =>
  type.includes('@') ? type.replace(/@(\d+)/, (_, offset: string) => `@${place(Number(offset))}`) : type

export const placedExpression = (expression: Expression, place: Place): Expression =>
  mapLeaves(expression, (leaf) => (leaf[0] === 'type' ? ['type', placedType(leaf[1], place)] : leaf))
