import type { Rule } from '../analyzer/check/rule.ts'
import type { FunctionBody } from '../analyzer/facts/file-facts.ts'
import type { Fix } from '../analyzer/fix/fix.ts'
import {
  callEffectsOf,
  doubtsOf,
  type Free,
  freesOf,
  functionOf,
  hasOwnMemory,
  heapTypes,
  isOfSlot,
  objectOf,
  releasesType,
  typeVariable,
} from '../analyzer/semantics/heap-types.ts'

export const missingTypeDecref: Rule = {
  name: 'missing-type-decref',
  summary: '`tp_dealloc` of a heap type that keeps the reference to the type',
  explanation: `Each instance of a heap type owns a reference to its type: \`tp_alloc\` takes it, from Python 3.8 on
\`PyObject_New\` too. A \`tp_dealloc\` of one's own has to give it back after it has freed the object. One that does
not, as was right for a static type, leaks a reference for each object, and the type never goes away.

\`\`\`c PyTypeObject *type = Py_TYPE(self); type->tp_free(self); Py_DECREF(type); \`\`\``,
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
    const seen = new Set<FunctionBody>()
    for (const type of heapTypes(model)) {
      const body = functionOf(model, type, 'Py_tp_dealloc')
      if (body === null || seen.has(body) || !isOfSlot(body) || body.parameters.length !== 1 || hasOwnMemory(type))
        continue
      seen.add(body)
      const acts = callEffectsOf(model, type.file, body)
      const frees = freesOf(body, acts)
      if (frees.length === 0 || acts.some((act) => act.kind === 'unknown' || releasesType(act))) continue
      const [
        {
          act: { top },
        },
      ] = frees as [Free]
      yield {
        file: type.file,
        start: top.start,
        end: top.end,
        symbol: 'Py_tp_dealloc',
        message: `\`${body.name}\` frees an instance of a heap type and does not give back its reference to the type`,
        advice:
          'Keep `Py_TYPE(self)` in a variable before the object is freed, and hand that to `Py_DECREF` afterwards.',
        notes: [
          ...(target.level < 8
            ? ['up to 3.7 Python itself gives the reference back for instances of a Python subclass']
            : []),
          ...doubtsOf(model, type, body),
        ],
        fix: target.level < 8 ? null : fixFor(body, frees),
      }
    }
  },
}

function fixFor(body: FunctionBody, frees: readonly Free[]): Fix | null {
  const object = objectOf(body)
  const statements = frees.map(({ act }) => (act.isOwn ? act.call.statement : null))
  if (object === null || statements.some((statement) => statement === null || !statement.inBlock)) return null
  // A declaration must not stand between a jump and its label.
  const jumps = body.words.some((word) => word === 'goto' || word === 'switch')
  if (jumps && statements.some((statement) => typeVariable(body, statement!.start) === null)) return null
  const name = ['type', 'tp', 'type_of_self'].find(
    (each) => !body.words.includes(each) && body.parameters[0]!.name !== each,
  )
  if (name === undefined) return null
  return {
    title: '`Py_DECREF` the type',
    safety: 'safe',
    reason: '',
    includes: [],
    shims: [],
    rewrites: statements.map((statement) => {
      const { start, end, lead } = statement!
      const known = typeVariable(body, start)
      return {
        start,
        end,
        pieces: [
          ...(known ? [] : [`PyTypeObject *${name} = Py_TYPE(${object});${lead}`]),
          { start, end },
          `${lead}Py_DECREF(${known ?? name});`,
        ],
      }
    }),
  }
}
