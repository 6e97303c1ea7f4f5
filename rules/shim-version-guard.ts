import type { Rule } from '../analyzer/check/rule.ts'
import { levelGuard } from '../analyzer/fix/level-guard.ts'
import { oldestPython } from '../analyzer/knowledge/target.ts'
import { showVersion } from '../analyzer/knowledge/version.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { olderGuardOf, type VersionGuard } from '../analyzer/semantics/version-guards.ts'
import type { FileId, RegionId } from '../analyzer/source/text.ts'

const shim = (condition: string): string => `${condition}
static inline int PyModule_AddObjectRef(PyObject *module, const char *name, PyObject *value)
{
    Py_XINCREF(value);
    return PyModule_AddObject(module, name, value);
}
#endif
int add(PyObject *module) { return PyModule_AddObjectRef(module, "none", Py_None); }`

const macro = (condition: string): string => `${condition}
#define PyObject_CallNoArgs(f) PyObject_CallObject(f, NULL)
#endif
PyObject *run(PyObject *f) { return PyObject_CallNoArgs(f); }`

const raised = (condition: string): string => `${condition}
static PyObject *PyErr_GetRaisedException(void)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    Py_XDECREF(type);
    Py_XDECREF(traceback);
    return value;
}
#endif
PyObject *get(void) { return PyErr_GetRaisedException(); }`

export const shimVersionGuard: Rule = {
  name: 'shim-version-guard',
  summary: "function that stands in for one of CPython's, and that newer headers leave out",
  explanation: `\`#if PY_VERSION_HEX < 0x030A0000\` around a function of one's own that has the name and does the work of
one of 3.10 is right for the full API. A module for the Limited API is built with headers that are newer than its
level: they leave the function out, and the level does not have CPython's. It does not compile then, or its import fails
on older Pythons. Ask for the level, too:
\`#if PY_VERSION_HEX < 0x030A0000 || (defined(Py_LIMITED_API) && Py_LIMITED_API+0 < 0x030A0000)\`. Where headers declare
CPython's at every level, as those of 3.15 do with \`PyErr_GetRaisedException\`, the function also needs a name of its
own.`,
  severity: 'warning',
  effect: 'import-break',
  examples: () => [
    {
      kind: 'bad',
      target: '3.8',
      headers: '3.13',
      code: macro('#if PY_MINOR_VERSION < 9'),
      reports: {
        at: '1:5 PY_MINOR_VERSION',
        message: 'newer headers leave out this `PyObject_CallNoArgs`, and the Limited API of 3.8 has none',
      },
    },
    {
      kind: 'bad',
      target: '3.8',
      headers: '3.15',
      code: macro('#if PY_VERSION_HEX < 0x03090000'),
      reports: {
        at: '1:5 PY_VERSION_HEX',
        message: 'newer headers leave out this `PyObject_CallNoArgs`, and the Limited API of 3.8 has none',
      },
      fixed: macro('#if PY_VERSION_HEX < 0x03090000 || (defined(Py_LIMITED_API) && Py_LIMITED_API+0 < 0x03090000)'),
      fixes: 'unsafe',
    },
    {
      kind: 'bad',
      target: '3.9',
      headers: '3.13',
      code: shim('#if PY_VERSION_HEX < 0x030A00A3'),
      reports: {
        at: '1:5 PY_VERSION_HEX',
        message: 'newer headers leave out this `PyModule_AddObjectRef`, and the Limited API of 3.9 has none',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      headers: '3.15',
      compiler: 'silent',
      code: raised('#if PY_VERSION_HEX < 0x030C0000'),
      reports: {
        at: '1:5 PY_VERSION_HEX',
        message: 'newer headers leave out this `PyErr_GetRaisedException`, and the Limited API of 3.9 has none',
      },
    },
    {
      kind: 'bad',
      target: '3.8',
      headers: '3.13',
      code: macro('#if PY_VERSION_HEX < 0x03090000 && !defined(PyObject_CallNoArgs)'),
      reports: {
        at: '1:5 PY_VERSION_HEX',
        message: 'newer headers leave out this `PyObject_CallNoArgs`, and the Limited API of 3.8 has none',
      },
    },
    { kind: 'good', target: '3.10', code: shim('#if PY_VERSION_HEX < 0x030A00A3') },
    { kind: 'good', target: '3.9', headers: '3.9', code: shim('#if PY_VERSION_HEX < 0x030A00A3') },
    {
      kind: 'good',
      target: '3.8',
      code: macro('#if PY_VERSION_HEX < 0x03090000 || (defined(Py_LIMITED_API) && Py_LIMITED_API+0 < 0x03090000)'),
    },
  ],
  *check(context) {
    const { model, target } = context
    const missing = new Map<string, 'newer' | 'unexported'>()
    for (const { use, status, doubts } of context.uses)
      if ((status.kind === 'newer' || status.kind === 'unexported') && doubts.length === 0)
        missing.set(use.name, status.kind)
    if (missing.size === 0) return
    const seen = new Set<string>()
    for (const { file, name, guard } of shimsOf(model, missing)) {
      const key = `${file} ${guard.region}`
      if (seen.has(key)) continue
      seen.add(key)
      yield {
        file,
        ...guard.span,
        symbol: name,
        message:
          `newer headers leave out this \`${name}\`, and the Limited API of ` +
          `${showVersion(oldestPython(target))} has none`,
        advice: 'Ask for the level by `Py_LIMITED_API`, too.',
        // Headers that declare CPython's at this level refuse another one of its name.
        fix:
          missing.get(name) === 'newer'
            ? levelGuard(model, file, guard, 'limited builds then compile what is meant for older headers')
            : null,
      }
    }
  },
}

interface Shim {
  readonly file: FileId
  readonly name: string
  readonly guard: VersionGuard
}

/** What the project defines by some names where the headers are older than those of the target. */
function* shimsOf(model: ProjectModel, names: ReadonlyMap<string, unknown>): Iterable<Shim> {
  for (const [file, { declarations, macros }] of model.files.entries()) {
    const defined: readonly { readonly name: string; readonly region: RegionId; readonly offset: number }[] = [
      ...declarations.filter(({ name, defines, kind }) => defines && kind === 'function' && names.has(name)),
      ...macros.filter(({ name }) => names.has(name)),
    ]
    for (const { name, region } of defined) {
      if (model.active(file, region) !== 'no') continue
      const guard = olderGuardOf(model, file, region)
      if (guard !== null) yield { file, name, guard }
    }
  }
}
