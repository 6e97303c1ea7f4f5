import type { Rule } from '../analyzer/check/rule.ts'
import { oldestPython } from '../analyzer/knowledge/target.ts'
import { heapTypes } from '../analyzer/semantics/heap-types.ts'

const spec = (
  slots: string,
): string => `static PyObject *spam_repr(PyObject *self) { return PyUnicode_FromString("spam"); }
static PyType_Slot spam_slots[] = {${slots}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, spam_slots};`

/** Slots of which `PyType_FromSpec` takes one, by Objects/typeobject.c of 3.12: it copies what they point to. */
const single: ReadonlySet<string> = new Set(['Py_tp_doc', 'Py_tp_members'])

export const malformedSlotTable: Rule = {
  name: 'malformed-slot-table',
  summary: 'table of slots without an end, with a slot twice, or with a `Py_tp_doc` that is `NULL`',
  explanation: `\`PyType_FromSpec\` reads slots up to \`{0, NULL}\`, and without that whatever lies behind the array.
Of a slot that stands twice the last one counts, and nothing says so; but a second \`Py_tp_doc\` or \`Py_tp_members\`
is a \`SystemError\` from Python 3.12 on. \`{Py_tp_doc, NULL}\` is allowed from Python 3.10 on; 3.9 reads from it and
crashes.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: spec('\n    {Py_tp_repr, spam_repr},\n'),
      fixed: spec('\n    {Py_tp_repr, spam_repr},\n    {0, NULL},\n'),
      reports: {
        at: '2:20 spam_slots',
        message: '`spam_slots` does not end with `{0, NULL}`: what lies behind the array is read as slots',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: spec('{Py_tp_repr, spam_repr}, {Py_tp_repr, spam_repr}, {0, NULL}'),
      reports: {
        at: '2:61 {Py_tp_repr, spam_repr}',
        message: '`Py_tp_repr` stands twice in `spam_slots`: the last one counts',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: spec('{Py_tp_repr, spam_repr}, {Py_tp_doc, "A spam."}, {Py_tp_doc, "An egg."}, {0, NULL}'),
      reports: {
        at: '2:85 {Py_tp_doc, "An egg."}',
        message: '`Py_tp_doc` stands twice in `spam_slots`: Python 3.12 and newer do not make the type',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: spec('{Py_tp_repr, spam_repr}, {Py_tp_doc, NULL}, {0, NULL}'),
      reports: {
        at: '2:61 {Py_tp_doc, NULL}',
        message: '`Py_tp_doc` is `NULL`: Python 3.9 and older crash where the type is made',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: spec('{Py_tp_repr, spam_repr}').replace('spam_slots[]', 'spam_slots[1]'),
      reports: {
        at: '2:20 spam_slots',
        message: '`spam_slots` does not end with `{0, NULL}`: what lies behind the array is read as slots',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `#define SLOTS(X) X(repr) X(str)
#define SLOT(name) {Py_tp_##name, (void *)spam_repr},
${spec('SLOTS(SLOT)')}`,
      reports: {
        at: '4:20 spam_slots',
        message: '`spam_slots` does not end with `{0, NULL}`: what lies behind the array is read as slots',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `#define SLOT(slot, function) {slot, (void *)function},
#define END {0, NULL}
${spec('SLOT(Py_tp_repr, spam_repr) SLOT(Py_tp_repr, spam_repr) END')}`,
      reports: {
        at: '4:64 SLOT(Py_tp_repr, spam_repr)',
        message: '`Py_tp_repr` stands twice in `spam_slots`: the last one counts',
      },
    },
    { kind: 'good', target: '3.9', code: spec('{Py_tp_repr, spam_repr}').replace('spam_slots[]', 'spam_slots[2]') },
    { kind: 'good', target: '3.10', code: spec('{Py_tp_repr, spam_repr}, {Py_tp_doc, NULL}, {0, NULL}') },
    {
      kind: 'good',
      target: '3.9',
      code: spec(
        '\n#if PY_VERSION_HEX < 0x03000000\n  {Py_tp_repr, NULL},\n#else\n  {Py_tp_repr, spam_repr},\n#endif\n  {0}',
      ),
    },
    { kind: 'good', target: '3.9', code: `#define END {0, NULL}\n${spec('{Py_tp_repr, spam_repr}, END')}` },
  ],
  *check({ model, target }) {
    const seen = new Set<unknown>()
    for (const { file, table, entries } of heapTypes(model)) {
      if (table === null || seen.has(table)) continue
      seen.add(table)
      const last = table.entries.at(-1)
      if (table.isWhole && table.last === 'entry' && last) {
        const { span, lead } = last
        yield {
          file,
          ...table.span,
          symbol: 'PyType_Slot',
          message: `\`${table.variable}\` does not end with \`{0, NULL}\`: what lies behind the array is read as slots`,
          advice: 'Add `{0, NULL}`.',
          fix:
            table.hasSize || lead === null
              ? null
              : {
                  title: 'add `{0, NULL}`',
                  safety: 'safe',
                  reason: '',
                  includes: [],
                  shims: [],
                  kind: 'file',
                  rewrites: [{ ...span, pieces: [span, `,${lead}{0, NULL}`] }],
                },
        }
      }
      const sure = entries.filter(
        ({ region }) => model.active(file, region) === 'yes' && model.active(file, table.region) !== 'no',
      )
      const given = new Set<string>()
      for (const { slot, span } of sure) {
        if (!given.has(slot)) {
          given.add(slot)
          continue
        }
        yield {
          file,
          ...span,
          symbol: slot,
          message:
            `\`${slot}\` stands twice in \`${table.variable}\`: ` +
            (single.has(slot) ? 'Python 3.12 and newer do not make the type' : 'the last one counts'),
          advice: 'Keep one of them.',
        }
      }
      for (const { slot, span, isNull } of entries) {
        if (slot !== 'Py_tp_doc' || !isNull || oldestPython(target) >= 10) continue
        yield {
          file,
          ...span,
          symbol: slot,
          message: '`Py_tp_doc` is `NULL`: Python 3.9 and older crash where the type is made',
          advice: 'Leave the entry out.',
        }
      }
    }
  },
}
