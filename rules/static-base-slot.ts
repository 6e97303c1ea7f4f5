import type { Rule } from '../analyzer/check/rule.ts'
import { leadOf } from '../analyzer/code/placement.ts'
import type { Value, Variable } from '../analyzer/code/tree.ts'
import { addressed, fieldValues, itemsOf, nameOf } from '../analyzer/code/values.ts'
import { variablesOfTypes } from '../analyzer/code/variables.ts'
import type { Fix } from '../analyzer/fix/fix.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { compiledAt } from '../analyzer/semantics/calls.ts'
import { callsWithSpec, heapTypes, insertionPoint } from '../analyzer/semantics/heap-types.ts'
import type { FileId } from '../analyzer/source/text.ts'

const spec = (base: string, before = '', storage = 'static'): string => `#include <Python.h>
${storage} PyType_Slot spam_slots[] = {{Py_tp_doc, (void *)"spam"}, {Py_tp_base, ${base}}, {0, NULL}};
static PyType_Spec spam_spec = {"spam.Spam", 0, 0, Py_TPFLAGS_DEFAULT, spam_slots};
PyObject *make(void)
{
    ${before}return PyType_FromSpec(&spam_spec);
}`

export const staticBaseSlot: Rule = {
  name: 'static-base-slot',
  summary: "address of one of CPython's types in a static table of slots, which C compilers for Windows refuse",
  explanation: `A static variable of C takes constants alone as its initial value. On Windows the address of a variable
of another library is none: the loader writes it into a table when the module is loaded. MSVC refuses it with error
C2099, "initializer is not a constant", clang for Windows with "initializer element is not a compile-time constant".
CPython's documentation says so of \`tp_base\`. Functions are no problem, nor is C++, where the table is filled when the
library is loaded. Other systems take it.

Leave \`NULL\` in the table and write the base into it before the type is made, or give the base to
\`PyType_FromModuleAndSpec\`.`,
  severity: 'info',
  effect: 'build-break',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: spec('&PyList_Type'),
      fixed: spec('NULL', 'spam_slots[1].pfunc = &PyList_Type;\n    '),
      reports: {
        at: '2:78 &PyList_Type',
        message: '`&PyList_Type` is no constant on Windows: C compilers refuse it in the static `spam_slots`',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: spec('(void *)&PyBaseObject_Type', '', 'static const'),
      reports: {
        at: '2:84 (void *)&PyBaseObject_Type',
        message: '`&PyBaseObject_Type` is no constant on Windows: C compilers refuse it in the static `spam_slots`',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: spec('&PyList_Type').replace('{Py_tp_base, &PyList_Type}', '{.pfunc = &PyList_Type, .slot = Py_tp_base}'),
      fixed: spec('NULL', 'spam_slots[1].pfunc = &PyList_Type;\n    ').replace(
        '{Py_tp_base, NULL}',
        '{.pfunc = NULL, .slot = Py_tp_base}',
      ),
      reports: {
        at: '2:75 &PyList_Type',
        message: '`&PyList_Type` is no constant on Windows: C compilers refuse it in the static `spam_slots`',
      },
    },
    { kind: 'good', target: '3.9', code: spec('NULL', 'spam_slots[1].pfunc = &PyList_Type;\n    ') },
    { kind: 'good', target: '3.9', file: 'example.cpp', code: spec('(void *)&PyList_Type') },
    {
      kind: 'good',
      target: '3.9',
      code: `#include <Python.h>
PyObject *make(void)
{
    PyType_Slot slots[] = {{Py_tp_base, &PyList_Type}, {0, NULL}};
    PyType_Spec spec = {"spam.Spam", 0, 0, Py_TPFLAGS_DEFAULT, slots};
    return PyType_FromSpec(&spec);
}`,
    },
    {
      kind: 'good',
      target: '3.9',
      code: `#include <Python.h>
PyType_Slot spam_slots[] = {
#ifndef _WIN32
    {Py_tp_base, &PyList_Type},
#endif
    {0, NULL}
};`,
    },
  ],
  *check({ model, wantsFixes }) {
    for (const file of model.files.keys()) {
      const code = model.project.code(file)
      if (model.files[file]!.dialect === 'cpp' || code.occurrences('Py_tp_base').length === 0) continue
      for (const variable of variablesOfTypes(code, ['PyType_Slot'])) {
        if (variable.storage !== 'static' && code.functionAt(variable.nameSpan.start) !== null) continue
        for (const { value, name, index } of basesIn(variable)) {
          // What is compiled in some builds only may be so in those for other systems.
          if (!model.api.fact(name) || compiledAt(model, file, value.span.start) !== 'yes') continue
          const assignment = `${variable.name}[${index}].pfunc = &${name};`
          yield {
            file,
            ...value.span,
            symbol: 'Py_tp_base',
            message: `\`&${name}\` is no constant on Windows: C compilers refuse it in the static \`${variable.name}\``,
            advice: isCounted(variable)
              ? `Write \`NULL\` there, and \`${assignment}\` before the type is made.`
              : 'Write `NULL` there, and the base into the table before the type is made.',
            fix: wantsFixes ? fixFor(model, file, variable, value, assignment) : null,
          }
        }
      }
    }
  },
}

