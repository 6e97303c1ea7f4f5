import type { Operand, Use, UseContext } from '../facts/file-facts.ts'
import type { CType } from '../knowledge/ctype.ts'
import type { Recipe, RecipeParameter } from '../knowledge/recipe.ts'
import { itemsMacro, mainInterpreter } from '../knowledge/recipes/index.ts'
import type { Target } from '../knowledge/target.ts'
import { type Minor, showVersion } from '../knowledge/version.ts'
import type { ProjectModel } from '../project/model.ts'
import { isAsciiDataAt } from '../semantics/ascii-data.ts'
import { availabilityStatus } from '../semantics/availability.ts'
import { pointsToConst } from '../semantics/const-pointers.ts'
import { isResizedByOthers } from '../semantics/container-sizes.ts'
import { isOfCurrentThread } from '../semantics/current-thread.ts'
import { formerItem } from '../semantics/former-items.ts'
import { itemPointerAt } from '../semantics/item-pointers.ts'
import { setsEachItemOnce } from '../semantics/item-setting.ts'
import { isTakenForLvalue } from '../semantics/lvalue-places.ts'
import { isAddressInFunction } from '../semantics/lvalues.ts'
import { isComparedWithNull, isOnlyAsked } from '../semantics/null-tests.ts'
import { isTableTested } from '../semantics/slot-tables.ts'
import { isTextDataAt } from '../semantics/text-data.ts'
import { exact } from '../source/lists.ts'
import type { FileId, Offset, Span } from '../source/text.ts'
import { asciiDataRewrites } from './ascii-data.ts'
import { dictWriteFix } from './dict-writes.ts'
import type { Fix, Rewrite } from './fix.ts'
import { mainInterpreterFix } from './main-interpreter.ts'
import { isShimHeader } from './shim-header.ts'
import { slotTableFix, slotTableOf } from './slot-tables.ts'
import { textBufferFix } from './text-buffers.ts'

/** Recipes, and what is known of the shims that they use. */
export interface Cookbook {
  /** The targets, and what the project itself is built for where that is lower: a fix has to be good for all. */
  readonly targets: readonly Target[]
  /** By the name of the C API that they are for, best first. */
  readonly recipes: ReadonlyMap<string, readonly Recipe[]>
  /** Of each shim the lowest level at which it works. */
  readonly shims: ReadonlyMap<string, Minor>
  /** How the functions of rewritten modules come by their state. */
  readonly moduleStyle: 'functions' | 'macros'
  /** Whether modules rewritten for abi3t lose their `PyInit_` functions: then only 3.15 and later import them. */
  readonly exportHooksOnly: boolean
  /** The project's texts by file, one character per byte. */
  readonly texts: ReadonlyMap<string, string>
  /**
   * The lowest level at which what stands in some files has to work: of the targets, and of what the project sets for
   * the translation units that they are part of.
   */
  levelOf(files: ReadonlySet<FileId>): Minor
  /** Why a file may not be changed, as the rest of a sentence that begins with its name; null where it may. */
  locked(file: string): string | null
  /** Why it cannot be said what others use a type for that a file defines, without full stop; null where it can. */
  unseen(file: string): string | null
  /** Whether a comment suppresses what a rule finds at an offset of a file: that stays as it is. */
  isSuppressed(rule: string, file: string, offset: Offset): boolean
  /** Whether there is a file of that name, whether it was read or not. */
  isThere(file: string): boolean
}

/** Where something stands that may be rewritten. */
export interface UsePlace {
  /** Index into the model's files. */
  readonly file: FileId
  readonly context: UseContext
  /** The macro whose body holds it, -1 for none. */
  readonly macro: number
  /** The calls of the project's macros around it. */
  readonly within: Use['within']
}

/**
 * The fix for a use of a C API name, by the first recipe that fits the place and is open to all targets; null where
 * there is none.
 * @param name as recipes have it: `PyTuple_GET_ITEM`, `PyTypeObject.tp_free`
 */
