import { expect, test } from 'vitest'
import { check, fixed } from '../../fixtures/rules.ts'
import { rules } from '../../rules/index.ts'
import { parseTarget } from '../knowledge/target.ts'

const targets = [parseTarget('3.11')!]
const head = '#include <Python.h>\n#include <string.h>\n'

/** What all fixes make of a function, without the includes. */
async function rewritten(code: string): Promise<string> {
  const text = (await fixed({ 'a.c': head + code }, rules, targets, true))['a.c']!
  return text.slice(text.indexOf('PyObject *f'))
}

/** What is offered for `PyUnicode_New`: `safe`, `unsafe` or `none`. */
async function offered(code: string): Promise<string> {
  const found = await check({ 'a.c': head + code }, rules, targets)
  return found.find(({ symbol }) => symbol === 'PyUnicode_New')?.fix?.safety ?? 'none'
}

const made = 'PyObject *s = PyUnicode_New(n, 127);'
const filled = 'memset(PyUnicode_DATA(s), 65, n);'
const f = (body: string): string => `PyObject *f(const char *from, Py_ssize_t n, PyObject *o)\n{\n    ${body}\n}\n`

test('the characters go into a buffer, of which a str is made behind the last of them', async () => {
  const code = f(`${made}
    if (s) {
        Py_UCS1 *to = PyUnicode_1BYTE_DATA(s), *end;
        for (end = to + n; to < end; to++)
            *to = (Py_UCS1)*from++;
    } /* all */
    return s;`)
  expect(await rewritten(code)).toBe(
    f(`PyObject *s = PepUnicodeBuffer_New(n, 127);
    if (s) {
        Py_UCS1 *to = ((Py_UCS1 *)PepUnicodeBuffer_DATA(s)), *end;
        for (end = to + n; to < end; to++)
            *to = (Py_UCS1)*from++;
    } /* all */
    s = PepUnicodeBuffer_Finish(s);
    return s;`),
  )
})

test('characters of any kind are written', async () => {
  const code = f(`Py_ssize_t i;
    int kind;
    void *data;
    ${made}
    if (s == NULL)
        goto error;
    kind = PyUnicode_KIND(s);
    data = PyUnicode_DATA(s);
    for (i = 0; i < n; i++)
        PyUnicode_WRITE(kind, data, i, from[i]);
    return s;
error:
    Py_XDECREF(s);
    return NULL;`)
  const text = await rewritten(code)
  expect(text).toContain('PepUnicodeBuffer_WRITE(kind, data, i, from[i]);\n    s = PepUnicodeBuffer_Finish(s);\n')
  expect(text).toContain('kind = PepUnicodeBuffer_KIND(s);\n    data = PepUnicodeBuffer_DATA(s);\n')
})

test.each([
  [
    'in each branch of its own',
    `PyObject *s = NULL;
    if (n > 3) { s = PyUnicode_New(n, 255); if (!s) return NULL;
      Py_UCS1 *p = PyUnicode_1BYTE_DATA(s); memset(p, 65, n); }
    else { s = PyUnicode_New(n, 255); if (!s) return NULL; Py_UCS1 *p = PyUnicode_1BYTE_DATA(s); memset(p, 66, n); }
    return s;`,
  ],
  [
    'where it is assigned in a test',
    `PyObject *s; if ((s = PyUnicode_New(n, 127)) == NULL) return NULL; ${filled} return s;`,
  ],
  ['in a loop', `while (n--) { ${made} if (s) ${filled} if (!s) break; PyList_Append(o, s); Py_DECREF(s); } return o;`],
])('safe: %s', async (_, body) => expect(await offered(f(body))).toBe('safe'))

test.each([['nothing tests it behind', `${made} if (!s) return NULL; ${filled} PyList_Append(o, s); return s;`]])(
  'unsafe: %s',
  async (_, body) => expect(await offered(f(body))).toBe('unsafe'),
)

test.each([
  ['it is used before the last character', `${made} PyList_Append(o, s); ${filled} return s;`],
  ['the pointer is kept', `static char *p; ${made} p = PyUnicode_DATA(s); p[0] = 1; return s;`],
  ['the pointer goes into a field', `struct { char *p; } k; ${made} k.p = PyUnicode_DATA(s); k.p[0] = 1; return s;`],
  ['its address is taken', `${made} ${filled} g(&s); return s;`],
  ['it is left on the way to where it is used', `${made} if (n) goto out; ${filled} out: return s;`],
  [
    'a loop is left before',
    `PyObject *s = NULL; for (;;) { s = PyUnicode_New(n, 127); if (n) break; ${filled} } return s;`,
  ],
  ['its characters are read', `${made} ${filled} if (PyUnicode_READ(1, PyUnicode_DATA(s), 0)) return NULL; return s;`],
  [
    'another str may be asked for its data',
    `PyObject *s = o; if (n) { s = PyUnicode_New(n, 127); } ${filled} return s;`,
  ],
  ['the function gets its data at the end', `${made} return g(PyUnicode_DATA(s));`],
  ['it is a field', `struct { PyObject *s; } *k = g(); k->s = PyUnicode_New(n, 127); return k->s;`],
  ['it has directives', `${made}\n#ifdef X\n    n++;\n#endif\n    ${filled} return s;`],
  ['nothing is written', `${made} return s;`],
  ['its length is asked', `${made} memset(PyUnicode_DATA(s), 65, PyUnicode_GET_LENGTH(s)); return s;`],
])('left alone: %s', async (_, body) => expect(await offered(f(body))).toBe('none'))
