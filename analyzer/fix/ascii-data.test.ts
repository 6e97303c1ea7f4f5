import { expect, test } from 'vitest'
import { check, fixed } from '../../fixtures/rules.ts'
import { rules } from '../../rules/index.ts'
import { parseTarget } from '../knowledge/target.ts'

const head = '#include <Python.h>\n#include <string.h>\n'
const taken = 'static int take(const Py_UCS1 *p, Py_ssize_t n);\n'

/** What is offered for the macros that give the data of a str, in their order: `safe`, `unsafe` or `none`. */
async function offered(code: string, level = '3.11', file = 'a.c'): Promise<string[]> {
  const found = await check({ [file]: head + code }, rules, [parseTarget(level)!])
  return found
    .filter(({ symbol }) => /^PyUnicode_(?:\dBYTE_)?DATA$/.test(symbol))
    .map(({ fix }) => fix?.safety ?? 'none')
}

/** What all fixes make of code, without the includes. */
async function rewritten(code: string, file = 'a.c'): Promise<string> {
  const text = (await fixed({ [file]: head + code }, rules, [parseTarget('3.11')!], true))[file]!
  return text.slice(text.lastIndexOf('#include')).replace(/^.*\n/, '')
}

const f = (body: string): string => `int f(PyObject *s, PyObject *t, int n)\n{\n    ${body}\n}\n`
/** A read of the data of `s`, without a variable. */
const read = 'return PyUnicode_1BYTE_DATA(s)[0];'
const isAscii = 'PyUnicode_IS_ASCII(s)'

test('the data of strs that are ASCII on every path is their UTF-8', async () => {
  const code = f(`if (!PyUnicode_IS_ASCII(s) || !PyUnicode_IS_ASCII(t)) {
        return 0;
    }
    const Py_UCS1 *p = PyUnicode_1BYTE_DATA(s), *end = p + n;
    const char *q = PyUnicode_DATA(t);
    for (; p < end; p++, q++)
        if (*p != *q)
            return 0;
    return 1;`)
  expect(await rewritten(code)).toBe(
    f(`if (!PepUnicode_IS_ASCII(s) || !PepUnicode_IS_ASCII(t)) {
        return 0;
    }
    const Py_UCS1 *p = (Py_UCS1 *)PyUnicode_AsUTF8AndSize(s, NULL), *end = p + n;
    const char *q = PyUnicode_AsUTF8AndSize(t, NULL);
    for (; p < end; p++, q++)
        if (*p != *q)
            return 0;
    return 1;`),
  )
})

test.each([
  ['an index', 'n = PyUnicode_1BYTE_DATA(s)[0];', 'n = ((Py_UCS1 *)PyUnicode_AsUTF8AndSize(s, NULL))[0];'],
  ['a star', 'n = *PyUnicode_1BYTE_DATA(s);', 'n = *((Py_UCS1 *)PyUnicode_AsUTF8AndSize(s, NULL));'],
  [
    'a cast',
    'const Py_UCS1 *p = (const Py_UCS1*)PyUnicode_DATA(s); return p[n];',
    'const Py_UCS1 *p = (const Py_UCS1*)PyUnicode_AsUTF8AndSize(s, NULL); return p[n];',
  ],
  [
    'an operand',
    'n = memcmp(PyUnicode_DATA(s), "a", 1);',
    'n = memcmp((void *)PyUnicode_AsUTF8AndSize(s, NULL), "a", 1);',
  ],
])('parentheses and a cast only where they are needed: %s', async (_, before, after) =>
  expect(await rewritten(f(`if (${isAscii}) { ${before} }`))).toBe(f(`if (PepUnicode_IS_ASCII(s)) { ${after} }`)),
)

