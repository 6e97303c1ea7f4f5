import type { Rule } from '../analyzer/check/rule.ts'
import { callsAndExpansionsOf } from '../analyzer/semantics/calls.ts'
import { Texts } from '../analyzer/semantics/texts.ts'

const client = (before: string): string => `PyObject *answer(PyObject *self, PyObject *none)
{
${before}    int *api = PyCapsule_Import("acme.core._C_API", 0);
    return api ? PyLong_FromLong(api[0]) : NULL;
}`

export const capsuleImportOfSubmodule: Rule = {
  name: 'capsule-import-of-submodule',
  summary: '`PyCapsule_Import` from a submodule that nobody has imported',
  explanation: `\`PyCapsule_Import("acme.core._C_API", 0)\` imports \`acme\` and asks for the attributes \`core\` and
\`_C_API\` one after the other. A submodule is an attribute of its package only after somebody has imported it, so the
call raises \`AttributeError: module 'acme' has no attribute 'core'\` or not, as other code has run before. Most packages
that hand out such a capsule import the submodule themselves, in \`__init__\`; where they do so only if it was built,
the exception says nothing of that. Import the submodule by \`PyImport_ImportModule\` first.`,
  severity: 'info',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: client(''),
      reports: {
        at: '3:16 PyCapsule_Import("acme.core._C_API", 0)',
        message: '`PyCapsule_Import` imports `acme` only: without `acme.core` it raises `AttributeError`',
        notes: ['right where `acme` itself imports `acme.core`'],
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `PyObject *load(void) { return PyImport_ImportModule("acme.core"); }\n${client('')}`,
      reports: {
        at: '4:16 PyCapsule_Import("acme.core._C_API", 0)',
        message: '`PyCapsule_Import` imports `acme` only: without `acme.core` it raises `AttributeError`',
        notes: ['`acme.core` is imported elsewhere, maybe before'],
      },
    },
    {
      kind: 'good',
      target: '3.9',
      code: client(`    PyObject *core = PyImport_ImportModule("acme.core");
    if (core == NULL)
        return NULL;
    Py_DECREF(core);
`),
    },
    {
      kind: 'good',
      target: '3.9',
      code: 'int *f(void) { return PyCapsule_Import("datetime.datetime_CAPI", 0); }',
    },
  ],
  *check({ model }) {
    const texts = new Texts(model)
    const imports = importers.flatMap((name) =>
      [...callsAndExpansionsOf(model, name)].flatMap((each) =>
        texts.ofOperand(each, 0).map(({ text }) => ({ around: each.around, text, end: each.call.span.end })),
      ),
    )
    for (const each of callsAndExpansionsOf(model, 'PyCapsule_Import')) {
      const { file, around, call, macro, doubts } = each
      const [name, ...others] = new Set(texts.ofOperand(each, 0).map(({ text }) => text))
      const parts = others.length > 0 ? [] : (name?.split('.') ?? [])
      if (parts.length < 3 || parts.some((part) => part === '')) continue
      const module = parts.slice(0, -1).join('.')
      const matching = imports.filter(({ text }) => text === module || text.startsWith(`${module}.`))
      if (matching.some((found) => found.around === around && found.end <= call.span.start)) continue
      yield {
        file,
        ...call.span,
        macro,
        symbol: 'PyCapsule_Import',
        notes: [
          ...doubts,
          matching.length > 0
            ? `\`${module}\` is imported elsewhere, maybe before`
            : `right where \`${parts[0]}\` itself imports \`${module}\``,
        ],
        message:
          `\`PyCapsule_Import\` imports \`${parts[0]}\` only: ` + `without \`${module}\` it raises \`AttributeError\``,
        advice: `Call \`PyImport_ImportModule("${module}")\` first.`,
      }
    }
  },
}

const importers = ['PyImport_ImportModule', 'PyImport_ImportModuleNoBlock', 'PyImport_ImportModuleLevel'] as const
