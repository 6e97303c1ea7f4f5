import type { FileFacts } from '../facts/file-facts.ts'
import type { Condition } from '../preprocess/condition.ts'
import type { RegionId } from '../source/text.ts'

/** A comparison of a version macro with a number, in the condition of a region. */
export interface VersionComparison {
  readonly macro: string
  readonly value: number
  /** Whether the macro has to be that number at least, or more. */
  readonly isLowerBound: boolean
  /** The region that it opens. */
  readonly region: RegionId
}

const versionMacros = /^(?:Py_LIMITED_API|Py_TARGET_ABI3T|PY_VERSION_HEX)$/
const comparing = new Set(['<', '<=', '>', '>=', '==', '!='])

/** All comparisons of version macros in a file's conditions, each once though later branches repeat it. */
export function versionComparisons(facts: FileFacts): VersionComparison[] {
  const found: VersionComparison[] = []
  const conditions = new Map<number, Set<string>>()
  facts.regions.forEach(({ parent, condition }, region) => {
    const before = conditions.get(parent) ?? new Set<string>()
    conditions.set(parent, before)
    const visit = (part: Condition): void => {
      // An `#else` or `#elif` begins with the failing of the branches before it.
      if (part.kind === 'unary' && part.operator === '!' && before.has(JSON.stringify(part.operand))) return
      if (part.kind === 'binary' && comparing.has(part.operator)) {
        const name = macroOf(part.left) ?? macroOf(part.right)
        const number = part.left.kind === 'number' ? part.left : part.right.kind === 'number' ? part.right : null
        if (name !== null && number !== null && versionMacros.test(name)) {
          const isLowerBound = part.operator.startsWith(number === part.right ? '>' : '<')
          found.push({ macro: name, value: number.value, isLowerBound, region })
        }
      }
      if (part.kind === 'binary') {
        visit(part.left)
        visit(part.right)
      } else if (part.kind === 'unary') visit(part.operand)
    }
    visit(condition)
    for (const own of ownParts(condition)) before.add(JSON.stringify(own))
  })
  return found
}

/** `A`, and `A` of `!B && A`: what a branch adds itself. */
const ownParts = (condition: Condition): Condition[] =>
  condition.kind === 'binary' && condition.operator === '&&' ? [condition, condition.right] : [condition]

/** The macro in `NAME` and in `NAME + 0`. */
function macroOf(part: Condition): string | null {
  if (part.kind === 'macro') return part.name
  if (part.kind !== 'binary' || part.operator !== '+' || part.right.kind !== 'number') return null
  return part.right.value === 0 ? macroOf(part.left) : null
}
