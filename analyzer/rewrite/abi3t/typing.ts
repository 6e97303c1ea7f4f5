import type { FunctionCode, NameValue, Value } from '../../code/tree.ts'
import { bare } from '../../code/values.ts'
import { variablesNamed } from '../../code/variables.ts'
import type { CType } from '../../knowledge/ctype.ts'
import { callsEverywhere } from '../../semantics/callers.ts'
import { typeOfValue } from '../../semantics/value-types.ts'
import type { FileId } from '../../source/text.ts'
import type { Sources } from '../sources.ts'
import { type InstanceStruct, plainType } from './instance-structs.ts'

/** The type of what headers of others declare. */
const foreign = 'a type of others'

/** Macros within macros that are followed. */
const deepest = 6

/** Whether a value is a name that the body of a macro takes from where it is used: neither parameter nor variable. */
export const isFree = (code: FunctionCode, value: Value): value is NameValue =>
  code.kind === 'macro' &&
  value.kind === 'name' &&
  value.scope === '' &&
  !code.parameters.some(({ name }) => name === value.name) &&
  variablesNamed(code, value.name).length === 0

/** Where a macro is used, in functions and in other macros. */
export function usesOfMacro(
  sources: Sources,
  macro: string,
): readonly { readonly file: FileId; readonly around: FunctionCode | null }[] {
  const { model } = sources
  return [...model.project.filesWith(macro)].flatMap((file) => {
    const code = model.project.code(file)
    return code
      .occurrences(macro)
      .filter(({ span, isField }) => !isField && !code.definesMacro(span.start))
      .map(({ span }) => ({ file, around: code.codeAt(span.start) }))
  })
}

/** What values are, as far as structs of instances go. */
export class Typing {
  private readonly byPlain: ReadonlyMap<CType, InstanceStruct>
  private readonly ofFree = new Map<string, readonly (CType | null)[]>()
  private readonly foreignMethods = new Map<string, boolean>()

  constructor(
    private readonly sources: Sources,
    structs: readonly InstanceStruct[],
  ) {
    // In C++ a tag is a name by itself, and may stand behind `struct` all the same.
    const all = structs.flatMap((each) => [each.plain, `struct ${each.plain}`].map((name) => [name, each] as const))
    this.byPlain = new Map(all.filter(([name]) => !/^struct struct /.test(name)))
  }

  /** The struct of a type without its pointer; undefined for another. */
  struct(plain: CType): InstanceStruct | undefined {
    return this.byPlain.get(plain)
  }

  /** The types that a value may have, without typedefs: in a macro they are those of what its uses pass. */
  typesOf(file: FileId, code: FunctionCode, value: Value, depth = 0): readonly (CType | null)[] {
    let inner = value
    while (inner.kind === 'group') inner = inner.inner
    if (depth > deepest) return [null]
    if (code.kind === 'macro' && inner.kind === 'name') {
      const { name } = inner
      const at = code.parameters.findIndex((each) => each.name === name)
      if (at >= 0) return this.ofParameter(code.name, at, depth)
      if (isFree(code, inner)) return this.ofFreeName(code.name, inner, depth)
    }
    const { model } = this.sources
    const type = typeOfValue(model, file, code, inner)
    if (type !== null && /\bauto\b/.test(type)) return this.ofAuto(file, code, inner, depth)
    if (type !== null) return [plainType(model, file, type)]
    if (inner.kind === 'name') return [this.typeByBranches(file, code, inner.name)]
    const of = (each: Value): readonly (CType | null)[] => this.typesOf(file, code, each, depth + 1)
    if (inner.kind === 'member') {
      const { name } = inner
      const all = of(inner.object).map((each) => each && this.fieldType(file, withoutPointer(each), name))
      return [...new Set(all)]
    }
    if (inner.kind === 'index') return of(inner.object).map(pointed)
    if (inner.kind === 'unary' && inner.operator === '*') return of(inner.operand).map(pointed)
    if (inner.kind === 'unary' && inner.operator === '&') return of(inner.operand).map((each) => each && `${each}*`)
    const callee = inner.kind === 'call' ? bare(inner.callee) : null
    if (callee?.kind !== 'member') return [null]
    // What methods give is not known to the project; those of smart pointers may give anything.
    const isPlain = of(callee.object).every((each) => each !== null && !/<|\bauto\b/.test(each) && each !== foreign)
    return [isPlain && this.isForeignMethod(callee.name) ? foreign : null]
  }

