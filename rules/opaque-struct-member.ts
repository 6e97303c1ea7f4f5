import { fieldAdvice } from '../analyzer/check/field-advice.ts'
import { limitedApi } from '../analyzer/check/of-use.ts'
import type { CheckContext, Finding, Rule } from '../analyzer/check/rule.ts'
import type { MemberAccess } from '../analyzer/facts/file-facts.ts'
import type { Fix } from '../analyzer/fix/fix.ts'
import type { CType } from '../analyzer/knowledge/ctype.ts'
import type { StructFact } from '../analyzer/knowledge/table.ts'
import { argumentDoubts, structDoubts } from '../analyzer/semantics/availability.ts'
import { hiddenStruct } from '../analyzer/semantics/structs.ts'
import type { FileId, Offset } from '../analyzer/source/text.ts'

export const opaqueStructMember: Rule = {
  name: 'opaque-struct-member',
  summary: 'field of a struct that is opaque at the target',
  explanation: `The Limited API declares the struct, but hides what is in it, because its layout changes from version
to version. Fields of types are read with \`PyType_GetSlot\` or through attributes, those of other objects with
functions.`,
  severity: 'error',
  effect: 'build-break',
  examples: () => [
    {
      kind: 'bad',
      target: '3.12',
      code: 'void f(PyObject *self) { Py_TYPE(self)->tp_free(self); }',
      fixed: 'void f(PyObject *self) { ((freefunc)PyType_GetSlot(Py_TYPE(self), Py_tp_free))(self); }',
      reports: { at: '1:41 tp_free', message: '`PyTypeObject.tp_free` is hidden by the Limited API' },
    },
    {
      kind: 'bad',
      target: '3.12',
      code: 'PyInterpreterState *f(void) { PyThreadState *t = PyThreadState_Get(); return t->interp; }',
      fixed:
        'PyInterpreterState *f(void) { PyThreadState *t = PyThreadState_Get(); return ' +
        'PyThreadState_GetInterpreter(t); }',
      reports: { at: '1:81 interp', message: '`PyThreadState.interp` is hidden by the Limited API' },
    },
    {
      kind: 'bad',
      target: 'abi3t',
      code: 'PyTypeObject *f(PyObject *o) { return o->ob_type; }',
      fixed: 'PyTypeObject *f(PyObject *o) { return Py_TYPE(o); }',
      reports: { at: '1:42 ob_type', message: '`PyObject.ob_type` is hidden by the Limited API of abi3t' },
    },
    {
      kind: 'bad',
      target: '3.12',
      file: 'spam.cpp',
      code: 'destructor f(PyTypeObject *t) { destructor &free = t->tp_dealloc; return free; }',
      reports: { at: '1:55 tp_dealloc', message: '`PyTypeObject.tp_dealloc` is hidden by the Limited API' },
    },
    {
      kind: 'bad',
      target: '3.12',
      code:
        'int f(PyObject *v) { PyTypeObject *t = (PyTypeObject *)PyErr_NewException("m.E", 0, 0); ' +
        'return PyDict_SetItemString((PyObject *)t->tp_dict, "x", v); }',
      fixes: 'unsafe',
      fixed:
        'int f(PyObject *v) { PyTypeObject *t = (PyTypeObject *)PyErr_NewException("m.E", 0, 0); ' +
        'return PyObject_SetAttrString((PyObject *)t, "x", v); }',
      reports: { at: '1:132 tp_dict', message: '`PyTypeObject.tp_dict` is hidden by the Limited API' },
    },
    {
      kind: 'bad',
      target: '3.12',
      code: 'int f(PyTypeObject *t, PyObject *v) { return PyDict_SetItemString(t->tp_dict, "x", v); }',
      reports: { at: '1:70 tp_dict', message: '`PyTypeObject.tp_dict` is hidden by the Limited API' },
    },
    {
      kind: 'bad',
      target: '3.12',
      code: 'int f(PyTypeObject *t, PyObject *k) { return PyDict_Contains(t->tp_dict, k); }',
      reports: { at: '1:65 tp_dict', message: '`PyTypeObject.tp_dict` is hidden by the Limited API' },
    },
    { kind: 'good', target: '3.12', code: 'PyTypeObject *f(PyObject *o) { return o->ob_type; }' },
    {
      kind: 'good',
      target: '3.12',
      code: 'struct mine { void *tp_free; }; void *f(struct mine *m) { return m->tp_free; }',
    },
  ],
  *check(context) {
    const { model } = context
    for (const [file, facts] of model.files.entries()) {
      const through = new Map<number, MemberAccess>()
      if (context.wantsFixes)
        for (const each of facts.members) if (each.context?.outer) through.set(each.context.outer.end, each)
      for (const access of facts.members) {
        if (model.activeFact(file, access) === 'no') continue
        const types = [...model.typesOf(file, access.object, access.start, access.macro)]
        const structs = new Set<StructFact>()
        for (const type of types) {
          const struct = hiddenStruct(model, file, type)
          if (struct?.fields.has(access.field)) structs.add(struct)
        }
        if (structs.size === 0) {
          yield* guess(context, file, access, types)
          continue
        }
        const argument = argumentDoubts(model, file, access.within)
        if (argument === 'no') continue
        for (const struct of structs) {
          const { name } = struct
          const doubts = [
            ...(model.declares(name) ? [] : [`\`${name}\` itself is not declared: a compiler stops at the name`]),
            ...structDoubts(model, file, struct, access),
            ...argument,
          ]
          const symbol = `${name}.${access.field}`
          yield {
            file,
            start: access.start,
            end: endOf(access),
            macro: access.macro,
            symbol,
            message: `\`${symbol}\` is hidden by ${limitedApi(context)}`,
            advice: fieldAdvice(context, { file, ...access }, name),
            fix: fixOf(context, file, access, name, through.get(access.start + access.field.length)),
            ...(doubts.length > 0 ? { severity: 'warning', notes: doubts } : {}),
          }
        }
      }
    }
  },
}

