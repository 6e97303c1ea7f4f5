import type { BuildFile } from '../analyzer/check/build-file.ts'
import type { Diagnostic } from '../analyzer/check/diagnostic.ts'
import type { Cookbook } from '../analyzer/check/fixes.ts'
import type { Example, Rule } from '../analyzer/check/rule.ts'
import { runRules } from '../analyzer/check/run-rules.ts'
import { parseTarget, type Target } from '../analyzer/check/target.ts'
import type { FileFacts } from '../analyzer/facts/file-facts.ts'
import { Api } from '../analyzer/knowledge/api.ts'
import { recipes, rewritable } from '../analyzer/knowledge/recipes/index.ts'
import { replacements } from '../analyzer/knowledge/replacements/index.ts'
import table from '../analyzer/knowledge/table.json' with { type: 'json' }
import type { Minor } from '../analyzer/knowledge/version.ts'
import { parseVersion } from '../analyzer/knowledge/version.ts'
import { linkProject } from '../analyzer/project/model.ts'
import { analyzeTexts } from '../analyzer/store/analyze.ts'
import { fixAll, type Look } from '../bin/fixing.ts'
import { shims as allShims } from './shims/index.ts'

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

/** Of each shim the lowest level at which it works. */
export const shims: ReadonlyMap<string, Minor> = new Map([...allShims].map(([name, { since }]) => [name, since]))

/** Runs rules over texts. A name that is a build file's is read as one. */
export const check = async (
  texts: Readonly<Record<string, string>>,
  rules: readonly Rule[],
  targets: readonly Target[],
): Promise<Diagnostic[]> => (await look(texts, rules, targets)).diagnostics

/**
 * The texts as fixes leave them that are made until none is left: the safe ones, or all.
 * @param cookbook where not all recipes are to be used
 */
export async function fixed(
  texts: Readonly<Record<string, string>>,
  rules: readonly Rule[],
  targets: readonly Target[],
  unsafe = false,
  cookbook: Pick<Cookbook, 'recipes' | 'shims'> = { recipes, shims },
): Promise<Readonly<Record<string, string>>> {
  const decoded = (changes: ReadonlyMap<string, string>): Readonly<Record<string, string>> => ({
    ...texts,
    ...Object.fromEntries([...changes].map(([file, text]) => [file, Buffer.from(text, 'latin1').toString()])),
  })
  const seen = async (changes: ReadonlyMap<string, string>): Promise<Look> => {
    const { diagnostics, facts, sources } = await look(decoded(changes), rules, targets, cookbook)
    const unparsed = new Map(
      facts.map((each) => [each.file, each.unparsed.reduce((sum, { start, end }) => sum + end - start, 0)]),
    )
    return { texts: new Map(sources.map(({ file, text }) => [file, text])), diagnostics, unparsed }
  }
  const { changes, problems } = await fixAll(
    await seen(new Map()),
    ({ safety }) => unsafe || safety === 'safe',
    () => true,
    seen,
  )
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join('\n'))
  return decoded(changes)
}

interface Seen {
  readonly diagnostics: Diagnostic[]
  readonly facts: readonly FileFacts[]
  readonly sources: readonly { readonly file: string; readonly text: string }[]
}

async function look(
  texts: Readonly<Record<string, string>>,
  rules: readonly Rule[],
  targets: readonly Target[],
  cookbook: Pick<Cookbook, 'recipes' | 'shims'> = { recipes, shims },
): Promise<Seen> {
  const buildFiles: BuildFile[] = []
  const sources: { file: string; text: string }[] = []
  for (const [file, text] of Object.entries(texts)) {
    const kind = file.split('/').at(-1)!
    if (/^(?:setup\.py|setup\.cfg|pyproject\.toml|meson\.build|CMakeLists\.txt)$/.test(kind)) {
      buildFiles.push({ kind: kind as BuildFile['kind'], path: file, text })
    } else sources.push({ file, text: Buffer.from(text).toString('latin1') })
  }
  const { facts } = await analyzeTexts(sources, vocabulary)
  return {
    diagnostics: runRules(linkProject(facts), buildFiles, rules, targets, api, replacements, {
      ...cookbook,
      texts: new Map(sources.map(({ file, text }) => [file, text])),
      locked: () => null,
    }),
    facts,
    sources,
  }
}
