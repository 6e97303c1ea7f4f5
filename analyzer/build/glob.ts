/** A part of a pattern of names: a sign that it takes, as often as it may. */
export interface GlobPart {
  takes(sign: string): boolean
  /** `any`: none, or more. `directories`: none, or more up to a `/`. */
  readonly times: 'once' | 'any' | 'directories'
}

const isInName = (sign: string): boolean => sign !== '/'
const isAny = (): boolean => true

export const anySign: GlobPart = { takes: isAny, times: 'once' }
export const anySignInName: GlobPart = { takes: isInName, times: 'once' }
export const anyNumber: GlobPart = { takes: isAny, times: 'any' }
export const anyNumberInName: GlobPart = { takes: isInName, times: 'any' }
export const anyDirectories: GlobPart = { takes: isAny, times: 'directories' }

/** A sign that stands for itself. */
export const signs = (sign: string): GlobPart => ({ takes: (each) => each === sign, times: 'once' })

/** One of several: what stands in brackets, with ranges; none where those are wrong. */
export function signClass(inside: string): GlobPart {
  const literal = inside.replace(/[\\^\]]/g, '\\$&')
  try {
    const pattern = new RegExp(`^[${literal}]$`)
    return { takes: (each) => pattern.test(each), times: 'once' }
  } catch {
    return { takes: () => false, times: 'once' }
  }
}

/**
 * Whether a pattern takes the whole of a name. All ways to do so are followed at once, so that it takes no more steps
 * than there are parts for each sign.
 */
export function isMatch(parts: readonly GlobPart[], name: string): boolean {
  // Each part by its index, which may have taken nothing yet, and those of directories again that are within one.
  let here = new Set<number>()
  let within = new Set<number>()
  enter(here, 0, parts)
  for (const sign of name) {
    const next = new Set<number>()
    const nextWithin = new Set<number>()
    const takes = (at: number): void => {
      const part = parts[at]
      if (!part?.takes(sign)) return
      if (part.times === 'any') enter(next, at, parts)
      else if (part.times === 'once' || sign === '/') enter(next, at + 1, parts)
      if (part.times === 'directories') nextWithin.add(at)
    }
    for (const at of here) takes(at)
    for (const at of within) if (!here.has(at)) takes(at)
    if (next.size === 0 && nextWithin.size === 0) return false
    here = next
    within = nextWithin
  }
  return here.has(parts.length)
}

/** Adds a part, and those behind it that need not take anything. */
function enter(reached: Set<number>, first: number, parts: readonly GlobPart[]): void {
  for (let at = first; !reached.has(at); at++) {
    reached.add(at)
    if ((parts[at]?.times ?? 'once') === 'once') return
  }
}