test('C++ keeps the casts that it needs', async () => {
  const code = f(`if (PyUnicode_IS_ASCII(s)) {
        auto p = reinterpret_cast<const unsigned char *>(PyUnicode_DATA(s));
        auto q = static_cast<const char *>(PyUnicode_DATA(s));
        return other(p) + q[0];
    }
    return 0;`)
  const text = await rewritten(code, 'a.cpp')
  expect(text).toContain('auto p = reinterpret_cast<const unsigned char *>((void *)PyUnicode_AsUTF8AndSize(s, NULL));')
  expect(text).toContain('auto q = static_cast<const char *>((void *)PyUnicode_AsUTF8AndSize(s, NULL));')
})

test.each([
  ['a branch', `if (${isAscii}) { ${read} } return 0;`],
  ['what is not the other branch', `if (!${isAscii}) return 0; else ${read}`],
  ['a test of compact ones', `if (PyUnicode_IS_COMPACT_ASCII(s)) ${read} return 0;`],
  ['a test that was fixed before', `if (PepUnicode_IS_COMPACT_ASCII(s) && PepUnicode_IS_ASCII(s)) ${read} return 0;`],
  ['a bound', `if (PyUnicode_MAX_CHAR_VALUE(s) < 128) ${read} return 0;`],
  ['a bound the other way round', `if (0x7f < PyUnicode_MAX_CHAR_VALUE(s)) return 0; ${read}`],
  ['a bound that is met', `if (PyUnicode_MAX_CHAR_VALUE(s) != 127) return 0; ${read}`],
  ['one condition', `return ${isAscii} && PyUnicode_1BYTE_DATA(s)[0] == 65;`],
  ['one condition that fails', `return !${isAscii} || PyUnicode_1BYTE_DATA(s)[0] == 65;`],
  ['an operator', `const Py_UCS1 *p = ${isAscii} ? PyUnicode_1BYTE_DATA(s) : NULL; return p && *p;`],
  ['an operator as a condition', `if (n ? ${isAscii} : 0) ${read} return 0;`],
  ['more conditions', `if (n && (!t || n > 3) && PyUnicode_CheckExact(s) && ${isAscii}) ${read} return 0;`],
  ['both branches', `if (n) { if (!${isAscii}) return 0; } else { if (!${isAscii}) goto no; } ${read} no: return 0;`],
  ['a test before a loop', `if (!${isAscii}) return 0; while (n--) { if (t) break; ${read} } return 0;`],
  ['a test in a loop', `for (; n; n--) { if (!${isAscii}) continue; ${read} } return 0;`],
  ['the condition of a loop', `while (${isAscii}) { ${read} } return 0;`],
  ['a test before a switch', `if (!${isAscii}) return 0; switch (n) { case 1: n++; case 2: ${read} } return 0;`],
  ['a test behind a label', `again: if (!${isAscii}) { n++; goto again; } ${read}`],
  ['a variable', `int ok = ${isAscii}; if (!ok) return 0; ${read}`],
  ['a variable with more', `int ok = n && ${isAscii}; n++; if (ok) ${read} return 0;`],
  [
    'a test of one of two of a name',
    `if (n) { PyObject *o = s; n += o != t; } else { PyObject *o = t; if (!PyUnicode_IS_ASCII(o)) return 0;
      return PyUnicode_1BYTE_DATA(o)[0]; } return n;`,
  ],
  ['what returns by a macro', `if (!${isAscii}) Py_RETURN_NONE; ${read}`],
  ['what ends the program', `if (!${isAscii}) { Py_FatalError("no"); } ${read}`],
  ['a comparison', `if (${isAscii} == 0) return 0; ${read}`],
  ['casts', `if (PyUnicode_IS_ASCII((PyObject *)s)) return (int)PyUnicode_1BYTE_DATA(((PyObject *)s))[0]; return 0;`],
  ['a str that is set before', `s = PyObject_Str(t); if (s == NULL || !${isAscii}) return 0; ${read}`],
  ['a str that a function sets', `if (!PyArg_Parse(t, "U", &s) || !${isAscii}) return 0; ${read}`],
  [
    'a str that is released behind',
    `if (!${isAscii}) return 0; n = PyUnicode_1BYTE_DATA(s)[0]; Py_CLEAR(s); return n;`,
  ],
])('safe behind %s', async (_, body) => expect(await offered(f(body))).toEqual(['safe']))