/** The bases in a table of slots that are addresses, with their names and the numbers of their entries. */
function basesIn({
  initialiser,
}: Variable): { readonly value: Value; readonly name: string; readonly index: number }[] {
  if (initialiser?.kind !== 'braces') return []
  return [...itemsOf(initialiser.entries ?? [])].flatMap(({ value: entry }, index) => {
    const fields = entry.kind === 'braces' ? fieldValues(['slot', 'pfunc'], entry.entries ?? []) : null
    const [slot] = fields?.get('slot') ?? []
    const [base] = fields?.get('pfunc') ?? []
    const name = base ? addressed(base) : null
    return slot && base && name !== null && nameOf(slot) === 'Py_tp_base' ? [{ value: base, name, index }] : []
  })
}

/** Whether the entries of a table stand one behind the other, without conditions and macros. */
const isCounted = ({ initialiser }: Variable): boolean =>
  initialiser?.kind === 'braces' &&
  initialiser.entries !== null &&
  initialiser.entries.every((each) => each.kind === 'item' && each.designator === null && each.value.kind === 'braces')

/** `NULL` in the table, and an assignment before each call that makes a type of it. */
function fixFor(model: ProjectModel, file: FileId, table: Variable, base: Value, assignment: string): Fix | null {
  const code = model.project.code(file)
  const { nameSpan, name } = table
  const head = code.text.slice(Math.max(0, nameSpan.start - longestHead), nameSpan.start)
  if (!isCounted(table) || code.functionAt(nameSpan.start) !== null || /\bconst\b[^;}]*$/.test(head)) return null
  const types = heapTypes(model).filter((type) => type.file === file && type.spec.slots === name)
  const calls = types.flatMap((type) => callsWithSpec(model, type))
  // One use of the spec is its declaration, the others are the calls.
  const uses = types.reduce((sum, { spec: { variable } }) => sum + code.references(variable).length - 1, 0)
  if (calls.length === 0 || calls.length !== uses || code.references(name).length !== 1 + types.length) return null
  const points = calls.map((call) => insertionPoint(model, { file, code: call.around }, call.span.start))
  if (new Set(points.map((point) => point?.span.start)).size !== calls.length) return null
  if (points.some((point) => point === null || point.isDeclaration)) return null
  return {
    title: 'write the base into the table before the type is made',
    safety: 'safe',
    reason: '',
    includes: [],
    shims: [],
    kind: 'file',
    rewrites: [
      { ...base.span, pieces: ['NULL'] },
      ...points.map((point) => {
        const { span } = point!
        return { ...span, pieces: [`${assignment}${leadOf(code.text, span)}`, span] }
      }),
    ],
  }
}

/** Characters before the name of a table that may say that it is constant. */
const longestHead = 200
