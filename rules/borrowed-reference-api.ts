import type { Rule } from '../analyzer/check/rule.ts'
import { aloneStatement, inCasts, isInLoopHead, leadOf, parentsIn, statementOf } from '../analyzer/code/placement.ts'
import { valuesInCode } from '../analyzer/code/statements.ts'
import type { BlockStatement, CallValue, FunctionCode, Statement } from '../analyzer/code/tree.ts'
import { calleeName, eachValue, nameOf } from '../analyzer/code/values.ts'
import { isParameter, variablesNamed } from '../analyzer/code/variables.ts'
import type { Fix, Rewrite } from '../analyzer/fix/fix.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { isAvailable } from '../analyzer/semantics/availability.ts'
import { callsAndExpansionsOf } from '../analyzer/semantics/calls.ts'
import { type Body, functionsOf, isCxxFile } from '../analyzer/semantics/functions.ts'
import { isNullTest, lentUse } from '../analyzer/semantics/lent-uses.ts'
import { runsUnderLock } from '../analyzer/semantics/locks.ts'
import { releasePlaces } from '../analyzer/semantics/release-places.ts'
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
another thread may take the object out of the container before \`Py_INCREF\` is reached, and it is
freed. The functions that give a reference of one's own are in the Limited API from 3.13 on, and
shims of theirs below. \`PyDict_Next\` has none: lock the dict by \`Py_BEGIN_CRITICAL_SECTION\`.

A finding says why others reach the container: code in Python hands it over, it is a field of an object, a variable of
the process, the namespace of a module. Nothing is said of containers that the function has made, of \`**kwargs\`, of
what is only compared, of functions that lock
or whose callers hold a lock, and of those that run where a module is imported.

The rule looks at code for abi3t, and at projects that say \`Py_MOD_GIL_NOT_USED\`. Where no module says so the
finding is for information: Python turns its GIL on when it imports such a module.`,
  severity: 'info',
  effect: 'runtime-bug',
  examples: () => [
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
          '`PyList_GetItem` lends what another thread may free before there is a reference to it ' +
          '(whoever calls `f` may share it)',
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
          '`PyDict_GetItemString` lends what another thread may free before there is a reference to it ' +
          '(whoever calls `f` may share it)',
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
      code: `static PyObject *first_impl(PyObject *list) { return Py_XNewRef(PyList_GetItem(list, 0)); }
static PyObject *first(PyObject *self, PyObject *list)
{
    PyObject *item;
    Py_BEGIN_CRITICAL_SECTION(list);
    item = first_impl(list);
    Py_END_CRITICAL_SECTION();
    return item;
}
PyMethodDef methods[] = {{"first", first, METH_O, NULL}, {NULL}};`,
    },
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
        if (use === null || !container || !functionsOf(model).isOfApi(file, name)) continue
        const body = { file, code: around }
        if (isOfImport(model, body) || runsUnderLock(model, body)) continue
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

/** What is written instead of a call that lends. */
interface Lender {
  readonly better: string
  /** Whether the object goes where the last operand points to. */
  readonly byAddress: boolean
  /** Whether the old call clears exceptions of the look-up. */
  readonly clears: boolean
  /** What differs; empty for nothing. */
  readonly reason: string
}

const cleared = 'where an exception is set before, one of the look-up takes its place, and both are cleared'

const fixes: Readonly<Record<string, Lender>> = {
  PyList_GetItem: {
    better: 'PyList_GetItemRef',
    byAddress: false,
    clears: false,
    reason: 'what is no list gives `TypeError` instead of `SystemError`',
  },
  PyImport_AddModule: { better: 'PyImport_AddModuleRef', byAddress: false, clears: false, reason: '' },
  PyDict_GetItemWithError: { better: 'PyDict_GetItemRef', byAddress: true, clears: false, reason: '' },
  PyDict_GetItem: { better: 'PyDict_GetItemRef', byAddress: true, clears: true, reason: cleared },
  PyDict_GetItemString: { better: 'PyDict_GetItemStringRef', byAddress: true, clears: true, reason: cleared },
}

/**
 * The fix for a call that lends an object to a variable of the function, or whose result gets a reference at once: the
 * call that gives a reference, and `Py_DECREF` on each way out. Null where not all ways are understood.
 */
function lentReferenceFix(model: ProjectModel, body: Body, call: CallValue): Fix | null {
  const name = calleeName(call) ?? ''
  const lender = Object.hasOwn(fixes, name) ? fixes[name]! : null
  if (!lender || body.code.kind !== 'function' || isCxxFile(model, body.file)) return null
  const shim = isAvailable(model, lender.better) ? null : lender.better.replace(/^Py/, 'Pep')
  const written = shim ?? lender.better
  const rewrites = counted(body.code, call, lender, written) ?? assigned(model, body, call, lender, written)
  if (rewrites === null) return null
  return {
    title: `call \`${written}\`, and give the reference back on each way out`,
    safety: lender.reason === '' ? 'safe' : 'unsafe',
    reason: lender.reason,
    kind: 'file',
    rewrites: [...rewrites].sort((a, b) => a.start - b.start),
    includes: [],
    shims: shim === null ? [] : [shim],
  }
}

