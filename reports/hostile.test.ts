import { Chalk } from 'chalk'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Located, Run } from '../analyzer/check/diagnostic.ts'
import type { TargetSurvey } from '../analyzer/check/targets.ts'
import { parseTarget } from '../analyzer/knowledge/target.ts'
import { readAsset } from '../analyzer/store/assets.ts'
import { memoryStore } from '../analyzer/store/memory.ts'
import { openWorkspace } from '../analyzer/workspace/workspace.ts'
import { commandsIn, hostileText } from '../fixtures/reports/hostile.ts'
import { cleanRun, plainDiagnostic, whole } from '../fixtures/reports/sample.ts'
import { rules } from '../rules/index.ts'
import { type AuditRun, auditFormats } from './audit.ts'
import { diffText } from './diff.ts'
import type { TextStyle } from './full.ts'
import { type FormatName, formats } from './index.ts'
import { portText } from './port.ts'
import { problemLines } from './problems.ts'
import { targetsJson, targetsText } from './targets.ts'
import { type Verification, verificationText } from './verification.ts'

/** What every report makes of texts that would be commands, escape sequences or other bytes than UTF-8. */

/** Texts of one run, taken in turn. */
const texts = fc.array(hostileText, { minLength: 1, maxLength: 8 })
const turn = (all: readonly string[]): (() => string) => {
  let at = 0
  return () => all[at++ % all.length]!
}
/** Where lines are cut decides what they begin with. */
const looks = fc
  .record({ width: fc.oneof(fc.integer({ min: 20, max: 60 }), fc.constant(Infinity)), level: fc.constantFrom(0, 1) })
  .map(({ width, level }): TextStyle => ({ width, chalk: new Chalk({ level: level as 0 | 1 }) }))

function located(next: () => string): Located {
  const excerpt = [next(), next(), next()].map((line) => line.replace(/[\r\n]/g, ' '))
  const [column, endColumn] = [1 + (next().length % 9), 1 + (next().length % 9)]
  return {
    ...plainDiagnostic,
    file: next(),
    message: next(),
    symbol: next(),
    advice: next(),
    notes: [next(), next()],
    excerpt,
    column,
    endColumn,
    endLine: 3,
    fix: {
      kind: 'project',
      title: next(),
      safety: 'unsafe',
      reason: next(),
    } as unknown as Located['fix'],
  }
}

function runOf(all: readonly string[]): Run {
  const next = turn(all)
  const generated = { ...located(next), rule: 'generated-source' }
  const problems = [{ file: next(), message: next(), severity: 'error' as const }]
  const diagnostics = [
    located(next),
    { ...located(next), fix: null },
    generated,
    { ...located(next), file: generated.file },
  ]
  const unparsed = [{ file: next(), line: 1, endLine: 2, bytes: 3 }]
  return { ...cleanRun, diagnostics, problems, files: { ...cleanRun.files, unparsed, unparsedBytes: 3 } }
}

function auditOf(all: readonly string[]): AuditRun {
  const next = turn(all)
  const place = { file: next(), member: next() }
  const audited = {
    ...place,
    format: 'ELF' as const,
    architectures: ['x86_64'],
    imports: 1,
    outside: 1,
    claim: { abis: ['abi3' as const], level: null, source: next() },
    needs: { level: 9 as const, names: [next(), next()] },
    entries: [next()],
    abi: [{ flags: 7, built: 0, version: 0x030f0000 }],
  }
  const finding = { rule: 'import-outside-abi', severity: 'error', symbol: next(), since: null } as const
  return {
    tool: cleanRun.tool,
    target: null,
    audited: [audited, { ...audited, member: next() }] as unknown as AuditRun['audited'],
    findings: [{ ...place, ...finding, message: next(), advice: next(), notes: [next()] }],
    problems: [{ file: next(), message: next(), severity: 'error' }],
    libraries: 1,
  }
}

function surveyOf(all: readonly string[]): TargetSurvey {
  const next = turn(all)
  const status = { blockers: [1, 2], lowest: null, abi3t: false }
  const tallies = [1, 2].map((places) => ({ symbol: next(), places }))
  return {
    targets: ['3.2', 'abi3t'],
    headers: '3.15',
    project: status,
    modules: [{ name: next(), definedIn: next(), files: [all[0]!], ...status }],
    files: [...new Set(all)].map((file) => ({ file, ...status })),
    steps: [{ from: '3.2', to: '3.3', freed: tallies, added: tallies }],
    left: tallies,
    libraries: [{ name: next(), ...status }],
    doubts: 1,
  }
}

