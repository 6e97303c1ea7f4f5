import type { ProjectModel } from '../project/model.ts'
import { UnusedCode, type UnusedItem } from '../semantics/unused-code.ts'
import type { FileId, Offset } from '../source/text.ts'
import type { FileFix, Fix } from './fix.ts'
import { generatedBy, vendoredFrom } from './generated.ts'

/** Keeps code that nobody uses from limited builds, which it would break. */

/** A place with something that a limited build does not compile. */
interface Broken {
  readonly file: FileId
  readonly start: Offset
}

/**
 * What is broken in headers and stands in functions and types that no source of the project uses gets a fix that leaves
 * these out where `Py_LIMITED_API` is defined. Those of one header are one fix.
 * @param models the project for each target
 * @returns for each place its fix, null for none
 */
export function omissions(models: readonly ProjectModel[], broken: readonly Broken[]): (place: Broken) => Fix | null {
  const unused = new UnusedCode(models)
  const items = new Map<FileId, Map<number, UnusedItem>>()
  const fixable = new Set<string>()
  for (const { file, start } of broken) {
    const { code, graph } = models[0]!.project
    if (graph.isUnit(file) || generatedBy(code(file).text) !== null) continue
    const found = unused.around(file, start)
    if (found === null) continue
    fixable.add(`${file} ${start}`)
    const known = items.get(file) ?? new Map<number, UnusedItem>()
    items.set(file, known)
    for (const each of found) known.set(each.lines.start, each)
  }
  const fixes = new Map<FileId, Fix>()
  for (const [file, found] of items) fixes.set(file, omission(models[0]!, file, [...found.values()]))
  return ({ file, start }) => (fixable.has(`${file} ${start}`) ? fixes.get(file)! : null)
}

function omission(model: ProjectModel, file: FileId, found: readonly UnusedItem[]): FileFix {
  const { text } = model.project.code(file)
  const eol = text.includes('\r\n') ? '\r\n' : '\n'
  const items = [...found].sort((a, b) => a.lines.start - b.lines.start)
  const what = items.length === 1 ? `\`${items[0]!.name}\`` : `\`${items[0]!.name}\` and ${items.length - 1} more`
  const reasons = [
    `code outside this project that includes the header has no ${what} with \`Py_LIMITED_API\``,
    ...(vendoredFrom(text) === null ? [] : ['the next copy of the header brings it back']),
  ]
  return {
    kind: 'file',
    title: `leave out ${what} where \`Py_LIMITED_API\` is defined: no source uses it`,
    safety: 'unsafe',
    reason: reasons.join('; '),
    rewrites: items.flatMap(({ lines: { start, end } }) => [
      { start, end: start, pieces: [`#ifndef Py_LIMITED_API${eol}`] },
      { start: end, end, pieces: [`${eol}#endif`] },
    ]),
    includes: [],
    shims: [],
    isOmission: true,
  }
}
