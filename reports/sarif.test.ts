import type { Log } from 'sarif'
import { expect, test } from 'vitest'
import { cleanRun, fixed, marked, plainDiagnostic, sampleRun, whole } from '../fixtures/reports/sample.ts'
import { sarif } from './sarif.ts'

const read = (text: string) => (JSON.parse(text) as Log).runs[0]!

test('has what GitHub code scanning asks for', () => {
  const run = read(whole(sarif(sampleRun)))
  const results = run.results!
  expect(run.columnKind).toBe('utf16CodeUnits')
  expect(run.tool.driver.rules).toHaveLength(sampleRun.rules.length)
  for (const rule of run.tool.driver.rules!) {
    expect(rule.shortDescription!.text && rule.fullDescription!.text && rule.help!.text).toBeTruthy()
    expect(rule.fullDescription!.text.length).toBeLessThanOrEqual(1024)
  }
  expect(results.map(({ level }) => level)).toEqual(['error', 'error', 'error', 'warning', 'note'])
  for (const { ruleId, ruleIndex, locations } of results) {
    if (ruleIndex !== undefined) expect(run.tool.driver.rules![ruleIndex]!.id).toBe(ruleId)
    const { artifactLocation, region } = locations![0]!.physicalLocation!
    expect(artifactLocation!.uriBaseId).toBe('SRCROOT')
    expect(artifactLocation!.uri).toMatch(/^[\w!'()*.~%/-]+$/)
    expect(region!.endLine).toBe(region!.startLine)
    expect(region!.endColumn).toBeGreaterThan(region!.startColumn!)
  }
  expect(run.invocations![0]).toMatchObject({ executionSuccessful: false })
  expect(run.invocations![0]!.toolExecutionNotifications).toHaveLength(4)
})

test('columns count UTF-16 units, and a span ends with its first line', () => {
  const region = (source: string) => {
    const run = read(whole(sarif({ ...cleanRun, diagnostics: [marked(3, source, {})] })))
    return run.results![0]!.locations![0]!.physicalLocation!.region
  }
  expect(region('🐍🐍«f🐍»()')).toEqual({ startLine: 3, startColumn: 5, endLine: 3, endColumn: 8 })
  expect(region('🐍«f(\n  1)»')).toEqual({ startLine: 3, startColumn: 3, endLine: 3, endColumn: 5 })
})

test('paths are bytes, and no text is a link', () => {
  const [found] = read(
    whole(
      sarif({
        ...cleanRun,
        diagnostics: [
          { ...plainDiagnostic, file: 'é/\udce9 x.c', message: 'calls `f[0](x)`', advice: 'See [y](https://z).' },
        ],
      }),
    ),
  ).results!
  expect(found!.locations![0]!.physicalLocation!.artifactLocation!.uri).toBe('%C3%A9/%E9%20x.c')
  expect(found!.message.text).toBe('calls `f[0] (x)`. See [y] (https://z).')
})

test('fingerprints outlive moves, tell equal lines apart and name what they are about', () => {
  const print = (...diagnostics: Parameters<typeof marked>[]) =>
    read(whole(sarif({ ...cleanRun, diagnostics: diagnostics.map((parts) => marked(...parts)) }))).results!.map(
      ({ partialFingerprints }) => partialFingerprints!['abi3lint/v1']!,
    )
  const [first, second, elsewhere] = print(
    [1, 'x = «f»(1);', {}],
    [2, '\tx  =  «f»(1);', {}],
    [90, 'x = «f»(1);', { file: 'b.c' }],
  )
  expect(second).toBe(first!.replace(/:1$/, ':2'))
  expect(elsewhere).toBe(first)
  expect(new Set(print([1, 'x = «f»(1);', {}], [1, 'x = «f»(1);', { symbol: 'f' }], [1, 'y = «f»(1);', {}])).size).toBe(
    3,
  )
})

test('above 25,000 results the worst are kept, and a notification says so', () => {
  const mild = { ...plainDiagnostic, severity: 'info' as const }
  const many = Array.from({ length: 25_000 }, (_, index) => ({ ...mild, line: index + 1 }))
  const { results, invocations } = read(whole(sarif({ ...cleanRun, diagnostics: [...many, plainDiagnostic] })))
  expect(results).toHaveLength(25_000)
  expect(results![0]!.level).toBe('error')
  expect(invocations![0]!.toolExecutionNotifications![0]!.message.text).toBe('1 result left out: GitHub takes 25000.')
})

test('a fix is one change in UTF-16 units, and says whether it is safe', () => {
  const source = '/* 🐍 */ f«->tp_free»(x);'
  const fix = {
    kind: 'file',
    title: 'write `g`',
    safety: 'unsafe',
    reason: 'why',
    edits: [],
    includes: [],
    shims: [],
  } as const
  const diagnostic = { ...marked(3, source, {}), ...fixed(3, source, 'g', fix) }
  const [found] = read(whole(sarif({ ...cleanRun, diagnostics: [diagnostic, plainDiagnostic] }))).results!
  expect(found!.fixes).toMatchObject([
    {
      description: { text: 'unsafe: write `g`; why' },
      properties: { safety: 'unsafe' },
      artifactChanges: [
        {
          replacements: [
            {
              deletedRegion: { startLine: 3, startColumn: 11, endLine: 3, endColumn: 20 },
              insertedContent: { text: 'g' },
            },
          ],
        },
      ],
    },
  ])
  expect(found!.partialFingerprints!.primaryLocationLineHash).toBe('3:1')
})

test('every rule leads to a page', () => {
  for (const { helpUri } of read(whole(sarif(sampleRun))).tool.driver.rules!)
    expect(helpUri).toMatch(/^https:\/\/docs\.python\.org\/3\/[\w/-]+\.html$/)
})