function verificationOf(all: readonly string[]): Verification {
  const next = turn(all)
  const builds = [{ python: next(), wheel: next(), modules: 1, seconds: 1 }]
  const trials = [{ python: next(), outcome: next(), seconds: 1, isSame: null }]
  const stage = { title: next(), builds, trials }
  return {
    stages: [stage, stage],
    warnings: [{ file: next(), line: 1, text: next() }],
    takenBack: [{ steps: [next(), next()], reasons: [next()] }],
    notes: [next()],
  }
}

function portOf(all: readonly string[]): Parameters<typeof portText>[0] {
  const next = turn(all)
  const byHand = [{ file: next(), message: next() }]
  return { run: runOf(all), steps: [], modules: { all: 1, limited: 0 }, byHand }
}

/** No command, no control characters but those that paint, no lone surrogate, in any line. */
function expectHarmless(output: string, commands: readonly string[] = []): void {
  expect(commandsIn(output)).toEqual(commands)
  expect(output.replace(/\x1b\[\d+m/g, '')).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u)
}

/** What the commands look like that a format makes on purpose. */
const ownCommands = {
  github: /^::error file=[^:,]*,line=1,endLine=3,title=[a-z-]+::[^:]*/,
  azure: /^##vso\[task\.logissue type=error;sourcepath=[^;\]]*;linenumber=1;columnnumber=\d+;code=[a-z-]+;\][^;\]]*$/,
} as const

describe('no text makes a command or a terminal act', () => {
  test.each(Object.keys(formats) as FormatName[])('in the format %s', async (name) => {
    const render = await formats[name].load()
    fc.assert(
      fc.property(texts, looks, (all, look) => {
        const output = whole(render(runOf(all), look))
        const own = /^(?:github|azure)$/.test(name) ? output.split('\n').slice(0, name === 'github' ? 4 : 5) : []
        expectHarmless(output, own)
        for (const line of own) expect(line).toMatch(ownCommands[name as 'github' | 'azure'])
      }),
    )
  })

  test.each(Object.keys(auditFormats) as (keyof typeof auditFormats)[])('in the format %s of audit', (name) => {
    fc.assert(fc.property(texts, looks, (all, look) => expectHarmless(auditFormats[name](auditOf(all), look))))
  })

  const others: Readonly<Record<string, (all: readonly string[], look: TextStyle) => string>> = {
    problems: (all, look) => problemLines(runOf(all).problems, look),
    'the survey of targets': (all, look) => targetsText(surveyOf(all), look),
    'the survey of targets as JSON': (all) => targetsJson(surveyOf(all)),
    'what a port left': (all, look) => portText(portOf(all), look),
    'what a port was verified by': (all, look) => verificationText(verificationOf(all), look),
  }
  test.each(Object.keys(others))('in %s', (name) => {
    fc.assert(fc.property(texts, looks, (all, look) => expectHarmless(others[name]!(all, look))))
  })
})

test('files of any name are checked, surveyed and fixed', async () => {
  const name = hostileText.filter((text) => !/\0|\/|(?![\udc80-\udcff])\p{Cs}/u.test(text)).map((text) => `${text}.c`)
  const names = fc.uniqueArray(name, { minLength: 1, maxLength: 4 })
  const look = { width: 40, chalk: new Chalk({ level: 0 }) }
  const target = parseTarget('3.11', null)!
  await fc.assert(
    fc.asyncProperty(names, hostileText, async (files, text) => {
      const comment = text.replace(/[\r\n\\]|\*\//g, ' ').replace(/\p{Cs}/gu, '')
      const flaw = `#include <Python.h>\n/* ${comment} */ void *f(PyObject *a) { return PyTuple_GET_ITEM(a, 0); }\n`
      const texts = new Map([...files, 'setup.py'].map((file) => [file, file === 'setup.py' ? '' : flaw]))
      const workspace = await openWorkspace(memoryStore(texts, readAsset), [...texts.keys()])
      const { run } = workspace.check({ targets: [target], rules })
      expect(new Set(run.diagnostics.map(({ file }) => file))).toEqual(new Set(files))
      for (const [format, { load }] of Object.entries(formats)) {
        const output = whole((await load())(run, look))
        const own = {
          github: /^::(?:error|warning|notice) file=[^:,]*,line=\d/,
          azure: /^##vso\[task\.logissue type=(?:error|warning);sourcepath=[^;\]]*;linenumber=\d+;[^\]]*\][^;\]]*$/,
        }[format]
        expectHarmless(output, own === undefined ? [] : output.split('\n').filter((line) => own.test(line)))
      }
      expectHarmless(targetsText(workspace.targets({ headers: null, rules }), look))
      const { changes } = await workspace.fix({ targets: [target], rules, unsafe: false })
      expect([...changes.keys()].filter((file) => files.includes(file)).sort()).toEqual([...files].sort())
      for (const file of files) expect(diffText(file, '', 'x\n')).toMatch(/^--- a[^\n]*\n\+\+\+ b|^--- "a/)
    }),
    { numRuns: 25 },
  )
})
