import { type BuildText, expressionAt } from './build-text.ts'
import { assignment } from './python-value.ts'

/** The values that the options of compilers come from, by the name of the argument that gives them. */
const optionArguments =
  /(?<![\w."'-])["']?(define[_-]macros|extra[_-]compile[_-]args|extra_args|c_args|cpp_args)["']?\s*[=:](?!=)\s*/g

/**
 * Of the arguments between two places those that tell the compiler's options and are more than strings, lists and
 * names that are set once to such: `` `define_macros` ``. What they come to does not show in the file.
 */
export function unreadOptions(text: BuildText, start: number, end: number): string[] {
  const unread = [...text.code.slice(start, end).matchAll(optionArguments)].flatMap((match) =>
    isPlain(text, expressionAt(text, start + match.index + match[0].length).text) ? [] : [match[1]!],
  )
  return /(?:^|,)\s*\*\*/.test(text.skeleton.slice(start, end)) ? [...unread, '**'] : unread
}

/** Whether an expression is made of strings, lists and names that are set once to such. */
export function isPlain(text: BuildText, expression: string, depth = 0): boolean {
  const bare = expression.replace(/[rRbBuU]?(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')/g, ' ')
  if (!/^[\w\s()[\],+]*$/.test(bare) || /\w\s*\(/.test(bare)) return false
  const names = [...bare.matchAll(/\b[A-Za-z_]\w*/g)].map(([name]) => name)
  return names.every((name) => {
    if (/^(?:None|True|False|true|false)$/.test(name)) return true
    const value = depth < 4 ? assignment(text, name) : null
    return value !== null && isPlain(text, value, depth + 1)
  })
}
