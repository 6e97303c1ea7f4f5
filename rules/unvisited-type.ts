import type { Rule } from '../analyzer/check/rule.ts'
import type { FunctionBody } from '../analyzer/facts/file-facts.ts'
import type { Fix } from '../analyzer/fix/fix.ts'
import {
  callEffectsOf,
  doubtsOf,
  functionOf,
  hasFlag,
  heapTypes,
  isOfSlot,
  objectOf,
} from '../analyzer/semantics/heap-types.ts'

export const unvisitedType: Rule = {
  name: 'unvisited-type',
  summary: '`tp_traverse` of a heap type that does not visit the type',
  explanation: `Each instance of a heap type owns a reference to its type, so from Python 3.9 on \`tp_traverse\` has
to visit that as well: \`Py_VISIT(Py_TYPE(self))\`. Where it does not, the collector takes a type that its own
instances keep alive (one of them is an attribute of the type, or of its module) for one that is used from outside,
and never frees it.

Up to 3.8 Python visits the type itself, for instances of Python subclasses; code that runs there as well has to ask
for the version at run time.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `typedef struct { PyObject_HEAD PyObject *items; } Spam;
static int spam_traverse(Spam *self, visitproc visit, void *arg)
{
    Py_VISIT(self->items);
    return 0;
}
static PyType_Slot spam_slots[] = {{Py_tp_traverse, spam_traverse}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(Spam), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, spam_slots};`,
      fixed: `typedef struct { PyObject_HEAD PyObject *items; } Spam;
static int spam_traverse(Spam *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE((PyObject *)self));
    Py_VISIT(self->items);
    return 0;
}
static PyType_Slot spam_slots[] = {{Py_tp_traverse, spam_traverse}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(Spam), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, spam_slots};`,
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `static int visit_parts(PyObject *self, visitproc visit, void *arg) { return 0; }
static int spam_traverse(PyObject *self, visitproc visit, void *arg) { return visit_parts(self, visit, arg); }
static PyType_Slot spam_slots[] = {{Py_tp_traverse, spam_traverse}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, spam_slots};`,
      fixed: `static int visit_parts(PyObject *self, visitproc visit, void *arg) { return 0; }
static int spam_traverse(PyObject *self, visitproc visit, void *arg) { Py_VISIT(Py_TYPE(self)); return visit_parts(self, visit, arg); }
static PyType_Slot spam_slots[] = {{Py_tp_traverse, spam_traverse}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, spam_slots};`,
    },
    {
      kind: 'good',
      target: '3.9',
      code: `static int spam_traverse(PyObject *self, visitproc visit, void *arg)
{
    PyTypeObject *tp = Py_TYPE(self);
    Py_VISIT(tp);
    return 0;
}
static PyType_Slot spam_slots[] = {{Py_tp_traverse, spam_traverse}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, spam_slots};`,
    },
    {
      kind: 'good',
      target: '3.9',
      code: `static int spam_traverse(PyObject *self, visitproc visit, void *arg) { return 0; }
static PyType_Slot spam_slots[] = {{Py_tp_traverse, spam_traverse}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, spam_slots};`,
    },
  ],
  *check({ model, target }) {
    const seen = new Set<FunctionBody>()
    for (const type of heapTypes(model)) {
      const body = functionOf(model, type, 'Py_tp_traverse')
      if (
        body === null ||
        seen.has(body) ||
        !isOfSlot(body) ||
        body.parameters.length !== 3 ||
        hasFlag(model, type, 'Py_TPFLAGS_HAVE_GC') !== 'yes'
      )
        continue
      seen.add(body)
      const acts = callEffectsOf(model, type.file, body)
      const visits = acts.some(
        ({ call, operands }) =>
          /visit/i.test(call.callee) &&
          (operands[0] === 'type' || /Py_TYPE\(|ob_type/.test(call.operands[0]?.text ?? '')),
      )
      if (visits || acts.some(({ kind }) => kind === 'unknown')) continue
      yield {
        file: type.file,
        start: body.start,
        end: body.end,
        symbol: 'Py_tp_traverse',
        message:
          `\`${body.name}\` does not visit the type of the object, to which an instance of a heap type owns ` +
          `a reference`,
        advice:
          target.level < 9
            ? 'From Python 3.9 on visit `Py_TYPE(self)`, and not before: ask for the version at run time.'
            : 'Add `Py_VISIT(Py_TYPE(self));`.',
        notes: doubtsOf(model, type, body),
        fix: target.level < 9 ? null : fixFor(body),
      }
    }
  },
}

function fixFor(body: FunctionBody): Fix | null {
  const object = objectOf(body)
  const first = body.statements.find(({ isDeclaration }) => !isDeclaration)
  if (
    object === null ||
    first === undefined ||
    first.region !== body.region ||
    body.parameters[1]!.name !== 'visit' ||
    body.parameters[2]!.name !== 'arg'
  )
    return null
  const { start, end, lead } = first
  return {
    title: 'visit the type',
    safety: 'safe',
    reason: '',
    includes: [],
    shims: [],
    rewrites: [{ start, end, pieces: [`Py_VISIT(Py_TYPE(${object}));${lead}`, { start, end }] }],
  }
}
