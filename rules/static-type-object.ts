import { limitedApi } from '../analyzer/check/of-use.ts'
import type { Fix, ProjectEdits } from '../analyzer/fix/fix.ts'
import type { Rule } from '../analyzer/check/rule.ts'
import { hiddenSizes } from '../analyzer/check/structs.ts'

const heapTypeFix = (name: string, project: ProjectEdits): Fix => ({
  title: `make it a heap type: \`PyTypeObject *${name}\`, made of a \`PyType_Spec\``,
  safety: 'unsafe',
  reason: 'all types of the project are rewritten together; a heap type is made at run time, its instances own references to it, and pickling by protocols 0 and 1 no longer refuses its instances',
  rewrites: [],
  includes: [],
  shims: [],
  project,
})

export const staticTypeObject: Rule = {
  name: 'static-type-object',
  summary: 'type object written down as a `PyTypeObject`',
  explanation: `Under the Limited API \`PyTypeObject\` has no size and no fields: a type cannot be a static variable, it has to be made at run time, from a
\`PyType_Spec\` with slots (PEP 384). Such heap types differ from static ones: each instance owns a reference to its type, the type
is mutable and can be instantiated unless flags say otherwise, and its name needs the module's name in front.`,
  severity: 'error',
  effect: 'build-break',
  examples: [
    { kind: 'bad', target: '3.12', code: 'static PyTypeObject Spam_Type = { PyVarObject_HEAD_INIT(NULL, 0) "spam.Spam", };' },
    { kind: 'bad', target: '3.12', code: 'PyTypeObject types[3];' },
    { kind: 'good', target: '3.12', code: 'static PyTypeObject *Spam_Type; extern PyTypeObject *Egg_Type;' },
    { kind: 'good', target: '3.12', code: 'static PyType_Slot slots[] = {{0, NULL}}; static PyType_Spec spec = {"spam.Spam", 0, 0, Py_TPFLAGS_DEFAULT, slots};' },
  ],
  *check(context) {
    for (const { file, need, struct, isTypeObject, doubts } of hiddenSizes(context)) {
      if (!isTypeObject) continue
      const type = context.heapTypes()?.type(context.model.files[file]!.file, need.start) ?? null
      const obstacles = type?.obstacles.map((each) => `abi3lint rewrite types leaves \`${type.name}\` alone: ${each}`) ?? []
      yield {
        ...(doubts.length > 0 ? { severity: 'warning' as const } : {}),
        notes: [...doubts, ...obstacles],
        fix: type !== null && obstacles.length === 0 ? heapTypeFix(type.name, context.heapTypes()!.edits) : null,
        file, start: need.start, end: need.end, macro: need.macro, symbol: struct.name,
        message: `a type object cannot be a variable in ${limitedApi(context)}`,
        advice: context.advice(struct.name),
      }
    }
  },
}
