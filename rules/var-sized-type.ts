import type { Rule } from '../analyzer/check/rule.ts'
import { isNull } from '../analyzer/code/values.ts'
import { buildDoubts } from '../analyzer/semantics/calls.ts'
import { slotArrays } from '../analyzer/semantics/slot-arrays.ts'
import { specsIn } from '../analyzer/semantics/type-specs.ts'

export const varSizedType: Rule = {
  name: 'var-sized-type',
  summary: 'type with items behind its instances',
  explanation: `A type whose \`itemsize\` is not 0 keeps items behind each instance. Without the layout of
\`PyVarObject\` a module for abi3t cannot say where they begin: its own struct has no header any more, and CPython's
guide to abi3t says that such types cannot be written for 3.15.

Look for it before anything else is changed: nothing else helps. What people do: the items go into an allocation of their
own (\`PyMem_Malloc\`, given back by \`tp_dealloc\`) to which the data of the instance points, or into a \`bytes\` or
\`tuple\` object that the instance has; or the package goes on with a wheel for each free-threaded version.`,
  severity: 'warning',
  effect: 'abi-break',
  examples: () => [
    {
      kind: 'bad',
      target: 'abi3t',
      compiler: 'silent',
      code: `PySlot slots[] = {
    PySlot_STATIC_DATA(Py_tp_name, "spam.Spam"), PySlot_SIZE(Py_tp_itemsize, sizeof(int)), PySlot_END
};`,
      reports: {
        at: '2:50 PySlot_SIZE(Py_tp_itemsize, sizeof(int))',
        message: 'a type with items behind its instances cannot be written for abi3t',
      },
    },
    {
      kind: 'bad',
      target: 'abi3t',
      compiler: 'silent',
      code:
        'static PyType_Slot slots[] = {{0, NULL}};\nstatic PyType_Spec spec = {"m.Spam", -16, sizeof(int), ' +
        'Py_TPFLAGS_DEFAULT, slots};',
      reports: {
        at: '2:43 sizeof(int)',
        message: 'a type with items behind its instances cannot be written for abi3t',
      },
    },
    {
      kind: 'bad',
      target: 'abi3t',
      compiler: 'silent',
      code:
        'static PyType_Slot slots[] = {{0, NULL}};\nstatic PyType_Spec spec = {.name = "m.Spam", .itemsize = 8, ' +
        '.slots = slots};',
      reports: { at: '2:58 8', message: 'a type with items behind its instances cannot be written for abi3t' },
    },
    {
      kind: 'good',
      target: 'abi3t',
      code:
        'static PyType_Slot slots[] = {{0, NULL}};\nstatic PyType_Spec spec = {"m.Spam", -16, 0, ' +
        'Py_TPFLAGS_DEFAULT, slots}, *other = &spec;',
    },
    {
      kind: 'good',
      target: '3.15',
      code:
        'static PyType_Slot slots[] = {{0, NULL}};\nstatic PyType_Spec spec = {"m.Spam", 16, sizeof(int), ' +
        'Py_TPFLAGS_DEFAULT, slots};',
    },
  ],
  *check({ model, target }) {
    if (!target.abi3t) return
    for (const { file, entries } of slotArrays(model))
      for (const { name, value, span, compiled } of entries) {
        if (name !== 'Py_tp_itemsize' || !value || isNull(value)) continue
        yield { ...found, file, ...span, symbol: name, notes: buildDoubts(compiled) }
      }
    for (const file of model.files.keys()) {
      const itemSizes = specsIn(model.project.code(file)).specs.flatMap((spec) => spec.itemSizes)
      for (const { span, region } of itemSizes) {
        if (model.active(file, region) === 'no') continue
        yield { ...found, file, ...span, symbol: 'PyType_Spec.itemsize' }
      }
    }
  },
}

const found = {
  message: 'a type with items behind its instances cannot be written for abi3t',
  advice: 'Keep the items in an allocation of their own, to which the data of the instance points.',
}
