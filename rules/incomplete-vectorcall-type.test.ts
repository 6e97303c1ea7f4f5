import { expect, test } from 'vitest'
import { parseTarget } from '../analyzer/knowledge/target.ts'
import { check } from '../fixtures/rules.ts'
import { incompleteVectorcallType } from './incomplete-vectorcall-type.ts'

const found = async (text: string): Promise<number> =>
  (await check({ 'spam.c': text }, [incompleteVectorcallType], [parseTarget('3.12')!])).length

/** A type that is called by vectorcall, and code that may run when it is made. */
const spam = (code: string): string => `#include <Python.h>
#include <stddef.h>
typedef struct { PyObject_HEAD vectorcallfunc call; } Spam;
static PyType_Slot spam_slots[] = {{Py_tp_call, PyVectorcall_Call}, {0, NULL}};
static PyType_Spec spam_spec = {
    "spam.Spam", sizeof(Spam), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL, spam_slots
};
PyObject *make(void)
{
    PyTypeObject *type = (PyTypeObject *)PyType_FromSpec(&spam_spec);
    ${code}
    return (PyObject *)type;
}`

test('code that writes the offset into the type stands for the member', async () => {
  expect(await found(spam(''))).toBe(1)
  expect(await found(spam('type->tp_vectorcall_offset = offsetof(Spam, call);'))).toBe(0)
  expect(await found(spam('if (type->tp_vectorcall_offset == 0) return NULL;'))).toBe(1)
  expect(await found(spam('\n#if 0\n    type->tp_vectorcall_offset = offsetof(Spam, call);\n#endif'))).toBe(1)
})
