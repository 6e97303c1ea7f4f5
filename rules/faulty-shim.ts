import type { CheckContext, Finding, Rule } from '../analyzer/check/rule.ts'
import { callsIn, parentsIn } from '../analyzer/code/placement.ts'
import { bodyValue, eachStatement, valuesInCode } from '../analyzer/code/statements.ts'
import type { CallValue, FunctionCode, Statement, Value } from '../analyzer/code/tree.ts'
import { bare, calleeName, nameOf } from '../analyzer/code/values.ts'
import { variablesOf } from '../analyzer/code/variables.ts'
import { objectParameters, operandReference, resultOf } from '../analyzer/knowledge/references.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { buildDoubts, compiledAt } from '../analyzer/semantics/calls.ts'
import type { FileId } from '../analyzer/source/text.ts'

const raised = (end: string): string => `PyObject *spam_PyErr_GetRaisedException(void)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    ${end}
    return value;
}`

const utf8 = (end: string): string => `const char *my_PyUnicode_AsUTF8(PyObject *text)
{
    const char *data;
    PyObject *bytes = PyUnicode_AsUTF8String(text);
    if (bytes == NULL)
        return NULL;
    data = PyBytes_AsString(bytes);
    ${end}
    return data;
}`

export const faultyShim: Rule = {
  name: 'faulty-shim',
  summary: "function or macro that stands in for one of CPython's, and does something else with references",
  explanation: `What has the name of a function of CPython's is taken for it: who reads \`PyList_GetItemRef\` gives back
a reference afterwards. So a stand-in has to give and to take the same references: \`PyList_GetItem\` gives a borrowed
one, \`PyModule_AddObject\` takes one over where \`PyModule_AddObjectRef\` does not. \`PyErr_GetRaisedException\` leaves no
exception set, and the text of \`PyUnicode_AsUTF8\` lives as long as its string, which that of a \`bytes\` object that is
given back at once does not. Looked at are macros and functions that only call another function of CPython's, and
functions whose names end in \`PyErr_GetRaisedException\` or \`PyUnicode_AsUTF8\`, with \`Pep\` for \`Py\`, too.
\`abi3lint shims\` has such functions that are proved.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.11',
      compiler: 'silent',
      code: raised('Py_XINCREF(value);\n    PyErr_Restore(type, value, traceback);'),
      reports: {
        at: '1:11 spam_PyErr_GetRaisedException',
        message: '`spam_PyErr_GetRaisedException` leaves the exception set that it gives back',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: utf8('Py_DECREF(bytes);'),
      reports: {
        at: '1:13 my_PyUnicode_AsUTF8',
        message: '`my_PyUnicode_AsUTF8` gives the text of a `bytes` object that it has given back',
      },
    },
    {
      kind: 'bad',
      target: '3.11',
      compiler: 'silent',
      code:
        '#define PyList_GetItemRef PyList_GetItem\n' +
        'PyObject *first(PyObject *list) { return PyList_GetItemRef(list, 0); }',
      reports: {
        at: '1:9 PyList_GetItemRef',
        message:
          '`PyList_GetItemRef` gives a new reference, and `PyList_GetItem`, which stands for it here, a borrowed one',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `static inline int PyModule_AddObjectRef(PyObject *module, const char *name, PyObject *value)
{
    return PyModule_AddObject(module, name, value);
}
int add(PyObject *module) { return PyModule_AddObjectRef(module, "none", Py_None); }`,
      reports: {
        at: '1:19 PyModule_AddObjectRef',
        message:
          '`PyModule_AddObject`, which stands for `PyModule_AddObjectRef` here, takes over the reference to what ' +
          'it gets',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: '#define Py_XNewRef(o) ((PyObject *)(o))\nPyObject *same(PyObject *o) { return Py_XNewRef(o); }',
      reports: { at: '1:9 Py_XNewRef', message: '`Py_XNewRef` is to give a new reference, and this one counts none' },
    },
    {
      kind: 'bad',
      target: '3.11',
      compiler: 'silent',
      code: `static inline PyObject *PyList_GetItemRef(PyObject *list, Py_ssize_t i)
{
    PyObject *item = PyList_GetItem(list, i);
    return item;
}
PyObject *first(PyObject *list) { return PyList_GetItemRef(list, 0); }`,
      reports: {
        at: '1:25 PyList_GetItemRef',
        message:
          '`PyList_GetItemRef` gives a new reference, and `PyList_GetItem`, which stands for it here, a borrowed one',
      },
    },
    {
      kind: 'good',
      target: '3.11',
      code: raised(
        'PyErr_NormalizeException(&type, &value, &traceback);\n    Py_XDECREF(type);\n    Py_XDECREF(traceback);',
      ),
    },
    { kind: 'good', target: '3.9', code: utf8('PyList_Append(PyList_New(0), bytes);\n    Py_DECREF(bytes);') },
    {
      kind: 'good',
      target: '3.11',
      code: `static inline PyObject *PyList_GetItemRef(PyObject *list, Py_ssize_t i)
{
    PyObject *item = PyList_GetItem(list, i);
    Py_XINCREF(item);
    return item;
}
#define PyObject_CallNoArgs(f) PyObject_CallObject(f, NULL)
PyObject *first(PyObject *list) { return PyList_GetItemRef(list, 0); }`,
    },
    {
      kind: 'good',
      target: '3.13',
      code: '#ifdef OLD_SPAM\n#define Py_NewRef(o) (Py_INCREF(o), (o))\n#endif\nint spam;',
    },
  ],
  *check(context) {
    for (const file of context.model.files.keys()) {
      yield* aliases(context, file)
      yield* namesakes(context, file)
    }
  },
}

/** A finding at the name of a function or a macro; none where the target does not compile it. */
function* at(
  { model }: CheckContext,
  file: FileId,
  { nameSpan: { start, end }, name }: FunctionCode,
  message: string,
): Iterable<Finding> {
  const compiled = compiledAt(model, file, start)
  if (compiled === 'no') return
  const doubts = buildDoubts(compiled)
  yield {
    file,
    start,
    end,
    symbol: name,
    notes: doubts,
    ...(doubts.length > 0 ? { severity: 'info' } : {}),
    message,
    advice: 'Give and take the references that CPython does, or give it another name.',
  }
}

/** Macros and functions with the name of one of CPython's that only call another one. */
function* aliases(context: CheckContext, file: FileId): Iterable<Finding> {
  const { model } = context
  for (const shim of standIns(model, file)) {
    const said = differenceOf(shim)
    if (said !== null) yield* at(context, file, shim, said)
  }
}

/** The macros and functions of a file that have the name of a function of CPython's whose references are known. */
function* standIns(model: ProjectModel, file: FileId): Iterable<FunctionCode> {
  const { macros, declarations } = model.files[file]!
  const code = model.project.code(file)
  const isKnown = (name: string): boolean => name.startsWith('Py') && model.api.fact(name)?.entity === 'function'
  for (const { name, bodyStart, bodyEnd } of macros) {
    if (bodyStart === bodyEnd || !(isKnown(name) || /^Py_X?NewRef$/.test(name))) continue
    const macro = code.macroAt(bodyStart)
    if (macro) yield macro
  }
  for (const { name, kind, defines } of declarations)
    if (kind === 'function' && defines && isKnown(name)) yield* code.functionsNamed(name)
}

/** What is different of the references that a stand-in gives and takes, and those of CPython's; null for nothing. */
function differenceOf(shim: FunctionCode): string | null {
  const { name, parameters, kind } = shim
  const value = kind === 'macro' ? bodyValue(shim) : returned(shim)
  const given = value && bare(value)
  if (!given) return null
  if (/^Py_X?NewRef$/.test(name))
    return given.kind === 'name' && parameters[0]?.name === given.name
      ? `\`${name}\` is to give a new reference, and this one counts none`
      : null
  const called = given.kind === 'call' ? calleeName(given) : kind === 'macro' ? nameOf(given) : null
  if (called === null || called === name || !called.startsWith('Py')) return null
  if (given.kind === 'call' && !isHandedOn(given, shim)) return null
  const own = resultOf(name)
  const other = resultOf(called)
  if ((own === 'new' && other === 'borrowed') || (own === 'borrowed' && other === 'new'))
    return `\`${name}\` gives a ${own} reference, and \`${called}\`, which stands for it here, a ${other} one`
  for (let index = 0; index < 5; index++) {
    const takes = operandReference(name, index) === 'stolen'
    const otherTakes = operandReference(called, index) === 'stolen'
    // Of what steals a reference all is known; of other functions, the newest ones are not listed.
    const isListed = operandReference(takes ? called : name, index) !== null || objectParameters(name) === null
    if (takes !== otherTakes && isListed)
      return takes
        ? `\`${name}\` takes over the reference to what it gets, and \`${called}\`, which stands for it here, does not`
        : `\`${called}\`, which stands for \`${name}\` here, takes over the reference to what it gets`
  }
  return null
}

