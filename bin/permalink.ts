import { relative, resolve, sep } from 'node:path'
import { uriOf } from '../reports/file-name.ts'
import { UsageError } from './exit.ts'
import { askGit } from './git.ts'

/** Addresses of lines on the web, by what a remote repository is called: of its host, what comes behind the project. */
const hosts: readonly (readonly [host: RegExp, path: string])[] = [
  [/^github\.com$/, 'blob/{commit}/{path}#L{line}'],
  [/^gitlab\.|^salsa\.debian\.org$/, '-/blob/{commit}/{path}#L{line}'],
  [/^codeberg\.org$|^gitea\.|^forgejo\./, 'src/commit/{commit}/{path}#L{line}'],
  [/^bitbucket\.org$/, 'src/{commit}/{path}#lines-{line}'],
]

/**
 * The template of addresses for a repository that git knows by its own address; null where the host is not known. Who
 * may read it stands in no report: names and passwords are left out.
 */
export function templateOfRemote(remote: string): string | null {
  const match =
    /^(?:https?|ssh|git):\/\/(?:[^@/]*@)?([\w.-]+)(?::\d+)?\/([\w./~+-]+)$/.exec(remote) ??
    /^(?:[\w.-]+@)([\w.-]+):(?!\/\/)([\w./~+-]+)$/.exec(remote)
  if (match === null) return null
  const [, host, path] = match
  const known = hosts.find(([pattern]) => pattern.test(host!.toLowerCase()))
  return known ? `https://${host!.toLowerCase()}/${path!.replace(/(?:\.git)?\/*$/, '')}/${known[1]}` : null
}

/**
 * What git's `origin` says, as `templateOfRemote` gives it; null where there is none.
 * @param repository its directory by its real path
 */
export function templateOfOrigin(repository: string): string | null {
  try {
    return templateOfRemote(askGit(repository, ['config', '--get', 'remote.origin.url']).trim())
  } catch {
    return null
  }
}

/**
 * Gives addresses of lines.
 * @param template `https://`, with `{path}`, and `{line}` and `{commit}` where they go
 * @param root what names of files are relative to
 * @throws UsageError where the template is none
 */
export function permalinks(
  template: string,
  commit: string,
  root: string,
  repository: string,
): (file: string, line: number) => string {
  if (!/^https?:\/\/[^\s"'<>\\]+$/.test(template) || !template.includes('{path}'))
    throw new UsageError(`--permalink ${template}: an address with {path}: https://example.org/{commit}/{path}#L{line}`)
  return (file, line) => {
    const path = relative(repository, resolve(root, file)).split(sep).join('/')
    const values: Readonly<Record<string, string>> = { commit, path: uriOf(path), line: String(line) }
    return template.replace(/\{(commit|path|line)\}/g, (_, name: string) => values[name]!)
  }
}
