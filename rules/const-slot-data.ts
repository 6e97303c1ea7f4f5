import type { Rule } from '../analyzer/check/rule.ts'
import type { FileCode } from '../analyzer/code/file-code.ts'
import { callStarting, callsIn } from '../analyzer/code/placement.ts'
import type { DeclaredVariable, FunctionCode, Value } from '../analyzer/code/tree.ts'
import { calleeName, nameOf } from '../analyzer/code/values.ts'
import { variablesNamed } from '../analyzer/code/variables.ts'
import { buildDoubts, compiledAt } from '../analyzer/semantics/calls.ts'

const slots = (value: string, before = ''): string => `#include <Python.h>
${before}
PySlot spam_slots[] = {
    PySlot_STATIC_DATA(Py_mod_doc, ${value}),
    PySlot_END,
};`

export const constSlotData: Rule = {
  name: 'const-slot-data',
  summary: '`PySlot_STATIC_DATA` of constant data in C++',
  explanation: `\`PySlot_STATIC_DATA\` puts its operand into a \`void *\` without a cast. In C++ a \`const char *\`, as
string literals and what \`PyDoc_STRVAR\` makes are, does not go there. \`PySlot_PTR_STATIC\` casts, and works in all
versions of C++.`,
  severity: 'error',
  effect: 'build-break',
  examples: () => [
    {
      kind: 'bad',
      target: 'abi3t',
      file: 'example.cpp',
      code: slots('"spam"'),
      reports: {
        at: '4:36 "spam"',
        message: 'C++ does not put constant data into the `void *` of `PySlot_STATIC_DATA`',
      },
      fixed: slots('"spam"').replace('STATIC_DATA', 'PTR_STATIC'),
    },
    {
      kind: 'bad',
      target: 'abi3t',
      file: 'example.cpp',
      code: slots('spam_doc', 'PyDoc_STRVAR(spam_doc, "spam");'),
      reports: {
        at: '4:36 spam_doc',
        message: 'C++ does not put constant data into the `void *` of `PySlot_STATIC_DATA`',
      },
    },
    {
      kind: 'bad',
      target: 'abi3t',
      file: 'example.cpp',
      code: slots('spam_doc', 'static const char *const spam_doc = "spam";'),
      reports: {
        at: '4:36 spam_doc',
        message: 'C++ does not put constant data into the `void *` of `PySlot_STATIC_DATA`',
      },
    },
    { kind: 'good', target: 'abi3t', file: 'example.cpp', code: slots('(void *)"spam"') },
    { kind: 'good', target: 'abi3t', file: 'example.cpp', code: slots('spam_doc', 'static char *const spam_doc = 0;') },
    { kind: 'good', target: 'abi3t', code: slots('"spam"') },
  ],
  *check({ model }) {
    for (const [file, { dialect }] of model.files.entries()) {
      if (dialect !== 'cpp') continue
      const code = model.project.code(file)
      for (const { span, isInDirective } of code.occurrences(macro)) {
        const around = isInDirective ? null : code.codeAt(span.start)
        const call = around && callStarting(around, span.start)
        const value = call?.operands[1]
        if (!around || !call || !value || calleeName(call) !== macro || !isConst(code, around, value)) continue
        const compiled = compiledAt(model, file, span.start)
        if (compiled === 'no') continue
        const doubts = buildDoubts(compiled)
        yield {
          file,
          ...value.span,
          symbol: macro,
          ...(doubts.length > 0 ? { severity: 'warning', notes: doubts } : {}),
          message: `C++ does not put constant data into the \`void *\` of \`${macro}\``,
          advice: 'Write `PySlot_PTR_STATIC`, which casts.',
          fix: {
            title: 'write `PySlot_PTR_STATIC`',
            safety: 'safe',
            reason: '',
            includes: [],
            shims: [],
            kind: 'file',
            rewrites: [{ ...call.callee.span, pieces: ['PySlot_PTR_STATIC'] }],
          },
        }
      }
    }
  },
}

const macro = 'PySlot_STATIC_DATA'

/** Whether a value is a string, or a variable whose data is constant. */
function isConst(code: FileCode, around: FunctionCode, value: Value): boolean {
  if (value.kind === 'group') return isConst(code, around, value.inner)
  if (value.kind === 'literal') return value.literal === 'string'
  const name = value.kind === 'name' ? nameOf(value) : null
  if (name === null) return false
  const local = variablesNamed(around, name)[0]
  const variable = local ?? code.variables.find((each) => each.name === name)
  if (variable) return pointsToConst(code, variable)
  return code.occurrences(name).some(({ span, before }) => {
    const call = before === '(' ? callsIn(code.codeAt(span.start) ?? around)[0] : undefined
    return call !== undefined && calleeName(call) === 'PyDoc_STRVAR' && call.operands[0]?.span.start === span.start
  })
}

/** Whether `const` stands before the first `*` of a declaration, where it is said of the data. */
function pointsToConst(code: FileCode, { declaration, nameSpan, type }: DeclaredVariable): boolean {
  if (!/(?:\*|\[\])$/.test(type)) return false
  const words = code.text.slice(declaration.span.start, nameSpan.start).split('*')[0]!.split(/\s+/)
  return words.includes('const') || words.includes('constexpr')
}
