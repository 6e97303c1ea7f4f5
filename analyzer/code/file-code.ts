import { type Directives, type MacroDefinition, RegionIndex, readDirectives } from '../preprocess/directives.ts'
import { isSameLine, Kind } from '../preprocess/scanner.ts'
import { addTo } from '../source/multimap.ts'
import { firstIndex, lastUpTo } from '../source/search.ts'
import { SpanIndex } from '../source/span-index.ts'
import type { Offset, Span, TokenIndex } from '../source/text.ts'
import { conditionalsOf } from './conditionals.ts'
import { NameIndex, type Occurrence } from './name-index.ts'
import {
  FunctionIndex,
  type FunctionText,
  namespacesAround,
  type Outline,
  outermostNamespace,
  outlineOf,
  tokenFrom,
  wordAt,
} from './outline.ts'
import { readCallAround, readFileLevel, readMembers } from './read-file-level.ts'
import { type CodeContext, readFunction, readMacro } from './read-function.ts'
import { type Signature, signaturesIn } from './signatures.ts'
import type { DeclarationStatement, DeclaredVariable, FunctionCode, NameValue, Statement, Variable } from './tree.ts'
import { WordFilter } from './word-filter.ts'

/**
 * The code of one file, read on demand: a function that nobody asks for is not read, and one that somebody asks for is
 * read once.
 */
export class FileCode {
  private knownContext: CodeContext | null = null
  private readonly macros = new Map<string, readonly FunctionCode[]>()
  private knownNames: NameIndex | null = null
  private knownWords: WordFilter | null = null
  private knownDirectives: Directives | null = null
  private knownBodyStarts: readonly Offset[] | null = null
  private knownMacroNames: ReadonlySet<Offset> | null = null
  private knownRegions: RegionIndex | null = null
  private knownVariables: readonly DeclaredVariable[] | null = null
  private knownDeclarations: readonly DeclarationStatement[] | null = null
  private readonly fileLevel = new Map<Offset, FunctionCode>()

  /**
   * @param text one character per byte
   * @param isType whether a name is a type of the C API or of the project
   */
  constructor(
    readonly text: string,
    private readonly isCxx: boolean,
    private readonly isType: (name: string) => boolean = () => false,
  ) {}

  /** For what else in this room reads a file. */
  get outline(): Outline {
    return this.context.outline
  }

  /** What reading takes: the brackets of the text are paired when something of it is read. */
  private get context(): CodeContext {
    this.knownContext ??= contextOf(this.text, this.isCxx, this.isType)
    return this.knownContext
  }

  get directives(): Directives {
    this.knownDirectives ??= readDirectives(this.outline.tokens)
    return this.knownDirectives
  }

  /** The names of the namespaces around an offset, outermost first; those without a name are left out. */
  namespacesAt(offset: Offset): readonly string[] {
    return this.isCxx ? namespacesAround(this.outline, tokenFrom(this.outline, offset)) : []
  }

  /** Where the outermost namespace begins that an offset stands in; null for none. */
  namespaceAround(offset: Offset): Offset | null {
    const found = this.isCxx ? outermostNamespace(this.outline, tokenFrom(this.outline, offset)) : -1
    return found < 0 ? null : this.outline.tokens.start[found]!
  }

  /** The region, by its number among the file's, that an offset stands in. */
  regionAt(offset: number): number {
    this.knownRegions ??= new RegionIndex(this.directives.regions)
    return this.knownRegions.at(offset)
  }

  /** The functions of a name that have a body: several where conditions choose. */
  functionsNamed(name: string): readonly FunctionCode[] {
    const found = functionIndex(this.outline).named(name)
    return found.length === 0 ? none : found.map((each) => this.read(each))
  }

  /** The names of all functions that have a body, with their offsets; none of them is read for that. */
  get functionNames(): readonly { readonly name: string; readonly offset: Offset }[] {
    const { functions, tokens } = this.outline
    return functions.map(({ name, nameToken }) => ({ name, offset: tokens.start[nameToken]! }))
  }