/** What a function gives back where that is all it does. */
function returned({ body }: FunctionCode): Value | null {
  const statements = body.flatMap((each): readonly Statement[] => (each.kind === 'block' ? each.statements : [each]))
  const end = statements.at(-1)
  if (end?.kind !== 'return' || end.value === null) return null
  if (statements.length === 1) return end.value
  // `PyObject *item = PyList_GetItem(list, i); return item;`
  const [first] = statements
  const variable = statements.length === 2 && first?.kind === 'declaration' ? first.variables[0] : undefined
  return variable?.initialiser && variable.name === nameOf(bare(end.value)) ? variable.initialiser : null
}

/** Whether a call gets the parameters of the function around it, in their order. */
const isHandedOn = ({ operands }: CallValue, { parameters }: FunctionCode): boolean =>
  operands.length === parameters.length &&
  operands.every((operand, index) => nameOf(bare(operand)) === parameters[index]!.name)

const namesake = /(?:^|_)(?:Py|Pep)(?:Err_GetRaisedException|Unicode_AsUTF8(?:AndSize)?)$/

/** Functions that are named after one of CPython's, with a prefix. */
function* namesakes(context: CheckContext, file: FileId): Iterable<Finding> {
  const { model } = context
  const names = model.files[file]!.declarations.flatMap(({ name, kind, defines }) =>
    kind === 'function' && defines && namesake.test(name) ? [name] : [],
  )
  for (const shim of [...new Set(names)].flatMap((name) => model.project.code(file).functionsNamed(name))) {
    if (shim.name.endsWith('Exception')) {
      const called = callsIn(shim).map(calleeName)
      if (called.includes('PyErr_Fetch') && called.includes('PyErr_Restore'))
        yield* at(context, file, shim, `\`${shim.name}\` leaves the exception set that it gives back`)
    } else if (givesLostText(shim))
      yield* at(context, file, shim, `\`${shim.name}\` gives the text of a \`bytes\` object that it has given back`)
  }
}

