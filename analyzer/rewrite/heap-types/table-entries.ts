import { parentsIn } from '../../code/placement.ts'
import type { BracesValue, Entry, FunctionCode, ItemEntry, Statement, Value, Variable } from '../../code/tree.ts'
import type { Offset, Span } from '../../source/text.ts'
import type { Sources } from '../sources.ts'
import { firstCall, type InitPlace, moduleMakers, placeBefore } from './init-functions.ts'

/** A place in a static table that holds the address of a type, which has to be put there at run time. */
export interface TableEntry {
  readonly file: string
  /** `&T` */
  readonly address: Span
  /** The table's name, with its place, and the whole of its declaration. */
  readonly name: string
  readonly nameSpan: Span
  readonly declaration: Span
  /** The place as C: `types[3].type`. */
  readonly place: string
  /** The `#if` lines that it stands under, within the table. */
  readonly conditions: readonly string[]
  /** The table is a variable of a function. */
  readonly isLocal: boolean
  /** What the value is cast to: `(PyObject *)` or nothing. */
  readonly cast: string
  /** Where the table can be filled, or a function be called that does. */
  readonly init: InitPlace
}

/** The variable in whose initialiser a value stands, and the declaration of that; null for none. */
export function variableAround(
  code: FunctionCode,
  value: Value,
): { readonly variable: Variable; readonly declaration: Statement } | null {
  const parents = parentsIn(code)
  for (let at = parents.get(value); at !== undefined; at = parents.get(at))
    if (at.kind === 'variable') return { variable: at, declaration: parents.get(at) as Statement }
  return null
}

/** Where in a table an address stands, and where the table can be filled; else why it cannot. */
export function tableEntry(
  sources: Sources,
  file: string,
  code: FunctionCode,
  address: Value,
): TableEntry | { readonly why: string } | null {
  const around = variableAround(code, address)
  if (around === null) return null
  const { variable, declaration } = around
  const { name, nameSpan, initialiser } = variable
  if (initialiser?.kind !== 'braces') return null
  if (isConstant(sources.written(file, { start: declaration.span.start, end: nameSpan.start })))
    return { why: `its address stands in the constant table \`${name}\`` }
  const place = new PlaceReader(sources, file, variable, declaration, address).read(initialiser)
  if ('why' in place) return place
  const init = fillPlace(sources, file, variable, code.kind === 'function' ? code : null)
  if (init === null)
    return { why: `its address stands in \`${name}\`, and no function was found in which that could be filled` }
  const parent = parentsIn(code).get(address)
  const cast =
    parent?.kind === 'cast' ? sources.written(file, { start: parent.span.start, end: address.span.start }).trim() : ''
  const isLocal = code.kind === 'function'
  const { span } = declaration
  return { file, address: address.span, name, nameSpan, declaration: span, ...place, isLocal, cast, init }
}

/** Whether the entries of a table are constant, by what stands before its name; what they point to may be. */
const isConstant = (head: string): boolean =>
  /\bconst\b/.test(head.replace(/\{[\s\S]*\}/, '').replace(/const char/g, ''))

type TablePlace = Pick<TableEntry, 'place' | 'conditions'>

/** Says where in a table a value stands, as C. */
class PlaceReader {
  private place: string
  private readonly conditions: string[] = []
  private readonly name: string
  private readonly offset: number

  constructor(
    private readonly sources: Sources,
    private readonly file: string,
    private readonly variable: Variable,
    private readonly declaration: Statement,
    address: Value,
  ) {
    this.name = variable.name
    this.place = variable.name
    this.offset = address.span.start
  }