  /** The functions whose names fit a pattern, in the order of the text. */
  functionsLike(pattern: RegExp): readonly FunctionCode[] {
    return this.outline.functions.filter(({ name }) => pattern.test(name)).map((each) => this.read(each))
  }

  /** The function whose body holds an offset, the innermost one; null for none. */
  functionAt(offset: number): FunctionCode | null {
    const found = functionIndex(this.outline).around(offset)
    return found && this.read(found)
  }

  /** The macros of a name, with parameters or without: several where conditions choose. */
  macrosNamed(name: string): readonly FunctionCode[] {
    let known = this.macros.get(name)
    if (!known) {
      known = (macrosByName(this.directives).get(name) ?? []).map((each) => macroCode(this.context, each))
      this.macros.set(name, known)
    }
    return known
  }

  /** All names of the text with the places where they stand; the text is read for that. */
  get names(): NameIndex {
    this.knownNames ??= new NameIndex(this.outline)
    return this.knownNames
  }

  /** The names, unless the one that is asked for does not stand in the text: then it is not read for that. */
  private namesWith(name: string): NameIndex | null {
    if (this.knownNames) return this.knownNames
    return this.words.isIn(name) ? this.names : null
  }

  /** The words of the text, those of comments and strings too. */
  get words(): WordFilter {
    this.knownWords ??= new WordFilter(this.text)
    return this.knownWords
  }

  /** The places where a name stands, in code and in directives; in the order of the text. */
  occurrences(name: string): readonly Occurrence[] {
    return this.namesWith(name)?.occurrences(name) ?? []
  }

  /** Those of them that begin in a part of the text. */
  occurrencesIn(name: string, span: Span): readonly Occurrence[] {
    return this.namesWith(name)?.occurrencesIn(name, span) ?? []
  }

  /** Offsets where a name stands, in code and in directives, but for fields: not those of `x.name`, `x->name`. */
  references(name: string): readonly Offset[] {
    return this.namesWith(name)?.references(name) ?? []
  }

  /** Those of them that stand in a part of the text. */
  referencesIn(name: string, span: Span): readonly Offset[] {
    return this.namesWith(name)?.referencesIn(name, span) ?? []
  }

  /** The identifiers in a part of the text, in all branches, but not those in directives. */
  namesIn(span: Span): readonly NameValue[] {
    return this.names.namesIn(span)
  }

  /** The line of a directive, by the offset where it ends, which is where a region begins; null for none. */
  directiveBefore(offset: Offset): string | null {
    const found = directivesByEnd(this.outline).get(offset)
    return found ? this.text.slice(found.start, found.end) : null
  }

  /** All functions, read. */
  allFunctions(): readonly FunctionCode[] {
    return this.outline.functions.map((each) => this.read(each))
  }

  /** The variables at file level and in namespaces, in the order of the text. */
  get variables(): readonly DeclaredVariable[] {
    this.knownVariables ??= this.declarations.flatMap((declaration) =>
      declaration.variables.map((each): DeclaredVariable => ({ ...each, declaration })),
    )
    return this.knownVariables
  }

  /** The declarations at file level and in namespaces, in the order of the text. */
  get declarations(): readonly DeclarationStatement[] {
    this.knownDeclarations ??= readFileLevel(this.context)
    return this.knownDeclarations
  }

  /** The types that tell overloads and their like from each other. */
  signatures(): readonly Signature[] {
    return signaturesIn(this.context)
  }

  /**
   * The fields of a struct, in order, by its braces; null where one is not understood.
   * @param allBranches those in all branches of conditions; else null where conditions stand among them
   */
  fieldsIn({ start, end }: Span, allBranches = false): readonly Variable[] | null {
    const open = tokenFrom(this.outline, start)
    return readMembers(this.context, open, tokenFrom(this.outline, end - 1), allBranches)
  }