export function fixBy(cookbook: Cookbook, name: string, place: UsePlace, model: ProjectModel): Fix | null {
  if (isInNameOfOwn(model, place)) return null
  if (name === itemsMacro) return itemPointerFix(model, place)
  if (name === mainInterpreter) return mainInterpreterFix(cookbook.targets, model, place.file, place.context.start)
  const isOwn = place.macro >= 0 || model.isProjectDefined(place.file, name) !== 'no'
  const filled = isOwn ? null : textBufferFix(model, name, place.file, place.context.start)
  if (filled?.shims.every((shim) => cookbook.targets.every(({ level }) => (cookbook.shims.get(shim) ?? 99) <= level)))
    return filled
  if (name === 'PyTypeObject.tp_dict') return dictWriteFix(model, place.file, place.context.start)
  const { recipes, targets } = cookbook
  const table = slotTableOf(name)
  if (table === null && !recipes.has(name)) return null
  const lvalue = isTakenForLvalue(model, place.file, name, place.context, place)
  if (lvalue === 'yes') return null
  if (table !== null) {
    const recipeOf = (slot: string): Recipe | null =>
      recipes.get(slot)?.find((each) => isOpen(each, cookbook, model) && isOthers(each, place, model)) ?? null
    const fix = slotTableFix(targets, table, place, model, recipeOf)
    if (fix !== null) return fix
  }
  for (const recipe of recipes.get(name) ?? []) {
    if (!isOpen(recipe, cookbook, model)) continue
    const isAlias = place.context.alias !== undefined
    // What is around the place is asked last: it may take functions to be read.
    if (!isAlias && contextFor(recipe, place.context) === null) continue
    if (!fits(recipe, place, model, table)) continue
    const removed = isAlias ? [] : removedFor(recipe, place, model)
    const rewrites = isAlias
      ? rewritesOfAlias(recipe, place.context, place.context.alias)
      : rewritesAt(recipe, place, model)
    if (rewrites === null || removed === null) continue
    const {
      differs,
      conditions: { sameFrom },
    } = recipe
    if (!isOthers(recipe, place, model)) continue
    if (
      recipe.shims.some((each) => model.isProjectDefined(place.file, each) !== 'no') &&
      !model.files.some(({ file }) => isShimHeader.test(file))
    )
      continue
    const reasons = [
      ...(differs === '' || (sameFrom !== undefined && targets.every(({ level }) => level >= sameFrom))
        ? []
        : [sameFrom === undefined ? differs : `before Python ${showVersion(sameFrom)}: ${differs}`]),
      ...(!name.includes('.') && model.isProjectDefined(place.file, name) !== 'no'
        ? ['the project defines the name itself in some builds']
        : []),
      ...(lvalue === 'unknown' ? ['it may be taken for an lvalue: what it is given to is not known'] : []),
    ]
    return {
      title: titleOf(recipe),
      safety: reasons.length === 0 ? 'safe' : 'unsafe',
      reason: reasons.join('; '),
      kind: 'file',
      rewrites: recipe.conditions.ascii
        ? asciiDataRewrites(model, place.file, place.context.start, rewrites)
        : exact([...removed, ...rewrites]),
      includes: recipe.conditions.includes ?? none,
      shims: recipe.shims,
    }
  }
  return null
}

/**
 * Whether a use stands in a macro by which the project declares something itself:
 * `#define GET PyErr_GetRaisedException`, `PyObject *GET(void) {`.
 */
const isInNameOfOwn = ({ files, project }: ProjectModel, { file, macro }: UsePlace): boolean =>
  macro >= 0 && project.declarations.value(files[file]!.macros[macro]!.name).length > 0

/** That of nearly all fixes, of which there may be hundreds of thousands. */
const none: readonly string[] = []

const titles = new WeakMap<Recipe, string>()

/** What a fix by a recipe does, as an order: one text for all places. */
function titleOf(recipe: Recipe): string {
  const { shown, shims } = recipe
  const title =
    titles.get(recipe) ?? (shown === '' ? 'delete the call' : `${shims[0] ? 'use the shim' : 'write'} \`${shown}\``)
  titles.set(recipe, title)
  return title
}

/**
 * Whether what is around a place is as a recipe asks for.
 * @param table the field of a type that points to a table of slots; null for what is no such field
 */
function fits({ name, conditions }: Recipe, place: UsePlace, model: ProjectModel, table: string | null): boolean {
  const { file, context } = place
  if (conditions.tested && !isTested(model, place, table)) return false
  if (conditions.called && context.operands.length === 0) return false
  if (conditions.fresh && !isOnceAt(model, place)) return false
  if (conditions.keepsSize && isResizedByOthers(model, file, context.start)) return false
  if (conditions.address && !isAddressInFunction(model, file, context.start)) return false
  if (conditions.current && !(place.macro < 0 && isOfCurrentThread(model, file, context, name.split('.')[1]!)))
    return false
  if (conditions.asked && !isOnlyAsked(model, file, context.start)) return false
  if (conditions.characters && !isDataOf(isTextDataAt, model, place)) return false
  return !conditions.ascii || isDataOf(isAsciiDataAt, model, place)
}

