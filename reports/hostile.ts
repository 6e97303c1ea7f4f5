import fc from 'fast-check'

const snippets = [
  '::',
  '::error file=x,line=1::y',
  '##[',
  '##[error]',
  '%',
  '%0A',
  '%3A',
  ':',
  ',',
  '=',
  '\n',
  '\r\n',
  '\r',
  '\t',
  ' ',
  '\u2028',
  '\x1b[31m',
  '\x1b]0;t\x07',
  '\x9b2J',
  '\x7f',
  '\0',
  '\u202e',
  '\u200d',
  '\ud800',
  '`',
  '|',
  '\\',
  '<b>',
  '</details>',
  '@x',
  '#1',
  '漢',
  '🐍',
]

/** Text that tries to break out of whatever it is put into. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.constantFrom(...snippets), fc.string({ unit: 'binary', maxLength: 4 })), { maxLength: 12 })
  .map((parts) => parts.join(''))
