import { basename } from 'node:path'
import { parse } from 'smol-toml'
import type { Problem } from '../../analyzer/check/diagnostic.ts'
import { similar } from '../../analyzer/knowledge/similar.ts'
import type { ConfigFiles } from './config-files.ts'
import { isTable } from './file.ts'
import { isPyproject, misspeltPlaces } from './find.ts'
import { shownName } from './shown-name.ts'
import { lineAndColumn, tomlPlaces } from './toml-places.ts'

/**
 * What is said of files and tables that are meant for a configuration and called otherwise: those of the directories
 * from one up to its repository.
 * @param directory by its real path
 * @param current the current directory by its real path
 */
export function misspeltConfigurations(directory: string, current: string, files: ConfigFiles): Problem[] {
  return misspeltPlaces(directory, files).flatMap((path): Problem[] => {
    const name = shownName(path, current)
    if (isPyproject(path)) return tablesIn(path, name, files)
    const message = `is not used: a configuration is called abi3lint.toml or .abi3lint.toml, not ${basename(path)}`
    return [{ file: name, message, severity: 'warning' }]
  })
}

/** `[tool.abi3-lint]`, `[tools.abi3lint]`, `[abi3lint]` */
function tablesIn(path: string, name: string, files: ConfigFiles): Problem[] {
  let text: string
  let table: Readonly<Record<string, unknown>>
  try {
    text = files.read(path).toString('utf8')
    table = parse(text)
  } catch {
    // Who reads the build says so.
    return []
  }
  const tool = isTable(table.tool) ? table.tool : {}
  const places = [
    ...Object.keys(tool).map((key) => ['tool', key]),
    ...Object.keys(table).flatMap((key) =>
      key === 'tool' ? [] : [[key], ...(isTable(table[key]) ? Object.keys(table[key]).map((each) => [key, each]) : [])],
    ),
  ]
  return places.flatMap((keys) => {
    const [outer, last] = [keys[0]!, keys.at(-1)!]
    const isRight = keys.length === 2 && outer === 'tool' && last === 'abi3lint'
    const isNear = last === 'abi3lint' ? keys.length === 1 || similar(outer, ['tool']).length > 0 : isLike(last)
    const value = keys.reduce<unknown>((of, key) => (isTable(of) ? of[key] : undefined), table)
    if (isRight || !isNear || !isTable(value)) return []
    const { line, column } = lineAndColumn(text, tomlPlaces(text)(keys) ?? 0)
    const message = `\`[${keys.join('.')}]\` is not used: the table of abi3lint is called \`[tool.abi3lint]\``
    return [{ file: `${name}:${line}:${column}`, message, severity: 'warning' }]
  })
}

/** Whether a name is that of abi3lint but for signs between its words, or a letter. */
const isLike = (name: string): boolean =>
  similar(name.replace(/[-_. ]/g, ''), ['abi3lint']).length > 0 && /^abi.{0,3}lint$/i.test(name)
