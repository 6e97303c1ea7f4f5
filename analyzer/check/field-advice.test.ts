import { expect, test } from 'vitest'
import { check } from '../../fixtures/rules.ts'
import { opaqueStructMember } from '../../rules/opaque-struct-member.ts'
import { unavailableType } from '../../rules/unavailable-type.ts'
import { parseTarget } from '../knowledge/target.ts'

test.each([
  ['t->tp_new = f;', '{Py_tp_new, (void *)value}'],
  ['(t->tp_free) = 0;', '{Py_tp_free, (void *)value}'],
  ['t->tp_flags |= Py_TPFLAGS_BASETYPE;', 'spec.flags'],
  ['t->tp_base = &PyLong_Type;', 'PyType_FromSpecWithBases(&spec, bases)'],
  ['t->tp_as_number = 0;', '{Py_nb_add, (void *)add}'],
  ['t->tp_new(t, 0, 0);', '((newfunc)PyType_GetSlot(tp, Py_tp_new))(tp, args, kwargs)'],
  ['PyNumberMethods *n;', 'PyType_GetSlot(tp, Py_nb_add)'],
  ['static PyNumberMethods n;', '{Py_nb_add, (void *)add}'],
  ['PyNumberMethods *n = t->tp_as_number; if (n->nb_int) f();', 'PyType_GetSlot(tp, Py_nb_int)'],
  ['PyNumberMethods *n = t->tp_as_number; n->nb_int(0);', 'PyNumber_Long(a)'],
])('the advice on %s', async (code, advice) => {
  const text = `#include <Python.h>\nvoid *f();\nvoid g(PyTypeObject *t) { ${code} }\n`
  const found = await check({ 'a.c': text }, [opaqueStructMember, unavailableType], [parseTarget('3.11')!])
  expect(found.at(-1)!.advice).toContain(`use \`${advice}\``)
})