test.each([
  ['that expects it', '#define likely(x) __builtin_expect(!!(x), 1)', `if (likely(${isAscii})) ${read} return 0;`],
  ['of several', '#define ALL(x) (PyUnicode_CheckExact(x) && PyUnicode_IS_ASCII(x))', `if (ALL(s)) ${read} return 0;`],
  ['in another', '#define A(x) PyUnicode_IS_ASCII(x)\n#define NO(x) (!A(x))', `if (NO(s)) return 0; ${read}`],
])('safe behind a macro %s', async (_, macros, body) =>
  expect(await offered(`${macros}\n${f(body)}`)).toEqual(['safe']),
)

test.each([
  ['no test', read],
  ['the other branch', `if (${isAscii}) return 0; ${read}`],
  ['a test of another', `if (!PyUnicode_IS_ASCII(t)) return 0; ${read}`],
  ['one of two', `if (!${isAscii} && n) return 0; ${read}`],
  ['one branch alone', `if (n) { if (!${isAscii}) return 0; } ${read}`],
  ['a test that ends nothing', `if (!${isAscii}) n = 0; ${read}`],
  ['a test of what hides it', `{ PyObject *s = t; if (!${isAscii}) return 0; } ${read}`],
  [
    'a test of one of two of a name',
    `{ PyObject *o = s; if (!PyUnicode_IS_ASCII(o)) return 0; } PyObject *p = t;
    { PyObject *o = p; return PyUnicode_1BYTE_DATA(o)[0]; }`,
  ],
  [
    'a test of what hides one of some builds',
    `\n#ifdef A\n    PyObject *o = s;\n#endif\n    { PyObject *o = t; if (!PyUnicode_IS_ASCII(o)) return 0; }
#ifdef A\n    return PyUnicode_1BYTE_DATA(o)[0];\n#endif\n    return n;`,
  ],
  ['an assertion', `assert(${isAscii}); ${read}`],
  ['another bound', `if (PyUnicode_MAX_CHAR_VALUE(s) > 255) return 0; ${read}`],
  ['a bound as a condition', `if (PyUnicode_MAX_CHAR_VALUE(s)) ${read} return 0;`],
  ['a kind', `if (PyUnicode_KIND(s) != PyUnicode_1BYTE_KIND) return 0; ${read}`],
  ['a str that is set', `if (!${isAscii}) return 0; s = t; ${read}`],
  ['a str that is set in the condition', `if (${isAscii} && (s = t)) ${read} return 0;`],
  [
    'a str that a loop sets',
    `if (!${isAscii}) return 0; while (n--) { n += PyUnicode_1BYTE_DATA(s)[0]; s = t; } return n;`,
  ],
  ['a str that a macro sets', `if (!${isAscii}) return 0; Py_XSETREF(s, t); ${read}`],
  ['a str that a function sets', `if (!${isAscii} || !PyArg_Parse(t, "U", &s)) return 0; ${read}`],
  ['an address that is kept', `keep(&s); if (!${isAscii}) return 0; other(); ${read}`],
  ['a label', `if (!${isAscii}) return 0; again: s++; n += PyUnicode_1BYTE_DATA(s)[0]; if (n) goto again; return n;`],
  ['a jump into a branch', `if (n) goto in; if (${isAscii}) { in: ${read} } return 0;`],
  ['a case', `switch (n) { case 0: if (!${isAscii}) return 0; n++; case 1: ${read} } return 0;`],
  ['a loop that may not run', `while (n--) { if (!${isAscii}) return 0; } ${read}`],
  ['a variable that is set', `int ok = ${isAscii}; if (n) ok = 1; if (!ok) return 0; ${read}`],
  ['a variable and a str that is set', `int ok = ${isAscii}; s = t; if (!ok) return 0; ${read}`],
  ['a condition of builds', `\n#ifdef FAST\n    if (!${isAscii}) return 0;\n#endif\n    ${read}`],
  ['one of limited builds', `\n#ifdef Py_LIMITED_API\n    if (!${isAscii}) return 0;\n#endif\n    ${read}`],
  ['a condition in a condition', `if (\n#ifdef FAST\n    1 ||\n#endif\n    ${isAscii}) ${read} return 0;`],
  [
    'the head of one build',
    `\n#ifdef A\n    if (n) {\n#else\n    if (${isAscii}) {\n#endif\n        ${read}\n    }\n    return n;`,
  ],
  [
    'the head of one build before',
    `\n#ifndef A\n    if (${isAscii}) {\n#else\n    if (n) {\n#endif\n        ${read}\n    }\n    return n;`,
  ],
  [
    'an end of one build',
    `if (!${isAscii}) {\n#ifdef A\n        return 0;\n    } else {\n#endif\n        n++;\n    }\n    ${read}`,
  ],
  [
    'an end of one build before',
    `if (!${isAscii}) {\n#ifdef A\n        n++;\n    } else {\n#endif\n        return 0;\n    }\n    ${read}`,
  ],
  [
    'a block of one build',
    `\n#ifdef A\n    if (${isAscii}) {\n#endif\n        ${read}\n#ifdef A\n    }\n#endif\n    return n;`,
  ],
  [
    'an operator of one build',
    `return\n#ifdef A\n    n\n#else\n    ${isAscii}\n#endif\n    ? PyUnicode_1BYTE_DATA(s)[0] : 0;`,
  ],
  ['a loop that a macro makes', `if (!${isAscii}) return 0; list_each(s, t) { ${read} } return n;`],
  [
    'a choice of one build',
    `switch (\n#ifdef A\n n\n#else\n ${isAscii}\n#endif\n ? *PyUnicode_1BYTE_DATA(s) : 0) { case 1: ; }\n    return n;`,
  ],
  [
    'a branch among builds',
    `if (${isAscii})\n#ifdef FAST\n    n++;\n#else\n    n--;\n    ${read}\n#endif\n    return n;`,
  ],
])('left alone: %s', async (_, body) => expect(new Set(await offered(f(body)))).toEqual(new Set(['none'])))

