import { anyDirectories, anyNumberInName, anySignInName, type GlobPart, isMatch, signs } from './glob.ts'

/** Whether a file fits a pattern as Python's `glob` has them, or lies in a directory of that name: `src/*.c`. */
export function fits(pattern: string, file: string): boolean {
  const plain = pattern.replace(/^\.\//, '').replace(/\/$/, '')
  if (!/[*?]/.test(plain)) return file === plain || file.startsWith(`${plain}/`)
  const parts: GlobPart[] = []
  for (let at = 0; at < plain.length; at++) {
    if (plain.startsWith('**/', at)) {
      parts.push(anyDirectories)
      at += 2
    } else parts.push(plain[at] === '*' ? anyNumberInName : plain[at] === '?' ? anySignInName : signs(plain[at]!))
  }
  return isMatch(parts, file)
}
