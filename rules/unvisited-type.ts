import type { Rule } from '../analyzer/check/rule.ts'
import { leadOf, outermostStatements } from '../analyzer/code/placement.ts'
import type { FunctionCode } from '../analyzer/code/tree.ts'
import type { Fix } from '../analyzer/fix/fix.ts'
import { oldestPython } from '../analyzer/knowledge/target.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { namedTypes, traversalOf } from '../analyzer/semantics/deallocation.ts'
import type { Body } from '../analyzer/semantics/functions.ts'
import {
  doubtsOf,
  functionOf,
  hasFlag,
  heapTypes,
  insertionPoint,
  isOfSlot,
  objectOf,
  typeBehind,
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
  examples: () => [
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
      reports: {
        at: '2:12 spam_traverse',
        message:
          '`spam_traverse` does not visit the type of the object, to which an instance of a heap type owns a ' +
          'reference',
      },
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
      reports: {
        at: '2:12 spam_traverse',
        message:
          '`spam_traverse` does not visit the type of the object, to which an instance of a heap type owns a ' +
          'reference',
      },
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
    const seen = new Set<FunctionCode>()
    for (const type of heapTypes(model)) {
      const body = functionOf(model, type, 'Py_tp_traverse')
      if (
        body === null ||
        seen.has(body.code) ||
        !isOfSlot(model, body) ||
        body.code.parameters.length !== 3 ||
        hasFlag(model, type, 'Py_TPFLAGS_HAVE_GC') !== 'yes'
      )
        continue
      seen.add(body.code)
      const traversal = traversalOf(model, body)
      const named = namedTypes(model, body, 'visit')
      if (traversal.visitsType || named.some((text) => typeBehind(model, body.file, text) === type)) continue
      const doubts = [...traversal.doubts, ...named.map((text) => `which type \`${text}\` is is not known`)]
      yield {
        file: body.file,
        ...body.code.nameSpan,
        symbol: 'Py_tp_traverse',
        severity: doubts.length === 0 ? 'warning' : 'info',
        message:
          `\`${body.code.name}\` does not visit the type of the object, to which an instance of a heap type owns ` +
          `a reference`,
        advice:
          oldestPython(target) < 9
            ? 'From Python 3.9 on visit `Py_TYPE(self)`, and not before: ask for the version at run time.'
            : 'Add `Py_VISIT(Py_TYPE(self));`.',
        notes: [...doubts.map((doubt) => `it may be visited elsewhere: ${doubt}`), ...doubtsOf(model, type, body)],
        fix: oldestPython(target) < 9 || doubts.length > 0 ? null : fixFor(model, body),
      }
    }
  },
}

function fixFor(model: ProjectModel, body: Body): Fix | null {
  const object = objectOf(body)
  const { parameters } = body.code
  const first = outermostStatements(body.code.body).find(({ kind }) => kind !== 'declaration')
  const point = first ? insertionPoint(model, body, first.span.start) : null
  if (object === null || point === null || parameters[1]!.name !== 'visit' || parameters[2]!.name !== 'arg') return null
  const { span } = point
  const lead = leadOf(model.project.code(body.file).text, span)
  return {
    title: 'visit the type',
    safety: 'safe',
    reason: '',
    includes: [],
    shims: [],
    kind: 'file',
    rewrites: [{ ...span, pieces: [`Py_VISIT(Py_TYPE(${object}));${lead}`, span] }],
  }
}
