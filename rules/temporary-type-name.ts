import type { Rule } from '../analyzer/check/rule.ts'
import { valuesInCode } from '../analyzer/code/statements.ts'
import type { FunctionCode, Value, Variable } from '../analyzer/code/tree.ts'
import { bare, calleeName, fieldValues, plainText } from '../analyzer/code/values.ts'
import { variablesNamed, variablesOf, variablesOfTypes } from '../analyzer/code/variables.ts'
import { oldestPython } from '../analyzer/knowledge/target.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { buildDoubts, callsOf, compiledAt } from '../analyzer/semantics/calls.ts'
import { isGivenTo } from '../analyzer/semantics/releases.ts'
import { specFields } from '../analyzer/semantics/type-specs.ts'
import type { FileId } from '../analyzer/source/text.ts'

const maker = (name: string, before = '', after = ''): string => `#include <Python.h>
#include <stdlib.h>
PyType_Slot spam_slots[] = {{0, NULL}};
PyObject *make_type(const char *module)
{
    ${before}
    PyType_Spec spec = {${name}, 0, 0, Py_TPFLAGS_DEFAULT, spam_slots};
    PyObject *type = PyType_FromSpec(&spec);${after}
    return type;
}`

export const temporaryTypeName: Rule = {
  name: 'temporary-type-name',
  summary: 'name of a type that does not live as long as the type',
  explanation: `Up to Python 3.10 a type keeps the pointer that stands in \`PyType_Spec.name\`. A name on the stack,
in memory that is freed, or in a string of C++ that ends with its function is gone while the type is in use: \`repr\`,
error messages and \`pickle\` then read what is there instead. From 3.11 on \`PyType_FromSpec\` copies the name.

Keep the name in a \`static\` array, or in memory that is never freed.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.8',
      compiler: 'silent',
      code: maker('name', 'char name[64];\n    PyOS_snprintf(name, sizeof(name), "%s.Spam", module);'),
      reports: {
        at: '8:25 name',
        message:
          'the name of the type is on the stack of `make_type`, and up to Python 3.10 the type keeps the pointer',
      },
    },
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: maker(
        'name',
        'char *name = malloc(64);\n    PyOS_snprintf(name, 64, "%s.Spam", module);',
        '\n    free(name);',
      ),
      reports: {
        at: '8:25 name',
        message: 'the name of the type is freed in `make_type`, and up to Python 3.10 the type keeps the pointer',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `static PyType_Slot spam_slots[] = {{0, NULL}};
static PyType_Spec spam_spec = {NULL, 0, 0, Py_TPFLAGS_DEFAULT, spam_slots};
static PyObject *make_type(const char *name)
{
    spam_spec.name = name;
    return PyType_FromSpec(&spam_spec);
}
PyObject *make_all(const char *module)
{
    char name[64];
    PyOS_snprintf(name, sizeof(name), "%s.Spam", module);
    return make_type(name);
}`,
      reports: {
        at: '5:22 name',
        message: 'the name of the type is on the stack of `make_all`, and up to Python 3.10 the type keeps the pointer',
      },
    },
    {
      kind: 'good',
      target: '3.11',
      code: maker('name', 'char name[64];\n    PyOS_snprintf(name, 64, "%s.A", module);'),
    },
    {
      kind: 'good',
      target: '3.8',
      code: maker('name', 'static char name[64];\n    PyOS_snprintf(name, sizeof(name), "%s.Spam", module);'),
    },
    {
      kind: 'good',
      target: '3.8',
      code: maker(
        'name',
        'char *name = malloc(64);\n    PyOS_snprintf(name, 64, "%s.Spam", module);',
        '\n    if (type == NULL) free(name);',
      ),
    },
    {
      kind: 'good',
      target: '3.8',
      code: maker('name', 'char *name = malloc(64);\n    PyOS_snprintf(name, 64, "%s.Spam", module);'),
    },
    {
      kind: 'good',
      target: '3.8',
      code: `${maker('module')}\nPyObject *make(void) { return make_type("spam.Spam"); }`,
    },
  ],
  *check({ model, target }) {
    if (oldestPython(target) >= copied) return
    const seen = new Set<Value>()
    for (const file of model.files.keys()) {
      for (const { value, around } of namesIn(model, file)) {
        if (seen.has(value)) continue
        seen.add(value)
        const compiled = compiledAt(model, file, value.span.start)
        const end = compiled === 'no' ? null : endOf(model, { file, around, value }, 0)
        if (end === null) continue
        yield {
          file,
          ...value.span,
          symbol: 'PyType_Spec',
          message: `the name of the type ${end}, and up to Python 3.10 the type keeps the pointer`,
          advice: 'Keep the name in a `static` array, or in memory that is never freed.',
          notes: buildDoubts(compiled),
        }
      }
    }
  },
}

/** The first Python that copies the name. */
const copied = 11

/** Functions that call each other are followed as deep as that. */
const deepest = 3

/** A value and the function that it stands in. */
interface Placed {
  readonly file: FileId
  readonly around: FunctionCode
  readonly value: Value
}

/** What the specs of a file get as their names in functions, in their initialisers or by `=`. */
function* namesIn(model: ProjectModel, file: FileId): Iterable<Omit<Placed, 'file'>> {
  const code = model.project.code(file)
  if (!code.text.includes('PyType_Spec')) return
  for (const { name, nameSpan, initialiser, type } of variablesOfTypes(code, ['PyType_Spec'])) {
    const own = code.functionAt(nameSpan.start)
    const given = initialiser?.kind === 'braces' ? fieldValues(specFields, initialiser.entries ?? []) : null
    if (own && type === 'PyType_Spec') for (const value of given?.get('name') ?? []) yield { value, around: own }
    const functions = new Set<FunctionCode>(own ? [own] : [])
    for (const { span, behind, isInDirective } of code.occurrences(name)) {
      const around = behind === '.' && !isInDirective && own === null ? code.functionAt(span.start) : null
      if (around) functions.add(around)
    }
    for (const around of functions)
      for (const value of valuesInCode(around.body))
        if (value.kind === 'assign' && plainText(value.target) === `${name}.name`) yield { value: value.value, around }
  }
}

/** Where the memory of a string ends before its type does, as what is said of it; null where that is not known. */
function endOf(model: ProjectModel, { file, around, value }: Placed, depth: number): string | null {
  const inner = bare(value)
  const inside = (each: Value): string | null => endOf(model, { file, around, value: each }, depth)
  const within = `\`${around.name}\``
  switch (inner.kind) {
    case 'conditional':
      return inside(inner.whenTrue) ?? inside(inner.whenFalse)
    case 'binary':
      return inner.operator === '+' ? inside(inner.left) : null
    case 'unary': {
      const item = bare(inner.operand)
      return inner.operator === '&' && item.kind === 'index' ? inside(item.object) : null
    }
    case 'call': {
      const { callee } = inner
      if (callee.kind === 'member' && /^(?:c_str|data)$/.test(callee.name))
        return endOfString(model, file, callee.object, around)
      const [object] = inner.operands
      if (object === undefined || !/^Py(?:Unicode_AsUTF8|Bytes_A)/.test(calleeName(inner) ?? '')) return null
      const isReleased = isGivenTo(around, 'decref', plainText(object))
      return isReleased ? `belongs to \`${plainText(object)}\`, which ${within} releases` : null
    }
    case 'name': {
      const variable = localNamed(around, inner.name)
      if (variable !== null) return endOfVariable(model, { file, around, value: inner }, variable, depth)
      const parameter = around.parameters.findIndex(({ name }) => name === inner.name)
      return parameter < 0 || depth >= deepest ? null : endOfOperand(model, { file, around, value }, parameter, depth)
    }
    default:
      return null
  }
}

