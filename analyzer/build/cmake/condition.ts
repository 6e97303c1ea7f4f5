/** What a word of a condition may ask for; null for what is not known. */
export interface CmakeFacts {
  /** The value of a variable: empty for one that is not set. */
  readonly variable: (name: string) => string | null
  readonly isTarget: (name: string) => boolean | null
  readonly exists: (path: string) => boolean | null
}

/** A word of a condition after variables in it were replaced; null in place of the text where that is not known. */
export interface Word {
  readonly text: string | null
  readonly isQuoted: boolean
}

/** Whether the condition of an `if` is true; null where that is not known. */
export function cmakeTruth(words: readonly Word[], facts: CmakeFacts): boolean | null {
  return new Condition(words, facts).whole()
}

const isTrue = (text: string): boolean => /^(?:1|ON|YES|TRUE|Y)$/i.test(text) || /^[1-9]\d*(?:\.\d+)?$/.test(text)
const isFalse = (text: string): boolean =>
  /^(?:0|OFF|NO|FALSE|N|IGNORE|NOTFOUND|)$/i.test(text) || /-NOTFOUND$/i.test(text)

const both = (a: boolean | null, b: boolean | null): boolean | null =>
  a === false || b === false ? false : a === null || b === null ? null : true
const either = (a: boolean | null, b: boolean | null): boolean | null =>
  a === true || b === true ? true : a === null || b === null ? null : false
const not = (a: boolean | null): boolean | null => (a === null ? null : !a)

/** Brackets in each other are read so deep. */
const deepest = 40

class Condition {
  private at = 0
  private depth = 0

  constructor(
    private readonly words: readonly Word[],
    private readonly facts: CmakeFacts,
  ) {}

  whole(): boolean | null {
    let value = this.conjunction()
    while (this.takes('OR')) value = either(value, this.conjunction())
    return value
  }

  private takes(word: string): boolean {
    const next = this.words[this.at]
    if (next?.text !== word || next.isQuoted) return false
    this.at++
    return true
  }

  private conjunction(): boolean | null {
    let value = this.negation()
    while (this.takes('AND')) value = both(value, this.negation())
    return value
  }

  private negation(): boolean | null {
    let isNegative = false
    while (this.takes('NOT')) isNegative = !isNegative
    const value = this.test()
    return isNegative ? not(value) : value
  }

  private test(): boolean | null {
    if (this.takes('(')) {
      if (++this.depth > deepest) return null
      const value = this.whole()
      this.takes(')')
      return value
    }
    for (const word of ['DEFINED', 'TARGET', 'EXISTS', 'COMMAND', 'POLICY', 'IS_DIRECTORY']) {
      if (this.takes(word)) return this.unary(word, this.words[this.at++]?.text ?? null)
    }
    const left = this.words[this.at++]
    const sign = this.words[this.at]?.text ?? ''
    if (left === undefined) return null
    if (!/^(?:STREQUAL|MATCHES|IN_LIST|(?:VERSION_)?(?:EQUAL|LESS|GREATER|LESS_EQUAL|GREATER_EQUAL))$/.test(sign))
      return this.plain(left)
    this.at++
    const right = this.words[this.at++]
    return this.binary(sign, this.meant(left), right ? this.meant(right) : null)
  }

  private unary(word: string, name: string | null): boolean | null {
    if (name === null) return null
    if (word === 'TARGET') return this.facts.isTarget(name)
    if (word === 'EXISTS' || word === 'IS_DIRECTORY') return this.facts.exists(name)
    if (word !== 'DEFINED') return word === 'POLICY' ? true : null
    const value = this.facts.variable(name)
    return value === null ? null : value !== ''
  }

  private plain({ text, isQuoted }: Word): boolean | null {
    if (text === null) return null
    if (isTrue(text)) return true
    if (isFalse(text)) return false
    const value = isQuoted ? '' : this.facts.variable(text)
    return value === null ? null : !isFalse(value)
  }

  /** A word that names a variable means its value. */
  private meant({ text, isQuoted }: Word): string | null {
    if (text === null || isQuoted) return text
    const value = /^[A-Za-z_]\w*$/.test(text) ? this.facts.variable(text) : ''
    return value === '' ? text : value
  }

  private binary(sign: string, left: string | null, right: string | null): boolean | null {
    if (left === null || right === null) return null
    if (sign === 'STREQUAL') return left === right
    if (sign === 'MATCHES') return /^[\w^$ |.-]{1,60}$/.test(right) ? new RegExp(right).test(left.slice(0, 200)) : null
    if (sign === 'IN_LIST') return null
    const order = compareVersions(left, right)
    if (order === null) return null
    const kind = sign.replace('VERSION_', '')
    if (kind === 'EQUAL') return order === 0
    return kind.startsWith('LESS') ? order < (kind === 'LESS' ? 0 : 1) : order > (kind === 'GREATER' ? 0 : -1)
  }
}

function compareVersions(a: string, b: string): number | null {
  if (!/^\d+(?:\.\d+)*$/.test(a) || !/^\d+(?:\.\d+)*$/.test(b)) return null
  const [left, right] = [a.split('.').map(Number), b.split('.').map(Number)]
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
