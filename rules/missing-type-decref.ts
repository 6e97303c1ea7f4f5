import type { Rule } from '../analyzer/check/rule.ts'
import { aloneStatement, leadOf } from '../analyzer/code/placement.ts'
import { eachStatement } from '../analyzer/code/statements.ts'
import type { FunctionCode } from '../analyzer/code/tree.ts'
import type { Fix } from '../analyzer/fix/fix.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { deallocationOf } from '../analyzer/semantics/deallocation.ts'
import { type Effect, isOn } from '../analyzer/semantics/effects.ts'
import type { Body } from '../analyzer/semantics/functions.ts'
import {
  doubtsOf,
  functionOf,
  hasOwnMemory,
  heapTypes,
  isOfSlot,
  objectOf,
  typeVariable,
} from '../analyzer/semantics/heap-types.ts'

export const missingTypeDecref: Rule = {
  name: 'missing-type-decref',
  summary: '`tp_dealloc` of a heap type that keeps the reference to the type',
  explanation: `Each instance of a heap type owns a reference to its type: \`tp_alloc\` takes it, from Python 3.8 on
\`PyObject_New\` too. A \`tp_dealloc\` of one's own has to give it back after it has freed the object. One that does
not, as was right for a static type, leaks a reference for each object, and the type never goes away.

\`\`\`c
PyTypeObject *type = Py_TYPE(self);
type->tp_free(self);
Py_DECREF(type);
\`\`\``,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `static void spam_dealloc(PyObject *self)
{
    PyObject_Free(self);
}
static PyType_Slot spam_slots[] = {{Py_tp_dealloc, spam_dealloc}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, spam_slots};`,
      fixed: `static void spam_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_Free(self);
    Py_DECREF(type);
}
static PyType_Slot spam_slots[] = {{Py_tp_dealloc, spam_dealloc}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, spam_slots};`,
      reports: {
        at: '3:5 PyObject_Free(self)',
        message: '`spam_dealloc` frees an instance of a heap type and does not give back its reference to the type',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: `typedef struct { PyObject_HEAD PyObject *items; } Spam;
static void spam_dealloc(Spam *self)
{
    PyTypeObject *tp = Py_TYPE((PyObject *)self);
    Py_XDECREF(self->items);
    ((freefunc)PyType_GetSlot(tp, Py_tp_free))(self);
}
static PyType_Slot spam_slots[] = {{Py_tp_dealloc, (void *)spam_dealloc}, {0, NULL}};
PyType_Spec spam_spec = {.name = "spam.Spam", .basicsize = sizeof(Spam), .flags = Py_TPFLAGS_DEFAULT, .slots = spam_slots};`,
      fixed: `typedef struct { PyObject_HEAD PyObject *items; } Spam;
static void spam_dealloc(Spam *self)
{
    PyTypeObject *tp = Py_TYPE((PyObject *)self);
    Py_XDECREF(self->items);
    ((freefunc)PyType_GetSlot(tp, Py_tp_free))(self);
    Py_DECREF(tp);
}
static PyType_Slot spam_slots[] = {{Py_tp_dealloc, (void *)spam_dealloc}, {0, NULL}};
PyType_Spec spam_spec = {.name = "spam.Spam", .basicsize = sizeof(Spam), .flags = Py_TPFLAGS_DEFAULT, .slots = spam_slots};`,
      reports: {
        at: '6:5 ((freefunc)PyType_GetSlot(tp, Py_tp_free))(self)',
        message: '`spam_dealloc` frees an instance of a heap type and does not give back its reference to the type',
      },
    },
    {
      kind: 'good',
      target: '3.9',
      code: `static void give_back(PyTypeObject *type) { Py_DECREF(type); }
static void spam_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_Free(self);
    give_back(type);
}
static PyType_Slot spam_slots[] = {{Py_tp_dealloc, spam_dealloc}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, spam_slots};`,
    },
    {
      kind: 'good',
      target: '3.9',
      compiler: 'silent',
      code: `static void spam_dealloc(PyObject *self) { PyObject_Free(self); }
#ifdef Py_LIMITED_API
static PyType_Slot spam_slots[] = {{0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, spam_slots};
#endif
destructor spam_destructor = spam_dealloc;`,
    },
  ],
  *check({ model, target }) {
    const seen = new Set<FunctionCode>()
    for (const type of heapTypes(model)) {
      const body = functionOf(model, type, 'Py_tp_dealloc')
      if (body === null || seen.has(body.code) || !isOfSlot(model, body) || hasOwnMemory(type)) continue
      if (body.code.parameters.length !== 1) continue
      seen.add(body.code)
      const { effects, frees, releasesType, doubts } = deallocationOf(model, body)
      if (releasesType) continue
      const [free] = frees
      if (free === undefined && (effects.length === 0 || keepsObjects(effects))) continue
      const isSure = doubts.length === 0 && (free === undefined || free.on?.isCertain === true)
      const { name, nameSpan } = body.code
      yield {
        file: body.file,
        ...(free?.top.span ?? nameSpan),
        symbol: 'Py_tp_dealloc',
        severity: isSure ? 'warning' : 'info',
        message:
          free === undefined
            ? `\`${name}\` neither frees an instance of a heap type nor gives back its reference to the type` +
              (isSure ? '' : ', as far as it is understood')
            : `\`${name}\` frees an instance of a heap type and does not give back its reference to the type`,
        advice:
          free === undefined
            ? 'Keep `Py_TYPE(self)` in a variable, call its `tp_free`, and hand the type to `Py_DECREF` afterwards.'
            : 'Keep `Py_TYPE(self)` in a variable before the object is freed, and hand that to `Py_DECREF` afterwards.',
        notes: [
          ...(target.level < 8
            ? ['up to 3.7 Python itself gives the reference back for instances of a Python subclass']
            : []),
          ...doubts.map((doubt) => `the reference may be given back elsewhere: ${doubt}`),
          ...doubtsOf(model, type, body),
        ],
        fix: target.level < 8 || !isSure || free === undefined ? null : fixFor(model, body, frees),
      }
    }
  },
}

