import { listedNames } from '../analyzer/check/listed-names.ts'
import type { Finding, Rule } from '../analyzer/check/rule.ts'
import { callsForMembers } from '../analyzer/fix/member-calls.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { traversalOf } from '../analyzer/semantics/deallocation.ts'
import type { Body } from '../analyzer/semantics/functions.ts'
import {
  doubtsOf,
  functionOf,
  hasFlag,
  isOfSlot,
  shownType,
  structOf,
  typeDefinitions,
} from '../analyzer/semantics/heap-types.ts'
import { type InstanceMembers, instanceMembers } from '../analyzer/semantics/instance-members.ts'
import { type MemberAtEnd, membersAtEnd } from '../analyzer/semantics/members-at-end.ts'
import { mentionedNames } from '../analyzer/semantics/mentioned-names.ts'
import type { TypeDefinition } from '../analyzer/semantics/type-definition.ts'

const spam = (
  visits: string,
  clears: string,
  set = 'PyArg_ParseTuple(args, "O", &item)',
): string => `typedef struct { PyObject_HEAD PyObject *item; PyObject *name; } Spam;
static int spam_init(Spam *self, PyObject *args, PyObject *kwargs)
{
    PyObject *item = NULL;
    if (!${set})
        return -1;
    Py_INCREF(item);
    self->item = item;
    self->name = PyUnicode_FromString("spam");
    return 0;
}
static int spam_traverse(Spam *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE((PyObject *)self));
    ${visits}
    return 0;
}
static int spam_clear(Spam *self)
{
    ${clears}
    return 0;
}
static void spam_dealloc(Spam *self)
{
    PyTypeObject *type = Py_TYPE((PyObject *)self);
    PyObject_GC_UnTrack(self);
    spam_clear(self);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
    Py_DECREF(type);
}
static PyType_Slot spam_slots[] = {
    {Py_tp_init, spam_init}, {Py_tp_traverse, spam_traverse}, {Py_tp_clear, spam_clear},
    {Py_tp_dealloc, spam_dealloc}, {0, NULL}
};
PyType_Spec spam_spec = {"spam.Spam", sizeof(Spam), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, spam_slots};`

const clearAll = 'Py_CLEAR(self->item);\n    Py_CLEAR(self->name);'

/** What the Limited API lacks. */
const xsetref =
  '#define Py_XSETREF(to, from) do { PyObject *old = (to); (to) = (from); Py_XDECREF(old); } while (0)\ntypedef'

/** With a member `name` that may be set, or not. */
const withMember = (code: string, flags: string): string =>
  `#include <stddef.h>\n${code}`
    .replace(
      'static PyType_Slot',
      `PyMemberDef members[] = {{"name", Py_T_OBJECT_EX, offsetof(Spam, name), ${flags}, NULL}, {NULL}};\n$&`,
    )
    .replace('{0, NULL}\n', '{Py_tp_members, members}, {0, NULL}\n')

