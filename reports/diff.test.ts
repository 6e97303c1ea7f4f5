import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { commandsIn } from '../fixtures/reports/hostile.ts'
import { diffText } from './diff.ts'

const scratch = mkdtempSync(join(tmpdir(), 'abi3lint-diff-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

/** What a file is after `git apply` of its diff. Texts have one character for each byte. */
function applied(bytes: Buffer, old: string | null, diff: string): string {
  const cwd = mkdtempSync(join(scratch, 'case-'))
  const path = Buffer.concat([Buffer.from(`${cwd}/`), bytes])
  if (old !== null) {
    mkdirSync(dirname(path.toString('latin1')), { recursive: true })
    writeFileSync(path, Buffer.from(old, 'latin1'))
  }
  execFileSync('git', ['apply', '--whitespace=nowarn'], { cwd, input: Buffer.from(diff, 'latin1'), stdio: 'pipe' })
  return readFileSync(path, 'latin1')
}

const numbered = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}\n`).join('')

test('a usual diff', () => {
  const old = numbered(1, 9)
  expect(diffText('src/a.c', old, old.replace('line 5', 'five'))).toBe(
    '--- a/src/a.c\n+++ b/src/a.c\n@@ -2,7 +2,7 @@\n' +
      ' line 2\n line 3\n line 4\n-line 5\n+five\n line 6\n line 7\n line 8\n',
  )
  expect(diffText('a.c', null, 'x\n')).toBe('--- /dev/null\n+++ b/a.c\n@@ -0,0 +1,1 @@\n+x\n')
})

test('a line that looks like a header keeps its tab', () => {
  const old = '-- x\t\n'
  expect(applied(Buffer.from('a.c'), old, diffText('a.c', old, 'y\n'))).toBe('y\n')
})

const names: readonly (readonly [name: string, bytes: Buffer])[] = [
  'a b.c',
  'a\tb\n::error::x.c',
  '"quoted" \\ 2020-01-01 00:00:00',
  '::error::x.c',
  '##[error]##vso[a.b]\x1b[31m.c',
  'é連\u202e.c',
].map((name) => [name, Buffer.from(name)] as const)

test
  .skipIf(process.platform === 'win32')
  .each([...names, ['\udcff\udc80.c', Buffer.from('\xff\x80.c', 'latin1')] as const])(
  'git takes name %#',
  (name, bytes) => {
    const cases = ['x\nz\n', '/* ##[error] */\n'].flatMap((changed) =>
      [null, 'x\ny\n'].map((old) => [old, changed] as const),
    )
    for (const [old, changed] of cases) {
      const diff = diffText(name, old, changed)
      expect(applied(bytes, old, diff)).toBe(changed)
      expect(commandsIn(diff)).toEqual([])
      expect(diff).not.toMatch(/(?![\n\t])[^ -~]/)
    }
  },
)

const line = fc.oneof(
  fc.constantFrom('a', 'b', '', '  ::error::x', '::add-mask::x', '\t::group::', '\xc2\xa0::set-output name=x::y'),
  fc.constantFrom(' ##[error]x', '##vso[task.complete]', '- ::x::', 'a\r::error::x', '\x1b[31m'),
)
const file = fc.tuple(fc.array(line, { maxLength: 30 }), fc.boolean()).map(([lines, ends]) => {
  const text = lines.join('\n')
  return ends && text !== '' ? `${text}\n` : text
})

test('no line is a command or an escape, and git makes of the diff what it says', () => {
  fc.assert(
    fc.property(file, fc.array(fc.tuple(fc.nat(30), line), { minLength: 1, maxLength: 3 }), (old, changes) => {
      const lines = old.split('\n')
      for (const [at, text] of changes) lines.splice(at % lines.length, text === 'a' ? 0 : 1, text)
      const changed = lines.join('\n')
      fc.pre(old !== changed && old !== '' && changed !== '')
      const diff = diffText('a.c', old, changed)
      expect(commandsIn(diff)).toEqual([])
      expect(diff).not.toContain('\x1b')
      expect(applied(Buffer.from('a.c'), old, diff)).toBe(changed)
    }),
    { numRuns: 60 },
  )
})
