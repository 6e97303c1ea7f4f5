import type { Rule } from '../analyzer/check/rule.ts'
import { type Parent, parentsIn } from '../analyzer/code/placement.ts'
import type { FunctionCode, Value } from '../analyzer/code/tree.ts'
import { callsOwnDeallocator } from '../analyzer/semantics/deallocation.ts'
import { effectsOf } from '../analyzer/semantics/effects.ts'
import { doubtsOf, functionOf, typeDefinitions, writtenSlot } from '../analyzer/semantics/heap-types.ts'

export const baseDeallocChain: Rule = {
  name: 'base-dealloc-chain',
  summary: '`tp_dealloc` that looks for the one of the base, and finds itself',
  explanation: `The \`tp_dealloc\` of a type that inherits from another may hand its object on to that of the base. It
has to name the base: \`Py_TYPE(self)\` is the type itself, whose \`tp_dealloc\` is the function that asks, and calls itself
until the stack is full.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: `static void spam_dealloc(PyObject *self)
{
    destructor base_dealloc = (destructor)PyType_GetSlot(Py_TYPE(self), Py_tp_dealloc);
    base_dealloc(self);
}
static PyType_Slot spam_slots[] = {{Py_tp_dealloc, spam_dealloc}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, spam_slots};`,
      reports: {
        at: '4:5 base_dealloc(self)',
        message: '`spam_dealloc` calls the `tp_dealloc` of `Py_TYPE(self)`, which is itself',
      },
    },
    {
      kind: 'good',
      target: '3.10',
      code: `static PyTypeObject *base_type;
static void spam_dealloc(PyObject *self)
{
    ((destructor)PyType_GetSlot(base_type, Py_tp_dealloc))(self);
}
static PyType_Slot spam_slots[] = {{Py_tp_dealloc, spam_dealloc}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", 0, 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, spam_slots};
void set_base(PyTypeObject *type) { base_type = type; }`,
    },
    {
      kind: 'good',
      target: '3.10',
      code: `static void spam_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
    Py_DECREF(type);
}
static PyType_Slot spam_slots[] = {{Py_tp_dealloc, spam_dealloc}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", 0, 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, spam_slots};`,
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'full',
      code: `#include <Python.h>
#include <structmember.h>
#include <stddef.h>
typedef struct { PyObject_HEAD PyObject *item; } Spam;
static void spam_dealloc(PyObject *self)
{
    Py_TYPE(self)->tp_dealloc(self);
}
static PyTypeObject Spam_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "spam.Spam",
    .tp_basicsize = sizeof(Spam),
    .tp_dealloc = spam_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT,
};
int ready(void) { return PyType_Ready(&Spam_Type); }`,
      reports: {
        at: '7:5 Py_TYPE(self)->tp_dealloc(self)',
        message: '`spam_dealloc` calls the `tp_dealloc` of `Py_TYPE(self)`, which is itself',
      },
    },
  ],
  *check({ model }) {
    const seen = new Set<FunctionCode>()
    for (const type of typeDefinitions(model)) {
      const body = functionOf(model, type, 'Py_tp_dealloc')
      if (body === null || seen.has(body.code)) continue
      for (const effect of effectsOf(model, body)) {
        if (!callsOwnDeallocator(effect) || effect.on?.isCertain !== true) continue
        seen.add(body.code)
        const isSure = !isConditional(body.code, effect.top)
        const { name } = body.code
        yield {
          file: body.file,
          ...effect.top.span,
          symbol: writtenSlot(type, 'tp_dealloc'),
          severity: isSure ? 'warning' : 'info',
          notes: [
            ...(isSure ? [] : ['a condition may see to it that this is done for other types alone']),
            ...doubtsOf(model, type, body),
          ],
          message: `\`${name}\` calls the \`tp_dealloc\` of \`Py_TYPE(self)\`, which is itself`,
          advice: 'Keep the base in a variable where the type is made, and ask that for its `tp_dealloc`.',
        }
      }
    }
  },
}

/** Whether a value is looked at under a condition only. */
function isConditional(code: FunctionCode, value: Value): boolean {
  const parents = parentsIn(code)
  for (let at: Parent | undefined = parents.get(value); at !== undefined; at = parents.get(at)) {
    if (at.kind === 'if' || at.kind === 'conditional' || at.kind === 'loop' || at.kind === 'switch') return true
    if (at.kind === 'binary' && (at.operator === '&&' || at.operator === '||')) return true
  }
  return false
}
