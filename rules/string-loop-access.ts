import type { Rule } from '../analyzer/check/rule.ts'
import type { FunctionCode, LoopStatement, Value } from '../analyzer/code/tree.ts'
import { bare, eachValue, nameOf } from '../analyzer/code/values.ts'
import { callsOf } from '../analyzer/semantics/calls.ts'
import { changesInLoop, repeatingLoop } from '../analyzer/semantics/repeated-calls.ts'

const sum = (read: string, head = 'Py_ssize_t i = 0; i < n; i++'): string => `Py_UCS4 f(PyObject *s, Py_ssize_t n)
{
    Py_UCS4 sum = 0;
    for (${head})
        sum += ${read};
    return sum;
}`

export const stringLoopAccess: Rule = {
  name: 'string-loop-access',
  summary: 'a call for each character of a str',
  explanation: `The Limited API hides the data of a str, and \`PyUnicode_ReadChar\` is a call that checks its operands
each time: 2.7 to 3.3 ns a character, on CPython 3.11 to 3.15, against 0.7 ns for a copy that is made by
\`PyUnicode_AsUCS4Copy\` and read as an array. The copy pays from about ten characters on, and takes four bytes for each;
for one character it costs 6 to 18 ns more than the call. Free it by \`PyMem_Free\`.

\`npm run loop-cost:bench\` in the sources of abi3lint measures that.`,
  severity: 'info',
  effect: 'advice',
  onRequest: true,
  examples: () => [
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: sum('PyUnicode_ReadChar(s, i)'),
      reports: {
        at: '5:16 PyUnicode_ReadChar(s, i)',
        message: '`PyUnicode_ReadChar` is called for each character: about 3 ns, four times what an array costs',
      },
    },
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: sum('PyUnicode_ReadChar(s, n - 1 - i)'),
      reports: {
        at: '5:16 PyUnicode_ReadChar(s, n - 1 - i)',
        message: '`PyUnicode_ReadChar` is called for each character: about 3 ns, four times what an array costs',
      },
    },
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: sum('PyUnicode_ReadChar(s, i++)', 'Py_ssize_t i = 0; i < n;'),
      reports: {
        at: '5:16 PyUnicode_ReadChar(s, i++)',
        message: '`PyUnicode_ReadChar` is called for each character: about 3 ns, four times what an array costs',
      },
    },
    { kind: 'good', target: '3.10', code: sum('PyUnicode_ReadChar(s, n - 1)') },
    { kind: 'good', target: '3.10', code: sum('PyUnicode_ReadChar(s, 0)') },
    { kind: 'good', target: '3.10', code: sum('PyUnicode_ReadChar(s, i)', 'Py_ssize_t i = 0; i < 2; i++') },
    {
      kind: 'good',
      target: '3.10',
      code: `Py_UCS4 f(PyObject **s, Py_ssize_t n)
{
    Py_UCS4 sum = 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *each = s[i];
        sum += PyUnicode_ReadChar(each, i);
    }
    return sum;
}`,
    },
  ],
  *check({ model }) {
    const seen = new Set<LoopStatement>()
    for (const name of ['PyUnicode_ReadChar', 'PepUnicode_READ_CHAR'])
      for (const { file, around, call, doubts } of callsOf(model, name)) {
        const [object, index] = call.operands
        const text = object ? nameOf(bare(object)) : null
        const loop = repeatingLoop(around, call)
        if (loop === null || text === null || index === undefined) continue
        if (seen.has(loop) || changesInLoop(around, text, loop) || !isOtherEachTurn(around, index, loop)) continue
        seen.add(loop)
        yield {
          file,
          ...call.span,
          symbol: name,
          notes: doubts,
          message: `\`${name}\` is called for each character: about 3 ns, four times what an array costs`,
          advice: 'Copy strings of more than some ten characters by `PyUnicode_AsUCS4Copy` before the loop.',
        }
      }
  },
}

/** Whether a value holds a variable that a loop gives other values: `i`, `from + i`, `i++`. */
const isOtherEachTurn = (around: FunctionCode, index: Value, loop: LoopStatement): boolean =>
  eachValue(index).some((each) => each.kind === 'name' && changesInLoop(around, each.name, loop))
