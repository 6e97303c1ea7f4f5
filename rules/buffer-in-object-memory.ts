import type { Rule } from '../analyzer/check/rule.ts'
import { assignedTo } from '../analyzer/code/placement.ts'
import { nameOf } from '../analyzer/code/values.ts'
import { variablesNamed } from '../analyzer/code/variables.ts'
import { callsOf } from '../analyzer/semantics/calls.ts'
import { functionsOf } from '../analyzer/semantics/functions.ts'
import { runsWithoutGil } from '../analyzer/semantics/without-gil.ts'

const buffer = (name: string): string => `int f(Py_ssize_t n)
{
    char *text = (char *)Py${name}_Malloc(n);
    if (text == NULL)
        return -1;
    Py${name}_Free(text);
    return 0;
}`

export const bufferInObjectMemory: Rule = {
  name: 'buffer-in-object-memory',
  summary: 'memory for something else than an object, of the allocator for objects, in code for Pythons without a GIL',
  explanation: `Without a GIL Python requires that memory of \`PyObject_Malloc\` holds objects, and that objects are in such
memory (Doc/howto/free-threading-extensions.rst): the garbage collector finds objects by walking through the memory of that
allocator, and other threads may read memory that was freed. Characters and numbers belong into memory of
\`PyMem_Malloc\`, which is given back by \`PyMem_Free\`.

Told of pointers to numbers, characters and pointers. With a GIL nothing is wrong with it.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: 'abi3t',
      compiler: 'silent',
      code: buffer('Object'),
      reports: {
        at: '3:26 PyObject_Malloc(n)',
        message: '`text` is no object, and gets memory of the allocator for objects',
      },
    },
    { kind: 'good', target: '3.15', code: buffer('Object') },
    { kind: 'good', target: 'abi3t', code: buffer('Mem') },
    {
      kind: 'good',
      target: 'abi3t',
      code: 'PyObject *f(size_t size) { PyObject *o = (PyObject *)PyObject_Malloc(size); return o; }',
    },
  ],
  *check({ model, target }) {
    if (!runsWithoutGil(model, target)) return
    for (const allocator of ['PyObject_Malloc', 'PyObject_Calloc', 'PyObject_Realloc'])
      for (const { file, around, call, doubts } of callsOf(model, allocator)) {
        const to = assignedTo(around, call)
        const name = to === null ? null : to.kind === 'variable' ? to.name : nameOf(to)
        const variable = to?.kind === 'variable' ? to : variablesNamed(around, name)[0]
        if (!variable || !isNoObject.test(variable.type) || !functionsOf(model).isOfApi(file, allocator)) continue
        const better = allocator.replace('Object', 'Mem')
        yield {
          file,
          ...call.span,
          symbol: allocator,
          notes: doubts,
          message: `\`${variable.name}\` is no object, and gets memory of the allocator for objects`,
          advice: `Call \`${better}\`, and give it back by \`PyMem_Free\`.`,
        }
      }
  },
}

/** Pointers to what is no object and begins with none. */
const isNoObject = new RegExp(
  '^(?:(?:const|signed|unsigned|long|short|int|char|double|float|wchar_t|size_t|Py_ssize_t|Py_UCS[124]|' +
    'u?int\\d+_t|PyObject\\*) ?)+\\*+$',
)
