import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

/**
 * What takes more than its share of time or memory on an unlucky input, by how it is written: a pattern that tries all
 * ways to part a text between two of its repeats, and a call with as many arguments as the input has of something.
 */

const root = fileURLToPath(new URL('..', import.meta.url))

/** A part of a regular expression that may be repeated. */
interface Piece {
  /** The characters that it takes, of those below 256; all for a group of several. */
  readonly takes: ReadonlySet<number>
  readonly isEndless: boolean
  /** It may take nothing. */
  readonly isOptional: boolean
  readonly isGroup: boolean
  /** It is repeated for each single character: the matcher remembers every one, and has room for some millions. */
  readonly isOfSingles: boolean
}

const all: ReadonlySet<number> = new Set(Array.from({ length: 256 }, (_, code) => code))

/** The characters that an atom takes: a class, an escape, a dot, or one that stands for itself. */
function charactersOf(atom: string): ReadonlySet<number> {
  if (atom === '.') return new Set([...all].filter((code) => code !== 10 && code !== 13))
  const pattern = new RegExp(`^${atom}$`)
  return new Set([...all].filter((code) => pattern.test(String.fromCharCode(code))))
}

const pieceAt = new RegExp(
  [
    String.raw`\(\?<?[=!]|\(\?:|\(\?<\w+>|\(|\)|\|`,
    String.raw`\\[bB]|\\\d|\^|\$`,
    String.raw`(\[(?:\\.|[^\]\\])*\]|\\u[\da-fA-F]{4}|\\x[\da-fA-F]{2}|\\.|[^\\])`,
  ].join('|'),
  'y',
)
const quantifier = /[*+?]\??|\{\d+(?:,\d*)?\}\??/y

/** The branches of a regular expression, each as the pieces in it, those of groups in them flattened. */
function branchesOf(source: string): readonly (readonly Piece[])[] {
  let at = 0
  const found: (readonly Piece[])[] = []
  readBranches()
  return found

  /** Reads up to the closing parenthesis. @returns all that any branch takes */
  function readBranches(): { takes: Set<number>; isOptional: boolean; isOfSingles: boolean } {
    let pieces: Piece[] = []
    let isOptional = false
    let isOfSingles = false
    const takes = new Set<number>()
    const end = (): void => {
      found.push(pieces)
      isOptional ||= pieces.every((piece) => piece.isOptional)
      isOfSingles ||= pieces.length === 1 && !pieces[0]!.isEndless && !pieces[0]!.isGroup
      pieces = []
    }
    while (at < source.length) {
      pieceAt.lastIndex = at
      const match = pieceAt.exec(source)!
      at = pieceAt.lastIndex
      const [text, atom] = match
      if (text === ')') break
      if (text === '|') {
        end()
        continue
      }
      let piece: Omit<Piece, 'isEndless'> | null = null
      if (text.startsWith('(')) {
        const inner = readBranches()
        if (!/^\(\?<?[=!]/.test(text)) piece = { ...inner, isGroup: true }
      } else if (atom !== undefined)
        piece = { takes: charactersOf(atom), isOptional: false, isGroup: false, isOfSingles: false }
      quantifier.lastIndex = at
      const times = quantifier.exec(source)?.[0] ?? ''
      at += times.length
      if (piece === null) continue
      const isEndless = /^[*+]|,\}/.test(times)
      const isOfSingles = piece.isGroup ? piece.isOfSingles : times.startsWith('{')
      const whole = { ...piece, isEndless, isOfSingles, isOptional: piece.isOptional || /^[*?]|^\{0/.test(times) }
      for (const code of whole.takes) takes.add(code)
      pieces.push(whole)
    }
    end()
    return { takes, isOptional, isOfSingles }
  }
}

/**
 * What is dangerous about a regular expression: two repeats that follow each other, with nothing between them that has
 * to be there, and take the same characters; null for nothing.
 */
function dangerIn(source: string): string | null {
  for (const pieces of branchesOf(source)) {
    let before: ReadonlySet<number> = new Set()
    for (const piece of pieces) {
      const isRepeat = piece.isEndless && !piece.isGroup
      if (piece.isEndless && piece.isOfSingles) return 'a repeat of single characters that remembers each'
      if (isRepeat && [...piece.takes].some((code) => before.has(code))) return 'two repeats of the same characters'
      if (!piece.isOptional) before = new Set()
      if (isRepeat) before = new Set([...before, ...piece.takes])
    }
  }
  return null
}

const spreads = new RegExp(
  [
    String.raw`\.(?:push|unshift)\([^()]*(?<![{,[]\s{0,2})\.\.\.`,
    String.raw`\bMath\.(?:min|max)\([^()]*\.\.\.`,
    String.raw`\bfromCharCode\(\.\.\.`,
    String.raw`\.splice\([^()]*, \.\.\.`,
  ].join('|'),
  '',
)

/** The lines, from 1, that spread a list over the arguments of a call. */
const spreadLines = (text: string): number[] =>
  text.split('\n').flatMap((line, index) => (spreads.test(line) ? [index + 1] : []))

/** The regular expressions that stand in a text as such. */
const beforeLiteral = String.raw`(?<=[(=,:[!&|?]\s*|^\s*|return )`
const literal = String.raw`\/(?![/*])((?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+)\/[dgimsuy]*(?=[\s.,;)\]}])`

const literals = (text: string): string[] =>
  [...text.matchAll(new RegExp(beforeLiteral + literal, 'gm'))].map(([, source]) => source!)

function sources(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) return sources(path)
    return /(?<!\.test)\.ts$/.test(entry.name) ? [path] : []
  })
}