/** Whether a call sets an item of a new container that none was set for before: see `UseContext.fresh`. */
const isOnceAt = (model: ProjectModel, { file, context: { start, fresh }, within }: UsePlace): boolean =>
  fresh !== undefined && within.length === 0 && setsEachItemOnce(model, file, start, fresh)

/** What goes with what a recipe writes; null where the recipe does not fit what becomes of an item that it replaces. */
function removedFor({ conditions }: Recipe, { file, context }: UsePlace, model: ProjectModel): Rewrite[] | null {
  if (!conditions.released && !conditions.unreleased) return []
  const former = formerItem(model, file, context.start)
  if (conditions.unreleased) return former === null ? [] : null
  return former === null || former === 'released' ? null : [{ ...former, pieces: [] }]
}

/** @param isData what says whether the call of a macro at a place is for data that is understood */
const isDataOf = (isData: typeof isTextDataAt, model: ProjectModel, { file, context, macro }: UsePlace): boolean =>
  macro < 0 && isData(model, file, context.start)

/** @param table the field of a type that points to a table of slots; null for what is no such field */
const isTested = (model: ProjectModel, { file, context, macro }: UsePlace, table: string | null): boolean =>
  table === null
    ? macro < 0 && isComparedWithNull(model, file, context.start)
    : isTableTested(model, file, context.start, table)

const openRecipes = new WeakMap<Cookbook, Map<Recipe, boolean>>()

/** Whether all targets have what a recipe writes. */
function isOpen(recipe: Recipe, cookbook: Cookbook, model: ProjectModel): boolean {
  const known = openRecipes.get(cookbook) ?? new Map<Recipe, boolean>()
  openRecipes.set(cookbook, known)
  let found = known.get(recipe)
  if (found === undefined) {
    found = findOpen(recipe, cookbook, model)
    known.set(recipe, found)
  }
  return found
}

function findOpen({ needs, shims: used }: Recipe, { targets, shims }: Cookbook, model: ProjectModel): boolean {
  const isOffered = (needed: string, target: Target): boolean => {
    const fact = model.api.fact(needed)
    return fact === null || availabilityStatus(fact, target, model.api).kind === 'available'
  }
  return targets.every(
    (target) =>
      needs.every((each) => isOffered(each, target)) && used.every((shim) => (shims.get(shim) ?? 99) <= target.level),
  )
}

/** Whether what a recipe writes is CPython's: what the project calls by that name itself is another thing. */
const isOthers = ({ needs }: Recipe, { file }: UsePlace, model: ProjectModel): boolean =>
  needs.every((each) => model.isProjectDefined(file, each) === 'no')

/** Where the items of a sequence are only read through a pointer to them, each is asked for by its index instead. */
function itemPointerFix(model: ProjectModel, { file, context, macro }: UsePlace): Fix | null {
  const pointer = macro < 0 ? itemPointerAt(model, file, context.start) : null
  if (pointer === null) return null
  const { sequence, statements, reads } = pointer
  const shim = 'PepSequence_Fast_GET_ITEM'
  return {
    title: `use the shim \`${shim}(${sequence}, i)\` for each item`,
    safety: 'safe',
    reason: '',
    kind: 'file',
    rewrites: [
      ...statements.map((span) => ({ ...span, pieces: [] })),
      ...reads.map(({ span, index }) => ({ ...span, pieces: [`${shim}(${sequence}, `, index, ')'] })),
    ],
    includes: [],
    shims: [shim],
  }
}

function rewritesAt(recipe: Recipe, place: UsePlace, model: ProjectModel): Rewrite[] | null {
  const context = contextFor(recipe, place.context)
  const pieces = context === null ? null : piecesOf(recipe, context, { ...place, context }, model)
  return context === null || pieces === null
    ? null
    : [{ start: context.start, end: context.end, pieces: exact(pieces) }]
}

/** `#define AS PyBytes_AS_STRING` gets parameters, and the body that a call would get. */
function rewritesOfAlias(
  { name, parameters, to, conditions }: Recipe,
  { start, end }: UseContext,
  afterName: number,
): Rewrite[] | null {
  const everywhere = ['sameFrom', 'includes', 'keepsSize']
  if (Object.keys(conditions).some((condition) => !everywhere.includes(condition))) return null
  if (parameters === null) return name.includes('->') ? null : [{ start, end, pieces: to as string[] }]
  if (to.length === 0) return null
  const pieces = to.map((piece) =>
    typeof piece === 'string'
      ? piece
      : piece.type === null
        ? parameters[piece.index]!
        : `(${spaced(piece.type)})(${parameters[piece.index]!})`,
  )
  return [
    { start: afterName, end: afterName, pieces: [`(${parameters.join(', ')})`] },
    { start, end, pieces },
  ]
}

