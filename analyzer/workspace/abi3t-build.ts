import type { Problem, Run } from '../check/diagnostic.ts'
import { isBlocker } from '../check/targets.ts'
import { parseTarget, withAllHeaders } from '../knowledge/target.ts'
import { type Minor, oldestAbi3t } from '../knowledge/version.ts'
import type { CheckOptions, FixOptions } from './settings.ts'

/** A workspace with what a rewrite for abi3t changes. */
interface Rewritten {
  readonly buildFiles: readonly string[]
  check(options: CheckOptions): { readonly run: Run }
  limitBuild(
    level: Minor,
    run: Run,
    abi3t: boolean,
  ): {
    readonly changes: ReadonlyMap<string, Uint8Array>
    readonly limited: number
    readonly modules: number
    readonly byHand: readonly { readonly file: string; readonly message: string }[]
  }
}

/** What a rewrite for abi3t makes of the build. */
export interface Abi3tBuild {
  /** The new bytes of the build files that change, by name. */
  readonly changes: ReadonlyMap<string, Uint8Array>
  /** Build files that would change, and may not, and why: then none does. */
  readonly left: readonly { readonly file: string; readonly why: string }[]
  /** Why the build is left as it is, as far as that is to be known. */
  readonly problems: readonly Problem[]
}

/**
 * The build files that make modules for abi3t of what a rewrite has made for it: where nothing keeps any module from
 * it, and all of them can be told.
 */
export function abi3tBuild(
  rewritten: Rewritten,
  { targets: asked = [], severityOf, ignoreSuppressions = false, locked }: Omit<FixOptions, 'rules' | 'unsafe'>,
): Abi3tBuild {
  const aimed = asked.filter(({ abi3t }) => abi3t)
  const targets = aimed.length > 0 ? aimed : withAllHeaders(parseTarget('abi3t')!)
  const { run } = rewritten.check({ targets, severityOf, ignoreSuppressions })
  const { changes, limited, modules, byHand } = rewritten.limitBuild(oldestAbi3t, run, true)
  const warning = (file: string, message: string): Problem => ({ file, message, severity: 'warning' })
  const blockers = run.diagnostics.filter(isBlocker).length
  const [first] = rewritten.buildFiles
  const isEarly = blockers > 0 && limited < modules && byHand.length === 0 && first !== undefined
  const left = [...changes.keys()].flatMap((file) => {
    const why = locked?.(file) ?? null
    return why === null ? [] : [{ file, why }]
  })
  return {
    changes: left.length > 0 ? new Map() : changes,
    left,
    problems: [
      ...byHand.map(({ file, message }) => warning(file, message)),
      ...(isEarly
        ? [warning(first, `is not told of abi3t yet: \`abi3lint check --target abi3t\` has ${blockers} more to say`)]
        : []),
    ],
  }
}
