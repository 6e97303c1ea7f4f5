import type { BuildFile } from '../build/build-file.ts'
import { buildWords } from '../build/build-text.ts'
import { type Cookbook, fixBy } from '../fix/recipe-fix.ts'
import type { Api } from '../knowledge/api.ts'
import type { Replacement } from '../knowledge/replacement.ts'
import { advise } from '../knowledge/replacement.ts'
import { showTarget, type Target } from '../knowledge/target.ts'
import { type Project, ProjectModel } from '../project/model.ts'
import { type HeapTypePlan, heapTypePlan } from '../rewrite/heap-types/project-plan.ts'
import { liveUses } from '../semantics/availability.ts'
import type { Diagnostic, Severity } from './diagnostic.ts'
import type { CheckContext, Finding, Rule } from './rule.ts'

const order: readonly Severity[] = ['error', 'warning', 'info']

/**
 * Runs rules over a project, once for each target, and joins what holds for several targets.
 * @param cookbook null where nobody asks for fixes
 * @returns diagnostics sorted by file, offset and rule
 */
export function runRules(
  project: Project,
  buildFiles: readonly BuildFile[],
  rules: readonly Rule[],
  targets: readonly Target[],
  api: Api,
  replacements: ReadonlyMap<string, Replacement>,
  cookbook: Cookbook | null,
): Diagnostic[] {
  const joined = new Map<string, Diagnostic>()
  const words = buildWords(buildFiles)
  let plan: HeapTypePlan | null = null
  for (const target of targets) {
    const model = new ProjectModel(project, api, target, words)
    const context: CheckContext = {
      model,
      target,
      uses: liveUses(model, target),
      buildFiles,
      wantsFixes: cookbook !== null,
      heapTypes: () => (plan ??= cookbook === null ? null : heapTypePlan(model, cookbook, targets)),
      fix: (name, place) => (cookbook === null ? null : fixBy(cookbook, name, place, model, targets)),
      advice: (name) => {
        const replacement = replacements.get(name)
        return replacement ? advise(replacement, (each) => api.offers(each, target)) : ''
      },
    }
    for (const rule of rules) {
      for (const finding of rule.check(context)) {
        const diagnostic = complete(rule, finding, context)
        const key = [diagnostic.file, diagnostic.start, diagnostic.rule, diagnostic.symbol].join('\n')
        const before = joined.get(key)
        joined.set(key, before ? join(before, diagnostic) : diagnostic)
      }
    }
  }
  return [...joined.values()].sort(
    (a, b) => compare(a.file, b.file) || a.start - b.start || compare(a.rule, b.rule) || compare(a.symbol, b.symbol),
  )
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const join = (first: Diagnostic, second: Diagnostic): Diagnostic => ({
  ...(order.indexOf(second.severity) < order.indexOf(first.severity) ? second : first),
  // Types of operands may differ from target to target, and a fix is for all of them.
  fix: sameFix(first.fix, second.fix) ? first.fix : null,
  targets: [...first.targets, ...second.targets.filter((target) => !first.targets.includes(target))],
})

const sameFix = (a: Diagnostic['fix'], b: Diagnostic['fix']): boolean =>
  a?.kind === 'project' && b?.kind === 'project' ? a.change === b.change : JSON.stringify(a) === JSON.stringify(b)

function complete(rule: Rule, finding: Finding, { model, target }: CheckContext): Diagnostic {
  const notes = [...(finding.notes ?? [])]
  let severity = finding.severity ?? rule.severity
  const file = typeof finding.file === 'number' ? model.files[finding.file]!.file : finding.file.path
  if (typeof finding.file === 'number' && finding.macro !== undefined && finding.macro >= 0) {
    const { name, parameters } = model.files[finding.file]!.macros[finding.macro]!
    const place = model.expansionOf(finding.file, finding.macro)
    const shown = parameters === null ? name : `${name}()`
    if (place) notes.push(`in the body of macro \`${shown}\`, used in ${model.files[place.file]!.file}`)
    else {
      if (severity === 'error') severity = 'warning'
      notes.push(`in the body of macro \`${shown}\`, which no file that was read expands: a compiler would not see it`)
    }
  }
  return {
    rule: rule.name,
    severity,
    effect: finding.effect ?? rule.effect,
    file,
    start: finding.start,
    end: finding.end,
    symbol: finding.symbol,
    message: finding.message,
    advice: finding.advice ?? '',
    fix: finding.fix ?? null,
    notes,
    targets: [showTarget(target)],
  }
}
