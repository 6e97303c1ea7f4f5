import { memoryStore } from '../../analyzer/store/memory.ts'
import type { Settings } from '../../analyzer/workspace/settings.ts'
import { buildFileKind, isSourceName, type Texts } from '../../analyzer/workspace/source-text.ts'
import type { AssetLoader } from '../../analyzer/workspace/store.ts'
import { openWorkspace, type Workspace } from '../../analyzer/workspace/workspace.ts'

/** What the package exports wherever it runs. */

export type { DefaultTarget } from '../../analyzer/build/default-target.ts'
export type {
  Details,
  Diagnostic,
  Effect,
  Located,
  Problem,
  ReportedSuppression,
  Run,
  Severity,
  Substitution,
} from '../../analyzer/check/diagnostic.ts'
export type {
  GlobalUser,
  ModuleSurvey,
  SurveyedGlobal,
  SurveyedModule,
  SurveyedType,
} from '../../analyzer/check/module-survey.ts'
export type { Rule } from '../../analyzer/check/rule.ts'
export type { Tally, TargetStatus, TargetSurvey } from '../../analyzer/check/targets.ts'
export type { TextEdit } from '../../analyzer/fix/fix.ts'
export type { SettledFix } from '../../analyzer/fix/plan.ts'
export { parseTarget, showTarget, type Target } from '../../analyzer/knowledge/target.ts'
export type { Minor } from '../../analyzer/knowledge/version.ts'
export { decode } from '../../analyzer/source/text.ts'
export { memoryStore } from '../../analyzer/store/memory.ts'
export type { CheckOptions, FixOptions, Settings, TargetsOptions } from '../../analyzer/workspace/settings.ts'
export type { Content, Texts } from '../../analyzer/workspace/source-text.ts'
export type { AssetLoader, AssetName, Progress, Store } from '../../analyzer/workspace/store.ts'
export { version } from '../../analyzer/workspace/version.ts'
export {
  type CheckResult,
  type FixResult,
  openWorkspace,
  type SuppressResult,
  type Workspace,
} from '../../analyzer/workspace/workspace.ts'
export { rules } from '../../rules/index.ts'

/**
 * Opens a workspace on texts. C and C++ files (by their names) are checked, and what they include counts as asked for;
 * build files and compilation databases are read as on a disk.
 * @param texts by name, relative to the root of a project, with `/`
 * @param asset loads what is shipped with the package
 * @throws where an asset cannot be loaded
 */
export function openTexts(texts: Texts, asset: AssetLoader, settings: Settings): Promise<Workspace> {
  const files = [...texts.keys()].filter((name) => isSourceName(name) || buildFileKind(name) !== null)
  return openWorkspace(memoryStore(texts, asset), files, { paths: ['.'], ...settings })
}
export { type RewriteName, rewriteNames } from '../../analyzer/workspace/rewrite-names.ts'
