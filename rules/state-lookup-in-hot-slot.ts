import type { Rule } from '../analyzer/check/rule.ts'
import type { FunctionCode } from '../analyzer/code/tree.ts'
import { stateLookups } from '../analyzer/semantics/state-lookups.ts'
import { addTo } from '../analyzer/source/multimap.ts'
import type { FileId, Span } from '../analyzer/source/text.ts'

const spam = (slot: string): string => `typedef struct { PyObject *text; } State;
extern PyModuleDef spam_def;
static PyObject *spam(PyObject *self)
{
    PyObject *m = PyType_GetModuleByDef(Py_TYPE(self), &spam_def);
    return m ? Py_NewRef(((State *)PyModule_GetState(m))->text) : NULL;
}
PyType_Slot spam_slots[] = {{${slot}, spam}, {0, NULL}};`

export const stateLookupInHotSlot: Rule = {
  name: 'state-lookup-in-hot-slot',
  summary: 'a slot that is called often, and looks for its module each time',
  explanation: `\`PyType_GetModuleByDef\` walks over the bases of a type until it finds one that the module has made:
20 to 90 ns where it succeeds, 120 to 950 ns where it fails and an exception is made, as measured on CPython 3.11 to
3.15. In a slot that itself takes as long, like the step of an iterator or an addition, that can be felt: it made
\`_decimal\` slower by a third.

Keep a pointer to the state in each instance where such slots need it: the instance keeps its type alive, and that the
module. A method gets the class that defines it with \`METH_METHOD\`, which costs next to nothing.`,
  severity: 'info',
  effect: 'advice',
  examples: () => [
    {
      kind: 'bad',
      target: '3.13',
      compiler: 'silent',
      code: spam('Py_tp_iternext'),
      reports: {
        at: '5:19 PyType_GetModuleByDef(Py_TYPE(self), &spam_def)',
        message: '`spam` looks for the module each time `tp_iternext` is called: 20 to 90 ns',
      },
    },
    {
      kind: 'bad',
      target: '3.13',
      compiler: 'silent',
      code: `${spam('Py_nb_invert')}
static PyObject *spam_next(PyObject *self) { return PyType_GetModuleByDef(Py_TYPE(self), &spam_def); }
PyType_Slot iterator_slots[] = {{Py_tp_iternext, spam_next}, {0, NULL}};`,
      reports: {
        at: '5:19 PyType_GetModuleByDef(Py_TYPE(self), &spam_def)',
        message: '`spam` and another slot of this file look for the module each time they are called: 20 to 90 ns',
      },
    },
    { kind: 'good', target: '3.13', code: spam('Py_tp_repr') },
  ],
  *check({ model }) {
    const found = new Map<FunctionCode, HotLookup>()
    for (const name of ['PyType_GetModuleByDef', 'PyType_GetModuleByToken'])
      for (const lookup of stateLookups(model, name))
        for (const { body, roles, call, as, through } of lookup.origins) {
          const slot = roles.find((role) => role.kind === 'slot' && hot.test(role.name))?.name
          if (slot === undefined || as !== 'type' || found.has(body.code)) continue
          const { span } = through.length === 0 ? lookup.call : call
          found.set(body.code, { file: body.file, name: body.code.name, slot, span, doubts: lookup.doubts })
        }
    for (const all of byFile([...found.values()])) {
      const [first, ...others] = all
      const shown =
        others.length === 0
          ? `\`${first!.name}\` looks for the module each time \`${first!.slot}\` is called`
          : `\`${first!.name}\` and ${others.length === 1 ? 'another slot' : `${others.length} other slots`} of this ` +
            'file look for the module each time they are called'
      yield {
        file: first!.file,
        ...first!.span,
        symbol: 'PyType_GetModuleByDef',
        notes: first!.doubts,
        message: `${shown}: 20 to 90 ns`,
        advice: 'Keep a pointer to the state in the instance.',
      }
    }
  },
}

interface HotLookup {
  readonly file: FileId
  readonly name: string
  readonly slot: string
  readonly span: Span
  readonly doubts: readonly string[]
}

/** The look-ups of each file, in the order of the text. */
function byFile(lookups: readonly HotLookup[]): Iterable<readonly HotLookup[]> {
  const files = new Map<FileId, HotLookup[]>()
  for (const each of [...lookups].sort((a, b) => a.span.start - b.span.start)) addTo(files, each.file, each)
  return files.values()
}

/** Slots that do little by themselves. */
const hot = /^(?:nb_\w+|sq_(?:item|length|contains)|mp_(?:subscript|length)|tp_(?:iternext|hash|getattro|richcompare))$/
