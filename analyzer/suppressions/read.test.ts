import { describe, expect, test } from 'vitest'
import { readSuppressions } from './read.ts'

/**
 * What a comment covers: the source is asked at each `@`, which stands for nothing else.
 * @returns for each `@` whether a finding of the rule at the sign behind it is covered
 */
function covered(source: string, rule = 'a'): string {
  const parts = source.split('@')
  const text = parts.join('')
  const { suppressions } = readSuppressions(text)
  let offset = 0
  return parts
    .slice(0, -1)
    .map((part) => {
      offset += part.length
      const place = { start: offset, end: offset + 1 }
      return suppressions.some((each) => each.covers(rule, place)) ? '+' : '-'
    })
    .join('')
}

describe('a comment is for', () => {
  test.each([
    ['its line', 'f();\n@g(); // abi3lint: ignore[a]\n@h();', '+-'],
    ['its line, before the code', 'f@();\n/* abi3lint: ignore[a] */ @g();\n@h();', '-+-'],
    ['all its lines', '@f(); /* abi3lint: ignore[a]\n more */ @g();\n@h();', '++-'],
    ['the next statement', '/* abi3lint: ignore[a] */\n@f(1,\n  @2);\n@g();', '++-'],
    ['the next statement, behind blank lines', '// abi3lint: ignore[a]\n\n\n@f();\n@g();', '+-'],
    ['a declaration with its initialiser', '// abi3lint: ignore[a]\nT x = {\n @{1, 2},\n @3 };\n@T y;', '++-'],
    ['the head of a function', '// abi3lint: ignore[a]\n@int\n@f(void)\n{ @g(); }', '++-'],
    ['a function on one line', '// abi3lint: ignore[a]\n@int f(void) { @g({@1}); }@\n@h();', '+++--'],
    ['the first of two on a line', '// abi3lint: ignore[a]\n@int f(void) { @g(); } int @h(void) { @i(); }', '++--'],
    ['a statement on one line', '{\n // abi3lint: ignore[a]\n if (@x) { @g(); } else { @h(); }\n @i(); }', '+++-'],
    ['a loop on one line', '{\n // abi3lint: ignore[a]\n do { @g(); } while (@x);\n while (@y) @i(); }', '++--'],
    [
      'a block on one line, and the head of another',
      '// abi3lint: ignore[a]\nif (@x) { @g(); } else {\n@h();\n}',
      '++-',
    ],
    ['two in one comment', '@f(); // abi3lint: ignore[b] // abi3lint: ignore[a]', '+'],
    ['two in one comment, divided by nothing', '@f(); // abi3lint: ignore[b] abi3lint: ignore[a]', '+'],
    ['two in one comment, divided by a comma', '// abi3lint: ignore[b], abi3lint: ignore[a]\n@f();\n@g();', '+-'],
    ['what is said of one in a reason', '@f(); // abi3lint: ignore[b] as abi3lint: ignore[a] would do', '-'],
    ['the head of a statement', '{ // abi3lint: ignore[a]\n}\n// abi3lint: ignore[a]\n@if (x) {\n @g();\n}', '+-'],
    ['a struct', '// abi3lint: ignore[a]\ntypedef struct s {\n @int a;\n @int b; } @s;\n@int c;', '+++-'],
    ['an entry', 'T x[] = {\n {@1},\n // abi3lint: ignore[a]\n {@2,\n @3},\n {@4}};', '-++-'],
    ['an entry with a name', 'T x = {\n // abi3lint: ignore[a]\n .p = f(@1, @2),\n .q = @3 };', '++-'],
    ['the last entry', 'T x = { @1,\n // abi3lint: ignore[a]\n @2\n}; @y;', '-+-'],
    ['an argument', 'f(\n // abi3lint: ignore[a]\n @1,\n @2);', '+-'],
    ['an enumerator', 'enum e {\n // abi3lint: ignore[a]\n @A = 1,\n @B };', '+-'],
    ['all names of a declaration', '{\n // abi3lint: ignore[a]\n int @x,\n @y;\n @z; }', '++-'],
    ['the last statement of a block', '{ {\n // abi3lint: ignore[a]\n @f() }\n @g(); }', '+-'],
    ['a statement with a label', '{\n // abi3lint: ignore[a]\n case 1: @f(); @g(); }', '+-'],
    ['a loop', '// abi3lint: ignore[a]\nfor (@a; @b; @c) @f();\n@g();', '++++-'],
    ['a macro', '// abi3lint: ignore[a]\n#define @F(x) \\\n  @g(x)\n@h();', '++-'],
    ['a directive alone', '// abi3lint: ignore[a]\n#include <@x.h>\n@g();', '+-'],
    ['code behind directives in the middle', '// abi3lint: ignore[a]\nf(@1,\n#if (\n  @2);\n#endif\n@g();', '++-'],
    ['the file', '/* x */\n#include <x.h>\n// abi3lint: ignore-file[a]\n@f();\n@g();', '++'],
    ['no file, behind code', '@f();\n// abi3lint: ignore-file[a]\n@g();', '--'],
    ['a region', '@f();\n/* abi3lint: disable[a] */ @g();\n@h();\n@i(); // abi3lint: enable[a]\n@j();', '-+++-'],
    ['a region to the end', '// abi3lint: disable[a,b]\n@f();\n// abi3lint: enable[b]\n@g();', '++'],
    ['a region for all', '// abi3lint: disable\n@f();\n// abi3lint: enable\n@g();', '+-'],
    [
      'a region for all, which one rule does not end',
      '// abi3lint: disable\n@f();\n// abi3lint: enable[a]\n@g();',
      '++',
    ],
    ['all rules', '@f(); // abi3lint: ignore', '+'],
    ['all rules, with a list that is empty', '@f(); // abi3lint: ignore[] why', '+'],
    ['other rules', '@f(); // abi3lint: ignore[b, c]', '-'],
    ['one of several', '@f(); // abi3lint: ignore[b,a]', '+'],
  ])('%s', (_, source, expected) => {
    expect(covered(source)).toBe(expected)
    expect(covered(source.replaceAll('\n', '\r\n'))).toBe(expected)
    expect(covered(`\xef\xbb\xbf/* Gr\xc3\xbc\xc3\x9fe */\n\f\n${source}`)).toBe(expected)
  })
})

