import type { Offset } from '../source/text.ts'
import type { CodeTokens } from './code-tokens.ts'
import { Kind } from './scanner.ts'

/**
 * Same-length masking: what a C parser cannot read without a preprocessor is overwritten by blanks, or by a brace, a
 * comma or a semicolon of the same meaning, so that every other byte keeps its offset.
 */
export interface MaskEdit {
  readonly start: Offset
  readonly end: Offset
  /** Written at `start`, the rest up to `end` is blanked. Not longer than that. */
  readonly put: string
}

/** Goes through the code from the first token to the last, and collects what is written over it. */
export class MaskWriter {
  readonly edits: MaskEdit[] = []
  /** Of each open brace whether it holds declarations rather than statements. */
  private readonly braces: boolean[] = []
  /** The token after which the last semicolon was put. */
  private ended = -1

  /** @param macroNames all macros of the project */
  constructor(
    readonly code: CodeTokens,
    readonly macroNames: ReadonlySet<string>,
    readonly cxx: boolean,
  ) {}

  /**
   * Overwrites the tokens from one to another, both included.
   * @param put what is written there instead, not longer than they are
   */
  blank(from: number, to: number, put = ''): void {
    this.edits.push({ start: this.code.start(from), end: this.code.end(to), put })
  }

  /** Puts a semicolon into the blank after a token, if one is there. */
  endAfter(at: number): void {
    const end = this.code.end(at)
    if (!this.code.isBlank(end)) return
    this.edits.push({ start: end, end: end + 1, put: ';' })
    this.ended = at
  }

  /** @param holdsDeclarations whether declarations stand in it, not statements */
  openBrace(holdsDeclarations: boolean): void {
    this.braces.push(holdsDeclarations)
  }

  closeBrace(): void {
    this.braces.pop()
  }

  /** Whether no brace is open. */
  get atFileLevel(): boolean {
    return this.braces.length === 0
  }

  /** Whether declarations stand here, not statements. */
  get holdsDeclarations(): boolean {
    return this.braces.every((each) => each)
  }

  /** Whether a statement or declaration begins at a token: after the end of another one, or after a directive. */
  beginsStatement(at: number): boolean {
    const { code } = this
    const before = at - 1
    if (at === 0 || this.ended === before) return true
    if (code.is(before, ';') || code.is(before, '{') || code.is(before, '}')) return true
    return code.followsDirective(at) || (this.cxx && code.is(before, ':'))
  }
}

/** Whether the brace at a token holds declarations: of a namespace, or `extern "C" {`. */
export function opensDeclarations(code: CodeTokens, at: number): boolean {
  for (let back = at - 1; back >= 0 && back > at - 8; back--) {
    if (code.word(back) === 'namespace') return true
    if (code.kind(back) === Kind.string) return code.isName(back - 1) && code.word(back - 1) === 'extern'
    if (!code.isName(back) && !code.is(back, '::')) return false
  }
  return false
}