/** Functions that make a new \`bytes\` object of a string. */
const encoders = /^PyUnicode_(?:As\w+String|EncodeFSDefault)$/

/** Whether a function returns a pointer into a \`bytes\` object that only it knows, and gives back. */
function givesLostText(code: FunctionCode): boolean {
  const variables = variablesOf(code)
  const texts = [...variables].filter(
    ([, values]) =>
      values.length > 0 && values.every((each) => bare(each).kind === 'call' && encoders.test(calledBy(each) ?? '')),
  )
  const isTextOf = (value: Value, object: string): boolean => {
    const given = bare(value)
    if (given.kind === 'call')
      return /^PyBytes_A(?:sString|S_STRING)$/.test(calleeName(given) ?? '') && nameOf(given.operands[0]!) === object
    const known = variables.get(nameOf(given) ?? '') ?? []
    return given.kind === 'name' && known.some((each) => bare(each).kind === 'call' && isTextOf(each, object))
  }
  return texts.some(
    ([object]) =>
      isOnlyRead(code, object) &&
      eachStatement(code.body).some((each) => each.kind === 'return' && each.value && isTextOf(each.value, object)),
  )
}

const calledBy = (value: Value): string | null => {
  const call = bare(value)
  return call.kind === 'call' ? calleeName(call) : null
}

/** Whether a function gives an object back, and hands it to nobody who might keep it. */
function isOnlyRead(code: FunctionCode, object: string): boolean {
  let isGivenBack = false
  const parents = parentsIn(code)
  for (const value of valuesInCode(code.body)) {
    if (value.kind !== 'name' || value.name !== object) continue
    const parent = parents.get(value)
    const called = parent?.kind === 'call' ? calleeName(parent) : null
    if (called !== null && /^Py_X?DECREF$/.test(called)) isGivenBack = true
    else if (parent?.kind === 'call' && !/^PyBytes_/.test(called ?? '')) return false
    else if (parent && !/^(?:call|binary|unary|assign|if)$/.test(parent.kind)) return false
  }
  return isGivenBack
}
