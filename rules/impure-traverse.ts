import type { Finding, Rule } from '../analyzer/check/rule.ts'
import type { FunctionCode } from '../analyzer/code/tree.ts'
import { resultOf } from '../analyzer/knowledge/references.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { buildDoubts, compiledAt } from '../analyzer/semantics/calls.ts'
import type { Effect } from '../analyzer/semantics/effect-list.ts'
import { effectsOf } from '../analyzer/semantics/effects.ts'
import type { Body } from '../analyzer/semantics/functions.ts'
import { functionOf, isOfSlot, typeDefinitions } from '../analyzer/semantics/heap-types.ts'
import { moduleStates } from '../analyzer/semantics/module-states.ts'

const spam = (body: string): string => `typedef struct { PyObject_HEAD PyObject *item; PyObject *cache; } Spam;
static int spam_traverse(Spam *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE((PyObject *)self));
    ${body}
    return 0;
}
static PyType_Slot spam_slots[] = {{Py_tp_traverse, spam_traverse}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(Spam), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, spam_slots};`

const state = (get: string): string => `typedef struct { PyObject *error; } State;
static int spam_traverse(PyObject *m, visitproc visit, void *arg)
{
    State *state = ${get}(m);
    Py_VISIT(state->error);
    return 0;
}
PyModuleDef spam_def = {
    PyModuleDef_HEAD_INIT, .m_name = "spam", .m_size = sizeof(State), .m_traverse = spam_traverse
};`

