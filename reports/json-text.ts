import { hashOfCommand } from './printable.ts'

const escaped = (text: string): string =>
  Array.from({ length: text.length }, (_, index) => `\\u${text.charCodeAt(index).toString(16).padStart(4, '0')}`).join(
    '',
  )

/**
 * JSON that is safe to print and to embed: beside what JSON itself wants escaped (lone surrogates are part of that),
 * DEL, the C1 controls, line and paragraph separators, invisible format characters and the second `#` of a command of a
 * CI system (`##[error]`) are written as `\uXXXX`. Readers get the same text back.
 * @param value plain data that `JSON.stringify` takes
 * @returns JSON indented by two blanks, with a final line feed
 */
export const jsonText = (value: object): string =>
  `${JSON.stringify(value, null, 2)
    .replace(/[\x7f-\x9f\u2028\u2029]|\p{Cf}/gu, escaped)
    .replace(hashOfCommand, escaped)}\n`
