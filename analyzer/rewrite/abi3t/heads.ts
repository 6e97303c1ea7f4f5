import type { DeclarationStatement, FunctionCode } from '../../code/tree.ts'
import type { Span } from '../../source/text.ts'
import type { Sources } from '../sources.ts'

/** What a struct of instances begins with. */
export interface Head {
  readonly file: string
  readonly declaration: DeclarationStatement
  /** What is not there for abi3t: a macro's name, or a field with its semicolon. */
  readonly span: Span
  readonly kind: 'macro' | 'fields' | 'base' | 'builtin'
  /** The name of the field that is the object: `ob_base`; empty for macros. */
  readonly field: string
  /** What stands there: `PyObject_HEAD`, the macro that holds it and fields, the struct of the base. */
  readonly name: string
}

/** A macro that has the head of an object and fields behind it. */
export interface HeadMacro {
  readonly file: string
  readonly code: FunctionCode
  /** The `PyObject_HEAD` in it. */
  readonly head: Span
  readonly fields: ReadonlyMap<string, string>
}

/** Structs of CPython's objects, of which none has items, that types of a project begin with. */
const builtins = new RegExp(
  '^Py(?:Object|(?:List|Dict|Unicode|Float|Complex|BaseException|Set|Module|HeapType|Type)Object|' +
    'DateTime_(?:DateTime|Date|Time|Delta|TZInfo))$',
)

const blank = (text: string): boolean => /^(?:\s|\/\*(?:[^*]|\*(?!\/))*\*\/|\/\/[^\n]*\n)*$/.test(text)

/** The struct in whose braces a place stands, as the first thing in them; undefined for none. */
function structBeginningAt(sources: Sources, file: string, { start, end }: Span): DeclarationStatement | undefined {
  const found = sources
    .code(file)
    .declarations.find(({ struct }) => struct && struct.span.start < start && end < struct.span.end)
  if (!found) return undefined
  const from = found.struct!.span.start + 1
  return start - from < longestLead && blank(sources.text(file).slice(from, start)) ? found : undefined
}

/** Characters of comments before the head of a struct. */
const longestLead = 2000

/** The structs that begin with `PyObject_HEAD` itself. */
export function* headsOfObjects(sources: Sources): Iterable<Head> {
  for (const name of ['PyObject_HEAD', 'PyObject_VAR_HEAD'])
    for (const file of sources.texts.keys())
      for (const { span, isInDirective } of sources.code(file).occurrences(name)) {
        const declaration = isInDirective ? undefined : structBeginningAt(sources, file, span)
        if (declaration) yield { file, declaration, span, kind: 'macro', field: '', name }
      }
}

/** The macros that have `PyObject_HEAD` and fields behind it. */
export function* headMacros(sources: Sources): Iterable<HeadMacro> {
  for (const file of sources.texts.keys())
    for (const { span, isInDirective } of sources.code(file).occurrences('PyObject_HEAD')) {
      const code = isInDirective ? sources.code(file).macroAt(span.start) : null
      if (!code || code.span.start !== span.start || code.parameters.length > 0 || !code.hasParameters) continue
      const rest = sources
        .text(file)
        .slice(span.end, code.span.end)
        .replace(/\\\r?\n/g, ' ')
      const fields = new Map<string, string>()
      for (const [, type, declarators] of rest.matchAll(/\s*((?:\w+\s+)+|\w+\s*(?=\*))([^;]*);/g))
        for (const each of declarators!.split(',')) {
          const [, stars, name] = /^(\**)(\w+)/.exec(each.replace(/[\s(]/g, '')) ?? []
          if (name) fields.set(name, each.includes('(') ? '' : `${type!.trim()}${stars}`)
        }
      if (fields.size > 0) yield { file, code, head: span, fields }
    }
}

/** The structs that begin with such a macro. */
export function* headsOfMacro(sources: Sources, { code: { name } }: HeadMacro): Iterable<Head> {
  for (const file of new Set(sources.references(name).map((each) => each.file)))
    for (const { span, isInDirective } of sources.code(file).occurrences(name)) {
      const declaration = isInDirective ? undefined : structBeginningAt(sources, file, span)
      if (declaration) yield { file, declaration, span, kind: 'fields', field: '', name }
    }
}

/** The structs that begin with a struct, by value. @param name as code names that one */
export function* headsOfStruct(sources: Sources, name: string): Iterable<Head> {
  for (const { file, offset } of sources.references(name)) {
    const text = sources.text(file)
    const behind = /^\s+(\w+)\s*;/.exec(text.slice(offset + name.length, offset + name.length + 100))
    if (!behind) continue
    const start = offset - (/\bstruct\s+$/.exec(text.slice(Math.max(0, offset - 20), offset))?.[0].length ?? 0)
    const span = { start, end: offset + name.length + behind[0].length }
    const declaration = structBeginningAt(sources, file, span)
    if (declaration) yield { file, declaration, span, kind: 'base', field: behind[1]!, name }
  }
}

/** The structs that begin with that of an object of CPython's own, which has no items. */
export function* headsOfBuiltins(sources: Sources): Iterable<Head> {
  const names = new Set<string>()
  for (const text of sources.texts.values())
    for (const [, name] of text.matchAll(/\{\s*(Py\w+)\s+\w+\s*;/g)) if (builtins.test(name!)) names.add(name!)
  for (const name of names)
    for (const head of headsOfStruct(sources, name)) yield { ...head, kind: name === 'PyObject' ? 'macro' : 'builtin' }
}
