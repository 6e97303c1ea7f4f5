import { Chalk } from 'chalk'
import { expect, test } from 'vitest'
import type { TargetSurvey } from '../analyzer/check/targets.ts'
import { targetsJson, targetsText } from './targets.ts'

const plain = { chalk: new Chalk({ level: 0 }), width: 100 }
const targets = ['3.2', '3.3', '3.4', 'abi3t']
const standings = (blockers: readonly number[], lowest: string | null) => ({
  blockers,
  lowest,
  abi3t: blockers.at(-1) === 0,
})

const survey: TargetSurvey = {
  targets,
  headers: '3.15',
  project: standings([12, 12, 1, 3], null),
  modules: [{ name: '_spam', definedIn: 'spam.c', files: ['spam.c', 'clean.h'], ...standings([10, 10, 0, 3], '3.4') }],
  files: [
    { file: 'clean.h', ...standings([0, 0, 0, 0], '3.2') },
    { file: 'egg\u001b.c', ...standings([2, 2, 1, 0], null) },
    { file: 'spam.c', ...standings([10, 10, 0, 3], '3.4') },
  ],
  steps: [
    { from: '3.2', to: '3.3', freed: [], added: [] },
    {
      from: '3.3',
      to: '3.4',
      freed: [
        { symbol: 'PySpam', places: 11 },
        { symbol: 'PyEgg', places: 1 },
      ],
      added: [{ symbol: 'PyOld', places: 1 }],
    },
  ],
  left: [{ symbol: 'PyOld', places: 1 }],
  libraries: [
    { name: 'nanobind', ...standings([1, 1, 0, 1], '3.4') },
    { name: 'pybind11', ...standings([1, 1, 1, 1], null) },
  ],
  doubts: 1,
}

test('for people', async () => {
  await expect(targetsText(survey, plain)).toMatchFileSnapshot('golden/targets.txt')
})

test('a project that reaches a level', () => {
  const clean = { ...survey, project: standings([1, 0, 0, 0], '3.3'), left: [], doubts: 0 }
  expect(targetsText(clean, plain)).toContain('The lowest level without blockers is 3.3; abi3t has none either.\n')
})

test('for programs', () => {
  expect(JSON.parse(targetsJson(survey))).toEqual({ schemaVersion: 1, ...survey })
})
