import type { Rule } from '../analyzer/check/rule.ts'
import type { CallFact, FunctionBody } from '../analyzer/facts/file-facts.ts'
import type { Fix } from '../analyzer/fix/fix.ts'
import {
  type CallEffect,
  callEffectsOf,
  doubtsOf,
  freesOf,
  functionOf,
  hasFlag,
  hasFlagWith,
  heapTypes,
  isOfSlot,
  releasesMember,
} from '../analyzer/semantics/heap-types.ts'
import type { FileId } from '../analyzer/source/text.ts'

export const missingGcUntrack: Rule = {
  name: 'missing-gc-untrack',
  summary: '`tp_dealloc` that gives back members while the collector still knows the object',
  explanation: `To give back a reference may run any code, and start a garbage collection. That finds an object
without references half taken apart, as long as it is tracked, clears it and frees it a second time.
\`PyObject_GC_UnTrack(self)\` has to come before the first member is given back.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `typedef struct { PyObject_HEAD PyObject *items; } Spam;
static void spam_dealloc(Spam *self)
{
    PyTypeObject *type = Py_TYPE((PyObject *)self);
    Py_CLEAR(self->items);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}
static PyType_Slot spam_slots[] = {{Py_tp_dealloc, spam_dealloc}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(Spam), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, spam_slots};`,
      fixed: `typedef struct { PyObject_HEAD PyObject *items; } Spam;
static void spam_dealloc(Spam *self)
{
    PyTypeObject *type = Py_TYPE((PyObject *)self);
    PyObject_GC_UnTrack(self);
    Py_CLEAR(self->items);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}
static PyType_Slot spam_slots[] = {{Py_tp_dealloc, spam_dealloc}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(Spam), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, spam_slots};`,
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `typedef struct { PyObject_HEAD PyObject *items; } Spam;
static int spam_clear(Spam *self) { Py_CLEAR(self->items); return 0; }
static void spam_dealloc(Spam *self)
{
    PyTypeObject *type = Py_TYPE((PyObject *)self);
    spam_clear(self);
    PyObject_GC_UnTrack(self);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}
static PyType_Slot spam_slots[] = {{Py_tp_dealloc, spam_dealloc}, {Py_tp_clear, spam_clear}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(Spam), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, spam_slots};`,
      fixed: `typedef struct { PyObject_HEAD PyObject *items; } Spam;
static int spam_clear(Spam *self) { Py_CLEAR(self->items); return 0; }
static void spam_dealloc(Spam *self)
{
    PyTypeObject *type = Py_TYPE((PyObject *)self);
    PyObject_GC_UnTrack(self);
    spam_clear(self);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}
static PyType_Slot spam_slots[] = {{Py_tp_dealloc, spam_dealloc}, {Py_tp_clear, spam_clear}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(Spam), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, spam_slots};`,
    },
    {
      kind: 'good',
      target: '3.9',
      code: `typedef struct { PyObject_HEAD PyObject *items; } Spam;
static int spam_clear(Spam *self) { Py_CLEAR(self->items); return 0; }
static void spam_dealloc(Spam *self)
{
    PyTypeObject *type = Py_TYPE((PyObject *)self);
    PyObject_GC_UnTrack(self);
    (void)spam_clear(self);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}
static PyType_Slot spam_slots[] = {{Py_tp_dealloc, spam_dealloc}, {Py_tp_clear, spam_clear}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(Spam), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, spam_slots};`,
    },
    {
      kind: 'good',
      target: '3.9',
      code: `static void spam_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}
static PyType_Slot spam_slots[] = {{Py_tp_dealloc, spam_dealloc}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, spam_slots};`,
    },
  ],
  *check({ model }) {
    const seen = new Set<FunctionBody>()
    for (const type of heapTypes(model)) {
      const body = functionOf(model, type, 'Py_tp_dealloc')
      if (body === null || seen.has(body) || !isOfSlot(body) || hasFlag(model, type, 'Py_TPFLAGS_HAVE_GC') !== 'yes')
        continue
      const acts = callEffectsOf(model, type.file, body)
      const untracked = acts.findIndex(({ call: { callee } }) => /untrack/i.test(callee))
      const [free] = freesOf(body, acts)
      if ((untracked < 0 && free === undefined) || neverTracks(type.file)) continue
      // Once it is untracked nothing matters any more.
      const before = untracked >= 0 ? acts.slice(0, untracked) : acts
      const given = before
        .slice(0, untracked < 0 ? acts.indexOf(free!.act) : untracked)
        .find((act) => releasesMember(act))
      // Callbacks of weak references are called by many before the object is untracked.
      if (
        given === undefined ||
        before.some(({ kind }) => kind === 'unknown') ||
        (untracked >= 0 && given.call.callee === 'PyObject_ClearWeakRefs')
      )
        continue
      seen.add(body)
      yield {
        file: type.file,
        start: given.top.start,
        end: given.top.end,
        symbol: given.call.callee,
        message: `\`${body.name}\` gives back references of an object that the garbage collector still tracks`,
        advice: 'Call `PyObject_GC_UnTrack(self)` first.',
        notes: doubtsOf(model, type, body),
        fix: hasFlagWith(type, 'Py_TPFLAGS_HAVE_GC', body) ? fixFor(body, given.top, acts[untracked]) : null,
      }
    }

    /** Whether a file makes objects for the collector without ever handing them to it. */
    function neverTracks(file: FileId): boolean {
      const { makers } = model.files[file]!.heapTypes
      return (
        makers.some(({ callee }) => callee.startsWith('PyObject_GC_New')) &&
        !makers.some(({ callee }) => callee === 'PyObject_GC_Track')
      )
    }
  },
}

/** @param late the call that comes too late, where there is one */
function fixFor(body: FunctionBody, { outermost }: CallFact, late: CallEffect | undefined): Fix | null {
  const statement = body.statements.find(({ start }) => start === outermost)
  const name = body.parameters[0]?.name ?? ''
  if (
    statement === undefined ||
    statement.isDeclaration ||
    statement.region !== body.region ||
    !/^[A-Za-z_]\w*$/.test(name)
  )
    return null
  const { start, end, lead } = statement
  const gone =
    late?.isOwn && late.call.outermost !== outermost && late.call.statement?.inBlock ? late.call.statement : null
  return {
    title: 'call `PyObject_GC_UnTrack` first',
    safety: 'safe',
    reason: '',
    includes: [],
    shims: [],
    rewrites: [
      { start, end, pieces: [`PyObject_GC_UnTrack(${name});${lead}`, { start, end }] },
      ...(gone ? [{ start: gone.start, end: gone.end, pieces: [] }] : []),
    ],
  }
}
