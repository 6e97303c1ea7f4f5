import type { Rule } from '../analyzer/check/rule.ts'
import { bare, itemsOf } from '../analyzer/code/values.ts'
import { variablesOfTypes } from '../analyzer/code/variables.ts'
import { flagAdded } from '../analyzer/fix/type-flag.ts'
import { type Minor, newest } from '../analyzer/knowledge/version.ts'
import { type Environment, evaluate } from '../analyzer/preprocess/condition.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { buildDoubts } from '../analyzer/semantics/calls.ts'
import { attributesSetOf } from '../analyzer/semantics/changed-types.ts'
import { hasBase, hasFlag, heapTypes, shownType } from '../analyzer/semantics/heap-types.ts'
import { withVersion } from '../analyzer/semantics/version-guards.ts'
import type { FileId, RegionId } from '../analyzer/source/text.ts'

const both = (flags: string, name = 'spam.Spam'): string => `#include <Python.h>
#ifdef Py_LIMITED_API
static PyType_Slot spam_slots[] = {{0, NULL}};
static PyType_Spec spam_spec = {"spam.Spam", 0, 0, ${flags}, spam_slots};
PyObject *spam_type(void) { return PyType_FromSpec(&spam_spec); }
#else
static PyTypeObject Spam_Type = {PyVarObject_HEAD_INIT(NULL, 0) .tp_name = "${name}", .tp_flags = Py_TPFLAGS_DEFAULT};
PyObject *spam_type(void) { return PyType_Ready(&Spam_Type) < 0 ? NULL : (PyObject *)&Spam_Type; }
#endif`

export const newlyMutableType: Rule = {
  name: 'newly-mutable-type',
  summary: 'type that is static in other builds of the same code, and can be changed where it is made of a spec',
  explanation: `No program can set an attribute of a static type: \`TypeError: cannot set 'size' attribute of immutable
type 'spam.Spam'\`. Of a type that \`PyType_FromSpec\` makes it can, for all that use the type, and Python looks up its
attributes with that in mind. From level 3.10 on \`Py_TPFLAGS_IMMUTABLETYPE\` keeps it what it was.

\`abi3lint rewrite types\` gives the flag to types that were static, where the target is 3.10 or newer.`,
  severity: 'info',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      fixes: 'unsafe',
      code: both('Py_TPFLAGS_DEFAULT'),
      fixed: both('Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE'),
      reports: {
        at: '4:33 "spam.Spam"',
        message: '`spam.Spam` is static in other builds, where nobody can change it, and can be changed in this one',
      },
    },
    { kind: 'good', target: '3.10', code: both('Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE') },
    { kind: 'good', target: '3.9', code: both('Py_TPFLAGS_DEFAULT') },
    { kind: 'good', target: '3.10', code: both('Py_TPFLAGS_DEFAULT', 'spam.Ham') },
    // Nobody builds the static one.
    { kind: 'good', target: '3.10', code: both('Py_TPFLAGS_DEFAULT').replace('#else', '#endif\n#if 0') },
    {
      kind: 'good',
      target: '3.10',
      code: both('Py_TPFLAGS_DEFAULT').replace('#ifdef Py_LIMITED_API', '#if PY_MAJOR_VERSION >= 3'),
    },
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: `#ifdef Py_LIMITED_API
#define SPAM_SPECS 1
#endif
${both('Py_TPFLAGS_DEFAULT').replace('ifdef Py_LIMITED_API', 'if SPAM_SPECS')}`,
      reports: {
        at: '7:33 "spam.Spam"',
        message: '`spam.Spam` is static in other builds, where nobody can change it, and can be changed in this one',
      },
    },
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: both('Py_TPFLAGS_DEFAULT').replace('#ifdef Py_LIMITED_API', '#if PY_VERSION_HEX >= 0x030D0000'),
      reports: {
        at: '4:33 "spam.Spam"',
        message: '`spam.Spam` is static in other builds, where nobody can change it, and can be changed in this one',
      },
    },
    // The code itself changes it, as it writes into the dictionary of the static one.
    {
      kind: 'good',
      target: '3.10',
      code: both('Py_TPFLAGS_DEFAULT').replace(
        'PyObject *spam_type(void) { return PyType_FromSpec(&spam_spec); }',
        `PyObject *spam_type(void)
{
    PyObject *type = PyType_FromSpec(&spam_spec);
    return type && PyObject_SetAttrString(type, "size", Py_None) == 0 ? type : NULL;
}`,
      ),
    },
  ],
  *check({ model, target }) {
    if (target.level < since) return
    let names: ReadonlySet<string> | null = null
    for (const type of heapTypes(model)) {
      const { file, spec } = type
      if (spec.name === null || hasFlag(model, type, flag) !== 'no') continue
      names ??= staticNames(model)
      if (!names.has(spec.name.text) || attributesSetOf(model, type).length > 0) continue
      yield {
        file,
        ...spec.name.span,
        symbol: flag,
        notes: buildDoubts(model.active(file, spec.region)),
        message:
          `${shownType(type)} is static in other builds, where nobody can change it, ` +
          'and can be changed in this one',
        advice: `Add \`${flag}\`.`,
        fix:
          hasBase(model, type) !== 'no'
            ? null
            : flagAdded(spec, flag, 'who sets attributes of the type gets `TypeError` then, as of the static one'),
      }
    }
  },
}

const flag = 'Py_TPFLAGS_IMMUTABLETYPE'

/** The first level that has the flag. */
const since = 10

/** The names of static types that other builds may have, or have. */
function staticNames(model: ProjectModel): ReadonlySet<string> {
  const found = new Set<string>()
  for (const file of model.files.keys()) {
    const code = model.project.code(file)
    for (const { initialiser, nameSpan } of variablesOfTypes(code, ['PyTypeObject'])) {
      const region = code.regionAt(nameSpan.start)
      if (initialiser?.kind !== 'braces' || model.active(file, region) === 'yes' || isInNoBuild(model, file, region))
        continue
      for (const { designator, value } of itemsOf(initialiser.entries ?? [])) {
        const text = bare(value)
        if ((designator ?? 'tp_name') === 'tp_name' && text.kind === 'literal' && text.literal === 'string')
          found.add(text.text.slice(1, -1))
      }
    }
  }
  return found
}

/** Those whose headers a full build may have. */
const versions: readonly Minor[] = Array.from({ length: newest - 1 }, (_, index) => (index + 2) as Minor)

/** Whether a region is left out in full builds, too: `#if 0`, `#if PY_MAJOR_VERSION < 3`. */
function isInNoBuild(model: ProjectModel, file: FileId, region: RegionId): boolean {
  const { regions } = model.files[file]!
  for (let at = region; at > 0; at = regions[at]!.parent) {
    const { condition, start } = regions[at]!
    const limited = model.conditions.environmentAt(file, start)
    const full: Environment = (name) =>
      /^Py_(?:LIMITED_API|TARGET_ABI3T)$/.test(name)
        ? { state: 'undefined' }
        : model.project.declarations.macro(name).length > 0
          ? { state: 'unknown' }
          : limited(name)
    const isLeftOut = (version: Minor): boolean => evaluate(condition, withVersion(full, version)) === 'no'
    if (versions.every(isLeftOut)) return true
  }
  return false
}