  read(braces: BracesValue): TablePlace | { readonly why: string } {
    if (braces.entries === null) return this.split()
    // `[3] = &T`
    if (/[{,]\s*\[/.test(this.sources.written(this.file, braces.span)))
      return { why: `the entries of the table \`${this.name}\` have indices` }
    const isPointer = this.variable.type.includes('*')
    let inner = braces
    if (this.variable.type.endsWith('[]')) {
      const entry = this.entryIn(braces.entries)
      if (entry === null) return { why: `the table \`${this.name}\` has conditions around its entries` }
      this.place += `[${entry.at}]`
      const { value } = entry.item
      if (!isPointer) {
        if (value.kind !== 'braces') return { why: `the table \`${this.name}\` has entries without braces` }
        if (value.entries === null) return this.split()
        inner = value
      } else if (value.kind === 'braces') return this.within()
    }
    return isPointer ? this.done() : this.readField(inner)
  }

  private done(): TablePlace {
    return { place: this.place, conditions: this.conditions }
  }

  private split(): { readonly why: string } {
    return { why: `the table \`${this.name}\` has conditions in the middle of values` }
  }

  private within(): { readonly why: string } {
    return { why: `its address stands in a table within the table \`${this.name}\`` }
  }

  private readField({ entries }: BracesValue): TablePlace | { readonly why: string } {
    const entry = this.entryIn(entries ?? [])
    if (entry === null) return { why: `the table \`${this.name}\` has conditions around its fields` }
    const { value, designator } = entry.item
    const field = designator ?? this.fields()?.[entry.at]?.name
    if (field === undefined || value.kind === 'braces')
      return { why: `the fields of the table \`${this.name}\` are not known` }
    this.place += `.${field}`
    // `.types = (PyTypeObject *[]){&T}` is a table in the table.
    if (value.kind !== 'cast' || value.operand.kind !== 'braces') return this.done()
    const literal = this.entryIn(value.operand.entries ?? [])
    if (literal === null || literal.hasCondition || literal.item.designator !== null || !value.type.endsWith('[]'))
      return this.within()
    this.place += `[${literal.at}]`
    return this.done()
  }

  /** The fields of the struct that the table is of, in order; null where they are not known. */
  private fields(): readonly Variable[] | null {
    const { declaration } = this
    const inline = declaration.kind === 'declaration' ? declaration.struct : null
    if (inline) return this.sources.code(this.file).fieldsIn(inline.span)
    const name = /^(?:struct |union |class )?([\w\x80-\xff]+)/.exec(this.variable.type)?.[1] ?? ''
    const files = new Set([this.file, ...this.sources.references(name).map(({ file }) => file)])
    for (const file of files) {
      const code = this.sources.code(file)
      const found = code.declarations.find(
        ({ struct, types }) => struct !== null && (types.includes(name) || struct.tag.endsWith(` ${name}`)),
      )
      if (found?.struct) return code.fieldsIn(found.struct.span)
    }
    return null
  }

  /** The value that holds the address, with its position; null where conditions stand before it. */
  private entryIn(
    entries: readonly Entry[],
  ): { readonly at: number; readonly item: ItemEntry; readonly hasCondition: boolean } | null {
    const holds = ({ span }: Entry): boolean => span.start <= this.offset && this.offset < span.end
    let at = 0
    for (const entry of entries) {
      if (entry.kind === 'item') {
        if (holds(entry)) return { at, item: entry, hasCondition: false }
        at++
        continue
      }
      // All branches have as many entries, so what comes behind them has its place.
      const counts = new Set(
        entry.branches.map((branch) =>
          branch.entries.every(({ kind }) => kind === 'item') ? branch.entries.length : -1,
        ),
      )
      if (!entry.hasElse || counts.size !== 1 || counts.has(-1)) return null
      for (const [which, { entries: inner, directive }] of entry.branches.entries()) {
        const index = inner.findIndex(holds)
        const item = inner[index]
        if (item?.kind !== 'item') continue
        if (which > 0) return null
        this.conditions.push(this.sources.written(this.file, directive))
        return { at: at + index, item, hasCondition: true }
      }
      at += [...counts][0]!
    }
    return null
  }
}

/**
 * Where a table is used first in a function that runs once: the module's init function, or the one function that
 * there is.
 * @param home the function that the table is a variable of; null for none
 */
function fillPlace(
  sources: Sources,
  file: string,
  { name, nameSpan }: Variable,
  home: FunctionCode | null,
): InitPlace | null {
  const all = sources.code(file)
  const uses = all.references(name).flatMap((offset) => {
    if (offset === nameSpan.start || all.isInDirective(offset)) return []
    const around = all.functionAt(offset)
    const isWanted =
      around && (home === null ? around.span.start > nameSpan.start : around === home && offset > nameSpan.start)
    return isWanted ? [{ offset, around }] : []
  })
  const functions = [...new Set(uses.map(({ around }) => around))]
  const chosen =
    functions.find((each) => /^PyInit_|^init|_?(?:exec|init|add|register|setup)/i.test(each.name)) ??
    (functions.length === 1 ? functions[0] : undefined)
  const isBehind = ({ span }: FunctionCode): boolean => span.start > nameSpan.start
  const around = chosen ?? (functions.length === 0 ? all.functionsLike(/^PyInit_/).find(isBehind) : undefined)
  if (!around) return functions.length === 0 && home === null ? placeElsewhere(sources, file, nameSpan.start) : null
  const used = uses.find((each) => each.around === around)?.offset
  const offset = used ?? firstCall(sources, { file, code: around }, [...moduleMakers, 'PyType_Ready'])
  return offset === null ? null : placeBefore(sources, { file, code: around }, offset)
}

/** Where the init function of the module that a file is linked into can call what fills a table of that file. */
function placeElsewhere(sources: Sources, file: string, offset: Offset): InitPlace | null {
  const { isCxx } = sources.settings
  if (sources.unitsOf(file)[0] !== file || sources.code(file).namespacesAt(offset).length > 0) return null
  for (const other of sources.linkedWith(file)) {
    const [code] = sources.code(other).functionsLike(/^PyInit_/)
    const first = code ? firstCall(sources, { file: other, code }, [...moduleMakers, 'PyType_Ready']) : null
    if (first !== null && isCxx(other) === isCxx(file)) return placeBefore(sources, { file: other, code: code! }, first)
  }
  return null
}