/** Whether a function ends the process, or brings its object back to life. */
const keepsObjects = (effects: readonly Effect[]): boolean =>
  effects.some(
    (effect) =>
      (effect.what === 'call' && /^(?:Py_FatalError|abort|Py_UNREACHABLE)$/.test(effect.how)) ||
      (effect.what === 'incref' && isOn(effect, 0, 'object')),
  )

function fixFor(model: ProjectModel, body: Body, frees: readonly Effect[]): Fix | null {
  const object = objectOf(body)
  const { text } = model.project.code(body.file)
  const statements = frees.map(({ isOwn, top }) => (isOwn ? aloneStatement(body.code, top) : null))
  if (object === null || statements.some((each) => each === null || !each.inBlock)) return null
  const spans = statements.map((each) => each!.statement.span)
  // A declaration must not stand between a jump and its label.
  const jumps = [...eachStatement(body.code.body)].some(
    (each) => each.kind === 'switch' || (each.kind === 'jump' && each.jump === 'goto'),
  )
  if (jumps && spans.some(({ start }) => typeVariable(body, start) === null)) return null
  const { start, end } = body.code.span
  const words = new Set([...text.slice(start, end).matchAll(/\w+/g)].map(([word]) => word))
  const name = ['type', 'tp', 'type_of_self'].find((each) => !words.has(each) && body.code.parameters[0]!.name !== each)
  if (name === undefined) return null
  return {
    title: '`Py_DECREF` the type',
    safety: 'safe',
    reason: '',
    includes: [],
    shims: [],
    kind: 'file',
    rewrites: spans.map((span) => {
      const known = typeVariable(body, span.start)
      const lead = leadOf(text, span)
      return {
        ...span,
        pieces: [
          ...(known ? [] : [`PyTypeObject *${name} = Py_TYPE(${object});${lead}`]),
          span,
          `${lead}Py_DECREF(${known ?? name});`,
        ],
      }
    }),
  }
}