export const unvisitedMember: Rule = {
  name: 'unvisited-member',
  summary: 'members of instances that `tp_traverse` does not visit, or whose references are never given back',
  explanation: `An instance that keeps references in its struct has to show them to the collector in
\`tp_traverse\`, and to give them back in \`tp_dealloc\`. Where any object may be put into a member that
\`tp_traverse\` does not visit, one that refers to the instance makes a cycle that is never freed: a callback that is a
method of who keeps the instance, a list that holds it. What no function gives back is left behind by each instance.

Of strings, numbers and their like nothing is said where they are not visited: they refer to nothing.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: spam('', clearAll),
      fixed: spam('', clearAll).replace('self));', 'self));\n    Py_VISIT(self->item);'),
      reports: { at: '12:12 spam_traverse', message: '`spam_traverse` does not visit `item` of the object' },
    },
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: spam('Py_VISIT(self->name);', clearAll),
      fixed: spam('Py_VISIT(self->name);\n    Py_VISIT(self->item);', clearAll),
      reports: { at: '12:12 spam_traverse', message: '`spam_traverse` does not visit `item` of the object' },
    },
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: spam('', clearAll, 'PyArg_ParseTuple(args, "O!", &PyList_Type, &item)'),
      reports: { at: '12:12 spam_traverse', message: '`spam_traverse` does not visit `item` of the object' },
    },
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: spam('Py_VISIT(self->item);', 'Py_CLEAR(self->item);'),
      reports: {
        at: '23:13 spam_dealloc',
        message: 'nothing gives back the references in `name` of instances of `spam.Spam`',
      },
    },
    {
      kind: 'bad',
      target: '3.10',
      file: 'example.cpp',
      compiler: 'silent',
      code: `#include <Python.h>
struct Spam : PyObject { PyObject *item; };
static PyObject *spam_set(PyObject *self, PyObject *item)
{
    static_cast<Spam *>(self)->item = Py_NewRef(item);
    Py_RETURN_NONE;
}
static void spam_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_Free(self);
    Py_DECREF(type);
}
static PyMethodDef methods[] = {{"set", spam_set, METH_O, nullptr}, {nullptr, nullptr, 0, nullptr}};
static PyType_Slot slots[] = {{Py_tp_dealloc, (void *)spam_dealloc}, {Py_tp_methods, methods}, {0, nullptr}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(Spam), 0, Py_TPFLAGS_DEFAULT, slots};`,
      reports: {
        at: '8:13 spam_dealloc',
        message: 'nothing gives back the references in `item` of instances of `spam.Spam`',
      },
    },
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: spam('', clearAll)
        .replace('"O", &item)', '"O", &self->item)')
        .replace('self->item = item', 'item = self->item')
        .replace('Py_INCREF(item)', 'Py_INCREF(self->item)'),
      fixed: spam('', clearAll)
        .replace('"O", &item)', '"O", &self->item)')
        .replace('self->item = item', 'item = self->item')
        .replace('Py_INCREF(item)', 'Py_INCREF(self->item)')
        .replace('self));', 'self));\n    Py_VISIT(self->item);'),
      reports: { at: '12:12 spam_traverse', message: '`spam_traverse` does not visit `item` of the object' },
    },
    {
      kind: 'good',
      target: '3.10',
      code: spam('', clearAll, 'PyArg_ParseTuple(args, "O", &self->item) || !PyUnicode_Check(self->item)')
        .replace('self->item = item', 'item = self->item')
        .replace('Py_INCREF(item)', 'Py_INCREF(self->item)'),
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: withMember(spam('Py_VISIT(self->item);', clearAll), '0'),
      fixed: withMember(spam('Py_VISIT(self->item);\n    Py_VISIT(self->name);', clearAll), '0'),
      reports: { at: '13:12 spam_traverse', message: '`spam_traverse` does not visit `name` of the object' },
    },
    { kind: 'good', target: '3.12', code: withMember(spam('Py_VISIT(self->item);', clearAll), 'Py_READONLY') },
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: spam('Py_VISIT(self->item);', 'Py_CLEAR(self->item);')
        .replace('self->name = PyUnicode_FromString("spam")', 'Py_XSETREF(self->name, PyUnicode_FromString("spam"))')
        .replace('typedef', xsetref),
      reports: {
        at: '24:13 spam_dealloc',
        message: 'nothing gives back the references in `name` of instances of `spam.Spam`',
      },
    },
    { kind: 'good', target: '3.10', code: spam('Py_VISIT(self->item);', clearAll) },
    // A pointer to the first member goes on to the others.
    {
      kind: 'good',
      target: '3.10',
      code: spam('PyObject **all = &self->item;\n    for (int i = 0; i < 2; i++)\n        Py_VISIT(all[i]);', clearAll)
        .replace('PyObject *item; PyObject *name;', 'PyObject *name; PyObject *item;')
        .replace('&self->item', '&self->name'),
    },
    {
      kind: 'good',
      target: '3.10',
      code: `static int visit_all(PyObject **each, PyObject **end, visitproc visit, void *arg)
{
    while (each < end)
        Py_VISIT(*each++);
    return 0;
}
${spam('return visit_all(&self->name, &self->name + 2, visit, arg);', clearAll).replace(
  'PyObject *item; PyObject *name;',
  'PyObject *name; PyObject *item;',
)}`,
    },
    {
      kind: 'good',
      target: '3.10',
      code: `${spam('Py_VISIT(self->item);', 'Py_CLEAR(self->item);')}
