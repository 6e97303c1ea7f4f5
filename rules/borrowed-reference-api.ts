import type { Rule } from '../analyzer/check/rule.ts'
import type { FunctionCode } from '../analyzer/code/tree.ts'
import { lentReferenceFix } from '../analyzer/fix/lent-references.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { isAvailable } from '../analyzer/semantics/availability.ts'
import { callsAndExpansionsOf } from '../analyzer/semantics/calls.ts'
import { functionsOf } from '../analyzer/semantics/functions.ts'
import { lentUse } from '../analyzer/semantics/lent-uses.ts'
import { isOfImport, sharedAs } from '../analyzer/semantics/shared-containers.ts'
import { needsGil } from '../analyzer/semantics/version-guards.ts'
import { runsWithoutGil, saysWithoutGil } from '../analyzer/semantics/without-gil.ts'

const first = (make = ''): string => `PyObject *f(PyObject *list)
{
    ${make}PyObject *item = PyList_GetItem(list, 0);
    Py_XINCREF(item);
    return item;
}`

export const borrowedReferenceApi: Rule = {
  name: 'borrowed-reference-api',
  summary: 'borrowed reference that another thread may take away, in code for Pythons without a GIL',
  explanation: `\`PyList_GetItem\`, \`PyDict_GetItem\` and their like lend what a container refers to. Without a GIL
another thread may take the object out of the container before \`Py_INCREF\` is reached, and it is freed. The functions
that give a reference of one's own are in the Limited API from 3.13 on, and shims of theirs below. \`PyDict_Next\` has
none: lock the dict by \`Py_BEGIN_CRITICAL_SECTION\`.

A finding says why others reach the container: code in Python hands it over, it is a field of an object, a variable of
the process, the namespace of a module. Nothing is said of containers that the function has made, of \`**kwargs\`, of
what is only compared, of functions that lock, and of those that run where a module is imported.

The rule looks at code for abi3t, and at projects that say \`Py_MOD_GIL_NOT_USED\`. Where no module says so the finding is
for information: Python turns its GIL on when it imports such a module.`,
  severity: 'info',
  effect: 'runtime-bug',
  examples: [
    {
      kind: 'bad',
      target: 'abi3t',
      compiler: 'silent',
      code: first(),
      fixes: 'unsafe',
      fixed: `PyObject *f(PyObject *list)
{
    PyObject *item = PyList_GetItemRef(list, 0);
    return item;
}`,
      reports: {
        at: '3:22 PyList_GetItem(list, 0)',
        message:
          '`PyList_GetItem` lends what another thread may free before there is a reference to it (whoever calls `f` may share it)',
      },
    },
    {
      kind: 'bad',
      target: '3.13',
      compiler: 'silent',
      code: `PyModuleDef_Slot slots[] = {{Py_mod_gil, Py_MOD_GIL_NOT_USED}, {0, NULL}};
PyObject *f(PyObject *dict) { return PyDict_GetItemString(dict, "spam"); }`,
      reports: {
        at: '2:38 PyDict_GetItemString(dict, "spam")',
        severity: 'warning',
        message:
          '`PyDict_GetItemString` lends what another thread may free before there is a reference to it (whoever calls `f` may share it)',
      },
    },
    {
      kind: 'bad',
      target: 'abi3t',
      compiler: 'silent',
      code: `void f(PyObject *dict)
{
    PyObject *key, *value;
    Py_ssize_t at = 0;
    while (PyDict_Next(dict, &at, &key, &value)) { }
}`,
      reports: {
        at: '5:12 PyDict_Next(dict, &at, &key, &value)',
        message:
          '`PyDict_Next` lends keys and values that another thread may take out of the dict (whoever calls `f` may ' +
          'share it)',
      },
    },
    {
      kind: 'bad',
      target: 'abi3t',
      compiler: 'silent',
      code: `static PyObject *cache;
static PyObject *get(PyObject *self, PyObject *key)
{
    PyObject *value = PyDict_GetItemWithError(cache, key);
    return value == NULL ? NULL : PyObject_Str(value);
}
PyMethodDef methods[] = {{"get", get, METH_O, NULL}, {NULL}};`,
      reports: {
        at: '4:23 PyDict_GetItemWithError(cache, key)',
        message:
          '`PyDict_GetItemWithError` lends what another thread may free before there is a reference to it ' +
          '(`cache` is there once in the process)',
      },
    },
    {
      kind: 'bad',
      target: 'abi3t',
      compiler: 'silent',
      code: `static double at(PyObject *list, Py_ssize_t i) { return PyFloat_AsDouble(PyList_GetItem(list, i)); }
static PyObject *first(PyObject *self, PyObject *args)
{
    PyObject *list;
    if (!PyArg_ParseTuple(args, "O!", &PyList_Type, &list))
        return NULL;
    return PyFloat_FromDouble(at(list, 0));
}
PyMethodDef methods[] = {{"first", first, METH_VARARGS, NULL}, {NULL}};`,
      reports: {
        at: '1:74 PyList_GetItem(list, i)',
        message:
          '`PyList_GetItem` lends what another thread may free before there is a reference to it (code in Python ' +
          'hands it over)',
      },
    },
    {
      kind: 'bad',
      target: '3.13',
      compiler: 'silent',
      code: `PyModuleDef_Slot slots[] = {{Py_mod_gil, Py_MOD_GIL_NOT_USED}, {0, NULL}};
double f(PyObject *dict, PyObject *key)
{
    double number;
    PyObject *value = PyDict_GetItemWithError(dict, key);
    if (value == NULL)
        return -1.0;
    number = PyFloat_AsDouble(value);
    return number;
}`,
      fixed: `PyModuleDef_Slot slots[] = {{Py_mod_gil, Py_MOD_GIL_NOT_USED}, {0, NULL}};
double f(PyObject *dict, PyObject *key)
{
    double number;
    PyObject *value = NULL;
    (void)PyDict_GetItemRef(dict, key, &value);
    if (value == NULL)
        return -1.0;
    number = PyFloat_AsDouble(value);
    Py_DECREF(value);
    return number;
}`,
      reports: {
        at: '5:23 PyDict_GetItemWithError(dict, key)',
        severity: 'warning',
        message:
          '`PyDict_GetItemWithError` lends what another thread may free before there is a reference to it (whoever ' +
          'calls `f` may share it)',
      },
    },
    { kind: 'good', target: '3.13', code: first() },
    {
      kind: 'good',
      target: 'abi3t',
      code: `static PyObject *cache;
static PyObject *has(PyObject *self, PyObject *key)
{
    PyObject *value = PyDict_GetItemWithError(cache, key);
    return PyBool_FromLong(value != NULL && value != Py_None);
}
PyMethodDef methods[] = {{"has", has, METH_O, NULL}, {NULL}};`,
    },
    {
      kind: 'good',
      target: 'abi3t',
      code: `static int spam_exec(PyObject *module)
{
    PyObject *all = PyDict_GetItemString(PyModule_GetDict(module), "__all__");
    return all == NULL ? 0 : PyList_Append(all, module);
}
PyModuleDef_Slot slots[] = {{Py_mod_exec, spam_exec}, {0, NULL}};`,
    },
    {
      kind: 'good',
      target: '3.12',
      code: `#ifdef SPAM_THREADS
PyModuleDef_Slot slots[] = {{Py_mod_gil, Py_MOD_GIL_NOT_USED}, {0, NULL}};
#endif
#ifdef Py_LIMITED_API
#define LEVEL Py_LIMITED_API
#else
#define LEVEL PY_VERSION_HEX
#endif
#if LEVEL < 0x030D0000
${first()}
#endif`,
    },
    {
      kind: 'good',
      target: 'abi3t',
      code: `static PyObject *f(PyObject *self, PyObject *args, PyObject *named)
{
    return Py_XNewRef(PyDict_GetItemString(named, "spam"));
}
PyMethodDef methods[] = {{"f", (PyCFunction)(void (*)(void))f, METH_VARARGS | METH_KEYWORDS, NULL}, {NULL}};`,
    },
    {
      kind: 'good',
      target: 'abi3t',
      file: 'example.cpp',
      code: `#include <Python.h>
#include <mutex>
static std::mutex mutex;
PyObject *f(PyObject *list)
{
    std::lock_guard<std::mutex> guard(mutex);
    return Py_XNewRef(PyList_GetItem(list, 0));
}`,
    },
    {
      kind: 'good',
      target: 'abi3t',
      code: first('list = PySequence_List(list);\n    ')
        .replace('list)\n', 'of)\n')
        .replace('list = PySequence_List(list)', 'PyObject *list = PySequence_List(of)'),
    },
    { kind: 'good', target: 'abi3t', code: first().replace('GetItem', 'GetItemRef') },
    {
      kind: 'good',
      target: 'abi3t',
      code: `void f(PyObject *dict)
{
    PyObject *key, *value;
    Py_ssize_t at = 0;
    Py_BEGIN_CRITICAL_SECTION(dict);
    while (PyDict_Next(dict, &at, &key, &value)) { }
    Py_END_CRITICAL_SECTION();
}`,
    },
  ],
  *check({ model, target, wantsFixes }) {
    if (!runsWithoutGil(model, target)) return
    const severity = saysWithoutGil(model) ? 'warning' : 'info'
    for (const [name, better] of Object.entries(lenders))
      for (const { file, around, call, macro, doubts } of callsAndExpansionsOf(model, name)) {
        const use = name === 'PyDict_Next' ? 'used' : lentUse(around, call)
        const [container] = call.operands
        if (use === null || !container || !functionsOf(model).isOfApi(file, name) || locks(model, file, around))
          continue
        const body = { file, code: around }
        if (isOfImport(model, body)) continue
        const why = outright[name] ?? sharedAs(model, body, container)
        if (why === null || needsGil(model, file, model.project.code(file).regionAt(call.span.start))) continue
        yield {
          file,
          ...call.span,
          macro,
          symbol: name,
          severity,
          notes: doubts,
          message: `${messageFor(name)} (${why})`,
          fix: wantsFixes && macro < 0 ? lentReferenceFix(model, body, call) : null,
          advice: better === '' ? 'Lock the dict: `Py_BEGIN_CRITICAL_SECTION`.' : adviceFor(model, better),
        }
      }
  },
}

