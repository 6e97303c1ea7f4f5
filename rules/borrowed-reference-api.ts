import type { Rule } from '../analyzer/check/rule.ts'
import type { FunctionCode, Value } from '../analyzer/code/tree.ts'
import { bare, calleeName, nameOf } from '../analyzer/code/values.ts'
import { alternativesOf } from '../analyzer/code/variables.ts'
import type { Target } from '../analyzer/knowledge/target.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { callsAndExpansionsOf, compiledAt } from '../analyzer/semantics/calls.ts'
import { tableRolesOf } from '../analyzer/semantics/function-roles.ts'
import { type Body, functionsOf } from '../analyzer/semantics/functions.ts'

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
that give a reference of one's own are in the Limited API from 3.13 on, and shims of theirs below.

Nothing is said of containers that the function itself has made, nor of functions that lock. It is not told from the
source whether others are shared between threads: leave the call where they are not. The rule looks at code for abi3t,
and at projects that say \`Py_MOD_GIL_NOT_USED\`.`,
  severity: 'info',
  effect: 'runtime-bug',
  onRequest: true,
  examples: [
    {
      kind: 'bad',
      target: 'abi3t',
      compiler: 'silent',
      code: first(),
      reports: {
        at: '3:22 PyList_GetItem(list, 0)',
        message: '`PyList_GetItem` lends what another thread may free before there is a reference to it',
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
        message: '`PyDict_GetItemString` lends what another thread may free before there is a reference to it',
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
        message: '`PyDict_Next` lends keys and values that another thread may take out of the dict',
      },
    },
    { kind: 'good', target: '3.13', code: first() },
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
  *check({ model, target }) {
    if (!runsWithoutGil(model, target)) return
    for (const [name, better] of Object.entries(lenders))
      for (const { file, around, call, macro, doubts } of callsAndExpansionsOf(model, name)) {
        const [container] = call.operands
        if (!functionsOf(model).isOfApi(file, name) || (container && isOwn(model, { file, code: around }, container)))
          continue
        if (locks(model, file, around)) continue
        yield {
          file,
          ...call.span,
          macro,
          symbol: name,
          notes: doubts,
          message:
            name === 'PyDict_Next'
              ? '`PyDict_Next` lends keys and values that another thread may take out of the dict'
              : `\`${name}\` lends what another thread may free before there is a reference to it`,
          advice: better === '' ? 'Lock the dict: `Py_BEGIN_CRITICAL_SECTION`.' : adviceFor(model, better),
        }
      }
  },
}

const adviceFor = (model: ProjectModel, better: string): string => {
  const name = model.declares(better) ? better : better.replace(/^Py/, 'Pep')
  return `Call \`${name}\`, and give the reference back, if threads share what it is asked of.`
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

/** Whether a project is for Pythons without a GIL, by its target or as its modules say. */
const runsWithoutGil = (model: ProjectModel, target: Target): boolean =>
  target.abi3t ||
  [...model.files.keys()].some((file) =>
    model.project
      .code(file)
      .references('Py_MOD_GIL_NOT_USED')
      .some((offset) => compiledAt(model, file, offset) !== 'no'),
  )

/** Whether a container is one that a function has made, or that nobody else has: `kwargs`. */
const isOwn = (model: ProjectModel, body: Body, container: Value): boolean =>
  alternativesOf(body.code, container).every((each) => {
    const inner = bare(each)
    if (inner.kind === 'call') {
      const name = calleeName(inner)
      // What the project's own functions give is as well theirs to know.
      return name === null || makers.test(name) || !/^_?Py/.test(name)
    }
    const name = nameOf(inner)
    return name !== null && (/^(?:kw|kwargs|kwds|keywds|kwnames)$/.test(name) || isOfKeywords(model, body, name))
  })

/** Whether a parameter is the dictionary that CPython makes of keyword arguments. */
const isOfKeywords = (model: ProjectModel, { file, code }: Body, name: string): boolean =>
  code.parameters.length === 3 &&
  code.parameters[2]!.name === name &&
  code.parameters[1]!.type === 'PyObject*' &&
  tableRolesOf(model, { file, code }).some(
    ({ kind, name: slot }) =>
      /^(?:module function|function|method)$/.test(kind) || (kind === 'slot' && /^tp_(?:init|new|call)$/.test(slot)),
  )

/** Functions that make a container. */
const makers = new RegExp(
  '^(?:PyList_(?:New|GetSlice)|PyDict_(?:New|Copy|Keys|Values|Items)|PySequence_List|' +
    'PyMapping_(?:Keys|Values|Items)|PyObject_Dir|Py_BuildValue)$',
)

/** Whether a function takes a lock. */
const locks = (model: ProjectModel, file: number, { span }: FunctionCode): boolean =>
  /CRITICAL_SECTION|[Mm]utex|SRWLock|(?:\b|_)[Ll]ock(?:\b|_)/.test(
    model.project.code(file).text.slice(span.start, span.end),
  )