PyObject *take_name(Spam *self)
{
    PyObject *name = self->name;
    self->name = NULL;
    return name;
}`,
    },
    {
      kind: 'good',
      target: '3.10',
      code: spam('', clearAll, 'PyArg_ParseTuple(args, "U", &item)'),
    },
    {
      kind: 'good',
      target: '3.10',
      code: spam('', clearAll, '(PyArg_ParseTuple(args, "O", &item) && PyUnicode_Check(item))'),
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'full',
      code: `#include <Python.h>
#include <structmember.h>
#include <stddef.h>
typedef struct { PyObject_HEAD PyObject *item; } Spam;
static PyMemberDef spam_members[] = {{"item", T_OBJECT_EX, offsetof(Spam, item), 0, NULL}, {NULL, 0, 0, 0, NULL}};
static void spam_dealloc(PyObject *self)
{
    Py_TYPE(self)->tp_free(self);
}
static PyTypeObject Spam_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "spam.Spam",
    .tp_basicsize = sizeof(Spam),
    .tp_dealloc = spam_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_members = spam_members,
};
int ready(void) { return PyType_Ready(&Spam_Type); }`,
      reports: {
        at: '6:13 spam_dealloc',
        message: 'nothing gives back the references in `item` of instances of `spam.Spam`',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'full',
      code: `#include <Python.h>
#include <structmember.h>
#include <stddef.h>
typedef struct { PyObject_HEAD PyObject *item, *dict; } Spam;
static void spam_dealloc(PyObject *self)
{
    Py_CLEAR(((Spam *)self)->item);
    Py_TYPE(self)->tp_free(self);
}
static PyTypeObject Spam_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "spam.Spam",
    .tp_basicsize = sizeof(Spam),
    .tp_dealloc = spam_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_dictoffset = offsetof(Spam, dict),
};
int ready(void) { return PyType_Ready(&Spam_Type); }`,
      reports: {
        at: '5:13 spam_dealloc',
        message: 'nothing gives back the references in `dict` of instances of `spam.Spam`',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'full',
      code: `#include <Python.h>
#include <structmember.h>
#include <stddef.h>
typedef struct { PyObject_HEAD PyObject *item, *other; } Spam;
static void spam_dealloc(PyObject *self)
{
    Py_CLEAR(((Spam *)self)->item);
    Py_TYPE(self)->tp_free(self);
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
        at: '5:13 spam_dealloc',
        message: '`spam_dealloc` does not give back what may be in `other` of instances of `spam.Spam`',
        severity: 'info',
        notes: ['what puts objects there is not among the files that were read'],
      },
    },
    {
      kind: 'good',
      target: '3.12',
      compiler: 'full',
      code: `#include <Python.h>
#include <structmember.h>
#include <stddef.h>
typedef struct { PyObject_HEAD PyObject *item, *list; } Spam;
static void spam_dealloc(PyObject *self)
{
    Py_CLEAR(((Spam *)self)->item);
    PyObject_ClearWeakRefs(self);
    Py_TYPE(self)->tp_free(self);
}
static PyTypeObject Spam_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "spam.Spam",
    .tp_basicsize = sizeof(Spam),
    .tp_dealloc = spam_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_weaklistoffset = offsetof(Spam, list),
};
int ready(void) { return PyType_Ready(&Spam_Type); }`,
    },
    {
      kind: 'good',
      target: '3.12',
      compiler: 'full',
      code: `#include <Python.h>
#include <structmember.h>
#include <stddef.h>
typedef struct { PyObject_HEAD PyObject *item; } Spam;
static PyMemberDef spam_members[] = {{"item", T_OBJECT_EX, offsetof(Spam, item), READONLY, NULL}, {NULL, 0, 0, 0, NULL}};
static void spam_dealloc(PyObject *self)
{
    Py_TYPE(self)->tp_free(self);
}
static PyTypeObject Spam_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "spam.Spam",
    .tp_basicsize = sizeof(Spam),
    .tp_dealloc = spam_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_members = spam_members,
};
int ready(void) { return PyType_Ready(&Spam_Type); }`,
    },
  ],
  *check({ model }) {
    const seen = new Set<unknown>()
    for (const type of typeDefinitions(model)) {
      const dealloc = functionOf(model, type, 'Py_tp_dealloc')
      if (dealloc === null || seen.has(dealloc.code) || !isOfSlot(model, dealloc)) continue
      const held = instanceMembers(model, type)
      if (held === null || held.members.length === 0) continue
      seen.add(dealloc.code)
      yield* incomplete(model, type, held, dealloc)
    }
  },
}

