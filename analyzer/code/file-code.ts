import { type Directives, RegionIndex, readDirectives } from '../preprocess/directives.ts'
import { Kind } from '../preprocess/scanner.ts'
import { addTo } from '../source/multimap.ts'
import type { TokenIndex } from '../source/text.ts'
import { conditionalsOf } from './conditionals.ts'
import { type FunctionText, type Outline, outlineOf, wordAt } from './outline.ts'
import { type CodeContext, readDeclarationAt, readFunction, readMacro } from './read-function.ts'
import type { DeclarationStatement, FunctionCode, Variable } from './tree.ts'

/** A variable at file level, with the whole of its declaration. */
export interface FileVariable extends Variable {
  readonly declaration: DeclarationStatement
}

/**
 * The code of one file, read on demand: a function that nobody asks for is not read, and one that somebody asks for is
 * read once.
 */
export class FileCode {
  readonly outline: Outline
  private readonly context: CodeContext
  private readonly functions = new Map<FunctionText, FunctionCode>()
  private readonly macros = new Map<string, readonly FunctionCode[]>()
  private knownNames: ReadonlyMap<string, readonly TokenIndex[]> | null = null
  private knownDirectives: Directives | null = null
  private knownRegions: RegionIndex | null = null
  private knownVariables: readonly FileVariable[] | null = null
  private byName: ReadonlyMap<string, readonly FunctionText[]> | null = null

  /**
   * @param text one character per byte
   * @param isType whether a name is a type of the C API or of the project
   */
  constructor(text: string, isCxx: boolean, isType: (name: string) => boolean = () => false) {
    this.outline = outlineOf(text)
    const { tokens, functions } = this.outline
    const names = new Set(functions.map(({ name }) => name))
    this.context = { outline: this.outline, conditionals: conditionalsOf(tokens), isCxx, functions: names, isType }
  }

  get text(): string {
    return this.outline.text
  }

  get directives(): Directives {
    this.knownDirectives ??= readDirectives(this.outline.tokens)
    return this.knownDirectives
  }

  /** The region, by its number among the file's, that an offset stands in. */
  regionAt(offset: number): number {
    this.knownRegions ??= new RegionIndex(this.directives.regions)
    return this.knownRegions.at(offset)
  }

  /** The functions of a name that have a body: several where conditions choose. */
  functionsNamed(name: string): readonly FunctionCode[] {
    if (this.byName === null) {
      const all = new Map<string, FunctionText[]>()
      for (const each of this.outline.functions) all.set(each.name, [...(all.get(each.name) ?? []), each])
      this.byName = all
    }
    return (this.byName.get(name) ?? []).map((each) => this.read(each))
  }

  /** The function whose body holds an offset, the innermost one; null for none. */
  functionAt(offset: number): FunctionCode | null {
    const { functions, tokens } = this.outline
    const found = functions.find(({ body, end }) => tokens.start[body]! < offset && offset < tokens.end[end]!)
    return found ? this.read(found) : null
  }

  /** The macros of a name, with parameters or without: several where conditions choose. */
  macrosNamed(name: string): readonly FunctionCode[] {
    let known = this.macros.get(name)
    if (!known) {
      known = this.directives.macros.filter((each) => each.name === name).map((each) => readMacro(this.context, each))
      this.macros.set(name, known)
    }
    return known
  }

  /** The tokens that are a name, in code and in directives; in the order of the text. */
  tokensNamed(name: string): readonly TokenIndex[] {
    if (this.knownNames === null) {
      const { text, tokens } = this.outline
      const names = new Map<string, TokenIndex[]>()
      for (let at = 0; at < tokens.count; at++) {
        if (tokens.kind[at] !== Kind.identifier) continue
        addTo(names, text.slice(tokens.start[at], tokens.end[at]), at)
      }
      this.knownNames = names
    }
    return this.knownNames.get(name) ?? []
  }

  /** The text of a token; empty where there is none. */
  word(token: TokenIndex): string {
    return wordAt(this.outline, token)
  }

  /** All functions, read. */
  allFunctions(): readonly FunctionCode[] {
    return this.outline.functions.map((each) => this.read(each))
  }

  /** The variables at file level and in namespaces, in the order of the text. */
  get variables(): readonly FileVariable[] {
    this.knownVariables ??= this.readVariables()
    return this.knownVariables
  }

  /** A function of the outline, read. */
  read(text: FunctionText): FunctionCode {
    let known = this.functions.get(text)
    if (!known) {
      known = readFunction(this.context, text)
      this.functions.set(text, known)
    }
    return known
  }

  private readVariables(): FileVariable[] {
    const { tokens, braceKinds, matchingBracket } = this.outline
    const found: FileVariable[] = []
    let isStart = true
    for (let at = 0; at < tokens.count; at++) {
      if (tokens.directive[at] !== -1) continue
      const word = this.outline.text.slice(tokens.start[at], tokens.end[at])
      if (word === '{') {
        const kind = braceKinds.get(at)
        if (kind !== 'file' && matchingBracket[at]! > at) at = matchingBracket[at]!
        isStart = true
      } else if (word === ';' || word === '}') isStart = true
      else if (isStart) {
        const declaration = readDeclarationAt(this.context, at, tokens.count)
        if (declaration === null) {
          isStart = false
          continue
        }
        for (const each of declaration.variables) found.push({ ...each, declaration })
        while (at + 1 < tokens.count && tokens.start[at + 1]! < declaration.span.end) at++
      } else if (/^[([]$/.test(word) && matchingBracket[at]! > at) at = matchingBracket[at]!
    }
    return found
  }
}
