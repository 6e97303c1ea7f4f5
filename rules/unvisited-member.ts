import { listedNames } from '../analyzer/check/listed-names.ts'
import type { Finding, Rule } from '../analyzer/check/rule.ts'
import { callsForMembers } from '../analyzer/fix/member-calls.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { deallocationOf, traversalOf } from '../analyzer/semantics/deallocation.ts'
import type { Effect } from '../analyzer/semantics/effect-list.ts'
import type { Body } from '../analyzer/semantics/functions.ts'
import {
  doubtsOf,
  entryOf,
  functionOf,
  hasFlag,
  isOfSlot,
  shownType,
  structOf,
  typeDefinitions,
} from '../analyzer/semantics/heap-types.ts'
import { type InstanceMembers, instanceMembers, isGivenAnyObject } from '../analyzer/semantics/instance-members.ts'
import { type MentionedNames, mentionedNames } from '../analyzer/semantics/mentioned-names.ts'
import { isReleased, isSet, isTakenOut, memberUses, memberValues } from '../analyzer/semantics/state-members.ts'
import type { TypeDefinition } from '../analyzer/semantics/type-definition.ts'
import { fieldsSetByPython, weakListField } from '../analyzer/semantics/type-members.ts'

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
  examples: [
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
    { kind: 'good', target: '3.10', code: spam('Py_VISIT(self->item);', clearAll) },
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
  const ends = bodiesOf(model, type, ['Py_tp_clear', 'Py_tp_finalize', 'Py_tp_free'])
  if (ends === null) return
  const release = mentionedNames(model, [dealloc, ...ends], ownSlots)
  if (release.isOpen || deallocationOf(model, dealloc).effects.some(isOfOtherType)) return
  const filled = fieldsSetByPython(model, type)
  const weakList = weakListField(model, type)
  const members = held.members
    .filter((name) => name !== weakList)
    .map((name) => memberOf(model, held, name, release, filled.has(name)))
  const base = { symbol: structOf(type), notes: doubtsOf(model, type, dealloc) }
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
  members: readonly Member[],
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
      `\`${code.name}\` does not give back what may be in ${listedNames(left)} of instances of ` + `${shownType(type)}`,
    advice: `Add \`Py_CLEAR\` of each to \`${code.name}\`, or take them out of the struct.`,
    notes: [...base.notes!, unseen],
  }
}

const unseen = 'what puts objects there is not among the files that were read'

/** Slots that `tp_dealloc` may call of the type itself; the functions in them are read, or see to memory alone. */
const ownSlots: ReadonlySet<string> = new Set(['tp_free', 'tp_clear'])

/** Whether an effect is what a slot of another type does, which may give back members: that of a base. */
const isOfOtherType = ({ what, how, type }: Effect): boolean =>
  what === 'call-slot' && (how !== 'tp_clear' || type !== '')

/** A member of instances with what is known of it. */
interface Member {
  readonly name: string
  readonly reference: 'new' | 'borrowed' | 'unknown' | 'none'
  /** Whether code in Python may put any object into it. */
  readonly holdsAny: boolean
  /** Whether nothing that was read puts anything into it. */
  readonly isUnset: boolean
  /** Whether a function that ends an instance names it. */
  readonly isReleased: boolean
  /** Whether one of these gives its reference back by `Py_CLEAR` and the like. */
  readonly isClearedAtEnd: boolean
  /** Whether a function other than those, and than the one that sets it, gives its reference back or takes it out. */
  readonly isReleasedElsewhere: boolean
}

function memberOf(
  model: ProjectModel,
  held: InstanceMembers,
  name: string,
  release: MentionedNames,
  isFilled: boolean,
): Member {
  const uses = memberUses(model, held, name)
  const setters = new Set(uses.filter(isSet).map(({ around }) => around))
  const own = new Set(release.bodies.map(({ code }) => code))
  const reference = isFilled ? 'new' : memberValues(model, uses).reference
  return {
    name,
    reference,
    // Where the list of weak references begins is known to the base alone, or to a table that was not read.
    isUnset: reference === 'none' && !/weak/i.test(name) && !isSetSomewhere(model, held, name),
    holdsAny: isFilled || uses.some((use) => isGivenAnyObject(model, use)),
    isReleased: release.has(name),
    isClearedAtEnd: uses.some((use) => isReleased(use) && own.has(use.around)),
    isReleasedElsewhere:
      isTakenOut(uses) || uses.some((use) => isReleased(use) && !setters.has(use.around) && !own.has(use.around)),
  }
}

/** Whether a field of a name is set, be it by way of another struct that begins with the same fields. */
const isSetSomewhere = (model: ProjectModel, { files }: InstanceMembers, name: string): boolean =>
  files.some((file) =>
    model.project
      .code(file)
      .occurrences(name)
      .some(({ isField, behind }) => isField && behind === '='),
  )

function* unvisited(
  model: ProjectModel,
  type: TypeDefinition,
  held: InstanceMembers,
  members: readonly Member[],
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

/** The functions in some slots of a type; null where one of them is not read. */
function bodiesOf(model: ProjectModel, type: TypeDefinition, slots: readonly string[]): readonly Body[] | null {
  const found: Body[] = []
  for (const slot of slots) {
    const all = type.entries.filter((each) => each.slot === slot && !each.isNull)
    const body = functionOf(model, type, slot)
    if (all.length === 0 || (slot === 'Py_tp_free' && entryOf(type, slot)?.value?.startsWith('Py'))) continue
    if (body === null) return null
    found.push(body)
  }
  return found
}

const namesOf = (members: readonly Member[]): readonly string[] => members.map(({ name }) => name)
