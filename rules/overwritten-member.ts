import type { Example, Finding, Rule } from '../analyzer/check/rule.ts'
import { callsIn, inCasts } from '../analyzer/code/placement.ts'
import { eachStatement } from '../analyzer/code/statements.ts'
import type { FunctionCode, Statement } from '../analyzer/code/tree.ts'
import { bare, calleeName, eachValue, isNull, nameOf } from '../analyzer/code/values.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { type Body, functionsOf } from '../analyzer/semantics/functions.ts'
import {
  doubtsOf,
  functionOf,
  isOfSlot,
  shownType,
  structOf,
  typeDefinitions,
} from '../analyzer/semantics/heap-types.ts'
import { instanceMembers } from '../analyzer/semantics/instance-members.ts'
import { isSet, type MemberUse, memberUses, memberValues } from '../analyzer/semantics/state-members.ts'

const spam = (init: string): string => `#include <structmember.h>
typedef struct { PyObject_HEAD PyObject *items; } Spam;
static int spam_init(Spam *self, PyObject *args, PyObject *kwargs)
{
    ${init}
}
static void spam_dealloc(Spam *self)
{
    Py_CLEAR(self->items);
    Py_TYPE(self)->tp_free((PyObject *)self);
}
PyTypeObject Spam_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "spam.Spam",
    .tp_basicsize = sizeof(Spam),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_dealloc = (destructor)spam_dealloc,
    .tp_init = (initproc)spam_init,
    .tp_new = PyType_GenericNew,
};`

const good = (init: string): Example => ({
  kind: 'good',
  target: '3.12',
  compiler: 'full',
  code: spam(init),
})

export const overwrittenMember: Rule = {
  name: 'overwritten-member',
  summary: '`tp_init` that overwrites a reference of an object that it was called for before',
  explanation: `\`tp_init\` is \`__init__\`: anyone may call it again, and \`super().__init__()\` of two bases does.
A reference that it puts into a member without giving back what is there stays for ever. \`Py_XSETREF\` does both, in
the order that is safe.`,
  severity: 'info',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'full',
      code: spam('self->items = PyList_New(0);\n    return self->items == NULL ? -1 : 0;'),
      reports: {
        at: '5:5 self->items',
        message: '`spam_init` overwrites what is in `items` of an instance of `spam.Spam` when it is called again',
      },
    },
    good('Py_CLEAR(self->items);\n    self->items = PyList_New(0);\n    return 0;'),
    good('if (self->items == NULL)\n        self->items = PyList_New(0);\n    return 0;'),
    good('PyObject *old = self->items;\n    self->items = PyList_New(0);\n    Py_XDECREF(old);\n    return 0;'),
    good('Py_XSETREF(self->items, PyList_New(0));\n    return 0;'),
    good('self->items = NULL;\n    return 0;'),
    {
      kind: 'good',
      target: '3.12',
      compiler: 'full',
      code: spam('reset(self);\n    self->items = PyList_New(0);\n    return 0;').replace(
        'static int spam_init',
        'static void reset(Spam *self) { Py_CLEAR(self->items); }\nstatic int spam_init',
      ),
    },
  ],
  *check({ model }) {
    const seen = new Set<FunctionCode>()
    for (const type of typeDefinitions(model)) {
      const init = functionOf(model, type, 'Py_tp_init')
      if (init === null || seen.has(init.code) || !isOfSlot(model, init)) continue
      seen.add(init.code)
      const held = instanceMembers(model, type)
      for (const name of held?.members ?? []) {
        const uses = memberUses(model, held!, name)
        const [first] = uses.filter(({ around }) => around === init.code)
        if (!first || !isOverwritten(model, init, first) || memberValues(model, uses).reference !== 'new') continue
        yield {
          file: init.file,
          ...first.member.span,
          symbol: structOf(type),
          message:
            `\`${init.code.name}\` overwrites what is in \`${name}\` of an instance of ${shownType(type)} ` +
            'when it is called again',
          advice: 'Give back what is there: `Py_XSETREF` puts a new reference in its place.',
          notes: doubtsOf(model, type, init),
          hangsOnOthers: held!.isShared,
        } satisfies Finding
      }
    }
  },
}

/** Whether the first use of a member in a function sets it, and nothing before may have seen to what is there. */
function isOverwritten(model: ProjectModel, { file, code }: Body, first: MemberUse): boolean {
  const { whole, parent } = inCasts(code, first.member)
  if (!isSet(first) || parent?.kind !== 'assign' || parent.target !== whole || isNull(bare(parent.value))) return false
  const self = nameOf(bare(first.member.object))
  const own = new Set([self, code.parameters[0]?.name])
  const isBefore = ({ span }: { readonly span: { readonly start: number } }): boolean =>
    span.start < first.member.span.start
  const isHandedOn = callsIn(code).some(
    (call) =>
      isBefore(call) &&
      call.operands.some((each) => own.has(nameOf(bare(each)) ?? undefined)) &&
      !functionsOf(model).isOfApi(file, calleeName(call) ?? ''),
  )
  return !isHandedOn && !eachStatement(code.body).some((each) => isBefore(each) && asksOf(each, own))
}

/** Whether a condition asks for what is in an object: whether it is initialised already. */
const asksOf = (statement: Statement, own: ReadonlySet<string | null | undefined>): boolean =>
  statement.kind === 'if' &&
  eachValue(statement.condition).some((each) => each.kind === 'member' && own.has(nameOf(bare(each.object))))
