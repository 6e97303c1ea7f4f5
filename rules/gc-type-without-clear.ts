import { listedNames } from '../analyzer/check/listed-names.ts'
import type { Rule } from '../analyzer/check/rule.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { tableRolesOf } from '../analyzer/semantics/function-roles.ts'
import {
  doubtsOf,
  functionOf,
  hasFlag,
  shownType,
  structOf,
  typeDefinitions,
  writtenSlot,
} from '../analyzer/semantics/heap-types.ts'
import { instanceMembers, isGivenAnyObject } from '../analyzer/semantics/instance-members.ts'
import { mentionedNames } from '../analyzer/semantics/mentioned-names.ts'
import { type MemberUse, memberUses } from '../analyzer/semantics/state-members.ts'
import type { TypeDefinition } from '../analyzer/semantics/type-definition.ts'
import { fieldsSetByPython } from '../analyzer/semantics/type-members.ts'

const spam = (flags: string, clear = ''): string => `#include <Python.h>
#include <structmember.h>
#include <stddef.h>
typedef struct { PyObject_HEAD PyObject *item; } Spam;
static int spam_traverse(Spam *self, visitproc visit, void *arg) { Py_VISIT(self->item); return 0; }
static int spam_clear(Spam *self) { Py_CLEAR(self->item); return 0; }
static void spam_dealloc(Spam *self)
{
    PyObject_GC_UnTrack(self);
    spam_clear(self);
    Py_TYPE((PyObject *)self)->tp_free(self);
}
static PyMemberDef spam_members[] = {{"item", T_OBJECT_EX, offsetof(Spam, item), ${flags}, NULL}, {NULL, 0, 0, 0, NULL}};
PyTypeObject Spam_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "spam.Spam",
    .tp_basicsize = sizeof(Spam),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_dealloc = (destructor)spam_dealloc,
    .tp_traverse = (traverseproc)spam_traverse,${clear}
    .tp_members = spam_members,
};`

export const gcTypeWithoutClear: Rule = {
  name: 'gc-type-without-clear',
  summary: 'type with `tp_traverse` and without `tp_clear` whose instances can be made to refer to themselves',
  explanation: `The collector finds a cycle by \`tp_traverse\` and breaks it by \`tp_clear\` of the objects in it. Where
none of these has one, the cycle stays forever: an instance that is put into a member of itself, or a method of an
instance that is kept in it as a callback. A type whose members are set once, before anybody else has the instance, needs no
\`tp_clear\`, as tuples need none: what closes a cycle with it is another object, which has one.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'full',
      code: spam('0'),
      reports: {
        at: '14:14 Spam_Type',
        message:
          '`spam.Spam` has no `tp_clear`, and `item` can be set to what refers to the instance: it stays forever',
      },
    },
    { kind: 'good', target: '3.12', compiler: 'full', code: spam('READONLY') },
    { kind: 'good', target: '3.12', compiler: 'full', code: spam('0', '\n    .tp_clear = (inquiry)spam_clear,') },
  ],
  *check({ model }) {
    for (const type of typeDefinitions(model)) {
      if (!type.isWhole || type.entries.some(({ slot, isNull }) => slot === 'Py_tp_clear' && !isNull)) continue
      if (hasFlag(model, type, 'Py_TPFLAGS_HAVE_GC') !== 'yes') continue
      const names = settableMembers(model, type)
      if (names.length === 0) continue
      yield {
        file: type.file,
        ...type.head.span,
        symbol: structOf(type),
        message:
          `${shownType(type)} has no \`${writtenSlot(type, 'tp_clear')}\`, and ${listedNames(names)} can be set to ` +
          'what refers to the instance: it stays forever',
        advice: 'Write a `tp_clear` that calls `Py_CLEAR` of each member, and call it in `tp_dealloc`.',
        notes: doubtsOf(model, type, null),
      }
    }
  },
}

/** The members that `tp_traverse` visits, and that code in Python can set to any object when there is an instance. */
function settableMembers(model: ProjectModel, type: TypeDefinition): readonly string[] {
  const traverse = functionOf(model, type, 'Py_tp_traverse')
  const held = traverse === null ? null : instanceMembers(model, type)
  if (traverse === null || held === null || held.members.length === 0) return []
  const visited = mentionedNames(model, [traverse])
  const set = fieldsSetByPython(model, type, 'attributes')
  return held.members.filter(
    (name) =>
      visited.has(name) && (set.has(name) || memberUses(model, held, name).some((use) => isSetLater(model, use))),
  )
}

/** Whether a use puts any object into a member in a function that is called for an instance that others have. */
const isSetLater = (model: ProjectModel, use: MemberUse): boolean =>
  isGivenAnyObject(model, use) &&
  // For objects that `copy` and `pickle` have just made.
  !/set_?state/i.test(use.around.name) &&
  tableRolesOf(model, { file: use.file, code: use.around }).some(({ kind }) => kind === 'setter' || kind === 'method')
