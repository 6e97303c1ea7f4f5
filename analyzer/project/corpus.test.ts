import { join } from 'node:path'
import { expect, test } from 'vitest'
import { over, projectsIn, textsOf } from '../../fixtures/corpus.ts'
import { api, factsOf } from '../../fixtures/in-memory.ts'
import { here, optionsOf, targets } from '../../fixtures/project-corpus.ts'
import { valuesInCode } from '../code/statements.ts'
import type { CompleteTypeUse, FileFacts } from '../facts/file-facts.ts'
import { parseTarget } from '../knowledge/target.ts'
import type { FileId, Offset } from '../source/text.ts'
import type { BuildOptions } from './build-options.ts'
import { linkProject, ProjectModel } from './model.ts'
import { coverageOfBranches } from './version-coverage.ts'

/**
 * What is made of the projects in `corpus`, a directory each, for three targets, written down: which branches are
 * compiled, what names and fields mean, what macros make. `vitest run analyzer/project/corpus.test.ts -u` writes it
 * anew; `npm run judge` asks gcc whether the branches are right.
 */

/** The words of build files. */
const buildWords = new Set(['HAVE_SPAM_BY_BUILD', 'SPAM_BY_BUILD'])

/** The first line of a text from an offset on. */
const lineFrom = (text: string, offset: Offset): string => text.slice(offset).split('\n', 1)[0]!

function described(
  facts: readonly FileFacts[],
  texts: Readonly<Record<string, string>>,
  options: BuildOptions,
): string[] {
  const project = linkProject(facts, options, new Map(Object.entries(texts)))
  const models = targets.map((target) => new ProjectModel(project, api, parseTarget(target)!, buildWords))
  const coverage = coverageOfBranches(project.files)
  const lines = [`libraries: ${[...project.libraries].join(' ')}`, `of no file: ${coverage('none.c', 0)}`]
  project.files.forEach((file, id) => {
    lines.push(`== ${file.file}`, ...ofFile(file, id))
  })
  return lines

  function ofFile(file: FileFacts, id: FileId): string[] {
    const text = texts[file.file]!
    const at = (offset: Offset): string => `${text.slice(0, offset).split('\n').length}`
    const made = (expansion: { readonly file: FileId; readonly region: number } | undefined): string =>
      expansion === undefined ? '' : ` made in region ${expansion.region} of ${project.files[expansion.file]!.file}`
    const shows: string[] = [
      `sees internals: ${over(models, (model) => String(model.seesInternals(id)))}`,
      `includes ${project.graph.targets[id]!.map((to) => (to === null ? '-' : project.files[to]!.file)).join(' ')}`,
      `is part of ${project.graph
        .roots(id)
        .map((root) => project.files[root]!.file)
        .join(' ')}`,
    ]
    file.regions.forEach(({ start }, region) => {
      const verdict = over(models, (model) => model.active(id, region))
      const needs = over(models, (model) => (model.needsOption(id, { region }) ? ', needs an option' : ''))
      const what = lineFrom(text, start + 1)
      shows.push(`${at(start + 1)} ${what}: ${verdict}${needs}; ${region === 0 ? '' : coverage(file.file, start)}`)
    })
    for (const use of file.uses) {
      const own = over(models, (model) => model.isProjectDefined(id, use.name))
      const active = over(models, (model) => model.activeFact(id, use))
      const kept = use.within.map(
        ([macro, argument]) => ` in ${macro} ${over(models, (model) => model.keepsArgument(id, macro, argument))}`,
      )
      const place =
        use.macro < 0
          ? ''
          : over(models, (model) => {
              const found = model.expansionOf(id, use.macro)
              if (found === null) return ' not used'
              const { file: user } = project.files[found.file]!
              return ` used in ${user} ${lineFrom(texts[user]!, found.offset)}`
            })
      shows.push(`${at(use.start)} ${use.name}: ${active}, own ${own}${kept.join('')}${place}${made(use.expansion)}`)
    }
    for (const access of file.members) {
      const types = over(models, (model) =>
        [...model.typesOf(id, access.object, access.start, access.macro)]
          .map((type) => `${type} = ${model.apiType(id, type)}${model.knowsStruct(id, type) ? '' : ', not known'}`)
          .join(' | '),
      )
      shows.push(`${at(access.start)} .${access.field} of ${types}${made(access.expansion)}`)
    }
    for (const use of file.completeTypeUses) shows.push(`${at(use.start)} ${complete(use, id)}${made(use.expansion)}`)
    for (const name of new Set([...file.macros, ...file.undefinitions].map((macro) => macro.name))) {
      const states = [0, Math.floor(file.size / 2), file.size].map((offset) =>
        over(models, (model) => model.conditions.environmentAt(id, offset)(name).state),
      )
      shows.push(`${name} at the begin, in the middle, at the end: ${states.join(', ')}`)
    }
    for (const { tag, fields, bases, offset } of file.structs) {
      const hasBases = models[0]!.basesOf(tag.replace('struct ', '')).length > 0
      const shown = Object.entries(fields).map(([name, type]) => `${name}: ${type}`)
      shows.push(`${at(offset)} ${tag}${hasBases ? ` of ${bases.join(' ')}` : ''} { ${shown.join('; ')} }`)
    }
    for (const code of project.code(id).allFunctions())
      for (const value of valuesInCode(code.body))
        if (value.kind === 'cast' || value.kind === 'type')
          shows.push(
            `${at(value.span.start)} ${value.kind} ${value.type}: ${lineFrom(text, value.span.start).slice(0, 30)}`,
          )
    for (const { kind, name, type, offset, defines } of file.declarations)
      shows.push(`${at(offset)} ${kind} ${name}: ${type}${defines ? ', defined' : ''}`)
    return shows
  }

  function complete(use: CompleteTypeUse, id: FileId): string {
    const { of } = use
    const type =
      typeof of === 'string'
        ? of
        : over(models, (model) => [...model.typesOf(id, of, use.start, use.macro)].join(' | '))
    return `complete ${use.how} of ${type}${use.initialised ? ', initialised' : ''}`
  }
}

test.each(projectsIn(here))('%s is what it was', async (project) => {
  const texts = textsOf(join(here, project))
  const lines = described(factsOf(texts), texts, optionsOf(project))
  await expect(`${lines.map((line) => line.trimEnd()).join('\n')}\n`).toMatchFileSnapshot(join(here, `${project}.txt`))
})
