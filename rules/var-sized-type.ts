import type { Rule } from '../analyzer/check/rule.ts'
import { specsIn } from '../analyzer/semantics/type-specs.ts'

export const varSizedType: Rule = {
  name: 'var-sized-type',
  summary: 'type with items behind its instances',
  explanation: `A type whose \`itemsize\` is not 0 keeps items behind each instance. Without the layout of
\`PyVarObject\` a module for abi3t cannot say where they begin: its own struct has no header any more, and CPython's
guide to abi3t says that such types cannot be written for 3.15.

Keep the items in an allocation of their own, to which the data of the instance points.`,
  severity: 'warning',
  effect: 'abi-break',
  examples: [
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
    for (const file of model.files.keys()) {
      const itemSizes = specsIn(model.project.code(file)).specs.flatMap((spec) => spec.itemSizes)
      for (const { span, region } of itemSizes) {
        if (model.active(file, region) === 'no') continue
        yield {
          file,
          ...span,
          symbol: 'PyType_Spec.itemsize',
          message: 'a type with items behind its instances cannot be written for abi3t',
          advice: 'Keep the items in an allocation of their own, to which the data of the instance points.',
        }
      }
    }
  },
}
