import type { BuildFile } from '../build/build-file.ts'
import { buildWords } from '../build/build-text.ts'
import type { UnitTarget } from '../build/default-target.ts'
import { vendoredFrom } from '../fix/generated.ts'
import { omissions } from '../fix/omission.ts'
import { type Cookbook, fixBy } from '../fix/recipe-fix.ts'
import type { Api } from '../knowledge/api.ts'
import type { Replacement } from '../knowledge/replacement.ts'
import { advise } from '../knowledge/replacement.ts'
import { oldestPython, showTarget, type Target } from '../knowledge/target.ts'
import { showVersion } from '../knowledge/version.ts'
import { type Project, ProjectModel } from '../project/model.ts'
import { abi3tPlan, type RewrittenForAbi3t } from '../rewrite/abi3t/project-plan.ts'
import { tablePlans } from '../rewrite/capsules/project-plan.ts'
import { type HeapTypePlan, heapTypePlan } from '../rewrite/heap-types/project-plan.ts'
import { modulePlans } from '../rewrite/modules/project-plan.ts'
import { liveUses, optionDoubt } from '../semantics/availability.ts'
import { modulesOf, namesOtherSources } from '../semantics/modules.ts'
import { Interning } from '../source/interning.ts'
import { type Diagnostic, isWorse, sameFix } from './diagnostic.ts'
import { DiagnosticsByPlace, indexOfSame } from './diagnostics-by-place.ts'
import { FoundAtTarget } from './found-at-target.ts'
import type { CheckContext, Finding, Rule } from './rule.ts'

/**
 * Runs rules over a project, once for each target, and joins what holds for several targets. Of targets that differ in
 * their headers alone, the first is asked everything; the others are asked what does not compile or load with theirs.
 * @param targets each for all translation units, or for some; with the same level those with newer headers first
 * @param cookbook null where nobody asks for fixes
 * @param isWhole whether all sources of the packages were read; asked where a finding hangs on that
 * @returns diagnostics sorted by file, offset and rule
 */
export function runRules(
  project: Project,
  buildFiles: readonly BuildFile[],
  rules: readonly Rule[],
  targets: readonly (Target | UnitTarget)[],
  api: Api,
  replacements: ReadonlyMap<string, Replacement>,
  cookbook: Cookbook | null,
  isWhole: () => boolean = () => true,
): Diagnostic[] {
  const byTarget = new Map<string, FoundAtTarget>()
  const words = buildWords(buildFiles)
  const models: ProjectModel[] = []
  const interning = new Interning()
  let plan: HeapTypePlan | null = null
  let planForAbi3t: RewrittenForAbi3t | null = null
  let plansOfModules: ReturnType<typeof modulePlans> | null = null
  let plansOfTables: ReturnType<typeof tablePlans> | null = null
  // Types are rewritten in all units at once.
  const wholeModel = (target: Target, model: ProjectModel): ProjectModel =>
    'units' in target ? new ProjectModel(project, api, target, words) : model
  for (const target of targets) {
    const model = new ProjectModel(project, api, target, words, 'units' in target ? target.units : null)
    models.push(model)
    const advice = new Map<string, string>()
    const context: CheckContext = {
      model,
      target,
      uses: liveUses(model, target),
      buildFiles,
      wantsFixes: cookbook !== null,
      heapTypes: () => (plan ??= cookbook === null ? null : heapTypePlan(wholeModel(target, model), cookbook)),
      rewrittenModule: (name, file) => {
        // It takes long in large projects, and most runs do not ask for it.
        if (cookbook === null || rules.length > 1) return null
        plansOfModules ??= modulePlans(wholeModel(target, model), cookbook, modulesOf(project, buildFiles))
        return plansOfModules(name, file)
      },
      rewrittenTable: (table) => {
        if (cookbook === null || rules.length > 1) return null
        plansOfTables ??= tablePlans(wholeModel(target, model), cookbook, buildFiles)
        return plansOfTables(table)
      },
      rewrittenForAbi3t: () => {
        if (cookbook === null || rules.length > 1) return null
        planForAbi3t ??= abi3tPlan(wholeModel(target, model), cookbook)
        return planForAbi3t
      },
      fix: (name, place) => (cookbook === null ? null : fixBy(cookbook, name, place, model)),
      advice: (name) => {
        let text = advice.get(name)
        if (text === undefined) {
          const replacement = replacements.get(name)
          text = replacement ? advise(replacement, (each) => api.offers(each, target)) : ''
          advice.set(name, text)
        }
        return text
      },
    }
    const shown = showTarget(target)
    const labels: Labels = {
      targets: interning.list([shown]),
      all: interning.list(headersOf(targets, target)),
      own: interning.list([showVersion(target.headers)]),
    }
    const key = `${shown} ${oldestPython(target)}`
    const found = byTarget.get(key) ?? new FoundAtTarget(interning)
    byTarget.set(key, found)
    found.begin(target)
    for (const rule of rules) {
      const isOnly = !dependsOnHeaders(rule)
      if (found.isFurther && isOnly) continue
      const headers = isOnly ? labels.all : labels.own
      for (const finding of rule.check(context))
        if (!finding.hangsOnOthers || isWhole())
          found.add(complete(rule, finding, model, labels.targets, headers, interning))
    }
  }
  const found = joinTargets([...byTarget.values()], interning)
  byTarget.clear()
  // Sources that are not read, and not C, may use whatever headers declare.
  const all = cookbook === null || buildFiles.some(namesOtherSources) ? found : withOmissions(models, found)
  return all.sort(inOrder)
}

