import { branchesAround, callStarting, mayBeSkipped, parentsIn, statementOf } from '../../code/placement.ts'
import type { FunctionCode, Value } from '../../code/tree.ts'
import { bare, isNullName, plainText } from '../../code/values.ts'
import { declaresName } from '../../code/variables.ts'
import { moduleSlotTables } from '../../semantics/module-slots.ts'
import type { Offset } from '../../source/text.ts'
import type { PlaceIn, Sources } from '../sources.ts'

/** A file with the function in it that makes the capsule of a table. */
interface Maker {
  readonly file: string
  readonly code: FunctionCode
}

/**
 * Why it is not known that a function which fills a table does so whenever the module is imported.
 * @param start where the function puts something into the table
 * @returns null where it is known
 */
export function fillingDoubt(sources: Sources, maker: Maker, user: FunctionCode, start: Offset): string | null {
  const { file } = maker
  if (sources.code(file).namespaceAround(user.span.start) !== null) return `\`${user.name}\` stands in a namespace`
  if (user === maker.code) return null
  if (isUnderMore(sources, maker, { file, offset: user.span.start })) return `\`${user.name}\` stands under a condition`
  if (endsBefore(user, start)) return `\`${user.name}\` may end before it sets an entry`
  return isAlwaysCalled(sources, maker, user, new Set())
    ? null
    : `\`${user.name}\` sets an entry, and whether it is called whenever the module is imported is not known`
}

/**
 * Why it is not known that the function which makes the capsule of a struct fills that whenever the module is imported:
 * the new table is filled from it in any case.
 * @param start where it gives a field a value
 * @returns null where it is known
 */
export function makerDoubt(sources: Sources, maker: Maker, start: Offset): string | null {
  const { name } = maker.code
  if (endsBefore(maker.code, start)) return `\`${name}\` may end before it sets a field`
  return isAlwaysCalled(sources, maker, maker.code, new Set())
    ? null
    : `\`${name}\` sets a field, and whether it is called whenever the module is imported is not known`
}

/** Whether code stands under conditions of the preprocessor that the function which makes the capsule is not under. */
function isUnderMore(sources: Sources, { file, code }: Maker, place: PlaceIn): boolean {
  const base = new Set(sources.regionsAround({ file, offset: code.span.start }))
  return sources.regionsAround(place).some((each) => !base.has(each))
}

/** Whether a function may end before an offset without telling an error. */
const endsBefore = (user: FunctionCode, start: Offset): boolean =>
  [...parentsIn(user).keys()].some(
    (each) => each.kind === 'return' && each.span.start < start && (each.value === null || !isError(each.value)),
  )

function isError(value: Value): boolean {
  const inner = bare(value)
  return inner.kind === 'name' ? isNullName(inner.name) : /^-\d+$/.test(plainText(inner).replace(/\s/g, ''))
}

/** Whether a function is called by the one that makes the capsule, or is in a table of slots: on no condition. */
function isAlwaysCalled(
  sources: Sources,
  maker: Maker,
  user: FunctionCode,
  callers: ReadonlySet<FunctionCode>,
): boolean {
  const { file } = maker
  const code = sources.code(file)
  return code.references(user.name).some((start) => {
    if (start === user.nameSpan.start || isUnderMore(sources, maker, { file, offset: start })) return false
    const around = code.functionAt(start)
    if (around === null) return isSlot(sources, file, start)
    const call = declaresName(around, user.name) ? null : callStarting(around, start)
    const statement = call && statementOf(around, call)
    if (!call || !statement || mayBeSkipped(around, call)) return false
    if (branchesAround(around, statement).length > 0 || endsBefore(around, start)) return false
    if (around === maker.code) return true
    return !callers.has(around) && isAlwaysCalled(sources, maker, around, new Set([...callers, around]))
  })
}

/** Whether a name stands in a table of slots of a module. */
const isSlot = (sources: Sources, file: string, start: Offset): boolean =>
  moduleSlotTables(sources.model).some(
    (table) =>
      sources.model.files[table.file]!.file === file &&
      sources
        .code(file)
        .variables.some(
          ({ nameSpan, initialiser }) =>
            nameSpan.start === table.span.start &&
            initialiser !== null &&
            initialiser.span.start <= start &&
            start < initialiser.span.end,
        ),
  )
