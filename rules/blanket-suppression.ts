import type { Rule } from '../analyzer/check/rule.ts'
import { commentFix } from '../analyzer/fix/comment-fix.ts'

export const blanketSuppression: Rule = {
  name: 'blanket-suppression',
  summary: 'comment that suppresses all rules',
  explanation: `\`// abi3lint: ignore\` without rules suppresses whatever is found there, today and with all rules to
come: a fault that is written into the line later is never told.

Name the rules: \`// abi3lint: ignore[unavailable-macro] reason\`.`,
  severity: 'warning',
  effect: 'advice',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      beside: ['newer-in-python3-dll'],
      compiler: 'silent',
      code: 'PyObject *f(PyObject *t) { return PyObject_CallNoArgs(t); }  // abi3lint: ignore it is checked',
      reports: {
        at: '1:65 abi3lint: ignore it is checked',
        message: 'this suppresses all rules, those to come among them',
      },
      fixed:
        'PyObject *f(PyObject *t) { return PyObject_CallNoArgs(t); }' +
        '  // abi3lint: ignore[newer-in-python3-dll] it is checked',
    },
    {
      kind: 'bad',
      target: '3.9',
      beside: ['newer-in-python3-dll'],
      compiler: 'silent',
      code: '/* abi3lint: ignore-file[] */\nPyObject *f(PyObject *t) { return PyObject_CallNoArgs(t); }',
      reports: {
        at: '1:4 abi3lint: ignore-file[]',
        message: 'this suppresses all rules, those to come among them',
      },
      fixed:
        '/* abi3lint: ignore-file[newer-in-python3-dll] */\n' +
        'PyObject *f(PyObject *t) { return PyObject_CallNoArgs(t); }',
    },
    {
      kind: 'good',
      target: '3.9',
      compiler: 'silent',
      code: 'PyObject *f(PyObject *t) { return PyObject_CallNoArgs(t); }  // abi3lint: ignore[newer-in-python3-dll]',
    },
  ],
  check: () => [],
  *ofSuppressions({ project, uses }) {
    for (const { file, suppression, suppressed } of uses) {
      const { start, end, rules, list } = suppression
      if (rules.length > 0) continue
      const names = [...new Set(suppressed.map(({ rule }) => rule))].sort().join(', ')
      const isOpen = project.code(file).text[list.start - 1] === '['
      const pieces = [isOpen ? names : `[${names}]`]
      yield {
        file,
        start,
        end,
        symbol: '',
        message: 'this suppresses all rules, those to come among them',
        advice: names === '' ? 'Name the rules that it is for.' : `Name the rules that it is for: \`${names}\`.`,
        fix: names === '' ? null : commentFix(`name ${names}`, [{ ...list, pieces }]),
      }
    }
  },
}
