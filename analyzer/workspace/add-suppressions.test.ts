import { expect, test } from 'vitest'
import { rulesFor } from '../../fixtures/reported.ts'
import { sourceOf, targetOf } from '../../fixtures/rules.ts'
import { rules } from '../../rules/index.ts'
import { usualRules } from '../../rules/profiles.ts'
import { examplesOf } from '../check/examples.ts'
import { isAboutSuppressions } from '../check/suppress.ts'
import { generatorOf, vendoredFrom } from '../fix/generated.ts'
import { scan, tokenText } from '../preprocess/scanner.ts'
import { asBytes, asByteText } from '../source/text.ts'
import { readAsset } from '../store/assets.ts'
import { memoryStore } from '../store/memory.ts'
import { readSuppressions } from '../suppressions/read.ts'
import { removalOf } from '../suppressions/removal.ts'
import { openWorkspace } from './workspace.ts'

/** One character per byte. */
const byteText = (text: string): string => asByteText(Buffer.from(text))

const tokensOf = (text: string): readonly string[] => {
  const tokens = scan(text)
  return Array.from({ length: tokens.count }, (_, index) => tokenText(tokens, index))
}

/** The text without what the comments say that were not there before. */
function withoutNew(text: string, before: string): string {
  const known = readSuppressions(before).suppressions.length
  const { suppressions } = readSuppressions(text)
  if (known > 0) return before
  return suppressions
    .map((each) => removalOf(text, each))
    .sort((a, b) => b.start - a.start)
    .reduce((rest, { start, end }) => rest.slice(0, start) + rest.slice(end), text)
}

const examples = rules.flatMap((rule) =>
  examplesOf(rule)
    .filter(({ file, kind }) => kind === 'bad' && (file === undefined || /\.(?:c|cpp|h|hpp|cc)$/.test(file)))
    .map((example) => ({ rule, example })),
)

test.each([
  ['', (text: string) => text],
  [' with CRLF', (text: string) => text.replaceAll('\n', '\r\n')],
  [' with a byte order mark and form feeds', (text: string) => `\ufeff\f\n${text.replaceAll(';\n', ';\f\n')}`],
])('comments suppress all that examples have, and nothing else changes%s', async (way, change) => {
  const wrong: string[] = []
  let all = 0
  // Each way to write them takes as long as the rules do.
  const some = way === '' ? examples : examples.filter((_, index) => index % 4 === 0)
  for (const { rule, example } of some) {
    const text = change(sourceOf(example))
    const file = example.file ?? 'example.c'
    const files = new Map([[file, text]])
    if (example.setup !== undefined) files.set('setup.py', example.setup)
    const workspace = await openWorkspace(memoryStore(files, readAsset), [...files.keys()])
    const options = { rules: [...new Set([...usualRules, ...rulesFor(rule, example)])], targets: [targetOf(example)] }
    const { changes, run, count } = await workspace.suppress('why not', options)
    all += count
    const name = `${rule.name}: ${example.code.slice(0, 60)}`
    const before = byteText(text)
    const isForeign = generatorOf(before) !== null || vendoredFrom(before) !== null
    const after = changes.has(file) ? asByteText(changes.get(file)!) : before
    const left = run.diagnostics.filter((each) => each.file === file && !isAboutSuppressions(each.rule))
    if (!isForeign && left.length > 0) wrong.push(`${name}: ${left.map((each) => each.rule).join()} left`)
    if (tokensOf(after).join(' ') !== tokensOf(before).join(' ')) wrong.push(`${name}: other tokens`)
    if (withoutNew(after, before) !== before) wrong.push(`${name}: not taken away`)
    if (after.split('\n').length !== before.split('\n').length) wrong.push(`${name}: other lines`)
    if (count === 0 && !isForeign && after !== before) wrong.push(`${name}: counted wrong`)
  }
  expect(wrong).toEqual([])
  expect(all).toBeGreaterThan(some.length)
})

/** The text of a file as it is with comments. */
async function suppressed(text: string, file = 'a.c'): Promise<string> {
  const workspace = await openWorkspace(memoryStore(new Map([[file, text]]), readAsset), [file])
  const { changes, run } = await workspace.suppress('', { targets: [{ level: 9, headers: 15, abi3t: false }] })
  expect(run.diagnostics).toEqual([])
  return Buffer.from(changes.get(file) ?? asBytes(byteText(text))).toString()
}

const item = 'PyTuple_GET_ITEM(t, 0)'
const comment = '/* abi3lint: ignore[unavailable-macro] */'
const head = '#include <Python.h>\n'
test.each([
  [
    'behind the code, before a comment',
    `${head}#define A(t) ${item} // x\n`,
    `${head}#define A(t) ${item} ${comment} // x\n`,
  ],
  [
    'before the sign of a line that goes on',
    `${head}#define A(t) \\\n  ${item}  \\\n  + 1\nvoid *f(void *t) { return A(t); }\n`,
    `${head}#define A(t) \\\n  ${item} ${comment}  \\\n  + 1\nvoid *f(void *t) { return A(t); }\n`,
  ],
  [
    'once for a line',
    `${head}void f(PyObject *t) { ${item}; ${item}; }\n`,
    `${head}void f(PyObject *t) { ${item}; ${item}; } ${comment}\n`,
  ],
  [
    'before the code where the line ends in a string',
    `${head}void f(PyObject *t) { ${item}; g("a\\\nb"); }\n`,
    `${head}${comment} void f(PyObject *t) { ${item}; g("a\\\nb"); }\n`,
  ],
  [
    'before the code where a comment would divide what macros make strings of',
    `${head}void f(PyObject *t) { S(${item}\\\n); }\n`,
    `${head}${comment} void f(PyObject *t) { S(${item}\\\n); }\n`,
  ],
  [
    'before the code where the line ends in a raw string',
    `${head}void f(PyObject *t) { ${item}; g(R"(a\nb)"); }\n`,
    `${head}${comment} void f(PyObject *t) { ${item}; g(R"(a\nb)"); }\n`,
  ],
  [
    'at the end of a text without a line end',
    `${head}void *f(void *t) { return ${item}; }`,
    `${head}void *f(void *t) { return ${item}; } ${comment}`,
  ],
])('a comment stands %s', async (what, before, after) => {
  expect(await suppressed(before, what.includes('raw') ? 'a.cpp' : 'a.c')).toBe(after)
})

test('reasons are one line, in the bytes of UTF-8', async () => {
  const text = `${head}void *f(PyObject *t) { return ${item}; }\n`
  const workspace = await openWorkspace(memoryStore(new Map([['a.c', text]]), readAsset), ['a.c'])
  for (const reason of ['a */ b', 'a\nb', 'a\\']) await expect(workspace.suppress(reason)).rejects.toThrow(RangeError)
  const { changes } = await workspace.suppress(' über alles ')
  expect(Buffer.from(changes.get('a.c')!).toString()).toContain('ignore[unavailable-macro] über alles */\n')
})

test('what a program made is left alone', async () => {
  const text = `/* Generated by Cython 3.1.4 */\n${head}void *f(PyObject *t) { return ${item}; }\n`
  const workspace = await openWorkspace(memoryStore(new Map([['a.c', text]]), readAsset), ['a.c'])
  const { changes, count, run } = await workspace.suppress('')
  expect([changes.size, count]).toEqual([0, 0])
  expect(run.diagnostics.map(({ rule }) => rule)).toContain('unavailable-macro')
})
