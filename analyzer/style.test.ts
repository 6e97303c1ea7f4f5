import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import stringWidth from 'string-width'
import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const widest = 120
const longestFile = 500
const longestClass = 250

/** Data: libraries, byte by byte. */
const isExempt = (file: string): boolean => file === 'fixtures/binaries.ts'

/** Files that are lists: advice by part of the C API, the C of shims by header. They grow with what they list. */
const isList = (file: string): boolean =>
  /^analyzer\/knowledge\/(?:replacements|recipes)\/|^rules\/shims\/(?!.*\.test\.ts$)/.test(file)

/** What `/` begins a regular expression after; elsewhere it divides. */
const beforeRegex = /(?:^|[([{},;:=!?&|+*<>~^%-]|\b(?:return|typeof|case|of|in|yield|await|do|else))\s*$/

const pieces = {
  code: /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|[\s\S]/y,
  regex: /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/y,
  text: /(?:\\[\s\S]|(?!\$\{)[^`\\])*/y,
}

/**
 * The code of a file without the text of template literals of several lines, which is data. Line breaks stay.
 * @throws Error where strings and brackets do not pair, which is where this was wrong about the code
 */
function codeOf(source: string): string {
  let at = 0
  let code = ''
  readCode('end')
  return code

  function take(piece: RegExp): string | undefined {
    piece.lastIndex = at
    const found = piece.exec(source)?.[0]
    at += found?.length ?? 0
    return found
  }

  function readCode(until: 'end' | '}'): void {
    for (let depth = 0; at < source.length; ) {
      if (source[at] === '/' && !/[/*]/.test(source[at + 1]!) && beforeRegex.test(code)) {
        const regex = take(pieces.regex)
        if (regex === undefined) throw new Error(`a regular expression without end in line ${lineNumber()}`)
        code += regex
        continue
      }
      const piece = take(pieces.code)!
      if (piece === "'" || piece === '"') throw new Error(`a string without end in line ${lineNumber()}`)
      if (piece === '`') {
        readTemplate()
        continue
      }
      if (piece === '{') depth++
      if (piece === '}' && depth-- === 0) {
        if (until === 'end') throw new Error(`a brace too many in line ${lineNumber()}`)
        at--
        return
      }
      code += piece
    }
    if (until === '}') throw new Error('a template literal without end')
  }

  function readTemplate(): void {
    const before = code
    const texts: string[] = []
    const holes: string[] = []
    for (;;) {
      texts.push(take(pieces.text)!)
      if (source[at] === '`') break
      if (source[at] !== '$') throw new Error('a template literal without end')
      at += 2
      code = ''
      readCode('}')
      holes.push(code)
      at++
    }
    at++
    const isLong = texts.some((text) => text.includes('\n'))
    const shown = texts.map((text) => (isLong ? text.replace(/[^\n]/g, '') : text))
    const parts = shown.map((text, index) => (index === 0 ? text : `\${${holes[index - 1]!}}${text}`))
    code = `${before}\`${parts.join('')}\``
  }

  function lineNumber(): number {
    return source.slice(0, at).split('\n').length
  }
}

/** The lines, from 1, whose code is too wide. */
const wideLines = (source: string): number[] =>
  codeOf(source)
    .split('\n')
    .flatMap((line, index) => (stringWidth(line) > widest ? [index + 1] : []))

const lineCount = (source: string): number => source.split('\n').length - (source.endsWith('\n') ? 1 : 0)

/** The lines, from 1, where classes begin whose bodies are too long. Indents tell the ends: the code is formatted. */
function longClasses(source: string): number[] {
  const lines = codeOf(source).split('\n')
  return lines.flatMap((line, index) => {
    const indent = /^( *)(?:\S.*)?\bclass\b.*\{$/.exec(line)?.[1]
    if (indent === undefined) return []
    const length = lines.slice(index + 1).findIndex((each) => each.startsWith(`${indent}}`))
    return length > longestClass ? [index + 1] : []
  })
}

const nameOf = (file: string): string => relative(root, file).replaceAll('\\', '/')

function sources(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) return sources(path)
    return /\.(?:ts|mjs)$/.test(entry.name) ? [path] : []
  })
}

const files = ['bin', 'analyzer', 'rules', 'reports', 'fixtures'].flatMap((room) => sources(join(root, room)))

test(`no line of code is wider than ${widest} columns`, () => {
  expect(files.length).toBeGreaterThan(300)
  const wide = files.flatMap((file) => {
    const name = nameOf(file)
    const source = readFileSync(file, 'utf8')
    try {
      expect(codeOf(source).split('\n')).toHaveLength(source.split('\n').length)
      return isExempt(name) ? [] : wideLines(source).map((line) => `${name}:${line}`)
    } catch (error) {
      throw new Error(`${name}: ${(error as Error).message}`)
    }
  })
  expect(wide).toEqual([])
})

test(`no file has more than ${longestFile} lines, and no class more than ${longestClass}`, () => {
  const long = files.flatMap((file) => {
    const name = nameOf(file)
    if (isList(name)) return []
    const source = readFileSync(file, 'utf8')
    const classes = longClasses(source).map((line) => `${name}:${line}`)
    return lineCount(source) > longestFile ? [name, ...classes] : classes
  })
  expect(long).toEqual([])
})

test.each([
  ['class A {', [1]],
  ['const a = 1\nexport abstract class A<B> extends C {', [2]],
  ['function f() {\n  return class {', [2]],
  ['const text = `\nclass A {', []],
] as const)('a long class: %j', (start, expected) => {
  const indent = / *(?=\S.*$)/.exec(start)![0]
  const end = start.includes('`') ? '`' : `${indent}}`
  const withLines = (count: number): string => `${start}\n${`${indent}  a\n`.repeat(count)}${end}\n`
  expect(longClasses(withLines(longestClass))).toEqual([])
  expect(longClasses(withLines(longestClass + 1))).toEqual(expected)
})

describe('what counts as code', () => {
  const long = 'x'.repeat(widest)
  test.each([
    ['code', `const a = ${long}`],
    ['a comment', `// ${long}`],
    ['a comment of several lines', `/*\n ${long}x\n */`, 2],
    ['a string', `const a = '${long}'`],
    ['a template literal of one line', `const a = \`${long}\``],
    ['code before a text of several lines', `const ${long} = \`\n\``],
    ['code after a text of several lines', `f(\`\n\`, ${long})`, 2],
    ['code within a text of several lines', `f(\`\n$\{${long}}\`)`, 2],
    ['code after a quotation mark in a regular expression', `a.replace(/[/'"\`]/, b)\nconst a = ${long}`, 2],
    ['code after a division', `const a = b / c, d = '\`'\nconst a = ${long}`, 2],
    ['code after texts within texts', `f(\`\n$\{g(\`\n$\{h({})}\n\`)}\`)\nconst a = ${long}`, 5],
    ['code after an escaped end of a text', `f(\`\n\\\`\n\`)\nconst a = ${long}`, 4],
  ])('%s', (_, source, line = 1) => {
    expect(wideLines(source)).toEqual([line])
  })
  test.each([
    ['a text of several lines', `f(\`${long}\n${long}\n${long}\`)`],
    ['a text of several lines with code in it', `f(\`$\{a}${long}\n${long}$\{b}${long}\`)`],
    ['120 columns', `const a = ${'x'.repeat(widest - 10)}`],
  ])('not %s', (_, source) => {
    expect(wideLines(source)).toEqual([])
  })
  test.each(["const a = '", 'const a = `', 'f(`${a`)', '}', 'const a = /b'])('an error: %s', (source) => {
    expect(() => codeOf(source)).toThrow()
  })
})
