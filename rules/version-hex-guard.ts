import type { CheckContext, Finding, Rule } from '../analyzer/check/rule.ts'
import { nameAt, parentsIn } from '../analyzer/code/placement.ts'
import type { FunctionCode, Value } from '../analyzer/code/tree.ts'
import { calleeName, eachValue } from '../analyzer/code/values.ts'
import { alternativesOf } from '../analyzer/code/variables.ts'
import { levelGuard } from '../analyzer/fix/level-guard.ts'
import { oldestPython } from '../analyzer/knowledge/target.ts'
import { showVersion } from '../analyzer/knowledge/version.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import type { LiveUse } from '../analyzer/semantics/availability.ts'
import { buildDoubts, compiledAt } from '../analyzer/semantics/calls.ts'
import { type VersionGuard, versionGuardOf } from '../analyzer/semantics/version-guards.ts'
import type { FileId } from '../analyzer/source/text.ts'

const raised = (condition: string, before = ''): string => `${before}static PyObject *raised(void)
{
${condition}
    return PyErr_GetRaisedException();
#else
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    Py_XDECREF(type);
    Py_XDECREF(traceback);
    return value;
#endif
}
PyObject *get(void) { return raised(); }`

const audit = (condition: string): string => `static int audit(PyObject *values)
{
${condition}
    return PySys_AuditTuple("spam", values);
#else
    return values == NULL ? -1 : 0;
#endif
}
int get(PyObject *values) { return audit(values); }`

const names = (condition: string): string => `${condition}
#define MODULE_NAME(module) PyModule_GetNameObject(module)
#else
#define MODULE_NAME(module) PyObject_GetAttrString(module, "__name__")
#endif
PyObject *get(PyObject *type) { return MODULE_NAME(type); }`

const check = (condition: string): string => `#include <string.h>
int check(void)
{
    if (${condition}) {
        PyErr_SetString(PyExc_ImportError, "built for another Python");
        return -1;
    }
    return 0;
}`

