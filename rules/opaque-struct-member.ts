import type { Rule } from '../analyzer/check/rule.ts'
import { argumentDoubts, internalDoubts, ownDoubts, regionDoubts } from '../analyzer/check/availability.ts'
import { limitedApi } from '../analyzer/check/of-use.ts'
import { hiddenStruct } from '../analyzer/check/structs.ts'

export const opaqueStructMember: Rule = {
  name: 'opaque-struct-member',
  summary: 'field of a struct that is opaque at the target',
  explanation: `The Limited API declares the struct, but hides what is in it, because its layout changes from version to version. Fields of types are read
with \`PyType_GetSlot\` or through attributes, those of other objects with functions.`,
  severity: 'error',
  effect: 'build-break',
  examples: [
    { kind: 'bad', target: '3.12', code: 'void f(PyObject *self) { Py_TYPE(self)->tp_free(self); }' },
    { kind: 'bad', target: '3.12', code: 'PyInterpreterState *f(void) { PyThreadState *t = PyThreadState_Get(); return t->interp; }' },
    { kind: 'bad', target: 'abi3t', code: 'PyTypeObject *f(PyObject *o) { return o->ob_type; }' },
    { kind: 'good', target: '3.12', code: 'PyTypeObject *f(PyObject *o) { return o->ob_type; }' },
    { kind: 'good', target: '3.12', code: 'struct mine { void *tp_free; }; void *f(struct mine *m) { return m->tp_free; }' },
  ],
  *check(context) {
    const { model } = context
    for (const [file, facts] of model.files.entries()) {
      for (const access of facts.members) {
        if (model.activeFact(file, access) === 'no') continue
        const type = model.typeOf(file, access.object, access.start, access.macro)
        const place = { file, start: access.start, end: access.end ?? access.start + access.field.length, macro: access.macro }
        if (type === null || !model.knowsStruct(file, type)) {
          const guess = access.field === 'ob_size' ? 'PyVarObject' : guessedStructs[/^(?:tp|nb|sq|mp|am|ht|ob)(?=_[a-z])/.exec(access.field)?.[0] ?? '']
          if (guess !== undefined && isHidden(guess) && model.api.struct(guess)!.fields.has(access.field)) {
            yield {
              ...place, symbol: `${guess}.${access.field}`, severity: 'warning',
              message: `\`${access.field}\` looks like a field of \`${guess}\`, which ${limitedApi(context)} hides`,
              advice: context.advice(`${guess}.${access.field}`),
              notes: [type === null ? 'the type of the object is not known from the files read' : `\`${type}\`, the type of the object, is not known from the files read`],
            }
          }
          continue
        }
        const struct = hiddenStruct(context, file, type)
        if (!struct?.fields.has(access.field)) continue
        const argument = argumentDoubts(model, file, access.within)
        if (argument === 'no') continue
        const undeclared = model.declares(struct.name) ? [] : [`\`${struct.name}\` itself is not declared: a compiler stops at the name`]
        const doubts = [...undeclared, ...internalDoubts(model, file, struct.lastFull < context.target.headers), ...ownDoubts(model, file, struct.name), ...regionDoubts(model, file, access.region), ...argument]
        const symbol = `${struct.name}.${access.field}`
        yield { ...place, ...(doubts.length > 0 ? { severity: 'warning' as const, notes: doubts } : {}), symbol, message: `\`${symbol}\` is hidden by ${limitedApi(context)}`, advice: context.advice(symbol) }
      }
    }

    function isHidden(name: string): boolean {
      const struct = model.api.struct(name)
      return struct !== null && !model.api.complete(struct, context.target)
    }
  },
}

const guessedStructs: Readonly<Record<string, string>> = {
  tp: 'PyTypeObject', nb: 'PyNumberMethods', sq: 'PySequenceMethods', mp: 'PyMappingMethods', am: 'PyAsyncMethods', ht: 'PyHeapTypeObject',
  ob: 'PyObject',
}
