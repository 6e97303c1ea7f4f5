import { analyzeTexts } from '../analyzer/store/analyze.ts'
import type { Diagnostic } from '../analyzer/check/diagnostic.ts'
import type { BuildFile } from '../analyzer/check/build-file.ts'
import type { Example, Rule } from '../analyzer/check/rule.ts'
import { runRules } from '../analyzer/check/run-rules.ts'
import { parseTarget, type Target } from '../analyzer/check/target.ts'
import { Api } from '../analyzer/knowledge/api.ts'
import { parseVersion } from '../analyzer/knowledge/version.ts'
import { replacements } from '../analyzer/knowledge/replacements/index.ts'
import { recipes, rewritable } from '../analyzer/knowledge/recipes/index.ts'
import table from '../analyzer/knowledge/table.json' with { type: 'json' }
import { linkProject } from '../analyzer/project/model.ts'

/** What tests of rules share: an example is a project of one file. */

export const api = new Api(table)
const vocabulary = api.vocabulary(rewritable)

/** The text that a compiler would get: `Python.h` in front, unless the example includes it itself. */
export const sourceOf = ({ code, file }: Example): string =>
  file !== undefined || /#\s*include\s*<Python\.h>/.test(code) ? code : `#include <Python.h>\n${code}\n`

export const targetOf = ({ target, headers }: Example): Target => {
  const parsed = parseTarget(target, headers === undefined ? null : parseVersion(headers))
  if (!parsed) throw new Error(`no target: ${target}`)
  return parsed
}

/** Runs rules over texts. A name that is a build file's is read as one. */
export async function check(texts: Readonly<Record<string, string>>, rules: readonly Rule[], targets: readonly Target[]): Promise<Diagnostic[]> {
  const buildFiles: BuildFile[] = []
  const sources: { file: string; text: string }[] = []
  for (const [file, text] of Object.entries(texts)) {
    const kind = file.split('/').at(-1)!
    if (/^(?:setup\.py|setup\.cfg|pyproject\.toml|meson\.build|CMakeLists\.txt)$/.test(kind)) {
      buildFiles.push({ kind: kind as BuildFile['kind'], path: file, text })
    } else sources.push({ file, text: Buffer.from(text).toString('latin1') })
  }
  const { facts } = await analyzeTexts(sources, vocabulary)
  return runRules(linkProject(facts), buildFiles, rules, targets, api, replacements, { recipes, shims: new Map() })
}
