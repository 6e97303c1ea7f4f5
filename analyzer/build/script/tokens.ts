/** A token of a build script in Python. */
export interface Token {
  /** `line` ends a statement; `indent` and `dedent` begin and end a block; `end` is the last of all. */
  readonly kind: 'name' | 'number' | 'string' | 'sign' | 'line' | 'indent' | 'dedent' | 'end'
  /** A name, a sign, the digits of a number; of a string its contents, what backslashes stand for included. */
  readonly text: string
  /** In front of a string, in small letters: `f`, `rb`. */
  readonly prefix: string
  /** Where it begins in the text. */
  readonly start: number
}

/** A text that is none of Python, as far as that is read here. */
export class ScriptError extends Error {}

/** Longer scripts than this are not read, nor are more tokens. */
const longestScript = 1_000_000

const word = /[A-Za-z_\u0080-\u00ff][\w\u0080-\u00ff]*/y
const digits = /(?:0[xXoObB][\da-fA-F_]+|(?:\d[\d_]*)?\.?\d[\d_]*(?:[eE][+-]?\d+)?\.?)[jJ]?/y
const signs = /\*\*=|\/\/=|>>=|<<=|\.\.\.|\*\*|\/\/|>>|<<|[-+*/%@&|^=<>!:]=|->|[-+*/%@&|^~<>()[\]{},:.;=?]/y
const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0', '\n': '' }

/**
 * Cuts a script into tokens: those of blocks and of the ends of statements included, comments left out.
 * @param text one character per byte
 * @throws ScriptError for what is no token, a string that does not end, and what is too long
 */
export function tokensOf(text: string): readonly Token[] {
  if (text.length > longestScript) throw new ScriptError('it is too long')
  return new Scanner(text).scan()
}

class Scanner {
  private readonly found: Token[] = []
  private readonly indents = [0]
  private at = 0
  private depth = 0

  constructor(private readonly text: string) {}

  scan(): readonly Token[] {
    if (this.text.startsWith('\u00ef\u00bb\u00bf')) this.at = 3
    this.indent()
    while (this.at < this.text.length) this.next()
    this.push('line', '', this.at)
    while (this.indents.length > 1) this.dedent()
    this.push('end', '', this.at)
    return this.found
  }

  private push(kind: Token['kind'], text: string, start: number, prefix = ''): void {
    this.found.push({ kind, text, prefix, start })
  }

  private dedent(): void {
    this.indents.pop()
    this.push('dedent', '', this.at)
  }

  private next(): void {
    const sign = this.text[this.at]!
    if (sign === '\n') {
      this.at++
      if (this.depth > 0) return
      if (!['line', 'indent', 'dedent', undefined].includes(this.found.at(-1)?.kind)) this.push('line', '', this.at - 1)
      this.indent()
    } else if (/[ \t\r\f]/.test(sign)) this.at++
    else if (sign === '#') this.comment()
    else if (sign === '\\' && /^\\\r?\n/.test(this.text.slice(this.at, this.at + 3)))
      this.at = this.text.indexOf('\n', this.at) + 1
    else if (sign === '\\') this.push('sign', this.text[this.at++]!, this.at - 1)
    else if (!this.string() && !this.match(word, 'name') && !this.number() && !this.sign())
      throw new ScriptError(`\`${sign}\` is not understood`)
  }

  private comment(): void {
    const end = this.text.indexOf('\n', this.at)
    this.at = end < 0 ? this.text.length : end
  }

  private match(pattern: RegExp, kind: Token['kind']): boolean {
    pattern.lastIndex = this.at
    const match = pattern.exec(this.text)
    if (match === null) return false
    this.push(kind, match[0], this.at)
    this.at += match[0].length
    return true
  }

  private number(): boolean {
    const first = this.text.slice(this.at, this.at + 2)
    return /^(?:\d|\.\d)/.test(first) && this.match(digits, 'number')
  }

  private sign(): boolean {
    if (!this.match(signs, 'sign')) return false
    const { text } = this.found.at(-1)!
    if (/^[([{]$/.test(text)) this.depth++
    else if (/^[)\]}]$/.test(text)) this.depth = Math.max(0, this.depth - 1)
    return true
  }

  /** Takes the indentation of a line that has code, and tells where blocks begin and end. */
  private indent(): void {
    for (;;) {
      const start = this.at
      let width = 0
      for (; /[ \t\f]/.test(this.text[this.at] ?? ''); this.at++)
        width = this.text[this.at] === '\t' ? (Math.floor(width / 8) + 1) * 8 : width + 1
      const sign = this.text[this.at]
      if (sign === '#') this.comment()
      if (this.text[this.at] === '\r') this.at++
      if (this.text[this.at] === '\n') {
        this.at++
        continue
      }
      if (this.at >= this.text.length || sign === '#') return
      if (width > this.indents.at(-1)!) {
        this.indents.push(width)
        this.push('indent', '', start)
      }
      while (width < this.indents.at(-1)!) this.dedent()
      return
    }
  }

  private string(): boolean {
    const head = /^([A-Za-z]{0,2})("""|'''|"|')/.exec(this.text.slice(this.at, this.at + 5))
    if (head === null) return false
    const [whole, letters, quote] = head
    const prefix = letters!.toLowerCase()
    if (!/^(?:[rbuf]|rb|br|rf|fr)?$/.test(prefix)) return false
    const parts: string[] = []
    let from = this.at + whole.length
    for (let at = from; ; at++) {
      if (at >= this.text.length || (quote!.length === 1 && this.text[at] === '\n'))
        throw new ScriptError('a string does not end')
      if (this.text[at] === '\\') {
        const next = this.text[at + 1] ?? ''
        parts.push(this.text.slice(from, at), prefix.includes('r') ? `\\${next}` : (escapes[next] ?? next))
        at++
        from = at + 1
      } else if (this.text.startsWith(quote!, at)) {
        parts.push(this.text.slice(from, at))
        this.push('string', parts.join(''), this.at, prefix)
        this.at = at + quote!.length
        return true
      }
    }
  }
}
