import { atSize, limitedApi } from '../analyzer/check/of-use.ts'
import type { Rule } from '../analyzer/check/rule.ts'
import { hiddenSizes } from '../analyzer/semantics/structs.ts'

const where = {
  variable: 'this variable',
  field: 'this field',
  sizeof: '`sizeof`',
  base: 'this base class',
  new: 'this object',
  value: 'this value',
} as const

export const opaqueStructSize: Rule = {
  name: 'opaque-struct-size',
  summary: 'size of a struct that is opaque at the target',
  explanation: `A variable, a field, \`sizeof\` or a base needs the size of a struct whose layout the Limited API
hides, because it changes from version to version. Hold a pointer instead; to extend a type, let CPython lay out the
data: a negative \`basicsize\` and \`PyObject_GetTypeData\` (PEP 697, from 3.12 on).`,
  severity: 'error',
  effect: 'build-break',
  examples: () => [
    {
      kind: 'bad',
      target: '3.12',
      code: 'size_t n = sizeof(PyTypeObject);',
      reports: {
        at: '1:19 PyTypeObject',
        message: '`sizeof` needs the size of `PyTypeObject`, which the Limited API hides',
      },
    },
    {
      kind: 'bad',
      target: 'abi3t',
      code: 'struct spam { PyObject ob_base; int n; };',
      reports: {
        at: '1:24 ob_base',
        message: 'this field needs the size of `PyObject`, which the Limited API of abi3t hides',
      },
    },
    { kind: 'good', target: '3.12', code: 'struct spam { PyObject ob_base; int n; };' },
    { kind: 'good', target: '3.12', code: 'size_t n = sizeof(PyTypeObject *);' },
    {
      kind: 'good',
      target: '3.12',
      code: `#ifdef Py_LIMITED_API
#define LIMITED(a, b) a
#else
#define LIMITED(a, b) b
#endif
#define SIZE(type) LIMITED(0, sizeof(type))
size_t n(void) { return LIMITED(0, sizeof(PyTypeObject)) + SIZE(PyTypeObject); }`,
    },
  ],
  *check(context) {
    for (const hidden of hiddenSizes(context.model)) {
      const { need, struct, isTypeObject, shownFrom } = hidden
      if (isTypeObject || shownFrom !== null) continue
      const size = `the size of \`${struct.name}\``
      yield atSize(hidden, context, `${where[need.how]} needs ${size}, which ${limitedApi(context)} hides`)
    }
  },
}
