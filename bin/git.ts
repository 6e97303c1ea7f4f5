import { execFileSync } from 'node:child_process'

/**
 * Of some files those that git could not bring back: changed since they were last added to the index, or not tracked.
 * What is staged and not committed does not count, since in a pre-commit hook everything is.
 * @param root the directory that the files are named relative to
 * @returns null where there is no repository, or no git
 */
export function unsaved(root: string, files: readonly string[]): ReadonlySet<string> | null {
  const git = (...words: string[]): string[] =>
    execFileSync('git', words, {
      cwd: root,
      encoding: 'latin1',
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
      .split('\0')
      .filter(Boolean)
  try {
    git('rev-parse', '--is-inside-work-tree')
    const asked = new Set(files)
    const changed = git('diff', '--name-only', '--relative', '-z')
    const others = git('ls-files', '--others', '-z')
    const outside = files.filter((file) => file.startsWith('../'))
    return new Set([...[...changed, ...others].filter((file) => asked.has(file)), ...outside])
  } catch {
    return null
  }
}

/** Runs git in a directory. @returns what it prints @throws Error with what it says where it fails */
export function git(root: string, ...words: readonly string[]): string {
  try {
    return execFileSync('git', [...words], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  } catch (error) {
    const { stderr } = error as { readonly stderr?: string }
    throw new Error(stderr?.trim() || (error as Error).message)
  }
}