function* incomplete(
  model: ProjectModel,
  type: TypeDefinition,
  held: InstanceMembers,
  dealloc: Body,
): Iterable<Finding> {
  const members = membersAtEnd(model, type, held, dealloc)
  if (members === null) return
  const base = { symbol: structOf(type), notes: doubtsOf(model, type, dealloc), hangsOnOthers: held.isShared }
  const lost = members.filter((each) => each.reference === 'new' && !each.isReleased && !each.isReleasedElsewhere)
  if (lost.length > 0)
    yield {
      ...base,
      file: dealloc.file,
      ...dealloc.code.nameSpan,
      message: `nothing gives back the references in ${listedNames(namesOf(lost))} of instances of ${shownType(type)}`,
      advice: `Add \`Py_CLEAR\` of each to \`${dealloc.code.name}\`, or to the \`tp_clear\` that it calls.`,
    }
  else yield* forgotten(type, members, dealloc, base)
  yield* unvisited(model, type, held, members, base)
}

/** Members beside others that are given back, into which nothing is put as far as code was read. */
function* forgotten(
  type: TypeDefinition,
  members: readonly MemberAtEnd[],
  { file, code }: Body,
  base: Pick<Finding, 'symbol' | 'notes'>,
): Iterable<Finding> {
  const left = namesOf(members.filter((each) => each.isUnset && !each.isReleased && !each.isReleasedElsewhere))
  if (left.length === 0 || !members.some(({ isClearedAtEnd }) => isClearedAtEnd)) return
  yield {
    ...base,
    file,
    ...code.nameSpan,
    severity: 'info',
    message:
      `\`${code.name}\` does not give back what may be in ${listedNames(left)} ` + `of instances of ${shownType(type)}`,
    advice: `Add \`Py_CLEAR\` of each to \`${code.name}\`, or take them out of the struct.`,
    notes: [...base.notes!, unseen],
  }
}

const unseen = 'what puts objects there is not among the files that were read'

function* unvisited(
  model: ProjectModel,
  type: TypeDefinition,
  held: InstanceMembers,
  members: readonly MemberAtEnd[],
  base: Pick<Finding, 'symbol' | 'notes'>,
): Iterable<Finding> {
  const traverse = functionOf(model, type, 'Py_tp_traverse')
  if (traverse === null || !isOfSlot(model, traverse) || hasFlag(model, type, 'Py_TPFLAGS_HAVE_GC') !== 'yes') return
  const visited = mentionedNames(model, [traverse])
  if (visited.isOpen || traversalOf(model, traverse).doubts.length > 0) return
  const left = namesOf(members.filter((each) => each.isClearedAtEnd && each.holdsAny && !visited.has(each.name)))
  // Nothing is known of what is in these.
  const others = namesOf(members.filter((each) => each.isUnset && !visited.has(each.name)))
  const isSeen = left.length > 0
  if (!isSeen && (others.length === 0 || others.length === members.length)) return
  const names = isSeen ? left : others
  yield {
    ...base,
    file: traverse.file,
    ...traverse.code.nameSpan,
    ...(isSeen ? {} : { severity: 'info', notes: [...base.notes!, unseen] }),
    message: `\`${traverse.code.name}\` does not visit ${listedNames(names)} of the object`,
    advice: 'Add `Py_VISIT` of each to `tp_traverse`.',
    fix: isSeen ? callsForMembers(model, traverse, 'Py_VISIT', left, held.struct) : null,
  }
}

const namesOf = (members: readonly MemberAtEnd[]): readonly string[] => members.map(({ name }) => name)
