import { isZero } from '../../code/declarations.ts'
import { type FunctionText, functionAround, wordAt } from '../../code/outline.ts'
import { wholeLines } from '../../fix/edits.ts'
import { offsetMembers } from '../../knowledge/slots.ts'
import { RegionIndex } from '../../preprocess/directives.ts'
import { Kind } from '../../preprocess/scanner.ts'
import type { Offset, TokenIndex } from '../../source/text.ts'
import { Conversion, type FileEdit, type RewriteSettings } from './conversion.ts'
import { isFreeing, type Owners } from './instances.ts'
import { callAround, textOf } from './references.ts'
import type { Sources } from './sources.ts'
import { errorOf } from './tables.ts'
import { nameIn, type TypeObject, typeObjects, valuesOf } from './type-objects.ts'

/** Tokens that read the name of a type. */
export interface NameRead {
  readonly file: string
  readonly first: TokenIndex
  readonly last: TokenIndex
  /** The type that it is of, as C; null where that is more than a name. */
  readonly of: string | null
}

/** All types of a project, and what is asked of them by all who look, judge and write. */
export class Conversions {
  readonly conversions: readonly Conversion[]
  readonly byName = new Map<string, Conversion[]>()
  private readonly regions = new Map<string, RegionIndex>()
  private readonly reads = new Map<string, NameRead[]>()
  /** What was found for as many assignments as there were. */
  private readonly bases = new Map<Conversion, { readonly base: string; readonly assignments: number }>()

  constructor(
    readonly sources: Sources,
    readonly settings: RewriteSettings,
  ) {
    this.conversions = typeObjects(sources, settings.coverageOf, (file) => settings.related(file)).map(
      (type) => new Conversion(type),
    )
    for (const conversion of this.conversions)
      this.byName.set(conversion.type.name, [...(this.byName.get(conversion.type.name) ?? []), conversion])
  }

  /** Notes what is in the way of a type, at a token. @param text as `Obstacle` has it */
  addObstacle(conversion: Conversion, file: string, token: TokenIndex, text: string): void {
    conversion.obstacles.push({ file, offset: this.sources.outline(file).tokens.start[token] ?? 0, text })
  }

  /** The type that a name means in a file. */
  named(name: string, file: string): Conversion | null {
    return this.byName.get(name)?.find(({ type }) => type.references.some((each) => each.file === file)) ?? null
  }

  /** The region, by its number in the file's directives, that an offset stands in. */
  regionAt(file: string, offset: Offset): number {
    let index = this.regions.get(file)
    if (!index) {
      index = new RegionIndex(this.sources.directives(file).regions)
      this.regions.set(file, index)
    }
    return index.at(offset)
  }

  /** The conditions that code stands under, from the outside in. */
  enclosingRegions(file: string, offset: Offset): number[] {
    const { regions } = this.sources.directives(file)
    const found: number[] = []
    for (let at = this.regionAt(file, offset); at > 0; at = regions[at]!.parent) found.unshift(at)
    return found
  }

  /** Whether code is for no version of Python that anybody uses. */
  isHistory(file: string, offset: Offset): boolean {
    const { regions } = this.sources.directives(file)
    return this.enclosingRegions(file, offset).some(
      (region) => this.settings.coverageOf(file, regions[region]!.start) === 'never',
    )
  }

  /**
   * The `#if` lines that code stands under and the type's definition does not; null where it stands in another branch
   * than the first.
   */
  conditionsOf(type: TypeObject, file: string, offset: Offset): string[] | null {
    const { regions } = this.sources.directives(file)
    const outline = this.sources.outline(file)
    const own = [...type.definitions, ...type.declarations].find((each) => each.file === file)
    const around = own
      ? new Set(this.enclosingRegions(file, outline.tokens.start[own.declared.nameToken]!))
      : new Set<number>()
    const lines: string[] = []
    for (const region of this.enclosingRegions(file, offset)) {
      if (around.has(region) || this.settings.coverageOf(file, regions[region]!.start) === 'always') continue
      if (regions[region]!.branch > 0) return null
      const directive = outline.tokens.directives.find(({ end }) => end === regions[region]!.start)
      if (!directive) return null
      lines.push(outline.text.slice(directive.start, directive.end))
    }
    return lines
  }

  /** Takes a statement out, with its line where nothing else stands on it. */
  remove(
    conversion: Conversion,
    file: string,
    { first, last }: { readonly first: TokenIndex; readonly last: TokenIndex },
  ): void {
    const { text, tokens } = this.sources.outline(file)
    conversion.edits.push({ file, ...wholeLines(text, tokens.start[first]!, tokens.end[last]!), text: '' })
  }

