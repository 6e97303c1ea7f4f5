import { printable } from '../../reports/printable.ts'
import type { CardAnswer, ChangeAnswer, CheckAnswer } from './answer.ts'

/** What the answers look like. Text of sources goes into the page as text alone, never as markup. */

/** An element with a class, and what is in it. */
function made(tag: string, name: string, ...parts: readonly (string | Node)[]): HTMLElement {
  const node = document.createElement(tag)
  if (name !== '') node.className = name
  node.append(...parts.map((part) => (typeof part === 'string' ? inert(part) : part)))
  return node
}

/** A line of a source: what is treacherous in it is shown, and tabs stay. */
const inert = (text: string): string => text.split('\t').map(printable).join('\t')

/** A sentence with C in backquotes. */
const prose = (text: string): readonly (string | Node)[] =>
  text.split('`').map((part, at) => (at % 2 === 1 ? made('code', '', part) : part))

/** @param select shows a place of the source */
export function showFindings(
  panel: HTMLElement,
  { findings }: CheckAnswer,
  select: (start: number, end: number) => void,
): void {
  if (findings.length === 0) {
    panel.replaceChildren(made('p', '', 'Nothing is found.'))
    return
  }
  const items = findings.map(({ severity, rule, message, advice, notes, line, column, start, end, fix }) => {
    const button = made(
      'button',
      '',
      made('span', `severity ${severity}`, severity),
      ' ',
      made('span', 'place', `${line}:${column}`),
      ' ',
      made('span', 'message', ...prose(message)),
      ' ',
      made('span', 'rule', rule),
    )
    button.setAttribute('type', 'button')
    button.addEventListener('click', () => select(start, end))
    const lines = [
      ...notes.map((note) => `Note: ${note}`),
      ...(advice === '' ? [] : [advice]),
      ...(fix === null ? [] : [`Fix: ${fix.title}${fix.isSafe ? '' : ` (unsafe: ${fix.reason})`}`]),
    ]
    return made('li', '', button, ...lines.map((each) => made('p', '', ...prose(each))))
  })
  panel.replaceChildren(made('ol', 'findings', ...items))
}

export function showMatrix(panel: HTMLElement, { matrix }: CheckAnswer): void {
  const head = made(
    'tr',
    '',
    made('th', '', 'Target'),
    made('th', '', 'Blockers'),
    made('th', '', 'Compiles and loads'),
  )
  for (const cell of head.children) cell.setAttribute('scope', 'col')
  const rows = matrix.map(({ target, blockers }) => {
    const name = made('th', '', target)
    name.setAttribute('scope', 'row')
    return made('tr', '', name, made('td', '', String(blockers)), made('td', '', blockers === 0 ? 'yes' : 'no'))
  })
  const table = made('table', '', made('thead', '', head), made('tbody', '', ...rows))
  const note = 'A blocker is what a compiler or a loader would confirm. A file alone tells less than its project.'
  panel.replaceChildren(made('div', 'scroll', table), made('p', 'hint', note))
}

/** Lines of context around a change. */
const context = 3

export function showChange(panel: HTMLElement, { files, safe, unsafe, differs, left }: ChangeAnswer): void {
  const count = safe + unsafe
  const said =
    count === 0 ? 'Nothing is changed.' : `${safe} safe and ${unsafe} unsafe ${count === 1 ? 'fix' : 'fixes'}.`
  const parts: Node[] = [made('p', '', said)]
  if (differs.length > 0)
    parts.push(
      made('p', '', 'What may differ:'),
      made('ul', '', ...differs.map((each) => made('li', '', ...prose(each)))),
    )
  for (const { file, runs } of files) {
    const lines = runs.flatMap(({ sign, lines: all }, at) => {
      if (sign !== ' ') return all.map((each) => made('span', sign === '-' ? 'gone' : 'come', `${sign} ${each}`))
      const [first, last] = [at === 0 ? 0 : context, at === runs.length - 1 ? 0 : context]
      const shown = (each: string): Node => made('span', '', `  ${each}`)
      if (all.length <= first + last) return all.map(shown)
      const ends = last === 0 ? [] : all.slice(-last)
      return [...all.slice(0, first).map(shown), made('span', 'place', '…'), ...ends.map(shown)]
    })
    const block = made('pre', '', ...lines)
    block.tabIndex = 0
    block.setAttribute('role', 'region')
    block.setAttribute('aria-label', `Changes of ${file}`)
    parts.push(made('h2', 'place', file), block)
  }
  if (left.length > 0)
    parts.push(made('p', '', 'Left:'), made('ul', '', ...left.map((each) => made('li', '', ...prose(each)))))
  panel.replaceChildren(...parts)
}

export function showCard(panel: HTMLElement, name: string, { text }: CardAnswer): void {
  panel.textContent = text ?? (name === '' ? '' : `Nothing is known of ${inert(name)}.`)
}
