import type { Rule } from '../analyzer/check/rule.ts'
import { isAnyObject } from '../analyzer/semantics/any-object.ts'
import { isAvailable } from '../analyzer/semantics/availability.ts'
import { callsAndExpansionsOf } from '../analyzer/semantics/calls.ts'
import { functionsOf } from '../analyzer/semantics/functions.ts'

const get = (call: string): string => `PyObject *get(PyObject *dict, PyObject *args)
{
    PyObject *key;
    if (!PyArg_ParseTuple(args, "O", &key))
        return NULL;
    return Py_XNewRef(${call});
}`

const method = (flags: string, parameters: string, key: string): string => `static PyObject *cache;
static PyObject *get(PyObject *self, ${parameters}) { return Py_XNewRef(PyDict_GetItem(cache, ${key})); }
PyMethodDef methods[] = {{"get", (PyCFunction)(void (*)(void))get, ${flags}, NULL}, {NULL}};`

export const errorSwallowingLookup: Rule = {
  name: 'error-swallowing-lookup',
  summary: 'look-up that takes any exception for "not there"',
  explanation: `\`PyDict_GetItem\`, \`PyObject_HasAttr\`, \`PyMapping_HasKey\` and their like drop every exception: what
\`__eq__\`, \`__hash__\`, \`__getattr__\` or \`__getitem__\` raises, \`MemoryError\` and \`KeyboardInterrupt\` among it, reads
as "not there". CPython's documentation advises against them, and since 3.13 what is dropped is printed as an unraisable
exception. Of \`PyDict_GetItem\` that is said where Python code hands over the key, which may be anything: to look for a
string hardly fails.`,
  severity: 'info',
  effect: 'runtime-bug',
  onRequest: true,
  examples: () => [
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: get('PyDict_GetItem(dict, key)'),
      reports: {
        at: '6:23 PyDict_GetItem(dict, key)',
        message: '`PyDict_GetItem` drops exceptions: what it could not find out reads as "not there"',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: 'int f(PyObject *o) { return PyObject_HasAttrString(o, "spam"); }',
      reports: {
        at: '1:29 PyObject_HasAttrString(o, "spam")',
        message: '`PyObject_HasAttrString` drops exceptions: what it could not find out reads as "not there"',
      },
    },
    {
      kind: 'bad',
      target: '3.13',
      compiler: 'silent',
      code: 'int f(PyObject *o, PyObject *key) { return PyMapping_HasKey(o, key); }',
      reports: {
        at: '1:44 PyMapping_HasKey(o, key)',
        message: '`PyMapping_HasKey` drops exceptions: what it could not find out reads as "not there"',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: method('METH_O', 'PyObject *key', 'key'),
      reports: {
        at: '2:73 PyDict_GetItem(cache, key)',
        message: '`PyDict_GetItem` drops exceptions: what it could not find out reads as "not there"',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: method('METH_FASTCALL', 'PyObject *const *args, Py_ssize_t count', 'args[0]'),
      reports: {
        at: '2:99 PyDict_GetItem(cache, args[0])',
        message: '`PyDict_GetItem` drops exceptions: what it could not find out reads as "not there"',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: `static PyObject *cache;
static PyObject *get(PyObject *self, PyObject *key) { return Py_XNewRef(PyDict_GetItem(cache, key)); }
PyType_Slot slots[] = {{Py_mp_subscript, get}, {0, NULL}};`,
      reports: {
        at: '2:73 PyDict_GetItem(cache, key)',
        message: '`PyDict_GetItem` drops exceptions: what it could not find out reads as "not there"',
      },
    },
    {
      kind: 'good',
      target: '3.12',
      code: method('METH_O', 'PyObject *key', 'key').replace('return', 'return !PyUnicode_Check(key) ? NULL :'),
    },
    { kind: 'good', target: '3.10', code: get('PyDict_GetItemWithError(dict, key)') },
    { kind: 'good', target: '3.10', code: get('PyDict_GetItem(dict, args)') },
    {
      kind: 'good',
      target: '3.13',
      code: 'int f(PyObject *o) { return PyObject_HasAttrStringWithError(o, "spam"); }',
    },
  ],
  *check({ model }) {
    for (const [name, { better, otherwise }] of Object.entries(lookups))
      for (const each of callsAndExpansionsOf(model, name)) {
        const { file, around, call, macro, doubts } = each
        const key = call.operands[1]
        if (!functionsOf(model).isOfApi(file, name)) continue
        if (name === 'PyDict_GetItem' && !(key && isAnyObject(model, { file, code: around }, key))) continue
        yield {
          file,
          ...call.span,
          macro,
          symbol: name,
          notes: doubts,
          message: `\`${name}\` drops exceptions: what it could not find out reads as "not there"`,
          advice: isAvailable(model, better) ? `Call \`${better}\`, and look for an exception.` : otherwise,
        }
      }
  },
}

/** What to call instead; source: Doc/c-api/dict.rst, object.rst, mapping.rst. */
const lookups: Readonly<Record<string, { readonly better: string; readonly otherwise: string }>> = {
  PyDict_GetItem: { better: 'PyDict_GetItemWithError', otherwise: '' },
  PyObject_HasAttr: {
    better: 'PyObject_HasAttrWithError',
    otherwise: 'Call `PyObject_GetAttr`, and clear `AttributeError` alone.',
  },
  PyObject_HasAttrString: {
    better: 'PyObject_HasAttrStringWithError',
    otherwise: 'Call `PyObject_GetAttrString`, and clear `AttributeError` alone.',
  },
  PyMapping_HasKey: {
    better: 'PyMapping_HasKeyWithError',
    otherwise: 'Call `PyObject_GetItem`, and clear `KeyError` alone.',
  },
  PyMapping_HasKeyString: {
    better: 'PyMapping_HasKeyStringWithError',
    otherwise: 'Call `PyMapping_GetItemString`, and clear `KeyError` alone.',
  },
}
