import type { Rule } from '../analyzer/check/rule.ts'

export const suppressionWithoutReason: Rule = {
  name: 'suppression-without-reason',
  summary: 'comment that suppresses findings and does not say why',
  explanation: `Who reads \`// abi3lint: ignore[unavailable-macro]\` a year later cannot tell whether it may go. The
reason stands behind the rules: \`// abi3lint: ignore[unavailable-macro] full builds only\`. Reports in JSON have it, too.

The rule runs only where it is asked for.`,
  severity: 'info',
  effect: 'advice',
  onRequest: true,
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: 'int f(void);  // abi3lint: ignore[unavailable-macro]',
      reports: {
        at: '1:18 abi3lint: ignore[unavailable-macro]',
        message: 'this suppresses findings and does not say why',
      },
    },
    {
      kind: 'good',
      target: '3.9',
      code: 'int f(void);  // abi3lint: ignore[unavailable-macro] of full builds',
    },
  ],
  check: () => [],
  *ofSuppressions({ uses }) {
    for (const { file, suppression } of uses) {
      const { start, end, reason } = suppression
      if (reason !== '') continue
      yield {
        file,
        start,
        end,
        symbol: '',
        message: 'this suppresses findings and does not say why',
        advice: 'Write the reason behind the rules.',
      }
    }
  },
}