  /** `&T` becomes `T`. */
  pointer(
    file: string,
    { first, last }: { readonly first: TokenIndex; readonly last: TokenIndex },
    name: string,
  ): FileEdit {
    const { text, tokens } = this.sources.outline(file)
    const start = tokens.start[first]!
    const end = tokens.end[last]!
    let inner = text.slice(tokens.end[first]!, end).trimStart()
    if (/^\(\s*[\w:]+\s*\)$/.test(inner)) inner = inner.slice(1, -1).trim()
    return { file, start, end, text: `${/\w/.test(text[start - 1] ?? '') ? ' ' : ''}${inner === '' ? name : inner}` }
  }

  /** The values that a field gets, in initialisers and assigned later, as C; zeros left out. */
  valuesOf({ type, fieldAssignments }: Conversion, field: string): string[] {
    return [
      ...valuesOf(this.sources, type, field),
      ...fieldAssignments.filter((each) => each.field === field && !isZero(each.value)).map(({ value }) => value),
    ]
  }

  /** The C of the base of a type as it is written now, without conditions: empty for none. */
  baseOf(conversion: Conversion): string {
    const known = this.bases.get(conversion)
    if (known && known.assignments === conversion.fieldAssignments.length) return known.base
    const bases = [
      ...valuesOf(this.sources, conversion.type, 'tp_base'),
      ...conversion.fieldAssignments.filter(({ field }) => field === 'tp_base').map(({ value }) => value),
    ]
    const base = bases.at(-1) ?? ''
    this.bases.set(conversion, { base, assignments: conversion.fieldAssignments.length })
    return base
  }

  /** The type of the project that is the base of another one, if that is one. */
  baseConversion(conversion: Conversion): Conversion | null {
    const base = this.baseOf(conversion)
    const name = /^\(?&\s*\(?([\w:]+)\)?\)?$/.exec(base)?.[1]?.replace(/.*:/, '')
    const where = conversion.type.definitions[0]?.file ?? conversion.fieldAssignments[0]?.file
    return name === undefined || where === undefined ? null : this.named(name, where)
  }

