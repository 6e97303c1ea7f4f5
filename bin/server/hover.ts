import { type Hover, MarkupKind } from 'vscode-languageserver/node'
import type { Api } from '../../analyzer/knowledge/api.ts'
import { replacements } from '../../analyzer/knowledge/replacements/index.ts'
import type { ApiFact } from '../../analyzer/knowledge/table.ts'
import { type Minor, newest, oldest, oldestAbi3t, showVersion } from '../../analyzer/knowledge/version.ts'
import { code, plain, prose } from '../../reports/markdown-text.ts'
import { findShim } from '../../rules/shims/header.ts'
import { explanationOf, shimFor } from '../commands/explain.ts'
import type { Findings } from './checked-file.ts'
import type { PlacedText, Position } from './placed-text.ts'

/**
 * What is known of the name of the C API at a place; null where there is none.
 * @param markdown whether the editor shows that; else it gets plain text
 */
export async function hoverAt(
  text: PlacedText,
  place: Position,
  { diagnostics }: Pick<Findings, 'diagnostics'>,
  api: Api,
  markdown: boolean,
): Promise<Hover | null> {
  const span = wordAt(text, text.offsetAt(place))
  if (span === null) return null
  const word = text.text.slice(span.start, span.end)
  const found = diagnostics.find(
    ({ start, end, symbol }) => start <= span.start && span.end <= end && isField(symbol, word),
  )
  const name = found?.symbol ?? word
  const card = cardOf(name, api)
  if (card === null) return null
  const contents = markdown
    ? { kind: MarkupKind.Markdown, value: card }
    : { kind: MarkupKind.PlainText, value: await explanationOf(name) }
  return { contents, range: text.rangeOf(span) }
}

/** The identifier at an offset; null where there is none. */
function wordAt({ text }: PlacedText, offset: number): { readonly start: number; readonly end: number } | null {
  let [start, end] = [offset, offset]
  while (start > 0 && /\w/.test(text[start - 1]!) && offset - start < longest) start--
  while (end < text.length && /\w/.test(text[end]!) && end - offset < longest) end++
  return start < end ? { start, end } : null
}

/** No name of the C API is longer. */
const longest = 200

const isField = (symbol: string, word: string): boolean => symbol.includes('.') && symbol.endsWith(`.${word}`)

/** What is known of a name of the C API, of a field (`PyTypeObject.tp_free`) or of a shim, in Markdown; null for none. */
export function cardOf(name: string, api: Api): string | null {
  const fact = api.fact(name)
  if (fact !== null) return [headOf(fact), '', ...tableOf(rowsOf(fact, api)), ...adviceOn(name)].join('\n')
  const [struct, field] = name.split('.')
  const ofStruct = field === undefined ? null : api.struct(struct!)
  if (ofStruct?.fields.has(field!)) {
    const rows = [
      { title: 'field can be used', has: ofLevels((level) => isAt(ofStruct.complete.at(-1) ?? null, level)) },
    ]
    return [
      `**${code(name)}** field`,
      '',
      ...tableOf([...rows.map((each) => ({ ...each, abi3t: ofStruct.abi3t }))]),
      ...adviceOn(name),
    ].join('\n')
  }
  const shim = name.startsWith('Pep') ? findShim(name) : null
  if (shim === null) return null
  const real = shim.replaces.length > 0 ? ` for ${shim.replaces.map(code).join(', ')}` : ''
  const until = shim.until === null ? '' : `, needed up to ${showVersion(shim.until - 1)}`
  const differs = shim.differs === '' ? [] : ['', prose(shim.differs)]
  return [`**${code(name)}** shim${real}`, '', `from level ${showVersion(shim.since)} on${until}`, ...differs].join(
    '\n',
  )
}

const headOf = ({ name, entity, type, platform }: ApiFact): string => {
  const gives = type.endsWith('()')
    ? `, gives ${code(type.slice(0, -2))}`
    : type === '' || entity === 'type'
      ? ''
      : `, ${code(type)}`
  const only = platform === '' ? '' : `; only where ${code(platform)} is defined`
  return `**${code(name)}** ${entity === 'data' ? 'variable' : entity}${gives}${only}`
}

/** A line of the table of a name: what holds for each version, from the oldest known, and for abi3t. */
interface Row {
  readonly title: string
  readonly has: readonly boolean[]
  readonly abi3t: boolean | null
}

const ofLevels = (holds: (level: Minor) => boolean): readonly boolean[] =>
  Array.from({ length: newest - oldest + 1 }, (_, index) => holds(oldest + index))

const isAt = (first: Minor | null, level: Minor): boolean => first !== null && first <= level

function rowsOf(fact: ApiFact, api: Api): readonly Row[] {
  const span = api.levels(fact, newest)
  const isSymbol = ['function', 'data', 'macro'].includes(fact.entity) && !fact.inline && fact.exported !== null
  return [
    {
      title: 'headers of CPython',
      has: ofLevels((version) => api.inFullApi(fact, version)),
      abi3t: null,
    },
    {
      title: 'Limited API, by level',
      has: ofLevels((level) => span !== null && span.first <= level && level <= span.last),
      abi3t: fact.abi3t,
    },
    ...(isSymbol
      ? [{ title: 'exported by Python', has: ofLevels((version) => isAt(fact.exported, version)), abi3t: null }]
      : []),
  ]
}

/** A table with a column for versions for which the same holds, and one for abi3t. */
function tableOf(rows: readonly Row[]): readonly string[] {
  const groups: { first: Minor; last: Minor; marks: readonly boolean[] }[] = []
  for (let version = oldest; version <= newest; version++) {
    const marks = rows.map(({ has }) => has[version - oldest]!)
    const last = groups.at(-1)
    if (last !== undefined && String(last.marks) === String(marks)) last.last = version
    else groups.push({ first: version, last: version, marks })
  }
  const mark = (has: boolean | null): string => (has === null ? '' : has ? 'yes' : 'no')
  const heads = groups.map(({ first, last }) =>
    first === last ? showVersion(first) : `${showVersion(first)} to ${showVersion(last)}`,
  )
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [
    line(['', ...heads, `abi3t, ${showVersion(oldestAbi3t)}`]),
    line(['---', ...heads.map(() => '---'), '---']),
    ...rows.map(({ title, abi3t }, row) => line([title, ...groups.map(({ marks }) => mark(marks[row]!)), mark(abi3t)])),
  ]
}

/** What to write instead of a name. */
function adviceOn(name: string): readonly string[] {
  const replacement = replacements.get(name)
  if (replacement === undefined) return []
  const shim = findShim(name)
  return [
    '',
    'Instead:',
    '',
    ...replacement.ways.map(({ use, needs, differs }) => {
      const needed = needs.length > 0 ? plain(` (needs ${needs.join(', ')})`) : ''
      return `- ${code(use)}${needed}${differs ? `: ${prose(differs)}` : ''}`
    }),
    shim ? `- shim: ${code(shimFor(name, shim))}` : `- otherwise: ${prose(replacement.otherwise)}`,
  ]
}
