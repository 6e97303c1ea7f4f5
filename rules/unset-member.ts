import { listedNames } from '../analyzer/check/listed-names.ts'
import type { Finding, Rule } from '../analyzer/check/rule.ts'
import { callsIn } from '../analyzer/code/placement.ts'
import { valuesInCode } from '../analyzer/code/statements.ts'
import type { CallValue, FunctionCode } from '../analyzer/code/tree.ts'
import { bare, calleeName, plainText } from '../analyzer/code/values.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { compiledAt } from '../analyzer/semantics/calls.ts'
import type { Body } from '../analyzer/semantics/functions.ts'
import { doubtsOf, functionOf, isOfSlot, shownType, typeDefinitions } from '../analyzer/semantics/heap-types.ts'
import { instanceMembers } from '../analyzer/semantics/instance-members.ts'
import { membersAtEnd } from '../analyzer/semantics/members-at-end.ts'
import { mentionedNames } from '../analyzer/semantics/mentioned-names.ts'

const spam = (made: string, dealloc: string): string => `#include <structmember.h>
typedef struct { PyObject_HEAD PyObject *items; } Spam;
static PyObject *spam_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    ${made}
}
${dealloc}PyTypeObject Spam_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "spam.Spam",
    .tp_basicsize = sizeof(Spam),
    .tp_flags = Py_TPFLAGS_DEFAULT,${dealloc === '' ? '' : '\n    .tp_dealloc = (destructor)spam_dealloc,'}
    .tp_new = spam_new,
};`

const dealloc = `static void spam_dealloc(Spam *self)
{
    Py_CLEAR(self->items);
    PyObject_Free(self);
}
`

export const unsetMember: Rule = {
  name: 'unset-member',
  summary: '`tp_new` that leaves a member of the new object as the memory was',
  explanation: `\`PyObject_New\` and \`PyObject_GC_New\` set the head of an object and nothing else; \`tp_alloc\` fills the
rest with zeros. What \`tp_new\` leaves unset is whatever was in the memory, and \`tp_dealloc\` takes it for a reference.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'full',
      code: spam('return (PyObject *)PyObject_New(Spam, type);', dealloc),
      reports: {
        at: '5:24 PyObject_New(Spam, type)',
        message:
          '`PyObject_New` leaves `items` of a new `spam.Spam` as the memory was, and `spam_dealloc` gives it back',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'full',
      code: spam('return (PyObject *)PyObject_New(Spam, type);', ''),
      reports: {
        at: '5:24 PyObject_New(Spam, type)',
        severity: 'info',
        message: '`PyObject_New` leaves `items` of a new `spam.Spam` as the memory was',
      },
    },
    {
      kind: 'good',
      target: '3.12',
      compiler: 'full',
      code: spam('return type->tp_alloc(type, 0);', dealloc),
    },
    {
      kind: 'good',
      target: '3.12',
      compiler: 'full',
      code: spam(
        'Spam *self = PyObject_New(Spam, type);\n    if (self != NULL)\n        self->items = NULL;\n' +
          '    return (PyObject *)self;',
        dealloc,
      ),
    },
    {
      kind: 'good',
      target: '3.12',
      compiler: 'full',
      code: spam(
        'Spam *self = PyObject_New(Spam, type);\n    if (self != NULL)\n' +
          '        memset(&self->ob_base + 1, 0, sizeof(Spam) - sizeof(PyObject));\n    return (PyObject *)self;',
        dealloc,
      ),
    },
  ],
  *check({ model }) {
    const seen = new Set<FunctionCode>()
    for (const type of typeDefinitions(model)) {
      const body = functionOf(model, type, 'Py_tp_new')
      if (body === null || seen.has(body.code) || !isOfSlot(model, body)) continue
      seen.add(body.code)
      const [call, ...others] = callsIn(body.code).filter((each) => makers.test(calleeName(each) ?? ''))
      const held = call && others.length === 0 ? instanceMembers(model, type) : null
      if (!call || held === null || !isOf(model, body, call, held.struct)) continue
      const named = mentionedNames(model, [body])
      if (named.isOpen || setsAll(body.code)) continue
      const left = held.members.filter((name) => !named.has(name))
      if (left.length === 0) continue
      const end = functionOf(model, type, 'Py_tp_dealloc')
      const atEnd = end && isOfSlot(model, end) ? (membersAtEnd(model, type, held, end) ?? []) : []
      const given = left.filter((name) => atEnd.some((each) => each.name === name && each.isClearedAtEnd))
      const names = given.length > 0 ? given : left
      const them = names.length === 1 ? 'it' : 'them'
      yield {
        file: body.file,
        ...call.span,
        symbol: calleeName(call)!,
        ...(given.length > 0 ? {} : { severity: 'info' }),
        message:
          `\`${calleeName(call)}\` leaves ${listedNames(names)} of a new ${shownType(type)} as the memory was` +
          (given.length > 0 ? `, and \`${end!.code.name}\` gives ${them} back` : ''),
        advice: `Set ${them} to \`NULL\` at once, or make the object by \`type->tp_alloc\`.`,
        notes: [...doubtsOf(model, type, body), ...(given.length > 0 ? [] : ['nothing that was read uses them'])],
      } satisfies Finding
    }
  },
}

const makers = /^PyObject_(?:GC_)?(?:New|NEW)$/

/** Whether a call makes an object of a struct. */
const isOf = (model: ProjectModel, { file }: Body, { operands, span }: CallValue, struct: string): boolean =>
  operands[0] !== undefined &&
  model.apiType(file, plainText(operands[0])) === struct &&
  compiledAt(model, file, span.start) === 'yes'

/** Whether a function sets all of an object at once: by `memset`, or by `*self = (Spam){...}`. */
function setsAll(code: FunctionCode): boolean {
  for (const value of valuesInCode(code.body)) {
    if (value.kind === 'call' && /^(?:mem(?:set|cpy|move)|bzero)$/.test(calleeName(value) ?? '')) return true
    const target = value.kind === 'assign' ? bare(value.target) : null
    if (target?.kind === 'unary' && target.operator === '*') return true
  }
  return false
}
