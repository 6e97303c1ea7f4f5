import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hostileText } from '../fixtures/reports/hostile.ts'
import { cleanRun, plainDiagnostic, whole } from '../fixtures/reports/sample.ts'
import { github } from './github.ts'
import { printable } from './printable.ts'

const unescaped = (text: string): string =>
  text.replace(/%(25|0D|0A|3A|2C)/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))

interface Command {
  readonly name: string
  readonly properties: Readonly<Record<string, string>>
  readonly data: string
}

/** Reads a line of a log as the runner of GitHub Actions does; null for plain text. */
function parse(line: string): Command | null {
  if (line.includes('##[')) return { name: 'of the old kind', properties: {}, data: line }
  const text = line.trimStart()
  const end = text.indexOf('::', 2)
  if (!text.startsWith('::') || end < 0) return null
  const [name = '', ...rest] = text.slice(2, end).split(' ')
  const pairs = rest
    .join(' ')
    .split(',')
    .map((pair) => {
      const [key] = pair.split('=', 1)
      return [key!, unescaped(pair.slice(key!.length + 1))]
    })
  return { name, properties: Object.fromEntries(pairs), data: unescaped(text.slice(end + 2)) }
}

test('hostile names and messages stay inside their command', () => {
  fc.assert(
    fc.property(hostileText, hostileText, (file, message) => {
      const log = whole(github({ ...cleanRun, diagnostics: [{ ...plainDiagnostic, file, message }] }))
      expect(
        log
          .split(/[\n\r]/)
          .slice(0, -1)
          .map(parse),
      ).toEqual([
        {
          name: 'error',
          properties: {
            file: printable(file),
            line: '1',
            endLine: '1',
            col: '1',
            endColumn: '2',
            title: 'unavailable-macro',
          },
          data: printable(message),
        },
        null,
      ])
    }),
  )
})

test('ten annotations a level, and every diagnostic as text', () => {
  const many = Array.from({ length: 25 }, (_, index) => ({ ...plainDiagnostic, line: index + 1 }))
  const diagnostics = [...many, { ...plainDiagnostic, severity: 'info' as const }]
  const lines = whole(github({ ...cleanRun, diagnostics }))
    .trimEnd()
    .split('\n')
  expect(lines.map((line) => parse(line)?.name ?? 'text')).toEqual([
    ...Array<string>(10).fill('error'),
    'notice',
    ...Array<string>(26).fill('text'),
    'text',
  ])
  expect(lines.at(-1)).toBe('15 more than GitHub shows as annotations; the list above has all 26')
})

test('the ten are the worst: what breaks the build comes before advice', () => {
  const advice = Array.from({ length: 10 }, (_, index) => ({
    ...plainDiagnostic,
    effect: 'advice' as const,
    line: index + 1,
  }))
  const [first] = whole(github({ ...cleanRun, diagnostics: [...advice, { ...plainDiagnostic, line: 99 }] })).split('\n')
  expect(parse(first!)!.properties.line).toBe('99')
})
