import { isPunctuation, Kind, scan, type Tokens, tokenText } from '../preprocess/scanner.ts'
import { closingBrackets } from './words.ts'

/**
 * The names in a text, not those in strings and comments.
 * @param text one character per byte
 * @param plain whether those of fields are left out
 */
export function namesInText(text: string, plain: boolean): ReadonlySet<string> {
  const tokens = scan(text)
  const found = new Set<string>()
  for (let at = 0; at < tokens.count; at++)
    if (tokens.kind[at] === Kind.identifier && !(plain && isFieldName(tokens, at))) found.add(tokenText(tokens, at))
  return found
}

/** Whether a name is that of a field: `x->name`, `x.name`. A `.name` behind what has no fields is a designator. */
export const isFieldName = (tokens: Tokens, at: number): boolean =>
  isPunctuation(tokens, at - 1, '->') ||
  (isPunctuation(tokens, at - 1, '.') &&
    (tokens.kind[at - 2] !== Kind.punctuation || closingBrackets.has(tokenText(tokens, at - 2))))
