import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { readDirectives } from './directives.ts'
import { bodiesAtFileLevel } from './idle.ts'
import { maskEdits, maskedText } from './mask.ts'
import { pastings } from './pasting.ts'
import { directiveOf, scan, type Tokens } from './scanner.ts'
import { macroShapes, type Shape } from './shapes.ts'
import { planViews, possibleRegions } from './views.ts'

/**
 * What becomes of the sources in `corpus` before they are parsed, written down; `vitest run
 * analyzer/preprocess/corpus.test.ts -u` writes it anew. Of `tokens.*` that is the tokens, of the others what their
 * macros do to the grammar, their bodies, and each view as the parser gets it.
 */

const here = fileURLToPath(new URL('corpus', import.meta.url))
const sources = readdirSync(here).filter((file) => /^\.(?:c|cpp)$/.test(extname(file)))

const kinds = ['', 'identifier', 'number', 'string', 'character', 'punctuation']

function printedTokens(tokens: Tokens): string[] {
  const slice = (start: number, end: number): string => JSON.stringify(tokens.text.slice(start, end))
  const lines = Array.from({ length: tokens.count }, (_, at) => {
    const directive = tokens.isInDirective[at] === 0 ? '' : `#${directiveOf(tokens, at)} `
    return `${directive}${kinds[tokens.kind[at]!]} ${slice(tokens.start[at]!, tokens.end[at]!)}`
  })
  for (const { start, end, firstToken } of tokens.directives) lines.push(`directive ${firstToken} ${slice(start, end)}`)
  for (const { start, end } of tokens.prose) lines.push(`prose ${slice(start, end)}`)
  return lines
}

/** The lines of a text that hold something, without the blanks around it and with one for several. */
const bareLines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim().replace(/ +/g, ' '))
    .filter((line) => line !== '')

function printedViews(text: string, isCxx: boolean): string[] {
  const tokens = scan(text)
  const directives = readDirectives(tokens)
  const lines: string[] = []
  const shapes = new Map<string, Shape>()
  const macros = macroShapes(text)
  for (const { name, shape, readsFields, makesNames, words, isName } of macros) {
    if (shape !== null) shapes.set(name, shape)
    const marks = [readsFields && 'reads fields', makesNames && 'makes names', isName && 'is a name'].filter(Boolean)
    lines.push(`${name}: ${[shape ?? 'as it looks', ...marks].join(', ')}; ${words.join(' ')}`)
  }
  for (const macro of directives.macros)
    for (const { start, end, parts, stand, firstToken, endToken } of pastings(tokens, macro))
      lines.push(`pasted ${text.slice(start, end)}: ${parts.join(' ')}; ${stand}; ${endToken - firstToken} tokens`)
  const bodies = bodiesAtFileLevel(tokens, directives.regions)
  for (const { start, end, isWhole } of bodies)
    lines.push(`body${isWhole ? '' : ', not whole'}: ${text.slice(start, end).replace(/\s+/g, ' ').slice(0, 60)}`)
  const edits = maskEdits(tokens, shapes, new Set(macros.map(({ name }) => name)), isCxx)
  const code = new Int32Array(directives.regions.length).fill(1)
  const { views } = planViews(directives, possibleRegions(directives, isCxx), code)
  for (const view of views) lines.push('-- view', ...bareLines(maskedText(tokens, directives, view, edits)))
  return lines
}

test.each(sources)('%s is what it was', async (file) => {
  const text = readFileSync(join(here, file), 'latin1')
  const lines = file.startsWith('tokens') ? printedTokens(scan(text)) : printedViews(text, file.endsWith('.cpp'))
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(join(here, `${file}.txt`))
})
