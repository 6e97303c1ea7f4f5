import type { Rule } from '../analyzer/check/rule.ts'
import { bare, nameOf } from '../analyzer/code/values.ts'
import { callsOf } from '../analyzer/semantics/calls.ts'
import { functionsOf } from '../analyzer/semantics/functions.ts'
import { changesInLoop, repeatingLoop } from '../analyzer/semantics/repeated-calls.ts'

const hours = (get: string, before = ''): string => `int f(PyObject *list, PyObject *o, Py_ssize_t n)
{
${before}    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *hour = ${get};
        if (hour == NULL)
            return -1;
        Py_DECREF(hour);
    }
    return 0;
}`

export const attributeLoopAccess: Rule = {
  name: 'attribute-loop-access',
  summary: 'an attribute by the text of its name for each turn of a loop',
  explanation: `\`PyObject_GetAttrString\` makes a str of the name, looks for the attribute by that, and frees it: 43 to
58 ns a turn, on CPython 3.11 to 3.15. \`PyObject_GetAttr\` with a name that is made once, by
\`PyUnicode_InternFromString\`, takes 10 to 12 ns. What macros of the full API read out of a \`datetime\`, a frame or a code
object is had under the Limited API by such calls, so this is where loops become slow.

\`npm run loop-cost:bench\` in the sources of abi3lint measures that.`,
  severity: 'info',
  effect: 'advice',
  onRequest: true,
  examples: () => [
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: hours('PyObject_GetAttrString(PyList_GetItem(list, i), "hour")'),
      reports: {
        at: '4:26 PyObject_GetAttrString(PyList_GetItem(list, i), "hour")',
        message: '`PyObject_GetAttrString` makes a str of `"hour"` for each turn of the loop: 40 ns',
      },
    },
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: hours('PyObject_GetAttrString(o, "hour")'),
      reports: {
        at: '4:26 PyObject_GetAttrString(o, "hour")',
        message: '`PyObject_GetAttrString` makes a str of `"hour"` for each turn of the loop: 40 ns',
      },
    },
    {
      kind: 'good',
      target: '3.10',
      code: hours(
        'PyObject_GetAttr(PyList_GetItem(list, i), name)',
        '    PyObject *name = PyUnicode_InternFromString("hour");\n',
      ),
    },
    {
      kind: 'good',
      target: '3.10',
      code: hours('PyObject_GetAttrString(o, "hour")').replace('Py_ssize_t i = 0; i < n; i++', ';;'),
    },
    { kind: 'good', target: '3.10', code: 'PyObject *f(PyObject *o) { return PyObject_GetAttrString(o, "hour"); }' },
    {
      kind: 'good',
      target: '3.10',
      code: `PyObject *f(PyObject *list, Py_ssize_t n)
{
    for (Py_ssize_t i = 0; i < n; i++)
        if (PyList_GetItem(list, i) == Py_None) {
            PyObject *hour = PyObject_GetAttrString(Py_None, "hour");
            return hour;
        }
    return NULL;
}`,
    },
  ],
  *check({ model }) {
    for (const { file, around, call, doubts } of callsOf(model, 'PyObject_GetAttrString')) {
      const [object, text] = call.operands
      if (!object || !text || !functionsOf(model).isOfApi(file, 'PyObject_GetAttrString')) continue
      const name = bare(text)
      if (name.kind !== 'literal' || name.literal !== 'string') continue
      const loop = repeatingLoop(around, call)
      if (loop === null) continue
      const of = nameOf(bare(object))
      const isSame = of !== null && !changesInLoop(around, of, loop)
      yield {
        file,
        ...call.span,
        symbol: 'PyObject_GetAttrString',
        notes: doubts,
        message: `\`PyObject_GetAttrString\` makes a str of ${`\`${name.text}\``} for each turn of the loop: 40 ns`,
        advice: isSame
          ? 'Get the attribute before the loop, if nothing there sets it; or make the name once: `PyObject_GetAttr`.'
          : 'Make the name once, by `PyUnicode_InternFromString`, and call `PyObject_GetAttr`.',
      }
    }
  },
}
