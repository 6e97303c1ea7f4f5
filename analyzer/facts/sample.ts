import { Api } from '../knowledge/api.ts'
import table from '../knowledge/table.json' with { type: 'json' }
import { linkProject, ProjectModel } from '../project/model.ts'
import { readGrammar } from '../store/grammars.ts'
import { dialectOf, projectMacros } from '../store/sources.ts'
import { startSyntax } from '../syntax/parse.ts'
import { collectFacts } from './collect.ts'
import type { FileFacts } from './file-facts.ts'

/** For tests: projects that are not on a disk. */

const syntax = await startSyntax(readGrammar)
await syntax.ready('c')
await syntax.ready('cpp')

const api = new Api(table)
const vocabulary = api.vocabulary()

/** The facts of a project. @param files their texts, one character per byte, by path */
export function factsOf(files: Readonly<Record<string, string>>): readonly FileFacts[] {
  const texts = Object.entries(files).map(([file, text]) => ({ file, path: file, text, dialect: dialectOf(file, text), concernsPython: true }))
  const macros = projectMacros(texts, vocabulary)
  return texts.map(({ file, text, dialect }) => collectFacts(syntax, file, text, dialect, { vocabulary, ...macros }))
}

/** A project as abi3 from 3.9 on sees it, built with the newest headers. */
export const modelOf = (files: Readonly<Record<string, string>>): ProjectModel =>
  new ProjectModel(linkProject(factsOf(files)), api, { level: 9, headers: 15, abi3t: false })
