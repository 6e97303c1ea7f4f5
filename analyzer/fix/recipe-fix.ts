import type { Form, Operand } from '../facts/file-facts.ts'
import type { CType } from '../knowledge/ctype.ts'
import type { Parameter, Recipe } from '../knowledge/recipe.ts'
import type { Target } from '../knowledge/target.ts'
import { type Minor, showVersion } from '../knowledge/version.ts'
import type { ProjectModel } from '../project/model.ts'
import { standing } from '../semantics/availability.ts'
import type { Span } from '../source/text.ts'
import type { Fix, Rewrite } from './fix.ts'

/** Recipes, and what is known of the shims that they use. */
export interface Cookbook {
  /** By the name of the C API that they are for, best first. */
  readonly recipes: ReadonlyMap<string, readonly Recipe[]>
  /** Of each shim the lowest level at which it works. */
  readonly shims: ReadonlyMap<string, Minor>
  /** The project's texts by file, one character per byte. */
  readonly texts: ReadonlyMap<string, string>
  /** Why a file may not be changed, as the rest of a sentence that begins with its name; null where it may. */
  locked(file: string): string | null
}

/** The header in which the shims of a project stand, by its file. */
export const isShimHeader = /(?:^|\/)pep_shims\.h$/

/** Where something stands that may be rewritten. */
export interface Place {
  /** Index into the model's files. */
  readonly file: number
  readonly form: Form
  /** The macro whose body holds it, -1 for none. */
  readonly macro: number
}

/**
 * The fix for a use of a C API name, by the first recipe that fits the place and is open to all targets; null where
 * there is none.
 * @param name as recipes have it: `PyTuple_GET_ITEM`, `PyTypeObject.tp_free`
 */
export function fixBy(
  { recipes, shims }: Cookbook,
  name: string,
  place: Place,
  model: ProjectModel,
  targets: readonly Target[],
): Fix | null {
  for (const recipe of recipes.get(name) ?? []) {
    const isOffered = (needed: string, target: Target): boolean => {
      const fact = model.api.fact(needed)
      return fact === null || standing(fact, target, model.api).kind === 'available'
    }
    const isOpen = targets.every(
      (target) =>
        recipe.needs.every((each) => isOffered(each, target)) &&
        recipe.shims.every((shim) => (shims.get(shim) ?? 99) <= target.level),
    )
    if (!isOpen) continue
    const rewrites =
      place.form.alias === undefined
        ? rewritesAt(recipe, place, model)
        : rewritesOfAlias(recipe, place.form, place.form.alias)
    if (rewrites === null) continue
    const {
      differs,
      conditions: { sameFrom },
    } = recipe
    // What the project calls by that name itself is another thing.
    if (recipe.needs.some((each) => model.isOwn(place.file, each) !== 'no')) continue
    if (
      recipe.shims.some((each) => model.isOwn(place.file, each) !== 'no') &&
      !model.files.some(({ file }) => isShimHeader.test(file))
    )
      continue
    const reasons = [
      ...(differs === '' || (sameFrom !== undefined && targets.every(({ level }) => level >= sameFrom))
        ? []
        : [sameFrom === undefined ? differs : `before Python ${showVersion(sameFrom)}: ${differs}`]),
      ...(!name.includes('.') && model.isOwn(place.file, name) !== 'no'
        ? ['the project defines the name itself in some builds']
        : []),
    ]
    const [word] = recipe.shims
    return {
      title: recipe.shown === '' ? 'delete the call' : `${word ? 'use the shim' : 'write'} \`${recipe.shown}\``,
      safety: reasons.length === 0 ? 'safe' : 'unsafe',
      reason: reasons.join('; '),
      rewrites,
      includes: recipe.conditions.includes ?? [],
      shims: recipe.shims,
    }
  }
  return null
}

function rewritesAt(recipe: Recipe, place: Place, model: ProjectModel): Rewrite[] | null {
  const form = formFor(recipe, place.form)
  const pieces = form === null ? null : piecesOf(recipe, form, { ...place, form }, model)
  return form === null || pieces === null ? null : [{ start: form.start, end: form.end, pieces }]
}

/** `#define AS PyBytes_AS_STRING` gets parameters, and the body that a call would get. */
function rewritesOfAlias(
  { name, parameters, to, conditions }: Recipe,
  { start, end }: Form,
  afterName: number,
): Rewrite[] | null {
  if (Object.keys(conditions).some((condition) => condition !== 'sameFrom' && condition !== 'includes')) return null
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
 * The form that a recipe rewrites: the place's own, that of the field of the field, the name alone, or the whole
 * statement; null where the recipe does not fit.
 */
function formFor({ name, parameters, to, conditions }: Recipe, form: Form): Form | null {
  if (name.includes('->'))
    return form.outer && form.outer.role !== 'target' && name.endsWith(`->${form.outer.field}`)
      ? { ...form, end: form.outer.end, operands: [] }
      : null
  if (conditions.whole && form.outer) return null
  if (parameters === null)
    return (conditions.statement && form.role !== 'statement') || form.role === 'target'
      ? null
      : { ...form, end: form.start + name.length, operands: [] }
  if (to.length === 0)
    return form.alone && parameters.length === form.operands.length ? { ...form, ...form.alone } : null
  const [, , through] = name.split('.')
  const whole: Form | null =
    through === undefined
      ? form
      : form.outer?.field === through
        ? { ...form, end: form.outer.end, role: form.outer.role }
        : null
  if (whole === null || whole.role === 'target') return null
  if (parameters.length !== whole.operands.length) return null
  if (conditions.statement && whole.role !== 'statement') return null
  if (conditions.fresh && !whole.fresh) return null
  return (conditions.literals?.every(([operand, written]) => written.test(whole.operands[operand]?.literal ?? '')) ??
    true)
    ? whole
    : null
}

/** What stands in the end; null where an operand would be lost or done twice that may do something. */
function piecesOf({ to }: Recipe, form: Form, place: Place, model: ProjectModel): (string | Span)[] | null {
  const times = form.operands.map(
    (_, index) => to.filter((piece) => typeof piece !== 'string' && piece.index === index).length,
  )
  if (times.some((count, index) => count !== 1 && form.operands[index]!.shape !== 'plain')) return null
  return to.flatMap((piece) =>
    typeof piece === 'string' ? [piece] : operandPieces(piece, form.operands[piece.index]!, form, place, model),
  )
}

function operandPieces(
  { type }: Parameter,
  operand: Operand,
  { arrow }: Form,
  { file, macro }: Place,
  model: ProjectModel,
): (string | Span)[] {
  const isObject = arrow !== undefined
  const hasType = ({ start, type: expression }: Pick<Operand, 'start' | 'type'>): boolean => {
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
  const shown = isObject && within && !within.cast && within.shape !== 'loose' ? within : operand
  if (type === null || hasType(operand)) return [address, span(shown)].filter((each) => each !== '')
  return castPieces(type, operand.shape === 'loose' ? operand : { ...span(shown), shape: 'tight' }, address)
}

/** An operand with a cast before it, and with parentheses where it needs them. @param address `&` or nothing */
export const castPieces = (type: CType, operand: Span & Pick<Operand, 'shape'>, address = ''): (string | Span)[] => [
  `(${spaced(type)})${address}`,
  ...(operand.shape === 'loose' ? ['(', span(operand), ')'] : [span(operand)]),
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