export const impureTraverse: Rule = {
  name: 'impure-traverse',
  summary: '`tp_traverse` or `m_traverse` that changes reference counts, makes objects or calls Python',
  explanation: `The collector calls \`tp_traverse\` and \`m_traverse\` while it counts who refers to whom, with its
lists of objects taken apart. They may call the visitor, and nothing else that has an effect: a reference that is given
back may free an object that the collector is about to look at, and Python crashes; one that is taken keeps an object
for ever; a function that makes objects or calls Python does both. Keep what is needed ready in the struct.

From 3.15 on, functions whose names end in \`_DuringGC\` are promised to have no effects; those without may get some.
\`PyType_GetModuleByToken\` and \`PyType_GetBaseByToken\` give a reference of one's own, those only lend it.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: spam('Py_CLEAR(self->cache);\n    Py_VISIT(self->item);'),
      reports: { at: '5:5 Py_CLEAR(self->cache)', message: '`spam_traverse` gives back a reference, by `Py_CLEAR`' },
    },
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: spam('PyObject *items = PySequence_List(self->item);\n    Py_VISIT(items);'),
      reports: {
        at: '5:23 PySequence_List(self->item)',
        message: '`spam_traverse` makes an object, by `PySequence_List`',
      },
    },
    {
      kind: 'bad',
      target: '3.15',
      compiler: 'silent',
      code: state('PyModule_GetState'),
      reports: {
        at: '4:20 PyModule_GetState(m)',
        message: '`spam_traverse` calls `PyModule_GetState`, which is not promised to have no effects',
        severity: 'info',
      },
    },
    { kind: 'good', target: '3.15', code: state('PyModule_GetState_DuringGC') },
    { kind: 'good', target: '3.14', code: state('PyModule_GetState') },
    { kind: 'good', target: '3.10', code: spam('Py_VISIT(self->item);\n    Py_VISIT(self->cache);') },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'full',
      code: `#include <Python.h>
#include <structmember.h>
#include <stddef.h>
typedef struct { PyObject_HEAD PyObject *item; } Spam;
static int spam_traverse(PyObject *self, visitproc visit, void *arg) { Py_CLEAR(((Spam *)self)->item); return 0; }
static void spam_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    Py_CLEAR(((Spam *)self)->item);
    Py_TYPE(self)->tp_free(self);
}
static PyTypeObject Spam_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "spam.Spam",
    .tp_basicsize = sizeof(Spam),
    .tp_dealloc = spam_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = spam_traverse,
};
int ready(void) { return PyType_Ready(&Spam_Type); }`,
      reports: {
        at: '5:72 Py_CLEAR(((Spam *)self)->item)',
        message: '`spam_traverse` gives back a reference, by `Py_CLEAR`',
      },
    },
    {
      kind: 'good',
      target: '3.10',
      code: spam('void *seen = PyMem_Malloc(16);\n    Py_VISIT(self->item);\n    PyMem_Free(seen);'),
    },
  ],
  *check({ model }) {
    const seen = new Set<FunctionCode>()
    for (const body of traversals(model)) {
      if (seen.has(body.code)) continue
      seen.add(body.code)
      for (const effect of effectsOf(model, body)) {
        const finding = findingFor(model, body, effect)
        if (finding !== null) yield finding
      }
    }
  },
}

/** The functions of a project that the collector calls to see what objects and modules refer to. */
function* traversals(model: ProjectModel): Iterable<Body> {
  for (const type of typeDefinitions(model)) {
    const body = functionOf(model, type, 'Py_tp_traverse')
    if (body !== null && isOfSlot(model, body)) yield body
  }
  for (const { functions } of moduleStates(model)) yield* functions.m_traverse ?? []
}

/** What is wrong with an effect of a traversal; null for nothing. */
function findingFor(model: ProjectModel, { file, code }: Body, effect: Effect): Finding | null {
  const { what, how, top } = effect
  const name = `\`${code.name}\``
  const base = { file, ...top.span, symbol: how, notes: buildDoubts(compiledAt(model, file, top.span.start)) }
  const done = deeds[what]
  // Memory that holds no object is its own affair.
  if (what === 'free' && /^(?:PyMem_\w+|free)$/.test(how)) return null
  if (done !== undefined && how !== '') return { ...base, message: `${name} ${done}, by \`${how}\``, advice: pure }
  if (what !== 'call' || !/^_?Py/.test(how)) return null
  if (callsPython.test(how)) return { ...base, message: `${name} calls Python code, by \`${how}\``, advice: pure }
  const lent = `${how}_DuringGC`
  if (model.declares(lent)) {
    const isOwned = /ByToken$/.test(how)
    return {
      ...base,
      ...(isOwned ? {} : { severity: 'info', effect: 'advice' }),
      message: isOwned
        ? `${name} takes a reference, by \`${how}\``
        : `${name} calls \`${how}\`, which is not promised to have no effects`,
      advice: isOwned ? `Call \`${lent}\`, which only lends what it gives.` : `Call \`${lent}\`.`,
    }
  }
  if (resultOf(how) !== 'new' || /^Py_X?NewRef$/.test(how)) return null
  return { ...base, message: `${name} makes an object, by \`${how}\``, advice: pure }
}

const pure = 'Keep what is to be visited ready in the struct, and do nothing here but visit it.'

/** What a traversal may not do. */
const deeds: Readonly<Partial<Record<Effect['what'], string>>> = {
  decref: 'gives back a reference',
  steal: 'gives a reference away',
  incref: 'takes a reference',
  keep: 'takes a reference',
  free: 'frees an object',
  finalize: 'calls a finalizer',
  'clear-weakrefs': 'calls callbacks of weak references',
}

/** Functions that call what Python code may define, and give no object. */
const callsPython = new RegExp(
  '^Py(?:Object_(?:SetAttr\\w*|DelAttr\\w*|SetItem|DelItem\\w*|IsTrue|Not|RichCompareBool|IsInstance|IsSubclass|' +
    'Print|HasAttr\\w*)|Iter_Next\\w*|Run_\\w+|Err_(?:WarnEx|WarnFormat|Print\\w*|WriteUnraisable)|' +
    'Sequence_(?:Contains|Index|Count|SetItem|DelItem)|Dict_(?:SetItem\\w*|DelItem\\w*|Contains))$',
)
