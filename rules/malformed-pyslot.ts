import type { Finding, Rule } from '../analyzer/check/rule.ts'
import { isNull, nameOf } from '../analyzer/code/values.ts'
import type { Fix } from '../analyzer/fix/fix.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { buildDoubts, callsOf } from '../analyzer/semantics/calls.ts'
import { type SlotArray, type SlotEntry, slotArrays } from '../analyzer/semantics/slot-arrays.ts'

const type = (slots: string): string => `static PyObject *spam_repr(PyObject *self) { return NULL; }
static PyMethodDef spam_methods[] = {{NULL, NULL, 0, NULL}};
static PyMemberDef spam_members[] = {{0}};
static PySlot spam_slots[] = {
    ${slots}
    PySlot_END
};
PyObject *f(void) { (void)spam_repr; (void)spam_methods; (void)spam_members; return PyType_FromSlots(spam_slots); }`

const named = 'PySlot_STATIC_DATA(Py_tp_name, "spam.Spam"),'

export const malformedPyslot: Rule = {
  name: 'malformed-pyslot',
  summary: 'entry of an array of `PySlot` that Python refuses or reads as something else',
  explanation: `Python 3.15 makes types and modules of arrays of \`PySlot\` (PEP 820). It keeps the addresses of tables of
methods, members and attributes, and takes them only where the entry says that they stay: with \`PySlot_DATA\` the type
or the module is not made, \`SystemError: Py_tp_members requires PySlot_STATIC\`. A type needs \`Py_tp_name\`.

An entry has a member for each kind of value: a number where a pointer belongs is taken for an address. \`NULL\`, and a
slot that is given twice, are deprecated and warned of.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.15',
      compiler: 'silent',
      code: type(`${named}\n    PySlot_DATA(Py_tp_members, spam_members),`),
      fixed: type(`${named}\n    PySlot_STATIC_DATA(Py_tp_members, spam_members),`),
      reports: {
        at: '6:5 PySlot_DATA(Py_tp_members, spam_members)',
        severity: 'error',
        message: '`Py_tp_members` is not marked as static: `SystemError`, and nothing is made of `spam_slots`',
      },
    },
    {
      kind: 'bad',
      target: 'abi3t',
      compiler: 'silent',
      code: type('PySlot_FUNC(Py_tp_repr, spam_repr),'),
      reports: {
        at: '4:15 spam_slots',
        severity: 'error',
        message: '`spam_slots` has no `Py_tp_name`: `PyType_FromSlots` raises `SystemError`',
      },
    },
    {
      kind: 'bad',
      target: '3.15',
      compiler: 'silent',
      code: type(`${named}\n    PySlot_SIZE(Py_tp_doc, 4),`),
      reports: {
        at: '6:5 PySlot_SIZE(Py_tp_doc, 4)',
        message: '`PySlot_SIZE` gives `Py_tp_doc` a number, which Python takes for an address',
      },
    },
    {
      kind: 'bad',
      target: '3.15',
      compiler: 'silent',
      code: type(`${named}\n    PySlot_FUNC(Py_tp_repr, NULL),`),
      reports: {
        at: '6:5 PySlot_FUNC(Py_tp_repr, NULL)',
        severity: 'info',
        message: '`Py_tp_repr` is given `NULL`, which is deprecated',
      },
    },
    {
      kind: 'bad',
      target: '3.15',
      compiler: 'silent',
      code: type(`${named}\n    PySlot_FUNC(Py_tp_repr, spam_repr),\n    PySlot_FUNC(Py_tp_repr, spam_repr),`),
      reports: {
        at: '7:5 PySlot_FUNC(Py_tp_repr, spam_repr)',
        severity: 'info',
        message: '`spam_slots` has a second `Py_tp_repr`, which is deprecated',
      },
    },
    {
      kind: 'good',
      target: '3.15',
      code: type(
        `${named}\n    PySlot_STATIC_DATA(Py_tp_methods, spam_methods),` +
          '\n    PySlot_PTR_STATIC(Py_tp_members, spam_members),' +
          '\n    PySlot_FUNC(Py_tp_repr, spam_repr),\n    PySlot_SIZE(Py_tp_extra_basicsize, 4),' +
          '\n    PySlot_UINT64(Py_tp_flags, Py_TPFLAGS_DEFAULT),',
      ),
    },
    {
      kind: 'good',
      target: '3.15',
      code: `static PySlot common[] = {PySlot_SIZE(Py_tp_extra_basicsize, 4), PySlot_END};
${type(`${named}\n    PySlot_STATIC_DATA(Py_slot_subslots, common),`)}`,
    },
  ],
  *check({ model }) {
    for (const array of slotArrays(model)) {
      const seen = new Map<string, SlotEntry>()
      for (const entry of array.entries) {
        const finding = faultOf(array, entry) ?? repeated(array, entry, seen.get(entry.name))
        if (!seen.has(entry.name)) seen.set(entry.name, entry)
        if (finding) yield finding
      }
      const nameless = withoutName(model, array)
      if (nameless) yield nameless
    }
  },
}

const at = (
  { file }: SlotArray,
  { span, name, compiled }: SlotEntry,
): Pick<Finding, 'file' | 'symbol' | 'notes'> & SlotEntry['span'] => ({
  file,
  ...span,
  symbol: name,
  notes: buildDoubts(compiled),
})

/** What is wrong with an entry by itself. */
function faultOf(array: SlotArray, entry: SlotEntry): Finding | null {
  const { name, macro, value } = entry
  if (macro !== null && isTable.test(name) && /^PySlot_(?:DATA|PTR)$/.test(macro))
    return {
      ...at(array, entry),
      severity: entry.compiled === 'yes' ? 'error' : 'warning',
      effect: name.startsWith('Py_mod') ? 'import-break' : 'runtime-bug',
      message:
        `\`${name}\` is not marked as static: \`SystemError\`, and nothing is made of ` + `\`${array.variable.name}\``,
      advice: `Write \`${marked(macro)}\`, and make the table static.`,
      fix: fixFor(entry, marked(macro)),
    }
  if (macro !== null && /^PySlot_(?:SIZE|U?INT64)$/.test(macro) && /^Py_(?:tp|mod)_/.test(name) && !isNumber.test(name))
    return {
      ...at(array, entry),
      message: `\`${macro}\` gives \`${name}\` a number, which Python takes for an address`,
      advice: 'Write `PySlot_FUNC` for a function, and `PySlot_STATIC_DATA` for anything else.',
    }
  if (
    value &&
    !isNumber.test(name) &&
    isNull(value) &&
    nameOf(value) !== null &&
    !/^Py_(?:tp_token|mod_gil)$/.test(name)
  )
    return {
      ...at(array, entry),
      severity: 'info',
      message: `\`${name}\` is given \`NULL\`, which is deprecated`,
      advice: 'Leave the entry out.',
    }
  return null
}

