import {
  type BuiltLevel,
  type BuiltModule,
  makerAdvice,
  type PackageBuild,
  type Read,
} from '../analyzer/check/module-survey.ts'
import { newest, showVersion } from '../analyzer/knowledge/version.ts'
import { shownName } from './file-name.ts'
import { inert, printable } from './printable.ts'

/** How many sources of a module are named. */
const shownSources = 4

/**
 * What was read of a build, for people: its modules with levels and sources, and the tag of its wheels. What is not
 * known is said to be so, with what it depends on.
 */
export function buildLines(build: PackageBuild, bold: (text: string) => string): string[] {
  const { root, system, backend, modules, otherModules, tag } = build
  if (modules.length === 0 && otherModules === null) return []
  const where = root === '.' ? '' : ` in ${shownName(root)}`
  const by = system === 'other' ? printable(backend) : system
  const makers = [...new Set(modules.flatMap(({ maker }) => maker ?? []))]
  return [
    `${bold(`The build${where}`)} (${by}), as CPython ${showVersion(newest)} would make it on Linux, read and not run:`,
    ...modules.map(moduleLine),
    ...(otherModules === null ? [] : [`  whether there are other modules depends on ${depends(otherModules)}`]),
    `  wheels: ${tagText(tag)}`,
    ...makers.map((maker) => `  ${makerAdvice[maker]}.`),
    '',
  ]
}

/** Why something is not known, without harm to who reads it. */
const depends = (why: string): string => inert(printable(why))

function told<T>(what: Read<T>, text: (value: T) => string): string {
  return what.kind === 'known' ? text(what.value) : `not known, as it depends on ${depends(what.why)}`
}

function moduleLine({ name, file, line, sources, otherSources, maker, level, isNamedStable }: BuiltModule): string {
  const shown = sources.slice(0, shownSources).map((each) => printable(each))
  const more = sources.length - shown.length
  const others =
    otherSources === null ? '' : `${shown.length > 0 ? ' and ' : ''}what depends on ${depends(otherSources)}`
  const parts = [
    maker === 'Rust' ? 'Rust' : `level ${told(level, levelText)}`,
    ...(isNamedStable.kind === 'unknown'
      ? [`whether it is named for the stable ABI depends on ${depends(isNamedStable.why)}`]
      : isNamedStable.value
        ? ['named for the stable ABI']
        : []),
    ...(maker === null || maker === 'Rust' ? [] : [`made by ${maker}`]),
    ...(shown.length === 0 && others === ''
      ? []
      : [`of ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}${others}`]),
  ]
  const title =
    name.kind === 'known' ? inert(printable(name.value)) : `a module whose name depends on ${depends(name.why)}`
  return `  ${title} (${shownName(file)}:${line}): ${parts.join(', ')}`
}

const levelText = (level: BuiltLevel): string =>
  level === null ? 'not set by the build' : level === 'floating' ? 'of the Python that builds' : showVersion(level)

const tagText = (tag: PackageBuild['tag']): string =>
  tag.kind === 'unknown'
    ? `their tag depends on ${depends(tag.why)}`
    : tag.value === null
      ? 'for the Python that builds, or for none'
      : tag.value === 'floating'
        ? 'abi3, from the Python that builds on'
        : `cp3${tag.value}-abi3`
