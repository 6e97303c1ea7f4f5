import { addAll } from '../../source/lists.ts'
import { mostBranches, PatternParser } from './parse-match.ts'
import type { Block, Expression, Statement } from './syntax.ts'
import { ScriptError, type Token, tokensOf } from './tokens.ts'

/**
 * Reads a script in Python 3, what has to do with threads left out.
 * @param text one character per byte
 * @throws ScriptError for what is no text of Python; one statement that is not understood is left out, `unread`
 */
export const parseScript = (text: string): Block => new ScriptParser(tokensOf(text)).script()

class ScriptParser extends PatternParser {
  private blocks = 0

  script(): Block {
    const found: Statement[] = []
    while (this.token.kind !== 'end') {
      if (this.token.kind === 'line') this.at++
      else addAll(found, this.attempted())
    }
    return found
  }

  protected block(): Block {
    this.need(':')
    if (this.token.kind !== 'line') return this.simple()
    if (++this.blocks > mostBranches) throw new ScriptError('it has too many blocks in each other')
    this.skipLines()
    this.enter()
    const found: Statement[] = []
    while (!this.isBlockEnd()) {
      if (this.token.kind === 'line') this.at++
      else addAll(found, this.attempted())
    }
    this.at++
    this.blocks--
    return found
  }

  /** The next statement; one that is not understood is left out, and what is in it with it. */
  private attempted(): Block {
    const { at, depth, blocks } = this
    try {
      return this.statement()
    } catch (error) {
      if (!(error instanceof ScriptError)) throw error
      this.at = at
      this.depth = depth
      this.blocks = blocks
      return [this.unread()]
    }
  }

  private statement(): Block {
    const { start, kind, text } = this.token
    if (kind === 'sign' && text === '@') return this.decorated(start)
    if (kind === 'name') {
      const compound = this.compound(text, start)
      if (compound !== null) return [compound]
    }
    return this.simple()
  }

  private decorated(start: number): Block {
    let isProperty = false
    while (this.take('@')) {
      const decorator = this.expressions()
      isProperty ||= decorator.kind !== 'call'
      this.skipLines()
    }
    this.take('async')
    if (this.isWord('class')) return this.statement()
    return [this.definition(start, isProperty)]
  }

  private compound(word: string, start: number): Statement | null {
    switch (word) {
      case 'if':
        this.at++
        return this.branch(start)
      case 'for': {
        this.at++
        const target = this.targets()
        this.need('in')
        const of = this.expressions()
        const body = this.block()
        return { kind: 'for', start, target, of, body, no: this.otherwise() }
      }
      case 'while':
        this.at++
        this.expression()
        return { kind: 'while', start, names: [], body: [...this.block(), ...this.otherwise()] }
      case 'with':
        this.at++
        return this.context(start)
      case 'try':
        this.at++
        return this.attempt(start)
      case 'async':
        this.at++
        return this.compound(this.token.text, start)
      case 'def':
        return this.definition(start, false)
      case 'class':
        return this.classDefinition(start)
      case 'match':
        return this.isMatch() ? this.matching(start) : null
      default:
        return null
    }
  }

  private branch(start: number): Statement {
    const test = this.expression()
    const yes = this.block()
    const next = this.token.start
    if (this.take('elif')) {
      if (++this.blocks > mostBranches) throw new ScriptError('it has too many branches')
      const no = [this.branch(next)]
      this.blocks--
      return { kind: 'if', start, test, yes, no }
    }
    return { kind: 'if', start, test, yes, no: this.otherwise() }
  }

  private otherwise(): Block {
    return this.take('else') ? this.block() : []
  }

  private context(start: number): Statement {
    const names: Expression[] = []
    const isBracketed = this.isSign('(') && this.tokens[this.at + 1]?.kind === 'name'
    if (isBracketed && hasAsInBrackets(this.tokens, this.at)) this.at++
    do {
      this.expression()
      if (this.take('as')) names.push(this.target())
    } while (this.take(','))
    if (!this.isSign(':')) this.need(')')
    return { kind: 'with', start, names, body: this.block() }
  }