describe('in macros', () => {
  test.each([
    ['a line, before the `\\`', '#define F(x) \\\n @f(x); /* abi3lint: ignore[a] */ \\\n @g(x)\n@h();', '+--'],
    ['the first line', '#define F(x) @f(x) /* abi3lint: ignore[a] */ \\\n @g(x)\n', '+-'],
    ['a line of its own', '#define F(x) \\\n /* abi3lint: ignore[a] */ \\\n @f(x, \\\n @1); \\\n @g(x)\n@h();', '++--'],
    ['a line of its own at the end', '#define F(x) \\\n @f(x); \\\n /* abi3lint: ignore[a] */\n@h();', '--'],
    // The next line is a part of the comment.
    ['a `//` that swallows the next line', '#define F(x) \\\n @f(x); // abi3lint: ignore[a] \\\n @g(x)\n@h();', '++-'],
  ])('%s', (_, source, expected) => {
    expect(covered(source)).toBe(expected)
    expect(covered(source.replaceAll('\n', '\r\n'))).toBe(expected)
  })
})

describe('no comment of ours', () => {
  test.each([
    ['a string', 'f("// abi3lint: ignore[a]", @1);'],
    ['a string that goes on', 'f("\\\n// abi3lint: ignore[a]", @1);'],
    ['a raw string', 'f(R"(\n// abi3lint: ignore[a]\n)", @1);'],
    ['prose', '@f(); // see abi3lint: ignore[a]'],
    ['a word that goes on', '@f(); // xabi3lint: ignore[a]'],
  ])('%s', (_, source) => {
    expect(covered(source)).toBe('-')
    expect(readSuppressions(source.replaceAll('@', '')).misunderstood).toEqual([])
  })
})

test.each([
  ['// abi3lint: ignore[a]  because of this ', ['a'], 'because of this'],
  ['/* abi3lint: ignore[a, b-c]: because */', ['a', 'b-c'], 'because'],
  ['// NOLINT(x) // abi3lint: ignore[a] - why // abi3lint: ignore[b]', ['a'], 'why'],
  ['// abi3lint: ignore[a] https://x.org/1 // abi3lint: ignore[b]', ['a'], 'https://x.org/1'],
  ['// abi3lint: ignore[a]; abi3lint: ignore[b] why', ['a'], ''],
  ['//! abi3lint:ignore [ a ]', ['a'], ''],
  ['/**\n * What it does.\n * abi3lint: ignore[a] reason\n * More.\n */', ['a'], 'reason'],
  ['// abi3lint: ignore[a] here \\\n  and there', ['a'], 'here'],
  ['/* abi3lint: ignore no list */', [], 'no list'],
  ['/* abi3lint: ignore[a] never ends', ['a'], 'never ends'],
])('%s has its rules and its reason', (text, rules, reason) => {
  const [first] = readSuppressions(text).suppressions
  expect([first!.rules.map(({ name }) => name), first!.reason]).toEqual([rules, reason])
  expect(text.slice(first!.start, first!.end)).toMatch(/^abi3lint:.*\S$/)
})

test('what is not understood is told', () => {
  const said = (text: string): readonly string[] => readSuppressions(text).misunderstood.map(({ message }) => message)
  expect(said('// abi3lint: ingore[a]')).toEqual(['`abi3lint:` is followed by `ingore`, which means nothing'])
  expect(said('// abi3lint: ignore[a, b')).toEqual(['the list of rules behind `abi3lint: ignore` does not end'])
  expect(said('// abi3lint: enable[a]')).toEqual(['nothing has disabled what is enabled here: `a`'])
  expect(said('// abi3lint: disable[a]\n// abi3lint: enable\n// abi3lint: enable')).toEqual([
    'nothing has disabled what is enabled here',
  ])
})
