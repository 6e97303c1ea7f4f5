import type { Rule } from '../analyzer/check/rule.ts'
import { type UncheckedUse, uncheckedUse } from '../analyzer/semantics/capsule-checks.ts'
import { capsulesOf } from '../analyzer/semantics/capsules.ts'

const get = (body: string, before = ''): string => `${before}typedef struct { int n; } Box;
PyObject *get(PyObject *self, PyObject *capsule)
{
${body}
}`

export const uncheckedCapsulePointer: Rule = {
  name: 'unchecked-capsule-pointer',
  summary: 'pointer of a capsule that is used without a look whether there is one',
  explanation: `\`PyCapsule_GetPointer\` gives \`NULL\` and raises \`ValueError\` for anything but a capsule of that
name; \`PyCapsule_Import\` gives \`NULL\` where the module cannot be imported, or has another capsule. Any Python code
can hand over another object: to look into \`NULL\` ends the process.

Compare what they give with \`NULL\`, and return an error. In a destructor, and behind \`PyCapsule_IsValid\` with the
same name, \`PyCapsule_GetPointer\` cannot fail.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: get(`    Box *box = PyCapsule_GetPointer(capsule, "spam.box");
    return PyLong_FromLong(box->n);`),
      reports: {
        at: '4:16 PyCapsule_GetPointer(capsule, "spam.box")',
        message: 'what `PyCapsule_GetPointer` gives is looked into without a look whether it is `NULL`',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: get('    return PyLong_FromLong(((Box *)PyCapsule_GetPointer(capsule, "spam.box"))->n);'),
      reports: {
        at: '4:36 PyCapsule_GetPointer(capsule, "spam.box")',
        message: 'what `PyCapsule_GetPointer` gives is looked into without a look whether it is `NULL`',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: get(`    void **api = (void **)PyCapsule_Import("eggs._C_API", 0);
    return ((PyObject *(*)(PyObject *))api[1])(capsule);`),
      reports: {
        at: '4:27 PyCapsule_Import("eggs._C_API", 0)',
        message: 'what `PyCapsule_Import` gives is looked into without a look whether it is `NULL`',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: get(
        '    return PyLong_FromLong(BOX(capsule)->n);',
        '#define BOX(o) ((Box *)PyCapsule_GetPointer(o, "spam.box"))\n',
      ),
      reports: {
        at: '1:24 PyCapsule_GetPointer(o, "spam.box")',
        message: 'what `PyCapsule_GetPointer` gives is looked into without a look whether it is `NULL`',
        notes: ['in the body of macro `BOX()`, used in example.c'],
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `static int *limits;
int load(void)
{
    limits = PyCapsule_Import("eggs.limits", 0);
    return 0;
}
int first(void) { return limits[0]; }`,
      reports: {
        at: '4:14 PyCapsule_Import("eggs.limits", 0)',
        message: 'what `PyCapsule_Import` gives is kept without a look whether it is `NULL`',
        severity: 'info',
        notes: ['right where callers ask for the exception'],
      },
    },
    {
      kind: 'good',
      target: '3.9',
      code: `static int *limits;
int load(void)
{
    limits = PyCapsule_Import("eggs.limits", 0);
    return limits == NULL ? -1 : 0;
}
int first(void) { return limits[0]; }`,
    },
    {
      kind: 'good',
      target: '3.9',
      code: get(`    Box *box = PyCapsule_GetPointer(capsule, "spam.box");
    if (box == NULL)
        return NULL;
    return PyLong_FromLong(box->n);`),
    },
    {
      kind: 'good',
      target: '3.9',
      code: get(`    Box *box;
    if (!(box = PyCapsule_GetPointer(capsule, "spam.box")))
        return NULL;
    return PyLong_FromLong(box->n);`),
    },
    {
      kind: 'good',
      target: '3.9',
      code: get(`    if (!PyCapsule_IsValid(capsule, "spam.box"))
        return NULL;
    Box *box = PyCapsule_GetPointer(capsule, "spam.box");
    return PyLong_FromLong(box->n);`),
    },
    {
      kind: 'good',
      target: '3.9',
      code: get(`    Box *box = PyCapsule_GetPointer(capsule, "spam.box");
    if (PyErr_Occurred())
        return NULL;
    return PyLong_FromLong(box->n);`),
    },
    {
      kind: 'good',
      target: '3.9',
      code: `typedef struct { PyObject *held; } Box;
static void drop(PyObject *capsule)
{
    Box *box = PyCapsule_GetPointer(capsule, "spam.box");
    Py_DECREF(box->held);
    PyMem_Free(box);
}
PyObject *make(Box *box) { return PyCapsule_New(box, "spam.box", drop); }`,
    },
    {
      kind: 'good',
      target: '3.9',
      code: get(`    Box *box = PyCapsule_GetPointer(capsule, "spam.box");
    return box ? PyLong_FromLong(box->n) : NULL;`),
    },
  ],
  *check({ model }) {
    for (const used of capsulesOf(model).used) {
      const found = uncheckedUse(model, used)
      if (found === null) continue
      const { file, call, macro, doubts, called } = used
      yield {
        file,
        ...call.span,
        macro,
        symbol: called,
        ...(found.doubts.length > 0 ? { severity: 'info' } : {}),
        notes: [...doubts, ...found.doubts],
        message: messageOf(called, found),
        advice: 'Compare it with `NULL` first, and return an error.',
      }
    }
  },
}

const messageOf = (called: string, { how }: UncheckedUse): string =>
  `what \`${called}\` gives is ${how} without a look whether it is \`NULL\``
