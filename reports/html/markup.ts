import { printable } from '../printable.ts'

/** Markup: what `html` made, and nothing else is. */
export class Html {
  constructor(readonly text: string) {}
}

/** What may stand in a template: text, which is escaped, and markup, which is not. Nothing for null and false. */
export type Piece = string | number | Html | null | false | readonly Piece[]

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text as it may stand in markup, in attributes in quotes too: one line that shows what is treacherous in it. */
export const escaped = (text: string): string => printable(text).replace(/[&<>"']/g, (each) => entities[each]!)

function shown(piece: Piece): string {
  if (piece === null || piece === false) return ''
  if (typeof piece === 'string') return escaped(piece)
  if (typeof piece === 'number') return String(piece)
  return piece instanceof Html ? piece.text : piece.map(shown).join('')
}

/**
 * Makes markup of a template. Everything that is put into it is escaped unless it is markup itself, so that no text of
 * a project becomes any.
 */
export const html = (parts: TemplateStringsArray, ...pieces: readonly Piece[]): Html =>
  new Html(parts.reduce((text, part, at) => text + shown(pieces[at - 1]!) + part))

/** A sentence with C in backquotes: these parts are code. */
export const prose = (text: string): Html =>
  html`${text.split(/(`[^`]+`)/).map((part, at) => (at % 2 === 1 ? html`<code>${part.slice(1, -1)}</code>` : part))}`

/** A number with a comma between thousands: `1,234`. */
export const figure = (value: number): string => value.toLocaleString('en-US')

/** A share in percent with one digit: 99.9 at most where not all is there, 0.1 at least where any is. */
export function percent(part: number, whole: number): string {
  if (whole === 0 || part === whole) return '100'
  return (part === 0 ? 0 : Math.min(99.9, Math.max(0.1, (100 * part) / whole))).toFixed(1)
}

/** What a table shows in a cell: text on the left, numbers on the right. */
export type Cell = Piece

/** A table that scrolls by itself where it is too wide, with a caption for those who do not see what is around it. */
export const table = (
  caption: string,
  columns: readonly { readonly title: Piece; readonly isNumber?: boolean }[],
  rows: readonly (readonly Cell[])[],
): Html => html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table>
<caption>${caption}</caption>
<thead><tr>${columns.map(({ title, isNumber }) => html`<th scope="col"${cls(isNumber)}>${title}</th>`)}</tr></thead>
<tbody>
${rows.map(
  (row) => html`<tr>${row.map((cell, at) =>
    at === 0 ? html`<th scope="row">${cell}</th>` : html`<td${cls(columns[at]!.isNumber)}>${cell}</td>`,
  )}</tr>
`,
)}</tbody></table></div>
`

const cls = (isNumber: boolean | undefined): Html | null => (isNumber === true ? new Html(' class="n"') : null)

/** What is folded until somebody opens it. */
export const folded = (title: Piece, content: Piece): Html =>
  html`<details><summary>${title}</summary>
${content}</details>
`

/** The mark of a list that is cut: says what is not shown. */
export const leftOut = (number: number, noun: string): Html | null =>
  number <= 0
    ? null
    : html`<p class="note">${figure(number)} more ${noun}${number === 1 ? '' : 's'} not shown here.</p>`