  /**
   * The code that an offset stands in: a function's body, that of a macro, or a declaration or the call of a macro at
   * file level; null for heads of functions, other directives, and what is not understood.
   */
  codeAt(offset: Offset): FunctionCode | null {
    const { tokens } = this.outline
    if (tokens.isInDirective[tokenFrom(this.outline, offset)] === 1) return this.macroAt(offset)
    return this.functionAt(offset) ?? this.fileCodeAt(offset)
  }

  /** The function in whose head an offset stands, before its body, in any branch of conditions; null for none. */
  headAt(offset: Offset): FunctionCode | null {
    const found = functionIndex(this.outline).behind(offset)
    return found && isHead(this.outline, tokenFrom(this.outline, offset), found.body) ? this.read(found) : null
  }

  /** The macro whose body holds an offset; null for none. */
  macroAt(offset: Offset): FunctionCode | null {
    this.knownBodyStarts ??= this.directives.macros.map(({ bodyStart }) => bodyStart)
    const found = this.directives.macros[lastUpTo(this.knownBodyStarts, offset)]
    if (!found || offset >= found.bodyEnd) return null
    return macroCode(this.context, found)
  }

  /** Whether a macro is defined by the name at an offset. */
  definesMacro(offset: Offset): boolean {
    this.knownMacroNames ??= new Set(this.directives.macros.map((macro) => macro.offset))
    return this.knownMacroNames.has(offset)
  }

  private fileCodeAt(offset: Offset): FunctionCode | null {
    const statement =
      declarationIndex(this).firstAt(offset) ?? readCallAround(this.context, tokenFrom(this.outline, offset))
    if (statement === null) return null
    const known = this.fileLevel.get(statement.span.start) ?? codeOf(statement)
    this.fileLevel.set(statement.span.start, known)
    return known
  }

  /** Whether lines of the preprocessor stand in a part of the text. */
  holdsDirectives(span: Span): boolean {
    return holdsDirectives(this.outline, span)
  }

  /**
   * What is found in the tokens before an offset, the nearest first, in all branches of conditions, without those of
   * directives; null for nothing.
   * @param find takes a token, and whether it is an identifier
   */
  firstBefore<T>(offset: Offset, find: (word: string, isName: boolean) => T | null): T | null {
    return firstBefore(this.outline, offset, find)
  }

  /** Whether an offset stands directly in the braces of a struct, a union or a class. */
  isInStruct(offset: Offset): boolean {
    const { outline } = this
    return outline.braceKinds.get(outline.enclosingBracket[tokenFrom(outline, offset)]!) === 'struct'
  }

  /** Whether a name is that of a member of a class: it stands directly in its braces, or is qualified. */
  isMember(offset: Offset): boolean {
    return this.isInStruct(offset) || wordAt(this.outline, tokenFrom(this.outline, offset) - 1) === '::'
  }

  /** Whether something at file level begins at an offset: what stands before it, but for comments, has its end. */
  beginsAt(offset: Offset): boolean {
    return beginsAt(this.outline, tokenFrom(this.outline, offset))
  }

  /** Whether an offset stands in a directive. */
  isInDirective(offset: Offset): boolean {
    return this.outline.tokens.isInDirective[tokenFrom(this.outline, offset)] === 1
  }

  /** A function of the outline, read. */
  read(text: FunctionText): FunctionCode {
    return functionCode(this.context, text)
  }
}

/** That of most names in most files. */
const none: readonly FunctionCode[] = []

/** Whether tokens up to the body of a function may all be of its head: none of them ends anything at file level. */
function isHead(outline: Outline, first: TokenIndex, body: TokenIndex): boolean {
  const { isInDirective } = outline.tokens
  for (let at = first; at < body; at++) if (isInDirective[at] === 0 && /^[;{}]$/.test(wordAt(outline, at))) return false
  return true
}