/**
 * The context that a recipe rewrites: the place's own, that of the field of the field, the name alone, or the whole
 * statement; null where the recipe does not fit.
 */
function contextFor({ name, parameters, to, conditions }: Recipe, context: UseContext): UseContext | null {
  if (name.includes('->'))
    return context.outer && context.outer.role !== 'target' && name.endsWith(`->${context.outer.field}`)
      ? { ...context, end: context.outer.end, operands: [] }
      : null
  if (conditions.whole && context.outer) return null
  if (parameters === null)
    return (conditions.statement && context.role !== 'statement') || (context.role === 'target' && !conditions.address)
      ? null
      : { ...context, end: context.start + name.length, operands: [] }
  if (to.length === 0)
    return context.alone && parameters.length === context.operands.length ? { ...context, ...context.alone } : null
  const [, , through] = name.split('.')
  const whole: UseContext | null =
    through === undefined
      ? context
      : context.outer?.field === through
        ? { ...context, end: context.outer.end, role: context.outer.role }
        : null
  if (whole === null || (whole.role === 'target' && !(conditions.elements && whole.element))) return null
  if (parameters.length !== whole.operands.length) return null
  if (conditions.statement && whole.role !== 'statement') return null
  if ((conditions.fresh && whole.fresh === undefined) || (conditions.keepsSize && whole.resized)) return null
  return (conditions.literals?.every(([operand, written]) => written.test(whole.operands[operand]?.literal ?? '')) ??
    true)
    ? whole
    : null
}

/** What stands in the end; null where an operand would be lost or done twice that may do something. */
function piecesOf({ to }: Recipe, context: UseContext, place: UsePlace, model: ProjectModel): (string | Span)[] | null {
  const times = context.operands.map(
    (_, index) => to.filter((piece) => typeof piece !== 'string' && piece.index === index).length,
  )
  if (times.some((count, index) => count !== 1 && !context.operands[index]!.duplicable)) return null
  return to.flatMap((piece) =>
    typeof piece === 'string' ? [piece] : operandPieces(piece, context.operands[piece.index]!, context, place, model),
  )
}

function operandPieces(
  { type }: RecipeParameter,
  operand: Operand,
  { arrow }: UseContext,
  { file, macro }: UsePlace,
  model: ProjectModel,
): (string | Span)[] {
  const isObject = arrow !== undefined
  const hasType = ({ start, type: expression }: Pick<Operand, 'start' | 'type'>): boolean => {
    if (type !== null && pointsToConst(model, file, expression, start, macro)) return false
    let known = false
    for (const each of model.typesOf(file, expression, start, macro)) {
      const pointer = arrow === false ? `${each}*` : each
      if (type !== null && !sameType(model.apiType(file, pointer), type)) return false
      known = true
    }
    return known
  }
  const address = arrow === false ? '&' : ''
  const { within } = operand
  // `((PyTupleObject *)t)` was written for the struct's sake alone.
  if (within?.cast && type !== null && address === '' && model.api.struct(within.cast.slice(0, -1)) !== null) {
    if (within.type !== null && hasType(within)) return [span(within)]
    return castPieces(type, within)
  }
  const shown = isObject && within && !within.cast && !within.needsParentheses ? within : operand
  if (type === null || hasType(operand)) return [address, span(shown)].filter((each) => each !== '')
  return castPieces(type, operand.needsParentheses ? operand : { ...span(shown), needsParentheses: false }, address)
}

/** An operand with a cast before it, and with parentheses where it needs them. @param address `&` or nothing */
export const castPieces = (
  type: CType,
  operand: Span & Pick<Operand, 'needsParentheses'>,
  address = '',
): (string | Span)[] => [
  `(${spaced(type)})${address}`,
  ...(operand.needsParentheses ? ['(', span(operand), ')'] : [span(operand)]),
]

const span = ({ start, end }: Span): Span => ({ start, end })

const sameType = (a: CType, b: CType): boolean => a === b || bare(a) === bare(b)

/** `PyTypeObject` and its tag are the same type. */
const bare = (type: CType): string =>
  type
    .replace(/^struct _typeobject/, 'PyTypeObject')
    .replace(/^struct _object/, 'PyObject')
    .replace('[]', '*')

/** `PyObject*` as people write it. */
const spaced = (type: CType): string => type.replace(/^([^*]+?)(\*+)$/, '$1 $2')
