import type { BuildFile } from '../build-file.ts'
import { buildText } from '../build-text.ts'
import { lineEnd } from './arguments.ts'
import type { BuildEdit } from './limited-file.ts'

/** Whether a TOML file has a table under a header of its own, as in `[tool.meson-python]`. */
export const hasHeader = (file: BuildFile, table: string): boolean => headerEnd(file, table) !== null

/** Puts a line into a table of a TOML file: behind its header, or with a header at the end of the file. */
export function tomlEntry(file: BuildFile, table: string, entry: string): BuildEdit {
  const eol = lineEnd(buildText(file))
  const start = headerEnd(file, table)
  if (start !== null) return { start, end: start, text: `${entry}${eol}` }
  const { length } = file.text
  const gap = file.text.endsWith('\n') ? '' : eol
  return { start: length, end: length, text: `${gap}${eol}[${table}]${eol}${entry}${eol}` }
}

/** Where the line behind the header of a table begins; null where it has none. */
function headerEnd(file: BuildFile, table: string): number | null {
  const header = new RegExp(`^[ \\t]*\\[${table.replace(/\./g, '\\.')}\\][^\\n]*\\n`, 'm').exec(buildText(file).code)
  return header && header.index + header[0].length
}
