import { type DeclaredVariable, declarationsIn } from '../../code/declarations.ts'
import type { FileCode } from '../../code/file-code.ts'
import { type FunctionText, type Outline, wordAt } from '../../code/outline.ts'
import type { Directives, MacroDefinition } from '../../preprocess/directives.ts'
import { Kind } from '../../preprocess/scanner.ts'
import type { ProjectModel } from '../../project/model.ts'
import type { Body } from '../../semantics/functions.ts'
import { addTo } from '../../source/multimap.ts'
import type { FileId, TokenIndex } from '../../source/text.ts'
import type { SlotFunction } from './instances.ts'

/** A token of a file. */
export interface TokenPlace {
  readonly file: string
  readonly token: TokenIndex
}

/**
 * The texts of a project, as far as a rewrite has to read them: each is looked at once, and only if something wanted
 * stands in it.
 */
export class Sources {
  private readonly ids: ReadonlyMap<string, FileId>
  private readonly declared = new Map<string, readonly DeclaredVariable[]>()
  private readonly index = new Map<string, ReadonlyMap<string, readonly number[]>>()
  private readonly byWord = new Map<string, readonly TokenPlace[]>()
  private readonly macroTable = new Map<string, { readonly file: string; readonly macro: MacroDefinition }[]>()
  private readonly functionTable = new Map<string, { readonly file: string; readonly found: FunctionText }[]>()

  /**
   * @param texts by file, one character per byte
   * @param model the project that they are, of which all are files
   */
  constructor(
    readonly texts: ReadonlyMap<string, string>,
    readonly model: ProjectModel,
  ) {
    this.ids = new Map(model.files.map(({ file }, index) => [file, index]))
  }

  /** The number of a file in the project. */
  id(file: string): FileId {
    return this.ids.get(file)!
  }

  outline(file: string): Outline {
    return this.code(file).outline
  }

  private code(file: string): FileCode {
    return this.model.project.code(this.id(file))
  }

  /** A function, read. */
  body(file: string, text: FunctionText): Body {
    const code = this.code(file)
    return { file: this.id(file), code: code.read(text) }
  }

  /** A function in a slot, as its tokens and as what it does. */
  slotFunction(file: string, text: FunctionText): SlotFunction {
    return { outline: this.outline(file), text, body: this.body(file, text) }
  }

  declarations(file: string): readonly DeclaredVariable[] {
    let known = this.declared.get(file)
    if (!known) {
      known = declarationsIn(this.outline(file))
      this.declared.set(file, known)
    }
    return known
  }

  directives(file: string): Directives {
    return this.code(file).directives
  }

  /** All tokens that are an identifier, but fields (`x.name`, `x->name`). */
  references(name: string): readonly TokenPlace[] {
    let known = this.byWord.get(name)
    if (!known) {
      const found: TokenPlace[] = []
      for (const file of this.texts.keys()) {
        const tokens = this.mayHold(file, name) ? this.wordsOf(file).get(name) : undefined
        if (!tokens) continue
        const outline = this.outline(file)
        for (const token of tokens) {
          const before = wordAt(outline, token - 1)
          if (
            before === '->' ||
            (before === '.' && outline.tokens.kind[token - 2] !== Kind.punctuation) ||
            (before === '.' && /^[)\]]$/.test(wordAt(outline, token - 2)))
          )
            continue
          found.push({ file, token })
        }
      }
      known = found
      this.byWord.set(name, known)
    }
    return known
  }

  /** Whether it is worth to take a text apart for a name, where that was not done yet. */
  private mayHold(file: string, name: string): boolean {
    return this.index.has(file) || this.texts.get(file)!.includes(name)
  }

  private wordsOf(file: string): ReadonlyMap<string, readonly number[]> {
    let known = this.index.get(file)
    if (!known) {
      const words = new Map<string, number[]>()
      const { tokens } = this.outline(file)
      for (let at = 0; at < tokens.count; at++)
        if (tokens.kind[at] === Kind.identifier) addTo(words, tokens.text.slice(tokens.start[at], tokens.end[at]), at)
      known = words
      this.index.set(file, known)
    }
    return known
  }

  /** The brace of the initialiser of an array in a file: `name[] = {`; null where there is none. */
  arrayBrace(file: string, name: string): number | null {
    const outline = this.outline(file)
    for (const { file: where, token } of this.references(name)) {
      if (where !== file || wordAt(outline, token + 1) !== '[') continue
      const equals = outline.matchingBracket[token + 1]! + 1
      if (
        wordAt(outline, equals) === '=' &&
        wordAt(outline, equals + 1) === '{' &&
        outline.matchingBracket[equals + 1]! > 0
      )
        return equals + 1
    }
    return null
  }

  /** The definitions of a macro. */
  macros(name: string): readonly { readonly file: string; readonly macro: MacroDefinition }[] {
    let known = this.macroTable.get(name)
    if (!known) {
      known = []
      this.macroTable.set(name, known)
      const files = new Set(this.model.project.declarations.macro(name).map(({ file }) => this.model.files[file]!.file))
      for (const file of files)
        for (const macro of this.directives(file).macros) if (macro.name === name) known.push({ file, macro })
    }
    return known
  }

  /** The functions of a name that have a body: in the file itself where it has one, else anywhere. */
  functions(name: string, file: string): readonly { readonly file: string; readonly found: FunctionText }[] {
    const own = this.functionsIn(file, name)
    if (own.length > 0) return own
    let known = this.functionTable.get(name)
    if (!known) {
      known = [...this.texts].flatMap(([each, text]) => (text.includes(name) ? this.functionsIn(each, name) : []))
      this.functionTable.set(name, known)
    }
    return known
  }

  private functionsIn(file: string, name: string): { readonly file: string; readonly found: FunctionText }[] {
    return this.outline(file).functions.flatMap((found) => (found.name === name ? [{ file, found }] : []))
  }
}