/**
 * The fix for a field. `nb_add` in `type->tp_as_number->nb_add`, and `tp_as_number`, have the same one.
 * @param inner the field through which it is read, if it is
 */
function fixOf(
  context: CheckContext,
  file: FileId,
  { field, context: use, macro, within }: MemberAccess,
  struct: string,
  inner: MemberAccess | undefined,
): Fix | null {
  if (inner?.context && struct !== 'PyTypeObject') {
    const whole = context.fix(`PyTypeObject.${inner.field}.${field}`, {
      file,
      context: inner.context,
      macro,
      within: inner.within,
    })
    if (whole) return whole
  }
  if (!use) return null
  const place = { file, context: use, macro, within }
  const whole = use.outer ? context.fix(`${struct}.${field}.${use.outer.field}`, place) : null
  return whole ?? context.fix(`${struct}.${field}`, place)
}

const endOf = ({ start, end, field }: MemberAccess): Offset => end ?? start + field.length

/**
 * Where the object is not known, its field's name may still tell.
 * @param types what the object is, none of them hidden with that field
 */
function* guess(context: CheckContext, file: FileId, access: MemberAccess, types: readonly CType[]): Iterable<Finding> {
  const { model, target } = context
  if (types.some((type) => model.knowsStruct(file, type))) return
  const name =
    access.field === 'ob_size'
      ? 'PyVarObject'
      : guessedStructs[/^(?:tp|nb|sq|mp|am|ht|ob)(?=_[a-z])/.exec(access.field)?.[0] ?? '']
  const struct = name === undefined ? null : model.api.struct(name)
  if (struct === null || !struct.fields.has(access.field) || model.api.complete(struct, target)) return
  const symbol = `${struct.name}.${access.field}`
  yield {
    file,
    start: access.start,
    end: endOf(access),
    macro: access.macro,
    symbol,
    severity: 'warning',
    message: `\`${access.field}\` looks like a field of \`${struct.name}\`, which ${limitedApi(context)} hides`,
    advice: fieldAdvice(context, { file, ...access }, struct.name),
    notes: [
      `${types.length === 0 ? 'the type of the object' : `\`${types[0]}\`, the type of the object,`} is not known ` +
        `from the files read`,
    ],
  }
}

const guessedStructs: Readonly<Record<string, string>> = {
  tp: 'PyTypeObject',
  nb: 'PyNumberMethods',
  sq: 'PySequenceMethods',
  mp: 'PyMappingMethods',
  am: 'PyAsyncMethods',
  ht: 'PyHeapTypeObject',
  ob: 'PyObject',
}
