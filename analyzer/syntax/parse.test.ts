import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { readAsset } from '../store/assets.ts'
import { type SyntaxNode, startSyntax } from './parse.ts'

const syntax = await startSyntax(readAsset)
await syntax.ready('c')
await syntax.ready('cpp')

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** The names in a tree, with their places checked against the text. */
function identifiers(root: SyntaxNode, text: string): string[] {
  const found: string[] = []
  const visit = (node: SyntaxNode): void => {
    expect(node.text).toBe(text.slice(node.startIndex, node.endIndex))
    if (node.type === 'identifier') found.push(node.text)
    for (const child of node.namedChildren) visit(child)
  }
  visit(root)
  return found
}

test('trees stay whole while others come and go, whatever the garbage collector does', () => {
  for (let turn = 0; turn < 300; turn++) {
    const size = turn % 17
    const names = Array.from({ length: size }, (_, index) => `v${turn}_${index}`)
    const text = `void f${turn}(void) {\n${names.map((name) => `  ${name}(1);\n`).join('')}}\n`
    const dialect = turn % 2 === 0 ? 'c' : 'cpp'
    syntax.parse(dialect, text, (outer) => {
      // A tree may be asked for while another one is in use.
      syntax.parse('c', 'int inner;', (inner) => expect(identifiers(inner, 'int inner;')).toEqual(['inner']))
      if (turn % 10 === 0) collectGarbage()
      expect(identifiers(outer, text)).toEqual([`f${turn}`, ...names])
    })
  }
})

test('a tree is given up where its user throws, and the parser goes on', () => {
  expect(() =>
    syntax.parse('c', 'int a;', () => {
      throw new Error('mine')
    }),
  ).toThrow('mine')
  expect(syntax.parse('c', 'int b;', (root) => identifiers(root, 'int b;'))).toEqual(['b'])
})

test('names may have any letters', () => {
  const names = ['\u00e9', '\u540d\u524d', 'b\u00df\u{1d4d0}'].map((name) => Buffer.from(name).toString('latin1'))
  const text = `int ${names.join(', ')}; char s[] = "${names[0]}";`
  for (const dialect of ['c', 'cpp'] as const)
    expect(syntax.parse(dialect, text, (root) => [root.hasError, ...identifiers(root, text)])).toEqual([
      false,
      ...names,
      's',
    ])
})

test('a NUL in a comment does not end the text', () => {
  const text = '/* \0#1 */ int a;'
  for (const dialect of ['c', 'cpp'] as const)
    expect(syntax.parse(dialect, text, (root) => [root.hasError, ...identifiers(root, text)])).toEqual([false, 'a'])
})

test('long runs of blanks do not join words or move places', () => {
  for (const blanks of [1, 63, 64, 65, 66, 1000]) {
    const gap = ' '.repeat(blanks)
    const text = `${gap}int${gap}a;${gap}int b${gap};${gap}`
    expect(
      syntax.parse('c', text, (root) => [root.hasError, ...identifiers(root, text)]),
      `${blanks} blanks`,
    ).toEqual([false, 'a', 'b'])
  }
})

test('any text gives a tree', () => {
  for (const text of ['', '\0', '{{{{', '\xe9\xff', '#define', `${'('.repeat(5000)}`, '"', '/*']) {
    expect(
      syntax.parse('c', text, (root) => root.endIndex),
      JSON.stringify(text.slice(0, 20)),
    ).toBeLessThanOrEqual(text.length)
  }
})

test('a grammar that is not loaded is named', async () => {
  const bare = await startSyntax(readAsset)
  expect(() => bare.parse('cpp', '', () => 0)).toThrow('cpp')
})

test('parts of a text give trees of their own, with places in the whole', () => {
  const text = 'int a;\nint b; }\nint \u00e9 c;\n'
  const parts = [
    { start: 0, end: 7, line: 0, endLine: 1 },
    { start: 7, end: 16, line: 1, endLine: 2 },
    { start: 16, end: text.length, line: 2, endLine: 3 },
  ]
  const found: unknown[] = []
  syntax.parseParts('c', text, parts, (root) => found.push([root.hasError, ...identifiers(root, text)]))
  expect(found).toEqual([[false, 'a'], [true, 'b'], expect.arrayContaining([true])])
})
