import type { Rule } from '../analyzer/check/rule.ts'
import { commentFix } from '../analyzer/fix/comment-fix.ts'
import { removalOf, removalOfRule, removalsOfEnders } from '../analyzer/suppressions/removal.ts'

export const unusedSuppression: Rule = {
  name: 'unused-suppression',
  summary: 'comment that suppresses what is not found there',
  explanation: `\`// abi3lint: ignore[rule] reason\` stays when what it was for is gone, and hides what comes later. It
is unused if each rule that it names ran, over all files that the rule may need, and no target has anything for it. What
no target compiles nobody looked at: a comment there is left alone, and so are those in files whose users were not
asked for, and those where the parser is lost.

Delete it, or the name of the rule.`,
  severity: 'warning',
  effect: 'advice',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      beside: ['newer-in-python3-dll'],
      compiler: 'silent',
      code: 'int f(void);  // abi3lint: ignore[newer-in-python3-dll] it was there once',
      reports: {
        at: '1:18 abi3lint: ignore[newer-in-python3-dll] it was there once',
        message: '`newer-in-python3-dll` finds nothing here that this suppresses',
      },
      fixed: 'int f(void);',
    },
    {
      kind: 'bad',
      target: '3.9',
      beside: ['newer-in-python3-dll', 'unavailable-function'],
      code:
        '/* abi3lint: ignore[unavailable-function, newer-in-python3-dll] */\n' +
        'PyObject *f(PyObject *t) { return t; }\n' +
        'PyObject *g(PyObject *t) { return PyObject_CallNoArgs(t); /* abi3lint: ignore[newer-in-python3-dll] */ }',
      compiler: 'silent',
      reports: {
        at: '1:4 abi3lint: ignore[unavailable-function, newer-in-python3-dll]',
        message: '`unavailable-function`, `newer-in-python3-dll` find nothing here that this suppresses',
      },
      fixed:
        'PyObject *f(PyObject *t) { return t; }\n' +
        'PyObject *g(PyObject *t) { return PyObject_CallNoArgs(t); /* abi3lint: ignore[newer-in-python3-dll] */ }',
    },
    {
      kind: 'bad',
      target: '3.9',
      beside: ['newer-in-python3-dll', 'unavailable-function'],
      compiler: 'silent',
      code:
        '#define FIRST(t) PyObject_CallNoArgs(t)' +
        ' // abi3lint: ignore[unavailable-function, newer-in-python3-dll]: why\n' +
        'PyObject *f(PyObject *t) { return FIRST(t); }',
      reports: {
        at: '1:61 unavailable-function',
        message: '`unavailable-function` finds nothing here that this suppresses',
      },
      fixed:
        '#define FIRST(t) PyObject_CallNoArgs(t) // abi3lint: ignore[newer-in-python3-dll]: why\n' +
        'PyObject *f(PyObject *t) { return FIRST(t); }',
    },
    {
      kind: 'bad',
      target: '3.9',
      beside: ['newer-in-python3-dll'],
      compiler: 'silent',
      code: '#define ONE/* abi3lint: ignore[newer-in-python3-dll] */(1)',
      reports: {
        at: '1:15 abi3lint: ignore[newer-in-python3-dll]',
        message: '`newer-in-python3-dll` finds nothing here that this suppresses',
      },
      fixed: '#define ONE (1)',
    },
    {
      kind: 'bad',
      target: '3.9',
      beside: ['newer-in-python3-dll'],
      compiler: 'silent',
      code: 'int f(int a) { return/* abi3lint: ignore[newer-in-python3-dll] */a; }',
      reports: {
        at: '1:25 abi3lint: ignore[newer-in-python3-dll]',
        message: '`newer-in-python3-dll` finds nothing here that this suppresses',
      },
      fixed: 'int f(int a) { return a; }',
    },
    {
      kind: 'bad',
      target: '3.9',
      beside: ['newer-in-python3-dll'],
      compiler: 'silent',
      code: '// abi3lint: disable[newer-in-python3-dll]\nint f(void);\n// abi3lint: enable',
      reports: {
        at: '1:4 abi3lint: disable[newer-in-python3-dll]',
        message: '`newer-in-python3-dll` finds nothing here that this suppresses',
      },
      fixed: 'int f(void);',
    },
    {
      kind: 'bad',
      target: '3.9',
      beside: ['newer-in-python3-dll', 'unavailable-function'],
      compiler: 'silent',
      code:
        '// abi3lint: disable[newer-in-python3-dll, unavailable-function]\n' +
        'PyObject *g(PyObject *t) { return PyObject_CallNoArgs(t); }\n' +
        '// abi3lint: enable[newer-in-python3-dll, unavailable-function]',
      reports: {
        at: '1:44 unavailable-function',
        message: '`unavailable-function` finds nothing here that this suppresses',
      },
      fixed:
        '// abi3lint: disable[newer-in-python3-dll]\n' +
        'PyObject *g(PyObject *t) { return PyObject_CallNoArgs(t); }\n// abi3lint: enable[newer-in-python3-dll]',
    },
    {
      kind: 'good',
      target: '3.9',
      beside: ['newer-in-python3-dll'],
      compiler: 'silent',
      code:
        'PyObject *f(PyObject *t) { return PyObject_CallNoArgs(t); } ' +
        ' // abi3lint: ignore[newer-in-python3-dll] full',
    },
    {
      kind: 'good',
      target: '3.9',
      code: 'int f(void);  // abi3lint: ignore[newer-in-python3-dll] that rule did not run',
    },
    {
      kind: 'good',
      target: '3.9',
      beside: ['newer-in-python3-dll'],
      code:
        '#ifndef Py_LIMITED_API\nint f(void); ' +
        ' // abi3lint: ignore[newer-in-python3-dll] nobody looked here\n#endif',
    },
    {
      kind: 'good',
      target: '3.9',
      beside: ['newer-in-python3-dll'],
      code: 'const char *f(void) { return "// abi3lint: ignore[newer-in-python3-dll]"; }',
    },
  ],
  check: () => [],
  *ofSuppressions({ project, uses }) {
    const gone = new Set(uses.flatMap(({ suppression, isUnneeded }) => (isUnneeded ? [suppression] : [])))
    for (const { file, suppression, unneeded, isUnneeded } of uses) {
      const { start, end, rules } = suppression
      const { text } = project.code(file)
      const withEnders = (name: string | null) => removalsOfEnders(text, suppression, name, (each) => gone.has(each))
      if (isUnneeded) {
        const names = rules.map(({ name }) => `\`${name}\``).join(', ')
        yield {
          file,
          start,
          end,
          symbol: '',
          message: `${names || 'no rule'} ${rules.length > 1 ? 'find' : 'finds'} ${
            names === '' ? 'anything' : 'nothing'
          } here that this suppresses`,
          advice: 'Delete it.',
          fix: commentFix('delete the comment', [removalOf(text, suppression), ...withEnders(null)]),
        }
        continue
      }
      for (const rule of unneeded) {
        yield {
          file,
          start: rule.start,
          end: rule.end,
          symbol: '',
          message: `\`${rule.name}\` finds nothing here that this suppresses`,
          advice: 'Delete its name.',
          fix: commentFix(`delete \`${rule.name}\``, [
            { ...removalOfRule(suppression, rule), pieces: [] },
            ...withEnders(rule.name),
          ]),
        }
      }
    }
  },
}