export const versionHexGuard: Rule = {
  name: 'version-hex-guard',
  summary: '`PY_VERSION_HEX` taken for the version of the Python that runs',
  explanation: `A module for the Limited API is built once, often with headers that are newer than its level, and runs
with all Pythons from that level on. \`PY_VERSION_HEX\` is the version of the headers: \`#if PY_VERSION_HEX >=
0x030C0000\` brings functions of 3.12 into a module that 3.9 imports, too, or does not compile. What the level has is
asked by \`Py_LIMITED_API\`: \`#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030C0000\`. A module that compares
\`PY_VERSION_HEX\` with the version of the Python that runs refuses all but the one it was built with.

Conditions whose branches work with every Python from the level on, as those that choose what the headers declare, are
no fault, and not reported. Where Pythons behave differently, ask \`Py_Version\` (from level 3.11 on) or
\`sys.hexversion\` at run time.`,
  severity: 'warning',
  effect: 'import-break',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: raised('#if PY_VERSION_HEX >= 0x030C0000'),
      reports: {
        at: '3:5 PY_VERSION_HEX',
        message:
          '`PY_VERSION_HEX` asks for the version of the headers, and lets `PyErr_GetRaisedException` (3.12) into a ' +
          'module for 3.9',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      code: audit('#if PY_VERSION_HEX >= 0x030D00F0'),
      reports: {
        at: '3:5 PY_VERSION_HEX',
        message:
          '`PY_VERSION_HEX` asks for the version of the headers, and lets `PySys_AuditTuple` (3.13) into a module ' +
          'for 3.9',
      },
      fixed: audit('#if PY_VERSION_HEX >= 0x030D00F0 && (!defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030D0000)'),
      fixes: 'unsafe',
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: raised('#if NEW', '#define NEW (PY_MINOR_VERSION >= 12)\n'),
      reports: {
        at: '4:5 NEW',
        message:
          '`NEW` asks for the version of the headers, and lets `PyErr_GetRaisedException` (3.12) into a module for 3.9',
      },
    },
    {
      kind: 'bad',
      target: '3.11',
      compiler: 'silent',
      code: check('Py_Version >> 16 != PY_VERSION_HEX >> 16'),
      reports: {
        at: '4:29 PY_VERSION_HEX',
        message:
          '`PY_VERSION_HEX` is the version of the headers: compared with that of the Python that runs, it fits a ' +
          'single version',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: check('strncmp(Py_GetVersion(), PY_VERSION, 4) != 0'),
      reports: {
        at: '4:34 PY_VERSION',
        message:
          '`PY_VERSION` is the version of the headers: compared with that of the Python that runs, it fits a ' +
          'single version',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: raised('#ifdef HAVE_RAISED', '#if PY_VERSION_HEX >= 0x030C0000\n#define HAVE_RAISED\n#endif\n'),
      reports: {
        at: '6:8 HAVE_RAISED',
        message:
          '`HAVE_RAISED` asks for the version of the headers, and lets `PyErr_GetRaisedException` (3.12) into a ' +
          'module for 3.9',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: raised(
        '#if HAVE_RAISED',
        '#if PY_MINOR_VERSION < 12\n#define HAVE_RAISED 0\n#else\n#define HAVE_RAISED 1\n#endif\n',
      ),
      reports: {
        at: '8:5 HAVE_RAISED',
        message:
          '`HAVE_RAISED` asks for the version of the headers, and lets `PyErr_GetRaisedException` (3.12) into a ' +
          'module for 3.9',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: check('running && strncmp(running, PY_VERSION, 4) != 0').replace(
        '    if',
        '    const char *running = Py_GetVersion();\n    if',
      ),
      reports: {
        at: '5:37 PY_VERSION',
        message:
          '`PY_VERSION` is the version of the headers: compared with that of the Python that runs, it fits a ' +
          'single version',
      },
    },
    {
      kind: 'good',
      target: '3.9',
      code: raised(
        '#ifdef HAVE_RAISED',
        '#if PY_VERSION_HEX >= 0x030C0000 && !defined(Py_LIMITED_API)\n#define HAVE_RAISED\n#endif\n',
      ),
    },
    { kind: 'good', target: '3.12', code: raised('#if PY_VERSION_HEX >= 0x030C0000') },
    { kind: 'good', target: '3.9', code: raised('#if Py_LIMITED_API+0 >= 0x030C0000') },
    {
      kind: 'good',
      target: '3.9',
      code: raised('#if PY_VERSION_HEX >= 0x030C0000 && !defined(Py_LIMITED_API)'),
    },
    { kind: 'good', target: '3.9', code: names('#if PY_VERSION_HEX >= 0x030C0000') },
    { kind: 'good', target: '3.11', code: check('PY_VERSION_HEX >= 0x030C0000') },
  ],
  *check(context) {
    yield* guards(context)
    yield* refusals(context)
  },
}

/** Conditions that let in what came after the oldest Python. */
function* guards(context: CheckContext): Iterable<Finding> {
  const { model, target } = context
  const found = new Map<string, { readonly guard: VersionGuard; readonly uses: LiveUse[] }>()
  for (const live of context.uses) {
    if (live.status.kind !== 'newer' && live.status.kind !== 'unexported') continue
    const guard = versionGuardOf(model, live.file, live.use.region)
    if (guard === null) continue
    const key = `${live.file} ${guard.region}`
    const known = found.get(key)
    if (known) known.uses.push(live)
    else found.set(key, { guard, uses: [live] })
  }
  for (const { guard, uses } of found.values()) {
    const { file, status, use } = uses[0]!
    const more = new Set(uses.map((each) => each.use.name)).size - 1
    const since = status.kind === 'newer' || status.kind === 'unexported' ? status.since : target.level
    const doubts = uses.every((each) => each.doubts.length > 0) ? uses[0]!.doubts : []
    yield {
      file,
      ...guard.span,
      symbol: 'PY_VERSION_HEX',
      notes: doubts,
      ...(doubts.length > 0 ? { severity: 'info' } : {}),
      effect: status.kind === 'newer' ? 'build-break' : 'import-break',
      message:
        `\`${guard.name}\` asks for the version of the headers, and lets \`${use.name}\` (${showVersion(since)})` +
        `${more > 0 ? ` and ${more} more` : ''} into a module for ${showVersion(oldestPython(target))}`,
      advice: 'Ask `Py_LIMITED_API` for what the level has.',
      fix:
        hasElse(model, file, guard) && !uses.some((each) => isRewritten(each, context))
          ? levelGuard(model, file, guard, 'limited builds then compile the branch for older Pythons')
          : null,
    }
  }
}

/** Whether there is a branch for older Pythons. */
const hasElse = (model: ProjectModel, file: FileId, { region }: VersionGuard): boolean => {
  const { regions } = model.files[file]!
  return regions.filter(({ group }) => group === regions[region]!.group).length === 2
}

/** Whether the name itself can be written otherwise, which leaves nothing to the condition. */
const isRewritten = ({ file, use: { name, context: place, macro, within } }: LiveUse, context: CheckContext): boolean =>
  place !== undefined && context.fix(name, { file, context: place, macro, within }) !== null

const versions = ['PY_VERSION_HEX', 'PY_MINOR_VERSION', 'PY_VERSION']

/** Comparisons of the version of the headers with that of the Python that runs. */
function* refusals({ model }: CheckContext): Iterable<Finding> {
  for (const name of versions)
    for (const file of model.project.filesWith(name)) {
      const code = model.project.code(file)
      for (const { span, isInDirective } of code.occurrences(name)) {
        const around = isInDirective ? code.macroAt(span.start) : code.functionAt(span.start)
        if (!around || !isComparedWithRunning(around, span.start)) continue
        const compiled = compiledAt(model, file, span.start)
        if (compiled === 'no') continue
        const doubts = buildDoubts(compiled)
        yield {
          file,
          ...span,
          symbol: name,
          notes: doubts,
          ...(doubts.length > 0 ? { severity: 'info' } : {}),
          message:
            `\`${name}\` is the version of the headers: compared with that of the Python that runs, it fits a single ` +
            'version',
          advice: 'Leave the comparison out where `Py_LIMITED_API` is defined.',
        }
      }
    }
}

const comparing = new Set(['==', '!=', '<', '<=', '>', '>='])

/** Whether a value is, or is a part of, one side of a comparison whose other side is a version known at run time. */
function isComparedWithRunning(code: FunctionCode, offset: number): boolean {
  const parents = parentsIn(code)
  let inner: Value | null = nameAt(code, offset)
  while (inner) {
    const outer = parents.get(inner)
    if (outer?.kind === 'binary' && comparing.has(outer.operator))
      return isRunning(code, outer.left === inner ? outer.right : outer.left)
    if (outer?.kind === 'call' && /^str(?:n?cmp|str)$/.test(calleeName(outer) ?? ''))
      return outer.operands.some((each) => isRunning(code, each))
    if (!outer || !/^(?:binary|unary|group|cast)$/.test(outer.kind)) return false
    inner = outer as Value
  }
  return false
}

/** Whether a value is made of the version of the Python that runs: `hexversion >> 16`, `Py_GetVersion()`. */
const isRunning = (code: FunctionCode, value: Value): boolean =>
  [...eachValue(value), ...alternativesOf(code, value).flatMap((each) => [...eachValue(each)])].some(
    (each) => each.kind === 'name' && /version/i.test(each.name) && !/^[A-Z_]+$/.test(each.name),
  )
