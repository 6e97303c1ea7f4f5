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
  let read = start
  const unread = [...text.code.slice(start, end).matchAll(optionArguments)].flatMap((match) => {
    // What stands in an expression that was looked at was looked at with it.
    if (start + match.index < read) return []
    const expression = expressionAt(text, start + match.index + match[0].length)
    read = expression.end
    return isPlain(text, expression.text) ? [] : [match[1]!]
  })
  return /(?:^|,)\s*\*\*/.test(text.skeleton.slice(start, end)) ? [...unread, '**'] : unread
}

/** Whether an expression is made of strings, lists and names that are set once to such. */
export function isPlain(text: BuildText, expression: string, depth = 0): boolean {
  const bare = expression.replace(/[rRbBuU]?(?:"[^"\\\n]*(?:\\.[^"\\\n]*)*"|'[^'\\\n]*(?:\\.[^'\\\n]*)*')/g, ' ')
  if (!/^[\w\s()[\],+]*$/.test(bare) || /\w\s*\(/.test(bare)) return false
  return [...new Set(bare.match(/\b[A-Za-z_]\w*/g))].every(
    (name) => /^(?:None|True|False|true|false)$/.test(name) || isPlainName(text, name, depth),
  )
}

/** Names that stand for others are followed so deep. */
const deepest = 4

const plainNames = new WeakMap<BuildText, Map<string, boolean>>()

/** Whether a name is set once to what is plain. */
function isPlainName(text: BuildText, name: string, depth: number): boolean {
  const known = plainNames.get(text) ?? new Map<string, boolean>()
  plainNames.set(text, known)
  const key = `${name} ${depth}`
  let plain = known.get(key)
  if (plain === undefined) {
    const value = depth < deepest ? assignment(text, name) : null
    plain = value !== null && isPlain(text, value, depth + 1)
    known.set(key, plain)
  }
  return plain
}