/** Tables whose addresses Python keeps; source: Objects/typeobject.c, Objects/moduleobject.c of 3.15. */
const isTable = /^Py_(?:tp_(?:methods|members|getset)|mod_methods)$/

/** Slots for numbers, and those for numbers in pointers. */
const isNumber = /^Py_(?:tp_(?:basicsize|extra_basicsize|itemsize|flags)|mod_(?:state_size|gil|multiple_interpreters))$/

const marked = (macro: string): string => (macro === 'PySlot_PTR' ? 'PySlot_PTR_STATIC' : 'PySlot_STATIC_DATA')

const fixFor = ({ macro, span }: SlotEntry, better: string): Fix => ({
  title: `write \`${better}\``,
  safety: 'safe',
  reason: '',
  kind: 'file',
  rewrites: [{ start: span.start, end: span.start + macro!.length, pieces: [better] }],
  includes: [],
  shims: [],
})

/** Two entries of a slot; of modules `duplicate-module-slot` tells. */
function repeated(array: SlotArray, entry: SlotEntry, before: SlotEntry | undefined): Finding | null {
  if (!before || !/^Py_(?!mod_|slot_)/.test(entry.name)) return null
  if (before.compiled === 'unknown' && entry.compiled === 'unknown' && before.region !== entry.region) return null
  return {
    ...at(array, entry),
    severity: 'info',
    message: `\`${array.variable.name}\` has a second \`${entry.name}\`, which is deprecated`,
    advice: 'Leave one of them out.',
  }
}

/** An array that a type is made of, without a name for it. */
function withoutName(model: ProjectModel, { file, variable, entries, isWhole }: SlotArray): Finding | null {
  if (!isWhole || entries.length === 0) return null
  if (entries.some(({ name }) => /^Py_(?:tp_name|slot_subslots|tp_slots|mod_\w+)$/.test(name))) return null
  const isMade = [...callsOf(model, 'PyType_FromSlots')].some(
    (each) => each.file === file && each.call.operands[0] && nameOf(each.call.operands[0]) === variable.name,
  )
  if (!isMade) return null
  return {
    file,
    ...variable.nameSpan,
    symbol: 'Py_tp_name',
    severity: 'error',
    message: `\`${variable.name}\` has no \`Py_tp_name\`: \`PyType_FromSlots\` raises \`SystemError\``,
    advice: 'Write `PySlot_STATIC_DATA(Py_tp_name, "module.Name")`.',
  }
}
