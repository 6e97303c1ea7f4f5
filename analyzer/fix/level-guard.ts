import type { ProjectModel } from '../project/model.ts'
import type { VersionGuard } from '../semantics/version-guards.ts'
import type { FileId } from '../source/text.ts'
import type { Fix } from './fix.ts'

/** `#if PY_VERSION_HEX >= 0x030C0000`, and no more, of a version without a micro number or before its final release. */
const comparison =
  /^[ \t]*#[ \t]*(?:el)?if[ \t]+(PY_VERSION_HEX[ \t]*(>=|<)[ \t]*(0x03[0-9A-Fa-f]{2})00[0-9A-Fa-f]{2})[ \t]*$/

/**
 * Lets a condition on the version of the headers ask for the level, too, in limited builds.
 * @param reason what may differ then
 * @returns null where the condition is more than a comparison, or there are more branches than two
 */
export function levelGuard(
  model: ProjectModel,
  file: FileId,
  { region, name, span }: VersionGuard,
  reason: string,
): Fix | null {
  const { regions } = model.files[file]!
  const branches = regions.filter(({ group }) => group === regions[region]!.group)
  const code = model.project.code(file)
  const asking = branches.find(({ start }) => start >= span.end)
  const line = asking ? code.directiveBefore(asking.start) : null
  const match = line === null || name !== 'PY_VERSION_HEX' ? null : comparison.exec(line)
  if (match === null || branches.length > 2 || asking !== branches[0]) return null
  const [, whole, operator, version] = match as unknown as readonly [string, string, string, string]
  const level = `${version}0000`
  const written =
    operator === '>='
      ? `${whole} && (!defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= ${level})`
      : `${whole} || (defined(Py_LIMITED_API) && Py_LIMITED_API+0 < ${level})`
  return {
    title: 'ask for the level, too',
    safety: 'unsafe',
    reason,
    includes: [],
    shims: [],
    kind: 'file',
    rewrites: [{ start: span.start, end: span.start + whole.length, pieces: [written] }],
  }
}
