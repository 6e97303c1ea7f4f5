import type { Rule } from '../analyzer/check/rule.ts'

export const malformedSuppression: Rule = {
  name: 'malformed-suppression',
  summary: 'comment that is addressed to abi3lint and means nothing',
  explanation: `What begins with \`abi3lint:\` in a comment is \`ignore[rules]\` for its line or, on a line of its own,
for what comes next; \`ignore-file[rules]\` before the first declaration; or \`disable[rules]\`, up to
\`enable[rules]\`. Whatever else stands there suppresses nothing.`,
  severity: 'warning',
  effect: 'advice',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: 'int f(void);  // abi3lint: ingore[unavailable-macro]',
      reports: {
        at: '1:18 abi3lint: ingore[unavailable-macro]',
        message: '`abi3lint:` is followed by `ingore`, which means nothing',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: 'int f(void);\n/* abi3lint: ignore-file[unavailable-macro] */',
      reports: {
        at: '2:4 abi3lint: ignore-file[unavailable-macro]',
        message: '`abi3lint: ignore-file` stands behind the first declaration, where it means nothing',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: 'int f(void);\n/* abi3lint: enable[unavailable-macro] */',
      reports: {
        at: '2:4 abi3lint: enable[unavailable-macro]',
        message: 'nothing has disabled what is enabled here: `unavailable-macro`',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: '/* abi3lint: ignore[unavailable-macro */\nint f(void);',
      reports: {
        at: '1:4 abi3lint: ignore[unavailable-macro',
        message: 'the list of rules behind `abi3lint: ignore` does not end',
      },
    },
    {
      kind: 'good',
      target: '3.9',
      code: '/* abi3lint: disable[unavailable-macro] */\nint f(void);\n/* abi3lint: enable */',
    },
  ],
  check: () => [],
  *ofSuppressions({ files }) {
    for (const [file, { misunderstood }] of files) {
      for (const { start, end, message, advice } of misunderstood)
        yield { file, start, end, symbol: '', message, advice }
    }
  },
}
