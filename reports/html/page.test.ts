import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { treacherous } from '../../fixtures/pages/hostile.ts'
import { historyLine, readHistory } from '../history.ts'
import { escaped, html, percent } from './markup.ts'

test('what is put into a template is text', () => {
  for (const each of treacherous) {
    const { text } = html`<p title="${each}">${each}</p>`
    expect(text.slice(1, -4)).not.toMatch(/<(?!\/?p)|[\u202a-\u202e\u2066-\u2069\u200b\u001b\u0007]|##vso\[/)
    expect(text.match(/"/g)).toHaveLength(2)
  }
  expect(html`<b>${html`<i>${'<'}</i>`}${[1, '&']}${false}${null}</b>`.text).toBe('<b><i>&lt;</i>1&amp;</b>')
  expect(escaped(`'"`)).toBe('&#39;&quot;')
})

test('a share is whole only where nothing is missing', () => {
  expect([percent(999_999, 1_000_000), percent(1, 1_000_000), percent(0, 5), percent(5, 5), percent(0, 0)]).toEqual([
    '99.9',
    '0.1',
    '0.0',
    '100',
    '100',
  ])
})

test('a history is read as it is written, the oldest run first', () => {
  const point = { time: 5, commit: 'a', target: '3.9', safe: 1, unsafe: 2, newer: 3, manual: 4 }
  expect(readHistory(historyLine(point) + historyLine({ ...point, time: 3 }))).toEqual([{ ...point, time: 3 }, point])
  expect(readHistory('{"time":1}\n')).toBe(
    'line 1 is no run: it wants time, commit, target, safe, unsafe, newer, manual',
  )
  expect(readHistory('[')).toContain('line 1')
})

// The bundle is read as bytes: what is not ASCII in a tagged template would be something else there.
test('templates hold ASCII alone', () => {
  for (const name of readdirSync(import.meta.dirname).filter((each) => !each.endsWith('.test.ts'))) {
    const text = readFileSync(`${import.meta.dirname}/${name}`, 'utf8')
    for (const [template] of text.matchAll(/html`[^`]*`/g))
      expect(template.replace(/\$\{[^}]*\}/g, ''), name).not.toMatch(/[^\x00-\x7f]/)
  }
})