  /** What a variable is whose type its initialiser tells. */
  private ofAuto(file: FileId, code: FunctionCode, value: Value, depth: number): readonly (CType | null)[] {
    const [only, ...others] = value.kind === 'name' ? variablesNamed(code, value.name) : []
    if (!only?.initialiser || others.length > 0 || !/^(?:const )?auto\*?$/.test(only.type)) return [null]
    return this.typesOf(file, code, only.initialiser, depth + 1)
  }

  /**
   * What a variable is that `#if` branches declare differently: an object in all of them but one, `PyObject *` where
   * there is no such type, is asked for fields in that one alone.
   */
  private typeByBranches(file: FileId, code: FunctionCode, name: string): CType | null {
    if (this.sources.declares(name)) return null
    const types = variablesNamed(code, name).map(({ type }) => plainType(this.sources.model, file, type))
    const [only, ...others] = new Set(types.filter((each) => each !== 'PyObject*'))
    return only && others.length === 0 ? only : null
  }

  /** Whether all methods of a name are declared to give something else than structs of instances. */
  private isForeignMethod(name: string): boolean {
    let known = this.foreignMethods.get(name)
    if (known === undefined) {
      const heads = [...this.sources.model.project.filesWith(name)].flatMap((file) =>
        headsOf(this.sources, file, name).map((head) => ({ file, head })),
      )
      known = heads.length > 0 && heads.every(({ file, head }) => this.isForeignHead(file, head))
      this.foreignMethods.set(name, known)
    }
    return known
  }

  private isForeignHead(file: FileId, head: string): boolean {
    if (/\b(?:auto|decltype|template|operator)\b|[#(<]/.test(head)) return false
    const words = head.match(/[A-Za-z_]\w*/g) ?? []
    const isStruct = (word: string): boolean => {
      const plain = plainType(this.sources.model, file, word)
      return this.byPlain.has(withoutPointer(plain)) || this.byPlain.has(`struct ${word}`)
    }
    return words.length > 0 && !words.some((word) => this.sources.macros(word).length > 0 || isStruct(word))
  }

  private ofParameter(macro: string, at: number, depth: number): readonly (CType | null)[] {
    const all = [...callsEverywhere(this.sources.model, macro)].flatMap(({ file, around, call }) => {
      const operand = call.operands[at]
      return operand ? this.typesOf(file, around, operand, depth + 1) : [null]
    })
    return [...new Set(all)]
  }

  private ofFreeName(macro: string, value: NameValue, depth: number): readonly (CType | null)[] {
    const key = `${macro} ${value.name}`
    let known = this.ofFree.get(key)
    if (!known) {
      const all = usesOfMacro(this.sources, macro).flatMap(({ file, around }) =>
        around ? this.typesOf(file, around, value, depth + 1) : [null],
      )
      known = [...new Set(all)]
      this.ofFree.set(key, known)
    }
    return known
  }

  private fieldType(file: FileId, plain: CType, field: string): CType | null {
    const { model } = this.sources
    const own = this.byPlain.get(plain)
    if (own && own.head.field === field) return own.base?.plain ?? null
    const type = own?.fields.get(field)
    if (own && type) return plainType(model, this.sources.idOf(own.file), type)
    const declared = model.structOf(Number(/#(\d+)$/.exec(plain)?.[1] ?? file), plain.replace(/#\d+$/, ''))
    const given = declared?.fields.get(field)
    // What others declare does not know structs of the project.
    if (!own && !declared) return foreign
    return declared && given ? plainType(model, declared.file, given) : null
  }
}

/** What stands before a name where functions of it are declared: `const Grid *` of `const Grid *get_grid() const`. */
function headsOf({ model }: Sources, file: FileId, name: string): readonly string[] {
  const code = model.project.code(file)
  return code.occurrences(name).flatMap(({ span, behind, isField }) => {
    if (isField || behind !== '(') return []
    const before = code.text.slice(Math.max(0, span.start - longestHead), span.start)
    const head = /[^;{}:]*$/.exec(before)![0].trim()
    // What is called stands behind an operator, or begins a statement.
    return /[\w*&]$/.test(head) && !/\b(?:return|else|case|do|new|throw)$/.test(head) && !/[=,+|?!-]/.test(head)
      ? [head]
      : []
  })
}

/** Characters before the name of a function in which the type of what it gives stands. */
const longestHead = 300

const pointer = /(?:\*|\[\])$/

/** What a pointer or an array is of; another type as it is. */
export const withoutPointer = (type: CType): CType => type.replace(pointer, '')

const pointed = (type: CType | null): CType | null => (type && pointer.test(type) ? withoutPointer(type) : null)
