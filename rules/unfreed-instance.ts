import type { Rule } from '../analyzer/check/rule.ts'
import type { FunctionCode } from '../analyzer/code/tree.ts'
import { deallocationOf } from '../analyzer/semantics/deallocation.ts'
import { doubtsOf, functionOf, isOfSlot, shownType, typeDefinitions } from '../analyzer/semantics/heap-types.ts'

const spam = (rest: string): string => `typedef struct { PyObject_HEAD PyObject *item; } Spam;
static Spam *unused;
static void spam_dealloc(Spam *self)
{
    Py_CLEAR(self->item);${rest}
}
PyTypeObject Spam_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "spam.Spam",
    .tp_basicsize = sizeof(Spam),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_dealloc = (destructor)spam_dealloc,
};
Spam *take(void) { return unused; }`

export const unfreedInstance: Rule = {
  name: 'unfreed-instance',
  summary: '`tp_dealloc` of a static type that does not free the instance',
  explanation: `\`tp_dealloc\` has the last word on an instance: what it does not free is never freed. It ends with
\`Py_TYPE(self)->tp_free(self)\`, or with what belongs to the function that makes the instances. Of heap types
\`missing-type-decref\` tells the same.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'full',
      code: spam(''),
      reports: { at: '3:13 spam_dealloc', message: '`spam_dealloc` does not free the instance of `spam.Spam`' },
    },
    { kind: 'good', target: '3.12', compiler: 'full', code: spam('\n    PyObject_Free(self);') },
    { kind: 'good', target: '3.12', compiler: 'full', code: spam('\n    unused = self;') },
    { kind: 'good', target: '3.12', compiler: 'full', code: spam('').replace('    Py_CLEAR(self->item);', '') },
  ],
  *check({ model }) {
    const seen = new Set<FunctionCode>()
    for (const type of typeDefinitions(model)) {
      if (type.kind !== 'static') continue
      const body = functionOf(model, type, 'Py_tp_dealloc')
      // One that does nothing at all is for objects that are no memory of the heap.
      if (body === null || seen.has(body.code) || body.code.body.length === 0 || !isOfSlot(model, body)) continue
      seen.add(body.code)
      const { frees, leavesObject, doubts } = deallocationOf(model, body)
      if (frees.length > 0 || leavesObject || doubts.length > 0) continue
      yield {
        file: body.file,
        ...body.code.nameSpan,
        symbol: 'PyTypeObject',
        message: `\`${body.code.name}\` does not free the instance of ${shownType(type)}`,
        advice: 'End it with `Py_TYPE(self)->tp_free(self)`.',
        notes: doubtsOf(model, type, body),
      }
    }
  },
}