/** `Py_XNewRef(PyList_GetItem(list, 0))` */
function counted(code: FunctionCode, call: CallValue, lender: Lender, written: string): Rewrite[] | null {
  const { parent } = inCasts(code, call)
  if (parent?.kind !== 'call' || !/^Py_X?NewRef$/.test(calleeName(parent) ?? '') || lender.byAddress) return null
  return [{ ...parent.span, pieces: [written, { start: call.open, end: call.span.end }] }]
}

/** `PyObject *item = PyList_GetItem(list, 0);`, and the same as an assignment. */
function assigned(model: ProjectModel, body: Body, call: CallValue, lender: Lender, written: string): Rewrite[] | null {
  const { code, file } = body
  const { parent } = inCasts(code, call)
  const statement = statementOf(code, call)
  const name = parent?.kind === 'variable' ? parent.name : parent?.kind === 'assign' ? nameOf(parent.target) : null
  if (!statement || !parent || name === null || !isOwnVariable(code, name) || isInLoopHead(code, statement)) return null
  if (parent.kind === 'variable' && !(statement.kind === 'declaration' && statement.variables.length === 1)) return null
  if (parent.kind === 'assign' && aloneStatement(code, parent)?.statement !== statement) return null
  if (call.operands.some((each) => eachValue(each).some((inner) => nameOf(inner) === name))) return null
  const block = parentsIn(code).get(statement)
  const around = block === undefined ? code.body : block.kind === 'block' ? (block as BlockStatement).statements : null
  if (!around) return null
  const { text } = model.project.code(file)
  const lead = leadOf(text, statement.span)
  const change = lookup(text, call, parent.kind === 'variable' ? parent.nameSpan.end : null, statement, {
    lender,
    written,
    name,
    lead,
  })
  const reference = referenceTaken(code, around, statement, name)
  if (reference) return [change, { ...reference.span, pieces: [] }]
  const places = releasePlaces(model, body, { around, statement, name, call })
  if (places === null) return null
  const isThere = isTestedFirst(around, statement, name)
  const release = `Py_${isThere ? '' : 'X'}DECREF(${name});`
  return [
    change,
    ...places.before.map(({ statement: exit, isBraceless }): Rewrite => {
      const pieces = isBraceless ? [`{ ${release} `, exit.span, ' }'] : [release + leadOf(text, exit.span), exit.span]
      return { ...exit.span, pieces }
    }),
    ...(places.after ? [{ start: places.after, end: places.after, pieces: [lead + release] }] : []),
  ]
}

/** The call that gives a reference, in the place of a statement that borrows one. */
function lookup(
  text: string,
  call: CallValue,
  declared: number | null,
  { span }: Statement,
  { lender, written, name, lead }: { lender: Lender; written: string; name: string; lead: string },
): Rewrite {
  if (!lender.byAddress) return { ...call.callee.span, pieces: [written] }
  const operands = { start: call.open, end: call.close }
  const asked = [written, operands, `, &${name})`]
  const whole = lender.clears
    ? ['if (', ...asked, ' < 0)', `${lead}${lead.includes('\t') ? '\t' : '    '}PyErr_Clear();`]
    : ['(void)', ...asked, ';']
  const end = text[span.end - 1] === ';' ? span.end : span.end + 1
  if (declared === null) return { start: span.start, end, pieces: whole }
  return { start: declared, end, pieces: [` = NULL;${lead}`, ...whole] }
}

/** Whether a name is that of a `PyObject *` of the function alone. */
function isOwnVariable(code: FunctionCode, name: string): boolean {
  const [variable, ...others] = variablesNamed(code, name)
  if (!variable || others.length > 0 || isParameter(code, name)) return false
  return variable.type === 'PyObject*' && variable.storage === ''
}

/** `Py_INCREF(item);` directly behind a statement, or behind a test for `NULL`. */
function referenceTaken(
  code: FunctionCode,
  around: readonly Statement[],
  statement: Statement,
  name: string,
): Statement | null {
  const at = around.indexOf(statement) + 1
  const next = isTestedFirst(around, statement, name) ? around[at + 1] : around[at]
  if (next?.kind !== 'expression' || next.value?.kind !== 'call') return null
  const [operand] = next.value.operands
  const takes = /^Py_X?INCREF$/.test(calleeName(next.value) ?? '') && operand && nameOf(operand) === name
  // Another one might be for what the first is not for.
  const all = valuesInCode(code.body).filter(
    (each) =>
      each.kind === 'call' && /^Py_X?INCREF$/.test(calleeName(each) ?? '') && nameOf(each.operands[0]!) === name,
  )
  return takes && all.length === 1 ? next : null
}

/** Whether a function leaves directly behind a statement where a variable is `NULL`. */
function isTestedFirst(around: readonly Statement[], statement: Statement, name: string): boolean {
  const next = around[around.indexOf(statement) + 1]
  if (next?.kind !== 'if' || next.otherwise || !isNullTest(next.condition, name)) return false
  const last = next.then.kind === 'block' ? next.then.statements.at(-1) : next.then
  return last?.kind === 'return' || last?.kind === 'jump'
}
