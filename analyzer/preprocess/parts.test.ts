import { expect, test } from 'vitest'
import { partsOf, withoutLinkage } from './parts.ts'

const most = 1000

/** The parts of a text, cut wherever it can be. */
const cut = (text: string): string[] => partsOf(text, 1, most).map(({ start, end }) => text.slice(start, end))

test('a text is cut between declarations', () => {
  expect(cut('int a;\nint\nb;\nvoid f(void)\n{\n  g();\n}\nint c;')).toEqual([
    'int a;\n',
    'int\nb;\n',
    'void f(void)\n{\n  g();\n}\n',
    'int c;',
  ])
})

test('what a brace or a bracket holds stays together, and what follows it', () => {
  for (const text of [
    'struct s {\n  int a;\n}\nx;',
    'int a[] = {\n  1,\n}\n;',
    'namespace n {\nint a;\nint b;\n}',
    'void f(int a,\nint b);',
    "char c = '{'; char d\n= '\\'';",
    'const char *s = "};\\"\\\n";',
    'int f() {\n',
  ])
    expect(cut(text)).toEqual([text])
})

test('comments and strings open and close nothing', () => {
  for (const text of [
    'void f(void) {\n  /* 1) */\n  int a;\n}',
    'void f(void) {\n  // 1) }\n  int a;\n}',
    'char *s = R"(\n}\n)"; char16_t c = u\'}\'; int x\n= 1;',
    "void f(void) { return'}'; int a;\n int b;\n}",
    'int a; /* ;\n int b; */',
  ])
    expect(cut(text)).toEqual([text])
  expect(cut('int a; // ;\nint b; /*\n*/\nint c;\n')).toEqual(['int a; // ;\n', 'int b; /*\n*/\nint c;\n'])
})

test('what belongs to a declaration behind its braces or before them stays with it', () => {
  for (const text of [
    'typedef struct __attribute__((aligned(8))) {\n  int a;\n}\nEgg;',
    'typedef struct PACKED(1) {\n  int a;\n}\nEgg;',
    'int f(a, b)\n  int a;\n  int b;\n{\n}',
    'int *a = (int[]) {\n 1 }\n;',
  ])
    expect(cut(text)).toEqual([text])
})

test('digits may be in groups', () => {
  expect(cut("int a = 1'000;\nint b = 0xFF'FF;\nint c;\n")).toEqual([
    "int a = 1'000;\n",
    "int b = 0xFF'FF;\n",
    'int c;\n',
  ])
})

test('parts are as large as was asked for, and their lines are counted', () => {
  expect(partsOf('a;\n'.repeat(5), 6, most)).toEqual([
    { start: 0, end: 6, line: 0, endLine: 2 },
    { start: 6, end: 12, line: 2, endLine: 4 },
    { start: 12, end: 15, line: 4, endLine: 5 },
  ])
  expect(partsOf('', 6, most)).toEqual([{ start: 0, end: 0, line: 0, endLine: 0 }])
})

test('what is too long is a part by itself', () => {
  const parts = partsOf(`int a;\nint b;\nint ${'c'.repeat(30)};\nint d;\nint e;\n`, 20, 30)
  expect(parts).toEqual([
    { start: 0, end: 14, line: 0, endLine: 2 },
    { start: 14, end: 50, line: 2, endLine: 3 },
    { start: 50, end: 64, line: 3, endLine: 5 },
  ])
  expect(partsOf(`int a;\nint ${'b'.repeat(30)};\n`, 20, 30).map(({ start }) => start)).toEqual([0, 7])
})

test('linkage is no part of what is cut, unless it is within something else or has no end', () => {
  const text = 'extern "C" {\nint a;\nvoid f() { g("}"); }\nextern "C++" { int b; }\n}\nint c;\n'
  const blank = withoutLinkage(text, 1)
  expect(blank).toBe('            \nint a;\nvoid f() { g("}"); }\n               int b;  \n \nint c;\n')
  expect(cut(blank)).toHaveLength(4)
  expect(withoutLinkage(text, text.length)).toBe(text)
  for (const kept of ['extern "C" {\nint a;\n', 'namespace n { extern "C" { int a; } }', 'extern "C" int a;\n'])
    expect(withoutLinkage(kept, 1)).toBe(kept)
})