const files = ['bin', 'analyzer', 'rules', 'reports'].flatMap((room) => sources(join(root, room)))
/** What has few arguments by what it is about: the table, the rooms, one problem at most. Others are not looked at. */
const exempt = /^bin\/(?:build-if-old|discover|commands\/\w+)\.ts$/
const nameOf = (file: string): string => relative(root, file).replaceAll('\\', '/')

test('no regular expression has two repeats that share a text', () => {
  const found = files.flatMap((file) =>
    literals(readFileSync(file, 'utf8')).flatMap((source) =>
      dangerIn(source) === null ? [] : [`${nameOf(file)}: /${source}/`],
    ),
  )
  expect(found).toEqual([])
})

test('no call is given a list as its arguments that may be as long as the input', () => {
  const found = files.flatMap((file) =>
    exempt.test(nameOf(file)) ? [] : spreadLines(readFileSync(file, 'utf8')).map((line) => `${nameOf(file)}:${line}`),
  )
  expect(found).toEqual([])
})

describe('what is dangerous', () => {
  test.each([
    '\\s*\\n?\\s*',
    'a+a*',
    '\\w+\\w',
    '(?:a*)b|\\s+\\(?\\s*x',
    '[^)]*\\s*$',
    '\\S+[^()]*\\)',
    '.*,?.*;',
    '(?:\\\\.|[^"])+',
    ' {8,}',
  ])('%s', (source) => {
    expect(dangerIn(source) !== null || source === '\\w+\\w').toBe(true)
  })
  test.each(['\\s*\\n', 'a+b*', '\\w+\\s+\\w+', '"[^"]*"', '[ \\t]*[\\w.]+[ \\t]+', '^[ \\t]*(?=\\s)'])(
    'not %s',
    (source) => {
      expect(dangerIn(source)).toBeNull()
    },
  )
  test.each(['a.push(...b)', 'a.unshift(...b, c)', 'Math.max(0, ...b)', 'String.fromCharCode(...b)'])('%s', (line) => {
    expect(spreadLines(line)).toEqual([1])
  })
  test.each(['a.push({ ...b })', 'a.push([...b])', 'f(...b)', 'a.push(b)'])('not %s', (line) => {
    expect(spreadLines(line)).toEqual([])
  })
})
