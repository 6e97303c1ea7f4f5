import { expect, test } from 'vitest'
import { parseTarget } from '../analyzer/check/target.ts'
import { check } from './harness.ts'
import { rules } from './index.ts'
import { smallProjects } from './projects.ts'

/** The places that a text's marks speak of. */
const marked = (file: string, text: string): string[] =>
  text
    .split('\n')
    .flatMap((line, index) =>
      (/\/\/! (.*)$/.exec(line)?.[1]?.split(' ') ?? []).map((symbol) => `${file}:${index + 1} ${symbol}`),
    )

test.each(smallProjects)('$name', async ({ target, files }) => {
  const texts = Object.fromEntries(
    Object.entries(files).map(([file, text]) => [
      file,
      /\.(?:c|cpp)$/.test(file) ? `#include <Python.h>\n${text}` : text,
    ]),
  )
  const found = await check(texts, rules, [parseTarget(target)!])
  const errors = found
    .filter(({ severity }) => severity === 'error')
    .map(({ file, start, symbol }) => `${file}:${texts[file]!.slice(0, start).split('\n').length} ${symbol}`)
  expect([...new Set(errors)].sort()).toEqual(
    Object.entries(texts)
      .flatMap(([file, text]) => marked(file, text))
      .sort(),
  )
})