test('left alone: a field, whose str may be another one', async () => {
  const body = 'if (!PyUnicode_IS_ASCII(o->s)) return 0; return PyUnicode_1BYTE_DATA(o->s)[0];'
  expect(await offered(`struct o { PyObject *s; };\nint f(struct o *o) { ${body} }`)).toEqual(['none'])
})

test.each([
  ['that sets it', '#define NEXT(x) ((x) = PyObject_Str(x))', `if (!${isAscii}) return 0; NEXT(s); ${read}`],
  ['that names it', '#define NEXT() (s = PyObject_Str(s))', `if (!${isAscii}) return 0; NEXT(); ${read}`],
  [
    'of some builds',
    `#ifdef X\n#define A(x) PyUnicode_IS_ASCII(x)\n#else\n#define A(x) 1\n#endif`,
    `if (!A(s)) return 0; ${read}`,
  ],
  [
    'whose parameter has its name',
    '#define B(y) (y)\n#define A(s) B(PyUnicode_IS_ASCII(s))',
    `if (!A(t)) return 0; ${read}`,
  ],
])('left alone: a macro %s', async (_, macros, body) =>
  expect(await offered(`${macros}\n${f(body)}`)).toEqual(['none']),
)

const where = `if (!${isAscii}) return 0;`

test.each([
  [
    'is read through a variable',
    'Py_UCS1 *p = PyUnicode_1BYTE_DATA(s); while (n--) if (*p++ == p[1]) return 1; return 0;',
  ],
  ['is compared', 'char *p = PyUnicode_DATA(s), *end = p + n; return end - p > 3 && p != NULL;'],
  ['goes to what only reads', 'void *p = PyUnicode_DATA(s); return memcmp(p, "a", 1) || strlen(p) > 3;'],
  ['is searched', 'char *p = memchr(PyUnicode_DATA(s), 65, n); return p ? p[1] : 0;'],
  ['goes to a parameter to const', 'return take(PyUnicode_1BYTE_DATA(s), n);'],
  ['is cast to const', 'return other((const char *)PyUnicode_DATA(s));'],
  ['is read by PyUnicode_READ', 'void *p = PyUnicode_DATA(s); n = memcmp(p, "a", 1); return PyUnicode_READ(1, p, n);'],
])('safe where the data %s', async (_, body) =>
  expect(await offered(`${taken.replace(';', ' { return p[n]; }')}${f(`${where} ${body}`)}`)).toEqual(['safe']),
)