  private attempt(start: number): Statement {
    const body = this.block()
    const handlers: Block[] = []
    while (this.take('except')) {
      this.take('*')
      if (!this.isSign(':')) {
        this.expressions()
        if (this.take('as')) this.name()
      }
      handlers.push(this.block())
    }
    const no = this.otherwise()
    return { kind: 'try', start, body, handlers, no, last: this.take('finally') ? this.block() : [] }
  }

  private definition(start: number, isProperty: boolean): Statement {
    this.need('def')
    const name = this.name()
    this.skipTypeParameters()
    this.need('(')
    const parameters = this.parameters(')')
    if (this.take('->')) this.expression()
    return { kind: 'def', start, name, parameters, isProperty, body: this.block() }
  }

  private classDefinition(start: number): Statement {
    this.need('class')
    const name = this.name()
    this.skipTypeParameters()
    const bases = this.take('(') ? this.arguments() : []
    const plain = bases.filter((each) => each.name === null && each.stars === '').map(({ value }) => value)
    return { kind: 'class', start, name, bases: plain, body: this.block() }
  }

  /** Statements on one line. */
  private simple(): Block {
    const found: Statement[] = []
    do {
      if (this.token.kind === 'line') break
      found.push(this.small())
    } while (this.take(';'))
    if (this.token.kind === 'line') this.at++
    else if (this.token.kind !== 'end') throw this.error()
    return found
  }

  private small(): Statement {
    const { start, kind, text } = this.token
    if (kind === 'name') {
      switch (text) {
        case 'import':
          this.at++
          return { kind: 'import', start, from: null, names: this.imported() }
        case 'from':
          this.at++
          return this.importFrom(start)
        case 'return': {
          this.at++
          return { kind: 'return', start, value: this.isAtEnd() ? null : this.expressions() }
        }
        case 'pass':
        case 'break':
        case 'continue':
          this.at++
          return { kind: text, start }
        case 'del': {
          this.at++
          const targets = this.expressions()
          return {
            kind: 'delete',
            start,
            targets: targets.kind === 'list' ? targets.items.map(({ value }) => value) : [targets],
          }
        }
        case 'raise':
        case 'assert':
          while (!this.isAtEnd()) this.at++
          return { kind: text === 'raise' ? 'raise' : 'pass', start }
        case 'global':
        case 'nonlocal':
          this.at++
          return { kind: 'global', start, isGlobal: text === 'global', names: this.imported().map(({ name }) => name) }
        case 'type':
          if (this.tokens[this.at + 1]?.kind === 'name') return this.alias(start)
      }
    }
    return this.assignment(start)
  }

  private assignment(start: number): Statement {
    const first = this.expressions()
    const sign = this.token.kind === 'sign' ? /^([-+*/%&|^@]|\*\*|\/\/|>>|<<)=$/.exec(this.token.text)?.[1] : undefined
    if (sign !== undefined) {
      this.at++
      return { kind: 'assign', start, targets: [first], sign, value: this.expressions() }
    }
    if (this.take(':')) {
      this.expression()
      if (!this.isSign('=')) return { kind: 'pass', start }
    }
    const all = [first]
    while (this.take('=')) all.push(this.expressions())
    const value = all.pop()!
    return all.length === 0
      ? { kind: 'expression', start, value }
      : { kind: 'assign', start, targets: all, sign: '', value }
  }
}

/** Whether `as` stands in the brackets that begin at a token, and so they are those of `with`. */
function hasAsInBrackets(tokens: readonly Token[], start: number): boolean {
  let depth = 0
  for (let at = start; at < tokens.length; at++) {
    const { kind, text } = tokens[at]!
    if (kind === 'line') return false
    if (kind === 'sign' && /^[([{]$/.test(text)) depth++
    if (kind === 'sign' && /^[)\]}]$/.test(text) && --depth === 0) return false
    if (kind === 'name' && text === 'as' && depth === 1) return true
  }
  return false
}
