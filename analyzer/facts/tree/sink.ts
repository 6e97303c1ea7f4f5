import type { Offset } from '../../source/text.ts'
import type {
  CompleteTypeUse,
  Declaration,
  Expression,
  MemberAccess,
  ObjectArgument,
  StructDeclaration,
  UseContext,
} from '../file-facts.ts'

/** A fact without what follows from its place. */
export type Placeless<T> = Omit<T, 'region' | 'macro'>

/** Receives what the walk through a tree finds. Places are byte offsets. */
export interface Sink {
  member(access: Omit<Placeless<MemberAccess>, 'within'>): void
  objectArgument(argument: Placeless<ObjectArgument>): void
  /** @param offset of the name that is used */
  useContext(offset: Offset, context: UseContext): void
  completeTypeUse(use: Placeless<CompleteTypeUse>): void
  declaration(declaration: Placeless<Declaration>): void
  /** @param end where its body ends */
  struct(struct: Placeless<StructDeclaration>, end: Offset): void
  /**
   * A name of the C API that is something else between two offsets.
   * @param isPrototype it is a function that a block declares for itself
   */
  shadow(name: string, start: Offset, end: Offset, isPrototype?: true): void
  /** @param locals the types of the local variables that the macro's body mentions */
  macroCall(
    name: string,
    offset: Offset,
    operands: readonly Expression[],
    locals: Readonly<Record<string, Expression>>,
  ): void
  unparsed(start: Offset, end: Offset): void
}
