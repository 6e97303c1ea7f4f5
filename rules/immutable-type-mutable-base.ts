import type { Rule } from '../analyzer/check/rule.ts'
import { flagAdded } from '../analyzer/fix/type-flag.ts'
import { buildDoubts } from '../analyzer/semantics/calls.ts'
import { attributesSetOf } from '../analyzer/semantics/changed-types.ts'
import { hasFlag, shownType } from '../analyzer/semantics/heap-types.ts'
import { givenBases } from '../analyzer/semantics/type-bases.ts'

const specs = (base: string, own = 'Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE'): string => `#include <Python.h>
static PyTypeObject *Base_Type, *Spam_Type;
static PyType_Slot slots[] = {{0, NULL}};
static PyType_Spec base_spec = {"spam.Base", 0, 0, ${base}, slots};
static PyType_Spec spam_spec = {"spam.Spam", 0, 0, ${own}, slots};
int spam_exec(PyObject *m)
{
    Base_Type = (PyTypeObject *)PyType_FromModuleAndSpec(m, &base_spec, NULL);
    Spam_Type = (PyTypeObject *)PyType_FromModuleAndSpec(m, &spam_spec, (PyObject *)Base_Type);
    return Spam_Type ? 0 : -1;
}`

const flags = 'Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE'

export const immutableTypeMutableBase: Rule = {
  name: 'immutable-type-mutable-base',
  summary: 'type with `Py_TPFLAGS_IMMUTABLETYPE` whose base has it not',
  explanation: `What is set in a base is seen in all types derived from it, so a type cannot stay as it is whose base
changes. Python 3.12 and 3.13 warn where such a type is made, and 3.14 refuses: \`TypeError: Creating immutable type
spam.Spam from mutable base spam.Base\`. Static types, CPython's among them, are immutable.

Give the base the flag, too, or take it from the type.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      fixes: 'unsafe',
      code: specs(flags),
      fixed: specs(`${flags} | Py_TPFLAGS_IMMUTABLETYPE`),
      reports: {
        at: '9:85 Base_Type',
        message: '`spam.Spam` is immutable and its base `spam.Base` is not: `TypeError` from Python 3.14 on',
      },
    },
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: specs(flags).replace(
        '    Spam_Type =',
        '    PyObject_SetAttrString((PyObject *)Base_Type, "size", Py_None);\n    Spam_Type =',
      ),
      reports: {
        at: '10:85 Base_Type',
        message: '`spam.Spam` is immutable and its base `spam.Base` is not: `TypeError` from Python 3.14 on',
      },
    },
    { kind: 'good', target: '3.10', code: specs(`${flags} | Py_TPFLAGS_IMMUTABLETYPE`) },
    { kind: 'good', target: '3.10', code: specs(flags, 'Py_TPFLAGS_DEFAULT') },
    {
      kind: 'good',
      target: '3.10',
      code: specs(flags).replace('(PyObject *)Base_Type', '(PyObject *)&PyList_Type'),
    },
    { kind: 'good', target: '3.10', code: specs(`${flags} | (1UL << 8)`) },
  ],
  *check({ model }) {
    for (const { type, base, span, region } of givenBases(model)) {
      const compiled = model.active(type.file, region)
      if (base === null || compiled === 'no') continue
      if (hasFlag(model, type, flag) !== 'yes' || hasFlag(model, base, flag) !== 'no') continue
      yield {
        file: type.file,
        ...span,
        symbol: flag,
        notes: buildDoubts(compiled),
        message:
          `${shownType(type)} is immutable and its base ${shownType(base)} is not: ` +
          '`TypeError` from Python 3.14 on',
        advice: `Give the base \`${flag}\`, or take it from the type.`,
        fix:
          attributesSetOf(model, base).length > 0
            ? null
            : flagAdded(base.spec, flag, 'attributes of the base can no longer be set then', 'make the base immutable'),
      }
    }
  },
}

const flag = 'Py_TPFLAGS_IMMUTABLETYPE'