const messageFor = (name: string): string =>
  name === 'PyDict_Next'
    ? '`PyDict_Next` lends keys and values that another thread may take out of the dict'
    : `\`${name}\` lends what another thread may free before there is a reference to it`

const adviceFor = (model: ProjectModel, better: string): string => {
  const name = isAvailable(model, better) ? better : better.replace(/^Py/, 'Pep')
  return `Call \`${name}\`, and give the reference back by \`Py_DECREF\` on each way out.`
}

/** What gives a reference of one's own instead; source: Doc/howto/free-threading-extensions.rst. */
const lenders: Readonly<Record<string, string>> = {
  PyList_GetItem: 'PyList_GetItemRef',
  PyDict_GetItem: 'PyDict_GetItemRef',
  PyDict_GetItemWithError: 'PyDict_GetItemRef',
  PyDict_GetItemString: 'PyDict_GetItemStringRef',
  PyDict_Next: '',
  PyWeakref_GetObject: 'PyWeakref_GetRef',
  PyImport_AddModule: 'PyImport_AddModuleRef',
}

/** What may go whatever they are asked of. */
const outright: Readonly<Record<string, string>> = {
  PyImport_AddModule: 'it is in `sys.modules`',
  PyWeakref_GetObject: 'whoever has the object may let it go',
}

/** Whether a function takes a lock. */
const locks = (model: ProjectModel, file: number, { span }: FunctionCode): boolean =>
  /CRITICAL_SECTION|[Mm]utex|SRWLock|(?:\b|_)[Ll]ock(?:\b|_)/.test(
    model.project.code(file).text.slice(span.start, span.end),
  )