const localNamed = (code: FunctionCode, name: string): Variable | null => variablesNamed(code, name)[0] ?? null

/** Of what a variable of a function points to. */
function endOfVariable(
  model: ProjectModel,
  { file, around, value }: Placed,
  { name, type, storage }: Variable,
  depth: number,
): string | null {
  if (storage !== '') return null
  if (type.endsWith('[]')) return `is on the stack of \`${around.name}\``
  if (isGivenTo(around, 'free', name)) return `is freed in \`${around.name}\``
  for (const given of variablesOf(around).get(name) ?? []) {
    const end = given === value || depth >= deepest ? null : endOf(model, { file, around, value: given }, depth + 1)
    if (end !== null) return end
  }
  return null
}

/** Of what is handed to a function for one of its parameters, by any that calls it. */
function endOfOperand(model: ProjectModel, { around }: Placed, parameter: number, depth: number): string | null {
  for (const { file, around: caller, call } of callsOf(model, around.name)) {
    const operand = call.operands[parameter]
    const end = operand ? endOf(model, { file, around: caller, value: operand }, depth + 1) : null
    if (end !== null) return end
  }
  return null
}

/** Of the characters of a string of C++. */
function endOfString(model: ProjectModel, file: FileId, string: Value, around: FunctionCode): string | null {
  const inner = bare(string)
  if (inner.kind === 'call' || inner.kind === 'binary') return 'belongs to a string that ends with the statement'
  const variable = inner.kind === 'name' ? localNamed(around, inner.name) : null
  if (variable === null || variable.storage !== '' || variable.type.endsWith('*')) return null
  const { name, nameSpan } = variable
  const declared = model.project
    .code(file)
    .occurrences(name)
    .find(({ span }) => span.start === nameSpan.start)
  // A reference is to a string of somebody else's.
  return declared?.before === '&' ? null : `belongs to \`${name}\`, which ends with \`${around.name}\``
}
