import { similar } from '../../analyzer/knowledge/similar.ts'
import { type Minor, newest, showVersion, showVersionHex } from '../../analyzer/knowledge/version.ts'
import { shimList, shims } from './index.ts'
import type { Shim } from './shim.ts'

/** A name that no shim has, or one that a level cannot have. */
export class ShimError extends Error {
  /** @param near names that were perhaps meant; empty where there are none */
  constructor(
    message: string,
    readonly near: readonly string[] = [],
  ) {
    super(near.length > 0 ? `${message}; did you mean ${near.join(', ')}?` : message)
  }
}

/**
 * The shim that stands for a name of the C API or a field: `PyRun_String`, `PyTypeObject.tp_name`. The first one is
 * the best.
 */
const byReplaced: ReadonlyMap<string, Shim> = new Map(
  [...shimList].reverse().flatMap((shim) => shim.replaces.map((name) => [name, shim] as const)),
)

/**
 * The shim that somebody asks for.
 * @param name a `Pep` name or the real one
 */
export const findShim = (name: string): Shim | null => shims.get(name) ?? byReplaced.get(name) ?? null

/** All names by which a shim can be asked for. */
export const askableNames = (): string[] => [...new Set([...shims.keys(), ...byReplaced.keys()])]

/** Whether the Limited API of a level has what the shim is for. */
const isNeedless = (shim: Shim, level: Minor): boolean => shim.until !== null && shim.until <= level

/** The C of a shim in a header whose floor is a level, without what that level does not need. */
const textsAt = (shim: Shim, level: Minor): string[] =>
  isNeedless(shim, level) ? [shim.full] : [shim.limited, shim.full]

/** The shims that the C of a shim uses, itself excluded. */
function usedBy(shim: Shim, level: Minor): Set<Shim> {
  const found = new Set<Shim>()
  for (const text of textsAt(shim, level)) {
    for (const [name] of text.matchAll(/\bPep\w+/g)) {
      const other = shims.get(name)
      if (other !== undefined && other !== shim) found.add(other)
    }
  }
  return found
}

/** The shims with what they use, each after those; but for that in the order of their names, whoever asks for them. */
export function inOrder(asked: Iterable<Shim>, level: Minor): Shim[] {
  const all = new Set(asked)
  for (const shim of all) for (const other of usedBy(shim, level)) all.add(other)
  const byName = [...all].sort((a, b) => (a.provides[0] < b.provides[0] ? -1 : 1))
  const ordered: Shim[] = []
  const begun = new Set<Shim>()
  const visit = (shim: Shim): void => {
    if (begun.has(shim)) return
    begun.add(shim)
    for (const other of usedBy(shim, level)) visit(other)
    ordered.push(shim)
  }
  for (const shim of byName) visit(shim)
  return ordered
}

/** Text as a C comment with lines of at most 100 columns. */
function comment(sentences: readonly string[]): string {
  const lines: string[] = []
  for (const sentence of sentences) {
    let line = ''
    for (const word of sentence.split(' ')) {
      if (line !== '' && line.length + word.length > 95) {
        lines.push(line)
        line = ''
      }
      line += line === '' ? word : ` ${word}`
    }
    lines.push(line)
  }
  return `/* ${lines.join('\n * ')} */`
}

const titleOf = (shim: Shim): string =>
  shim.replaces.length > 0
    ? `${shim.provides.join(', ')}: for ${shim.replaces.join(', ')}.`
    : `${shim.provides.join(', ')}.`

const tidy = (code: string): string => code.trim().replace(/\n\n\n+/g, '\n\n')

/**
 * Whether builds without the Limited API have the same code with some headers.
 * @returns the condition that those headers meet, and what stands with the others; null where they do not
 */
function sharedWith(limited: string, full: string): { readonly headers: string; readonly real: string } | null {
  const match = /^#if PY_VERSION_HEX (>=|<) (0x\w+)\n/.exec(full)
  const rest = `\n#else\n${limited}\n#endif`
  if (match === null || !full.endsWith(rest)) return null
  return {
    headers: `PY_VERSION_HEX ${match[1] === '<' ? '>=' : '<'} ${match[2]}`,
    real: full.slice(match[0].length, -rest.length),
  }
}

export function sectionOf(shim: Shim, level: Minor): string {
  const head = comment([
    titleOf(shim),
    ...(shim.differs === '' ? [] : [shim.differs.replaceAll('`', '')]),
    ...(isNeedless(shim, level)
      ? ['The real thing is there.']
      : shim.until === null
        ? []
        : [`Needless from ${showVersion(shim.until)} on.`]),
  ])
  const [limited, full] = [tidy(shim.limited), tidy(shim.full)]
  if (isNeedless(shim, level)) return `${head}\n${full}\n`
  if (limited === full) return `${head}\n${full}\n`
  const limits = shim.until === null ? null : `Py_LIMITED_API + 0 < ${showVersionHex(shim.until)}`
  const shared = sharedWith(limited, full)
  if (shared !== null) {
    const asks =
      limits === null
        ? `defined(Py_LIMITED_API) || ${shared.headers}`
        : `(defined(Py_LIMITED_API) && ${limits}) || (!defined(Py_LIMITED_API) && ${shared.headers})`
    return `${head}\n#if ${asks}\n${limited}\n#else\n${shared.real}\n#endif\n`
  }
  const asks = limits === null ? '#ifdef Py_LIMITED_API' : `#if defined(Py_LIMITED_API) && ${limits}`
  return `${head}\n${asks}\n${limited}\n#else\n${full}\n#endif\n`
}

/** The standard headers that shims need, in the order of the alphabet. */
export const includesOf = (list: readonly Shim[]): string[] =>
  [...new Set(list.flatMap((shim) => shim.includes ?? []))].sort()

/**
 * One C header with the shims that are asked for and those that they use, in an order in which they compile, with and
 * without `Py_LIMITED_API`, as C99 or later and as C++11 or later.
 * @param names `Pep` names, or names of the C API that shims stand for
 * @param level the lowest level of the Limited API that the header is for; it serves all above, too
 * @throws ShimError where no shim has a name, or where it needs a higher level
 */
export function shimHeader(names: Iterable<string>, level: Minor): string {
  const asked = [...names].map((name) => {
    const shim = findShim(name)
    if (shim === null) throw new ShimError(`there is no shim for ${name}`, similar(name, askableNames()))
    if (shim.since > level)
      throw new ShimError(
        `the shim for ${name} works from level ${showVersion(shim.since)} on, and the target is ${showVersion(level)}`,
      )
    return shim
  })
  const list = inOrder(asked, level)
  const guard = 'PEP_SHIMS_H'
  const floor =
    level > 2
      ? `
#if defined(Py_LIMITED_API) && Py_LIMITED_API + 0 < ${showVersionHex(level)}
#  error "these shims are for Python ${showVersion(level)} and later: abi3lint shims -t makes them for others"
#endif
`
      : ''
  const includes = includesOf(list)
    .map((each) => `#include ${each}\n`)
    .join('')
  return `${comment([
    `Shims for Python ${showVersion(level)} to ${showVersion(newest)}: under Py_LIMITED_API small functions, else ` +
      `other names for the real things.`,
    'Made by abi3lint shims; needs Python.h of 3.9 or later. All functions ask for the GIL, or an attached thread.',
  ])}
#ifndef ${guard}
#define ${guard}

#include <Python.h>
${includes}${floor}
#ifdef __cplusplus
extern "C" {
#endif

${list.map((shim) => sectionOf(shim, level)).join('\n')}
#ifdef __cplusplus
}
#endif

#endif
`
}