/** The order of diagnostics: by file, offset, rule and symbol. */
export const inOrder = (a: Diagnostic, b: Diagnostic): number =>
  compare(a.file, b.file) || a.start - b.start || compare(a.rule, b.rule) || compare(a.symbol, b.symbol)

/** What diagnostics of a target say of it. */
interface Labels {
  readonly targets: readonly string[]
  /** The headers of all targets that differ from it in their headers alone. */
  readonly all: readonly string[]
  readonly own: readonly string[]
}

/** What is found for all targets, what holds for several of them once. */
function joinTargets(targets: readonly FoundAtTarget[], interning: Interning): Diagnostic[] {
  if (targets.length === 1) return [...targets[0]!.all()]
  const joined = new DiagnosticsByPlace()
  for (const target of targets) {
    for (const diagnostic of target.all())
      joined.add(diagnostic, indexOfSame, (other, same) => join(other, same, interning))
  }
  return [...joined]
}

/** Diagnostics with fixes that leave out what nobody uses, where there are no others, or others are not made. */
function withOmissions(models: readonly ProjectModel[], diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const files = new Map(models[0]?.files.map(({ file }, id) => [file, id]))
  const isCopied = new Map<number, boolean>()
  const broken = diagnostics.flatMap((diagnostic) => {
    const file = files.get(diagnostic.file)
    if (file === undefined || !breaksBuild(diagnostic)) return []
    if (!isCopied.has(file)) isCopied.set(file, vendoredFrom(models[0]!.project.code(file).text) !== null)
    return diagnostic.fix === null || isCopied.get(file)! ? [{ diagnostic, file, start: diagnostic.start }] : []
  })
  const fixOf = omissions(models, broken)
  const fixes = new Map(broken.map((each) => [each.diagnostic, fixOf(each)]))
  return diagnostics.map((each) => {
    const fix = fixes.get(each) ?? null
    return fix === null ? each : { ...each, fix }
  })
}

const breaksBuild = ({ effect, severity }: Diagnostic): boolean =>
  severity !== 'info' && (effect === 'build-break' || effect === 'import-break')

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Those that a target is asked with, as users name them. */
const headersOf = (targets: readonly Target[], target: Target): readonly string[] =>
  targets
    .filter((each) => showTarget(each) === showTarget(target) && oldestPython(each) === oldestPython(target))
    .map(({ headers }) => showVersion(headers))

const dependsOnHeaders = ({ effect }: Rule): boolean => effect === 'build-break' || effect === 'import-break'

const join = (first: Diagnostic, second: Diagnostic, interning: Interning): Diagnostic => ({
  ...(isWorse(second, first) ? second : first),
  // Types of operands may differ from target to target, and a fix is for all of them.
  fix: sameFix(first.fix, second.fix) ? first.fix : null,
  targets: interning.list([...new Set([...first.targets, ...second.targets])]),
  headers: interning.list([...new Set([...first.headers, ...second.headers])]),
})

/** Those of nearly all diagnostics. */
const none: readonly string[] = []

function complete(
  rule: Rule,
  finding: Finding,
  model: ProjectModel,
  targets: readonly string[],
  headers: readonly string[],
  interning: Interning,
): Diagnostic {
  const notes = [...(finding.notes ?? [])]
  let severity = finding.severity ?? rule.severity
  const file = typeof finding.file === 'number' ? model.files[finding.file]!.file : finding.file.path
  if (typeof finding.file === 'number' && finding.macro !== undefined && finding.macro >= 0) {
    const { name, parameters } = model.files[finding.file]!.macros[finding.macro]!
    const place = model.expansionOf(finding.file, finding.macro)
    const shown = parameters === null ? name : `${name}()`
    if (place) {
      if (place.needsOption && severity === 'error') severity = 'warning'
      if (place.needsOption && !notes.includes(optionDoubt)) notes.push(optionDoubt)
      notes.push(`in the body of macro \`${shown}\`, used in ${model.files[place.file]!.file}`)
    } else {
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
    message: interning.text(finding.message),
    advice: interning.text(finding.advice ?? ''),
    fix: finding.fix ?? null,
    notes: notes.length === 0 ? none : interning.list(notes),
    targets,
    headers,
    since: finding.since ?? null,
  }
}