  /** Whether a value is what the type inherits if it is not given: `PyBaseObject_Type.tp_new`. */
  isInherited(conversion: Conversion, field: string, value: string): boolean {
    const from = /^\(?(\w+)\.(\w+)\)?$/.exec(value) ?? /PyType_GetSlot\(&\s*(\w+), Py_(\w+)\)\)*$/.exec(value)
    const base = this.baseOf(conversion)
    if (from === null || from[2] !== field) return false
    if (base !== '' && new RegExp(`^&\\s*${from[1]}$`).test(base)) return true
    if (from[1] !== 'PyBaseObject_Type' || field !== 'tp_new') return false
    // That of `object`, which its bases have as well.
    const other = this.baseConversion(conversion)
    return (
      base === '' ||
      (other !== null &&
        other !== conversion &&
        valuesOf(this.sources, other.type, field).length === 0 &&
        other.fieldAssignments.every((each) => each.field !== field || this.isInherited(other, field, each.value)))
    )
  }

  /** Whether a type derived from it is made somewhere, which makes its base first. */
  isBaseOfMade(conversion: Conversion): boolean {
    return this.conversions.some(
      (other) => other !== conversion && other.isUsedToMake && this.baseConversion(other) === conversion,
    )
  }

  /** Whether the type has an offset that a member has to say. */
  hasOffsets(conversion: Conversion): boolean {
    return Object.keys(offsetMembers).some((field) => this.valuesOf(conversion, field).length > 0)
  }

  /** The initialiser of an array, as text; empty where it is not found. */
  arrayText(file: string, name: string): string {
    const outline = this.sources.outline(file)
    const brace = this.sources.arrayBrace(file, name)
    return brace === null ? '' : textOf(outline, brace, outline.matchingBracket[brace]!)
  }

  /** A name so that `__module__` comes out as before: that of a static type without one is `builtins`. */
  qualified(name: string): string {
    const literal = this.sources.macros(name)[0]
    const text = literal
      ? this.sources.texts.get(literal.file)!.slice(literal.macro.bodyStart, literal.macro.bodyEnd)
      : name
    if (/^"[^".]*"$/.test(name)) return `"builtins.${name.slice(1)}`
    if (literal && /^"[^".]*"$/.test(text)) return `"builtins." ${name}`
    return name
  }

  /**
   * Where the files that see a file make more of `tp_name` than to show it: keep it in a variable, name an attribute
   * by it.
   */
  nameReads(file: string): NameRead[] {
    return [...this.settings.related(file)].flatMap((where) => {
      const known = this.reads.get(where)
      if (known) return known
      const text = this.sources.texts.get(where) ?? ''
      if (!/\b(?:tp_name|PepType_GetTpName)\b/.test(text)) return []
      const outline = this.sources.outline(where)
      const found: NameRead[] = []
      this.reads.set(where, found)
      for (let at = 0; at < outline.tokens.count; at++) {
        const word = wordAt(outline, at)
        const isField = word === 'tp_name' && wordAt(outline, at - 1) === '->'
        if (!isField && !(word === 'PepType_GetTpName' && wordAt(outline, at + 1) === '(')) continue
        const first = isField ? at - 2 : at
        const last = isField ? at : outline.matchingBracket[at + 1]!
        const isKept = wordAt(outline, last + 1) === ';' && wordAt(outline, first - 1) === '='
        // Who looks for the last dot takes names with and without a module.
        const around = functionAround(outline, first)
        if (
          isKept &&
          around &&
          new RegExp(`\\bstrrchr\\s*\\(\\s*${wordAt(outline, first - 2)}\\b`).test(
            textOf(outline, around.body, around.end),
          )
        )
          continue
        const into = callAround(outline, first)?.callee ?? ''
        if (!isKept && !/^(?:PyModule_Add\w+|PyObject_SetAttrString|PyDict_SetItemString)$/.test(into)) continue
        const of = isField
          ? outline.tokens.kind[first] === Kind.identifier && !/^(?:->|\.)$/.test(wordAt(outline, first - 1))
            ? wordAt(outline, first)
            : null
          : textOf(outline, at + 2, last - 1)
        found.push({ file: where, first, last, of })
      }
      return found
    })
  }

  /** The function that makes the module of the file a type stands in, and the place in it where types can be made. */
  initFunction(conversion: Conversion): {
    readonly file: string
    readonly around: FunctionText
    readonly token: TokenIndex
    readonly error: string
  } | null {
    const [home] = [...conversion.type.definitions, ...conversion.type.declarations]
    // The file itself, or one that includes it as it stands: `#include "spam_iter.c"`.
    const files = [
      home!.file,
      ...[...this.settings.related(home!.file)].filter((file) =>
        this.sources
          .directives(file)
          .includes.some(({ path }) => home!.file.endsWith(path) && /\.(?:c|cc|cpp|cxx|inc)$/.test(path)),
      ),
    ]
    for (const file of files) {
      const outline = this.sources.outline(file)
      for (const wanted of [/^(?:PyModule_Create2?|PyModuleDef_Init)$/, /^(?:PyType_Ready|PepType_Ready)$/]) {
        for (const around of outline.functions) {
          if (file === home!.file && around.body < home!.declared.last) continue
          for (let at = around.body; at < around.end; at++) {
            if (
              !wanted.test(wordAt(outline, at)) ||
              outline.tokens.directive[at] !== -1 ||
              this.isHistory(file, outline.tokens.start[at]!)
            )
              continue
            const error = errorOf(outline, around)
            if (error !== null) return { file, around, token: at, error }
          }
        }
      }
    }
    return null
  }

  /** The types that have a function in a slot, by its name. */
  usersOf(field: string): Map<string, Set<Conversion>> {
    const users = new Map<string, Set<Conversion>>()
    for (const conversion of this.conversions) {
      for (const value of this.valuesOf(conversion, field)) {
        const name = nameIn(value)
        if (name !== null && !isFreeing(name)) users.set(name, (users.get(name) ?? new Set()).add(conversion))
      }
    }
    return users
  }

  /**
   * What is known of the types whose `tp_dealloc` a function is.
   * @param deallocs the types by the name of that function
   */
  owners(name: string, deallocs: ReadonlyMap<string, ReadonlySet<Conversion>>): Owners {
    return {
      withStatic: [...deallocs.get(name)!].some((conversion) => !conversion.isOpen),
      releases: (other) => other !== name && [...(deallocs.get(other) ?? [])].some((conversion) => conversion.isOpen),
      fate: (type) => this.fate(type),
    }
  }

  /** What becomes of a type object by its name: null for none of the project's. */
  fate(type: string): 'heap' | 'static' | null {
    const found = this.byName.get(type)
    return found ? (found.some(({ isOpen }) => isOpen) ? 'heap' : 'static') : null
  }

  /** The functions of a name in the files of the types that use it. */
  functionsOf(
    name: string,
    conversions: ReadonlySet<Conversion>,
  ): { readonly file: string; readonly found: FunctionText }[] {
    const all = [...conversions].flatMap(({ type, fieldAssignments }) =>
      this.sources.functions(name, type.definitions[0]?.file ?? fieldAssignments[0]!.file),
    )
    return [...new Map(all.map((each) => [`${each.file}:${each.found.nameToken}`, each])).values()]
  }
}