test.each([
  ['is written', 'PyUnicode_1BYTE_DATA(s)[0] = 1; return 0;'],
  ['is written through a variable', 'char *p = PyUnicode_DATA(s); *p++ = 1; return 0;'],
  ['is written through a second variable', 'char *q, *p = q = PyUnicode_DATA(s); p[0] = 1; return 0;'],
  ['is counted up', 'char *p = PyUnicode_DATA(s); p[n]++; return 0;'],
  ['goes to what writes', 'memset(PyUnicode_DATA(s), 0, n); return 0;'],
  ['is found and written', 'char *p = strchr(PyUnicode_DATA(s), 65); *p = 1; return 0;'],
  ['goes to a parameter', 'return give(PyUnicode_DATA(s));'],
  ['goes to what is not known', 'return other(PyUnicode_DATA(s));'],
  ['is kept', 'static char *p; p = PyUnicode_DATA(s); return 0;'],
  ['has its address taken', 'char *p = PyUnicode_DATA(s); return other(&p);'],
  ['becomes a number', 'return (int)((size_t)PyUnicode_DATA(s) & 7);'],
])('left alone where the data %s', async (_, body) =>
  expect(await offered(`static int give(char *p) { return *p = 1; }\n${f(`${where} ${body}`)}`)).toEqual(['none']),
)

test.each([
  ['a field to const', 'struct o { const char *p; char *q; };', 'o->p = PyUnicode_DATA(s);', 'safe'],
  ['a field', 'struct o { const char *p; char *q; };', 'o->q = PyUnicode_DATA(s);', 'none'],
  ['one of two fields', 'struct o { const char *p; }; struct q { char *p; };', 'o->p = PyUnicode_DATA(s);', 'none'],
  ['what a parameter to const points to', '', '*out = PyUnicode_DATA(s);', 'safe'],
  ['what a parameter points to', '', '*in = PyUnicode_DATA(s);', 'none'],
])('%s may get it or not', async (_, structs, set, safety) => {
  const f = 'int f(struct o *o, PyObject *s, const char **out, char **in)'
  const code = `${structs}\n${f} { ${where} ${set} return take(o->p); }`
  expect(await offered(code)).toEqual([safety])
})

test.each([
  ['const char *', 'safe'],
  ['__attribute__((const)) char *', 'none'],
  ['void *', 'none'],
])('a function that gives it as `%s`', async (type, safety) =>
  expect(await offered(`${type}f(PyObject *s) { return ${isAscii} ? PyUnicode_DATA(s) : NULL; }`)).toEqual([safety]),
)

test('below 3.10 a str has no UTF-8 that one gets', async () =>
  expect(await offered(f(`${where} ${read}`), '3.9')).toEqual(['unsafe']))

test('safe behind an exception of C++', async () =>
  expect(await offered(f(`if (!${isAscii}) throw n; ${read}`), '3.11', 'a.cpp')).toEqual(['safe']))

test.each([
  ['a reference', 'PyObject *&r = s; r = t;'],
  ['a function that may take it by reference', 'other(s);'],
  ['a method', 'n.other(s);'],
  ['a lambda', 'auto l = [&] { s = t; }; l();'],
])('C++ leaves a str alone that %s may change', async (_, change) =>
  expect(await offered(f(`${where} ${change} ${read}`), '3.11', 'a.cpp')).toEqual(['none']),
)
