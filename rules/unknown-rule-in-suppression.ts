import type { Rule } from '../analyzer/check/rule.ts'
import { commentFix } from '../analyzer/fix/comment-fix.ts'
import { removalOf, removalOfRule } from '../analyzer/suppressions/removal.ts'

export const unknownRuleInSuppression: Rule = {
  name: 'unknown-rule-in-suppression',
  summary: 'comment that suppresses a rule that there is not',
  explanation: `A misspelt name in \`// abi3lint: ignore[rule]\` suppresses nothing. \`abi3lint rules\` lists the rules.

Correct the name, or delete it.`,
  severity: 'warning',
  effect: 'advice',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: 'int f(void);  // abi3lint: ignore[unavailable-makro]',
      reports: {
        at: '1:35 unavailable-makro',
        message: 'there is no rule `unavailable-makro`',
      },
      fixed: 'int f(void);  // abi3lint: ignore[unavailable-macro]',
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: 'int f(void);\n\n/* abi3lint: ignore[line-too-long-for-me] of another tool */\nint g(void);',
      reports: {
        at: '3:21 line-too-long-for-me',
        message: 'there is no rule `line-too-long-for-me`',
      },
      fixed: 'int f(void);\n\nint g(void);',
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: 'int f(void); /* abi3lint: ignore[line-too-long-for-me, unavailable-macro] */',
      reports: {
        at: '1:34 line-too-long-for-me',
        message: 'there is no rule `line-too-long-for-me`',
      },
      fixed: 'int f(void); /* abi3lint: ignore[unavailable-macro] */',
    },
    {
      kind: 'good',
      target: '3.9',
      code: 'int f(void); /* NOLINT(line-too-long), abi3lint: is the tool that needs no ignore[nothing] */',
    },
  ],
  check: () => [],
  *ofSuppressions({ project, uses }) {
    for (const { file, suppression, unknown } of uses) {
      for (const { rule, near } of unknown) {
        const { name, start, end } = rule
        const removal =
          suppression.rules.length > 1
            ? removalOfRule(suppression, rule)
            : removalOf(project.code(file).text, suppression)
        yield {
          file,
          start,
          end,
          symbol: '',
          message: `there is no rule \`${name}\``,
          advice: near.length > 0 ? `Perhaps \`${near.join('`, `')}\` is meant.` : '`abi3lint rules` lists them.',
          fix:
            near[0] === undefined
              ? commentFix(`delete \`${name}\``, [{ ...removal, pieces: [] }])
              : commentFix(`write \`${near[0]}\``, [{ start, end, pieces: [near[0]] }]),
        }
      }
    }
  },
}