/** Whether the token before one ends something, or there is none. */
const beginsAt = (outline: Outline, at: TokenIndex): boolean =>
  at === 0 || outline.tokens.isInDirective[at - 1] === 1 || /^[;{}]$/.test(wordAt(outline, at - 1))

function contextOf(text: string, isCxx: boolean, isType: (name: string) => boolean): CodeContext {
  const outline = outlineOf(text)
  const functions = new Set(outline.functions.map(({ name }) => name))
  const conditionals = conditionalsOf(outline.tokens)
  return { outline, conditionals, isCxx, functions, isDeferred: false, isType }
}

function firstBefore<T>(outline: Outline, offset: Offset, find: (word: string, isName: boolean) => T | null): T | null {
  const first = tokenFrom(outline, offset)
  const { tokens } = outline
  for (let at = first - 1; at >= 0; at--) {
    if (tokens.isInDirective[at] !== 0 && !isSameLine(tokens, at, first)) continue
    const found = find(wordAt(outline, at), tokens.kind[at] === Kind.identifier)
    if (found !== null) return found
  }
  return null
}

const functionIndexes = new WeakMap<Outline, FunctionIndex>()

/** The functions of an outline by their places. */
export function functionIndex(outline: Outline): FunctionIndex {
  const known = functionIndexes.get(outline) ?? new FunctionIndex(outline)
  functionIndexes.set(outline, known)
  return known
}

const functionCodes = new WeakMap<FunctionText, FunctionCode>()

/** A function, read once. */
function functionCode(context: CodeContext, text: FunctionText): FunctionCode {
  const known = functionCodes.get(text) ?? readFunction(context, text)
  functionCodes.set(text, known)
  return known
}

const macroIndexes = new WeakMap<Directives, ReadonlyMap<string, readonly MacroDefinition[]>>()

/** The definitions of macros by their names. */
function macrosByName(directives: Directives): ReadonlyMap<string, readonly MacroDefinition[]> {
  let known = macroIndexes.get(directives)
  if (!known) {
    const found = new Map<string, MacroDefinition[]>()
    for (const each of directives.macros) addTo(found, each.name, each)
    known = found
    macroIndexes.set(directives, known)
  }
  return known
}

const macroCodes = new WeakMap<MacroDefinition, FunctionCode>()

/** A macro, read once. */
function macroCode(context: CodeContext, macro: MacroDefinition): FunctionCode {
  const known = macroCodes.get(macro) ?? readMacro(context, macro)
  macroCodes.set(macro, known)
  return known
}

function holdsDirectives({ tokens: { directives } }: Outline, { start, end }: Span): boolean {
  const next = directives[firstIndex(directives, (each) => each.start >= start)]
  return next !== undefined && next.start < end
}

const directiveIndexes = new WeakMap<Outline, ReadonlyMap<Offset, Span>>()

/** The first directive that ends at each offset. */
function directivesByEnd(outline: Outline): ReadonlyMap<Offset, Span> {
  const known =
    directiveIndexes.get(outline) ?? new Map([...outline.tokens.directives].reverse().map((each) => [each.end, each]))
  directiveIndexes.set(outline, known)
  return known
}

const declarationIndexes = new WeakMap<FileCode, SpanIndex<DeclarationStatement>>()

/** The declarations at file level by their places. */
function declarationIndex(code: FileCode): SpanIndex<DeclarationStatement> {
  const known = declarationIndexes.get(code) ?? new SpanIndex(code.declarations)
  declarationIndexes.set(code, known)
  return known
}

/** A statement at file level as code of its own. */
function codeOf(statement: Statement): FunctionCode {
  const { start } = statement.span
  return {
    name: '',
    kind: 'file',
    nameSpan: { start, end: start },
    headStart: start,
    span: statement.span,
    storage: '',
    parameters: [],
    hasParameters: false,
    result: '',
    body: [statement],
  }
}
