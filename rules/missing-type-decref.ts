import type { Rule } from '../analyzer/check/rule.ts'
import { aloneStatement, leadOf } from '../analyzer/code/placement.ts'
import { eachStatement } from '../analyzer/code/statements.ts'
import type { FunctionCode } from '../analyzer/code/tree.ts'
import type { Fix } from '../analyzer/fix/fix.ts'
import { oldestPython } from '../analyzer/knowledge/target.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { callsOwnDeallocator, deallocationOf, givesBack, namedTypes } from '../analyzer/semantics/deallocation.ts'
import type { Effect } from '../analyzer/semantics/effect-list.ts'
import { isOn } from '../analyzer/semantics/effects.ts'
import { mayMeet } from '../analyzer/semantics/exits.ts'
import type { Body } from '../analyzer/semantics/functions.ts'
import {
  doubtsOf,
  functionOf,
  hasOwnMemory,
  hasStaticBase,
  heapTypes,
  objectOf,
  otherUses,
  typeBehind,
  typeVariable,
} from '../analyzer/semantics/heap-types.ts'
import type { HeapType } from '../analyzer/semantics/type-definition.ts'

const earlyReturn = (release: string): string => `typedef struct { PyObject_HEAD int n; } Spam;
static void spam_dealloc(Spam *self)
{
    PyTypeObject *type = Py_TYPE(self);
    if (self->n) {
        PyObject_Free(self);${release}
        return;
    }
    PyObject_Free(self);
    Py_DECREF(type);
}
static PyType_Slot spam_slots[] = {{Py_tp_dealloc, spam_dealloc}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(Spam), 0, Py_TPFLAGS_DEFAULT, spam_slots};`

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
  examples: () => [
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
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: `static destructor base_dealloc;
static void spam_dealloc(PyObject *self)
{
    base_dealloc(self);
}
static PyType_Slot spam_slots[] = {{Py_tp_base, NULL}, {Py_tp_dealloc, spam_dealloc}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", 0, 0, Py_TPFLAGS_DEFAULT, spam_slots};
void spam_init(void)
{
    PyTypeObject *base = &PyDict_Type;
    spam_slots[0].pfunc = base;
    base_dealloc = (destructor)PyType_GetSlot(base, Py_tp_dealloc);
}`,
      reports: {
        at: '4:5 base_dealloc(self)',
        message: '`spam_dealloc` frees an instance of a heap type and does not give back its reference to the type',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `typedef struct { PyObject_HEAD PyObject *items; } Spam;
void spam_forget(Spam *self);
static void spam_dealloc(Spam *self)
{
    spam_forget(self);
    Py_CLEAR(self->items);
    PyObject_Free(self);
}
static PyType_Slot spam_slots[] = {{Py_tp_dealloc, spam_dealloc}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(Spam), 0, Py_TPFLAGS_DEFAULT, spam_slots};`,
      reports: {
        at: '7:5 PyObject_Free(self)',
        message: '`spam_dealloc` frees an instance of a heap type and does not give back its reference to the type',
        severity: 'info',
        notes: ['the reference may be given back elsewhere: `spam_forget` is not among the files that were read'],
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `typedef struct { PyObject_HEAD PyObject *items; } Spam;
static void spam_dealloc(Spam *self) { Py_CLEAR(self->items); }
static PyType_Slot spam_slots[] = {{Py_tp_dealloc, spam_dealloc}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(Spam), 0, Py_TPFLAGS_DEFAULT, spam_slots};`,
      reports: {
        at: '2:13 spam_dealloc',
        message: '`spam_dealloc` neither frees an instance of a heap type nor gives back its reference to the type',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `static void spam_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    Py_DECREF(type);
}
static PyType_Slot spam_slots[] = {{Py_tp_dealloc, spam_dealloc}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, spam_slots};`,
      reports: {
        at: '1:13 spam_dealloc',
        message: '`spam_dealloc` gives back the reference to a heap type and does not free the instance',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `static PyTypeObject *other;
static void spam_dealloc(PyObject *self)
{
    PyObject_Free(self);
    Py_XDECREF(other);
}
static PyType_Slot spam_slots[] = {{Py_tp_dealloc, spam_dealloc}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, spam_slots};
void take(PyTypeObject *type) { other = type; Py_INCREF(type); }
void release(PyObject *spam) { spam_dealloc(spam); }`,
      reports: {
        at: '4:5 PyObject_Free(self)',
        message: '`spam_dealloc` frees an instance of a heap type and does not give back its reference to the type',
        severity: 'info',
        notes: [
          'the reference may be given back elsewhere: which type `other` is is not known',
          'the reference may be given back elsewhere: other functions call it, too',
        ],
      },
    },
    {
      kind: 'good',
      target: '3.9',
      code: `typedef struct { PyObject_HEAD PyObject *items; } Spam;
static Spam *unused[8];
static int count;
static void spam_dealloc(Spam *self)
{
    Py_CLEAR(self->items);
    if (count < 8)
        unused[count++] = self;
}
static PyType_Slot spam_slots[] = {{Py_tp_dealloc, spam_dealloc}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(Spam), 0, Py_TPFLAGS_DEFAULT, spam_slots};`,
    },
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: `static void spam_dealloc(PyObject *self)
{
    PyTypeObject *base = (PyTypeObject *)PyType_GetSlot(Py_TYPE(self), Py_tp_base);
    ((destructor)PyType_GetSlot(base, Py_tp_dealloc))(self);
}
static PyType_Slot spam_slots[] = {{Py_tp_dealloc, spam_dealloc}, {0, NULL}};
static PyType_Spec spam_spec = {"spam.Spam", 0, 0, Py_TPFLAGS_DEFAULT, spam_slots};
PyObject *make(void) { return PyType_FromSpecWithBases(&spam_spec, (PyObject *)&PyList_Type); }`,
      reports: {
        at: '4:5 ((destructor)PyType_GetSlot(base, Py_tp_dealloc))(self)',
        message: '`spam_dealloc` frees an instance of a heap type and does not give back its reference to the type',
        severity: 'info',
        notes: [
          'the reference may be given back elsewhere: what the `tp_dealloc` of ' +
            '`(PyTypeObject *)PyType_GetSlot(Py_TYPE(self), Py_tp_base)` does is not known',
        ],
      },
    },
    {
      kind: 'good',
      target: '3.9',
      code: `static PyTypeObject *base_type;
static void spam_dealloc(PyObject *self)
{
    ((destructor)PyType_GetSlot(base_type, Py_tp_dealloc))(self);
}
static PyType_Slot spam_slots[] = {{Py_tp_dealloc, spam_dealloc}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, spam_slots};
void set_base(PyTypeObject *type) { base_type = type; }`,
    },
    {
      kind: 'good',
      target: '3.9',
      code: `static PyTypeObject *type_of(PyObject *o) { PyTypeObject *type = Py_TYPE(o); return type; }
static void spam_dealloc(PyObject *self)
{
    PyTypeObject *type = type_of(self);
    PyObject_Free(self);
    Py_DECREF(type);
}
static PyType_Slot spam_slots[] = {{Py_tp_dealloc, spam_dealloc}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, spam_slots};`,
    },
    {
      kind: 'good',
      target: '3.9',
      code: `static PyTypeObject *spam_type;
static void spam_dealloc(PyObject *self)
{
    PyObject_Free(self);
    Py_DECREF(spam_type);
}
static PyType_Slot spam_slots[] = {{Py_tp_dealloc, spam_dealloc}, {0, NULL}};
static PyType_Spec spam_spec = {"spam.Spam", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, spam_slots};
void spam_init(void) { spam_type = (PyTypeObject *)PyType_FromSpec(&spam_spec); }`,
    },
    {
      kind: 'good',
      target: '3.9',
      code: `struct held { PyObject *items; PyTypeObject *type; };
static void spam_dealloc(PyObject *self)
{
    struct held held = {NULL, Py_TYPE(self)};
    PyObject_Free(self);
    Py_DECREF(held.type);
}
static PyType_Slot spam_slots[] = {{Py_tp_dealloc, spam_dealloc}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, spam_slots};`,
    },
    {
      kind: 'good',
      target: '3.9',
      code: `#define BEGIN(o) PyTypeObject *type = Py_TYPE(o)
#define END Py_DECREF(type)
static void spam_dealloc(PyObject *self)
{
    BEGIN(self);
    PyObject_Free(self);
    END;
}
static PyType_Slot spam_slots[] = {{Py_tp_dealloc, spam_dealloc}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, spam_slots};`,
    },
    {
      kind: 'good',
      target: '3.9',
      code: `static void give_back(PyTypeObject **type) { Py_DECREF(*type); }
static void spam_dealloc(PyObject *self)
{
    __attribute__((cleanup(give_back))) PyTypeObject *type = Py_TYPE(self);
    PyObject_Free(self);
}
static PyType_Slot spam_slots[] = {{Py_tp_dealloc, spam_dealloc}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, spam_slots};`,
    },
    {
      kind: 'bad',
      target: '3.9',
      file: 'spam.cpp',
      compiler: 'silent',
      code: `struct Guard {
    PyTypeObject *type;
    Guard(PyTypeObject *of) : type(of) {}
    ~Guard() { Py_DECREF(type); }
};
static void spam_dealloc(PyObject *self)
{
    auto guard = Guard(Py_TYPE(self));
    PyObject_Free(self);
}
static PyType_Slot spam_slots[] = {{Py_tp_dealloc, (void *)spam_dealloc}, {0, nullptr}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, spam_slots};`,
      reports: {
        at: '9:5 PyObject_Free(self)',
        message: '`spam_dealloc` frees an instance of a heap type and does not give back its reference to the type',
        severity: 'info',
        notes: [
          'the reference may be given back elsewhere: what an object of `Guard` does is not followed',
          'the reference may be given back elsewhere: which type `type` is is not known',
        ],
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: earlyReturn(''),
      fixed: earlyReturn('\n        Py_DECREF(type);'),
      reports: {
        at: '6:9 PyObject_Free(self)',
        message:
          '`spam_dealloc` frees an instance of a heap type and does not give back its reference to the type ' +
          'on this way',
      },
    },
    {
      kind: 'good',
      target: '3.9',
      code: `static void spam_dealloc(PyObject *self) { Py_SET_REFCNT(self, 1); }
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
      if (body === null || seen.has(body.code) || hasOwnMemory(type) || body.code.parameters.length !== 1) continue
      const uses = otherUses(model, body)
      if (uses.includes('other')) continue
      seen.add(body.code)
      const fault = faultOf(model, type, body)
      if (fault === null) continue
      const { free, releasesType } = fault
      const doubts = [...fault.doubts, ...(uses.length > 0 ? ['other functions call it, too'] : [])]
      const isSure = doubts.length === 0 && (free === undefined || free.on?.isCertain === true)
      const { name, nameSpan } = body.code
      const frees =
        `\`${name}\` frees an instance of a heap type and does not give back its reference to the type` +
        (releasesType ? ' on this way' : '')
      const keeps = releasesType
        ? `\`${name}\` gives back the reference to a heap type and does not free the instance`
        : `\`${name}\` neither frees an instance of a heap type nor gives back its reference to the type`
      yield {
        file: body.file,
        ...(free?.top.span ?? nameSpan),
        symbol: 'Py_tp_dealloc',
        severity: isSure ? 'warning' : 'info',
        message: free === undefined ? keeps + (isSure ? '' : ', as far as it is understood') : frees,
        advice:
          free === undefined
            ? 'Keep `Py_TYPE(self)` in a variable, call its `tp_free`, and hand the type to `Py_DECREF` afterwards.'
            : 'Keep `Py_TYPE(self)` in a variable before the object is freed, and hand that to `Py_DECREF` afterwards.',
        notes: [
          ...(oldestPython(target) < 8
            ? ['up to 3.7 Python itself gives the reference back for instances of a Python subclass']
            : []),
          ...doubts.map((doubt) => `the reference may be given back elsewhere: ${doubt}`),
          ...doubtsOf(model, type, body),
        ],
        fix: oldestPython(target) < 8 || !isSure || free === undefined ? null : fixFor(model, body, fault.frees),
      }
    }
  },
}

/** What a `tp_dealloc` does wrong: it frees without giving back the reference to the type, or does not free at all. */
interface Fault {
  readonly free: Effect | undefined
  readonly frees: readonly Effect[]
  readonly releasesType: boolean
  readonly doubts: readonly string[]
}

function faultOf(model: ProjectModel, type: HeapType, body: Body): Fault | null {
  const { frees: known, releasesType, leavesObject, doubts, effects } = deallocationOf(model, body)
  // `Py_TYPE(self)->tp_base->tp_dealloc(self)`
  const isToBase = ({ what, how, type: holder }: Effect): boolean =>
    what === 'call-slot' && how === 'tp_dealloc' && holder.includes('tp_base')
  const frees = hasStaticBase(model, type) ? [...known, ...effects.filter(isToBase)] : known
  const [free] = frees
  // Then it never ends.
  if (effects.some(callsOwnDeallocator)) return null
  if (free === undefined && leavesObject) return null
  if (releasesType) {
    const releases = effects.filter((effect) => givesBack(effect) && isOn(effect, 0, 'type')).map(({ top }) => top)
    const kept = frees.filter(({ isOwn, top }) => {
      const alone = isOwn ? aloneStatement(body.code, top) : null
      return alone?.inBlock && !mayMeet(body.code, alone.statement, releases)
    })
    if (kept.length > 0) return { free: kept[0], frees: kept, releasesType, doubts }
    // What is not read may free the object.
    const mayFree = doubts.length > 0 || effects.some(({ what, on }) => what === 'free' && on === null)
    return free === undefined && !mayFree ? { free, frees, releasesType, doubts } : null
  }
  const released = namedTypes(model, body, 'decref')
  if (released.some((text) => typeBehind(model, body.file, text) === type)) return null
  const unknown = released.map((text) => `which type \`${text}\` is is not known`)
  return { free, frees, releasesType, doubts: [...doubts, ...unknown] }
}

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
