import { stripVTControlCharacters } from 'node:util'
import { Chalk } from 'chalk'
import { expect, test } from 'vitest'
import { diffText } from './diff.ts'
import { paintedDiff } from './painted-diff.ts'

const chalk = new Chalk({ level: 1 })

test('lines are painted by what they are, heads of files apart', () => {
  const diff = diffText('a.c', '-- x\nint a;\n++ y\n', '-- z\nint a;\n++ w\n')
  const painted = paintedDiff(diff, chalk)
  expect(stripVTControlCharacters(painted)).toBe(diff)
  expect(paintedDiff(diff, new Chalk({ level: 0 }))).toBe(diff)
  const lines = painted.split('\n')
  expect(lines).toContain(chalk.bold('--- a/a.c'))
  expect(lines).toContain(chalk.red('--- x'))
  expect(lines).toContain(chalk.green('+++ w'))
  expect(lines).toContain(' int a;')
})
