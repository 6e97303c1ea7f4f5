import { Chalk } from 'chalk'
import { expect, test } from 'vitest'
import { cleanRun, sampleRun, whole } from '../fixtures/reports/sample.ts'
import { type FormatName, formats } from './index.ts'
import { problemLines } from './problems.ts'

const golden = {
  full: 'full.txt',
  concise: 'concise.txt',
  json: 'json.json',
  jsonl: 'jsonl.jsonl',
  sarif: 'sarif.json',
  github: 'github.txt',
  gitlab: 'gitlab.json',
  azure: 'azure.txt',
  junit: 'junit.xml',
  checkstyle: 'checkstyle.xml',
  rdjson: 'rdjson.json',
  pylint: 'pylint.txt',
  markdown: 'markdown.md',
} as const satisfies Record<FormatName, string>
const plain = { chalk: new Chalk({ level: 0 }), width: 80 }

test.each(Object.keys(golden) as FormatName[])('%s of the sample run', async (name) => {
  await expect(whole((await formats[name].load())(sampleRun, plain))).toMatchFileSnapshot(`golden/${golden[name]}`)
})

test('colour only adds to the text', async () => {
  const full = await formats.full.load()
  const coloured = whole(full(sampleRun, { ...plain, chalk: new Chalk({ level: 1 }) }))
  await expect(JSON.stringify(coloured.split('\n').slice(0, 9), null, 1)).toMatchFileSnapshot('golden/full-colour.json')
  expect(coloured.replace(/\x1b\[\d+m/g, '')).toBe(whole(full(sampleRun, plain)))
})

test('problems', async () => {
  await expect(problemLines(sampleRun.problems, plain)).toMatchFileSnapshot('golden/problems.txt')
})

test('a clean run is called clear only if every file could be read', async () => {
  const full = await formats.full.load()
  expect(whole(full(cleanRun, plain))).toBe('All clear: 1 file, target 3.9, for `unavailable-macro` alone.\n')
  expect(whole(full({ ...cleanRun, problems: sampleRun.problems }, plain))).toBe(
    'Found nothing in 1 file, target 3.9; 1 file could not be checked.\n',
  )
  expect(whole(full({ ...cleanRun, files: { ...cleanRun.files, checked: 0 } }, plain))).toBe(
    'No C or C++ files to check.\n',
  )
})
