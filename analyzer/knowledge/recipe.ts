import type { CType } from './ctype.ts'
import { type Conditions, factsOf } from './function-facts.ts'

/**
 * How an expression is rewritten so that it does without a C API name: a fact about the C API like `Replacement`, but
 * made for a machine. Recipes are written as C, in `recipes/`, one file per part of the C API.
 */
export interface Recipe {
  /**
   * The C API name it is for; a field as `PyTypeObject.tp_free`, a field's field as
   * `PyTypeObject.tp_as_number.nb_add`, a field of an object with a name as `PyDateTimeAPI->DateType`.
   */
  readonly name: string
  /**
   * The operands of the call, by the names that `to` gives them; null where the name alone is rewritten, called or
   * not. A field has its object, as a pointer.
   */
  readonly parameters: readonly string[] | null
  /** What to write: text and parameters. Nothing for a call that is deleted with its statement. */
  readonly to: readonly (string | RecipeParameter)[]
  /** `to` as it was written, without the casts that say types. */
  readonly shown: string
  /** The names and the shims in it; of the names those of the C API matter. */
  readonly needs: readonly string[]
  readonly shims: readonly string[]
  /** What may differ; empty for nothing. */
  readonly differs: string
  readonly conditions: Conditions
}

export interface RecipeParameter {
  /** Which one, from 0. */
  readonly index: number
  /** The type that it must have; a cast is written where it has, or may have, another one. Null for any. */
  readonly type: CType | null
}

/**
 * Makes a recipe, which is read when somebody asks for more than its name.
 * @param from `PyTuple_GET_ITEM(t, i)`, `PyTypeObject.tp_free`; `Py_VerboseFlag` or `PyEval_CallFunction` for the
 * name alone
 * @param to C in which parameters of `from` stand for operands, `it` for a pointer to the object of a field. A cast
 * before a parameter says what type it needs: `(PyObject *)t`.
 * @param differs what may differ, where `function-facts.ts` does not say it of the functions in `to`
 * @throws Error where it makes no sense, some of it only as it is read
 */
export const recipe = (from: string, to: string, differs = '', conditions: Conditions = {}): Recipe =>
  new WrittenRecipe(from, to, differs, conditions)

class WrittenRecipe implements Recipe {
  readonly name: string
  private known: Omit<Recipe, 'name'> | null = null

  constructor(
    private readonly from: string,
    private readonly written: string,
    private readonly difference: string,
    private readonly given: Conditions,
  ) {
    const end = from.indexOf('(')
    this.name = end < 0 ? from : from.slice(0, end)
  }

  get parameters(): Recipe['parameters'] {
    return this.read().parameters
  }

  get to(): Recipe['to'] {
    return this.read().to
  }

  get shown(): string {
    return this.read().shown
  }

  get needs(): readonly string[] {
    return this.read().needs
  }

  get shims(): readonly string[] {
    return this.read().shims
  }

  get differs(): string {
    return this.read().differs
  }

  get conditions(): Conditions {
    return this.read().conditions
  }

  private read(): Omit<Recipe, 'name'> {
    this.known ??= readRecipe(this.from, this.written, this.difference, this.given)
    return this.known
  }
}

function readRecipe(from: string, to: string, differs: string, conditions: Conditions): Omit<Recipe, 'name'> {
  const match = /^([\w.]+(?:->\w+)?)(?:\((.*)\))?$/.exec(from)
  if (!match) throw new Error(`no recipe: ${from}`)
  const name = match[1]!
  const isField = name.includes('.')
  const parameters = isField
    ? ['it']
    : match[2] === undefined
      ? null
      : match[2] === ''
        ? []
        : match[2].split(',').map((each) => each.trim())
  const pieces: (string | RecipeParameter)[] = []
  let rest = 0
  const names = parameters ?? []
  if (names.length > 0) {
    for (const found of to.matchAll(new RegExp(`(?:\\(([\\w ]+?) ?(\\*+)\\) ?)?\\b(${names.join('|')})\\b`, 'g'))) {
      pieces.push(to.slice(rest, found.index), {
        index: names.indexOf(found[3]!),
        type: found[1] === undefined ? null : `${found[1]}${found[2]!}`,
      })
      rest = found.index + found[0].length
    }
  }
  pieces.push(to.slice(rest))
  const words = [...new Set(to.replace(/"[^"]*"/g, '').match(/\b[A-Za-z_]\w*/g) ?? [])].filter(
    (word) => !names.includes(word),
  )
  const needs = words.filter((word) => !/^Pep[A-Z_]/.test(word))
  const shims = words.filter((word) => /^Pep[A-Z_]/.test(word))
  const told = differs === '' ? factsOf([...needs, ...shims], conditions) : { differs }
  return {
    parameters,
    to: pieces.filter((piece) => piece !== ''),
    shown: pieces
      .map((piece) =>
        typeof piece === 'string'
          ? piece
          : isField
            ? name.startsWith('PyTypeObject.')
              ? 'type'
              : 'o'
            : names[piece.index]!,
      )
      .join(''),
    needs,
    shims,
    differs: told.differs,
    conditions: told.sameFrom === undefined ? conditions : { ...conditions, sameFrom: told.sameFrom },
  }
}
