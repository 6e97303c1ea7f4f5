import { limitedApi } from '../analyzer/check/of-use.ts'
import type { CheckContext, Rule } from '../analyzer/check/rule.ts'
import type { FileFacts } from '../analyzer/facts/file-facts.ts'
import type { ApiFact } from '../analyzer/knowledge/table.ts'
import { oldestPython, type Target } from '../analyzer/knowledge/target.ts'
import { showVersion } from '../analyzer/knowledge/version.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { buildDoubts, compiledAt } from '../analyzer/semantics/calls.ts'
import type { FileId, Offset } from '../analyzer/source/text.ts'

const keys = (declaration: string, use = 'return _PyDict_GetItem_KnownHash(dict, key, 1);'): string => `${declaration}
PyObject *get(PyObject *dict, PyObject *key) { ${use} }`

export const handDeclaredApi: Rule = {
  name: 'hand-declared-api',
  summary: 'function or variable of CPython that the Limited API lacks, and the project declares by itself',
  explanation: `The headers leave out of the Limited API what no version promises to keep. A declaration by hand quiets
the compiler, and the library asks for the name all the same: a Python that no longer has it refuses the import,
\`undefined symbol\`, and one that has changed its parameters is called with the wrong ones. \`abi3lint audit\` finds
such names in what is built. Functions that older Pythons had before they came into the stable ABI are missing in
their \`python3.dll\` alone. A weak symbol that is tested before it is called does
no harm; whether one is tested is not looked at. What headers no longer have and every Python goes on to export, such as
\`PyEval_CallObjectWithKeywords\`, may be declared by hand.`,
  severity: 'warning',
  effect: 'abi-break',
  examples: () => [
    {
      kind: 'bad',
      target: '3.11',
      compiler: 'silent',
      code: keys('extern PyObject *_PyDict_GetItem_KnownHash(PyObject *, PyObject *, Py_hash_t);'),
      reports: {
        at: '1:18 _PyDict_GetItem_KnownHash',
        message:
          '`_PyDict_GetItem_KnownHash` is declared by hand: the Limited API does not have it, and no Python promises ' +
          'to keep it',
      },
    },
    {
      kind: 'bad',
      target: '3.11',
      compiler: 'silent',
      code: `PyAPI_FUNC(PyObject *) PyCode_NewEmpty(const char *, const char *, int);
PyObject *make(void) { return PyCode_NewEmpty("spam.c", "spam", 1); }`,
      reports: {
        at: '1:24 PyCode_NewEmpty',
        message:
          '`PyCode_NewEmpty` is declared by hand: the Limited API does not have it, and no Python ' +
          'promises to keep it',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `int PyModule_AddObjectRef(PyObject *module, const char *name, PyObject *value);
int add(PyObject *module) { return PyModule_AddObjectRef(module, "none", Py_None); }`,
      reports: {
        at: '1:5 PyModule_AddObjectRef',
        message: '`PyModule_AddObjectRef` is declared by hand: Pythons before 3.10 do not export it',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: 'PyAPI_FUNC(void) _Py_IncRef(PyObject *);\nvoid keep(PyObject *o) { _Py_IncRef(o); }',
      reports: {
        at: '1:18 _Py_IncRef',
        message: '`_Py_IncRef` is declared by hand: Pythons before 3.10 do not export it',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `PyAPI_FUNC(int) PyObject_GetBuffer(PyObject *, void *, int);
int get(PyObject *o, void *b) { return PyObject_GetBuffer(o, b, 0); }`,
      reports: {
        at: '1:17 PyObject_GetBuffer',
        severity: 'info',
        message:
          '`PyObject_GetBuffer` is declared by hand: it is part of the stable ABI from 3.11 on, and `python3.dll` of ' +
          'Pythons before that lacks it; their other libraries may have it',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: `int method(PyObject *o, PyObject *name, PyObject **to) {
  PyAPI_FUNC(int) _PyObject_GetMethod(PyObject *o, PyObject *name, PyObject **to);
  return _PyObject_GetMethod(o, name, to);
}`,
      reports: {
        at: '2:19 _PyObject_GetMethod',
        message:
          '`_PyObject_GetMethod` is declared by hand: the Limited API does not have it, and no Python promises ' +
          'to keep it',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: `PyObject *lookup(PyTypeObject *type, PyObject *name) {
  extern PyObject *_PyType_Lookup();
  return _PyType_Lookup(type, name);
}`,
      reports: {
        at: '2:20 _PyType_Lookup',
        message:
          '`_PyType_Lookup` is declared by hand: the Limited API does not have it, and no Python promises ' +
          'to keep it',
      },
    },
    {
      kind: 'good',
      target: '3.9',
      code: keys(
        'PyAPI_FUNC(PyObject *) PyEval_CallObjectWithKeywords(PyObject *, PyObject *, PyObject *);',
        'return PyEval_CallObjectWithKeywords(dict, NULL, NULL);',
      ),
    },
    {
      kind: 'good',
      target: '3.11',
      code: keys(
        'PyObject *PyDict_GetItemWithError(PyObject *, PyObject *);',
        'return PyDict_GetItemWithError(dict, key);',
      ),
    },
    {
      kind: 'good',
      target: '3.11',
      code: `PyObject *_PyDict_GetItem_KnownHash(PyObject *, PyObject *, Py_hash_t);
PyObject *_PyDict_GetItem_KnownHash(PyObject *dict, PyObject *key, Py_hash_t hash) { return PyDict_GetItem(dict, key); }
PyObject *get(PyObject *dict, PyObject *key) { return _PyDict_GetItem_KnownHash(dict, key, 1); }`,
    },
    {
      kind: 'good',
      target: '3.11',
      code: 'extern PyObject *_PyDict_GetItem_KnownHash(PyObject *, PyObject *, Py_hash_t);\nint unused;',
    },
  ],
  *check(context) {
    const { model, target } = context
    for (const [file, facts] of model.files.entries()) {
      const code = model.project.code(file)
      for (const { name, offset } of declarationsIn(facts)) {
        const fact = model.api.fact(name)
        if (fact === null) continue
        if (fact.entity !== 'function' && fact.entity !== 'data') continue
        if (fact.exported !== null && fact.exported <= oldestPython(target)) continue
        const compiled = compiledAt(model, file, offset)
        if (compiled === 'no' || code.isMember(offset) || code.namespacesAt(offset).length > 0) continue
        if (isDefined(model, name) || !isUsed(model, name, file, offset)) continue
        const doubts = buildDoubts(compiled)
        yield {
          file,
          start: offset,
          end: offset + name.length,
          symbol: name,
          notes: doubts,
          ...(doubts.length > 0 || isOlder(fact, target) ? { severity: 'info' } : {}),
          message: `\`${name}\` is declared by hand: ${reasonOf(fact, context)}`,
        }
      }
    }
  },
}

/** What a file declares and does not define, at its top or in a block. */
function* declarationsIn({ declarations, shadows }: FileFacts): Iterable<{ readonly name: string; offset: Offset }> {
  for (const each of declarations) {
    const isValue = each.kind === 'function' || each.kind === 'variable'
    if (isValue && !each.defines && each.expansion === undefined) yield each
  }
  for (const { name, start, isPrototype } of shadows) if (isPrototype) yield { name, offset: start }
}

/** Whether the oldest Python has it outside of the stable ABI, which comes to have it later. */
const isOlder = ({ exported, full }: ApiFact, target: Target): boolean =>
  exported !== null && full !== null && full.first <= oldestPython(target)

function reasonOf(fact: ApiFact, context: CheckContext): string {
  if (fact.exported === null) return `${limitedApi(context)} does not have it, and no Python promises to keep it`
  return isOlder(fact, context.target)
    ? `it is part of the stable ABI from ${showVersion(fact.exported)} on, and \`python3.dll\` of Pythons before ` +
        'that lacks it; their other libraries may have it'
    : `Pythons before ${showVersion(fact.exported)} do not export it`
}

/** Whether the project itself has what it declares. */
const isDefined = (model: ProjectModel, name: string): boolean =>
  model.files.some(({ declarations }) => declarations.some((each) => each.name === name && each.defines))

/** Whether a name stands anywhere but where it is declared. */
const isUsed = (model: ProjectModel, name: string, file: FileId, offset: Offset): boolean =>
  [...model.project.filesWith(name)].some((each) =>
    model.project
      .code(each)
      .references(name)
      .some((at) => each !== file || at !== offset),
  )
