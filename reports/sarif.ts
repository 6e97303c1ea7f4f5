import type { Fix, Log, Notification, PhysicalLocation, Region, ReportingDescriptor, Result } from 'sarif'
import { type Located, type Run, type Severity, severities } from '../analyzer/check/diagnostic.ts'
import { uriOf } from './file-name.ts'
import { problemsOf } from './findings.ts'
import { fingerprints } from './fingerprint.ts'
import { jsonText } from './json-text.ts'
import { count } from './tally.ts'

/** GitHub takes at most this many results of one run and refuses the whole file above. */
const maxResults = 25_000
/** Longest text GitHub takes as a rule's full description, in characters. */
const maxDescription = 1024

const levels = { error: 'error', warning: 'warning', info: 'note' } as const satisfies Record<Severity, string>
/** An error is what a compiler would confirm; the other severities hold doubts. */
const precisions = { error: 'high', warning: 'medium', info: 'medium' } as const satisfies Record<Severity, string>
const gitHubSeverities = {
  error: 'error',
  warning: 'warning',
  info: 'recommendation',
} as const satisfies Record<Severity, string>

const pascalCase = (name: string): string =>
  name.replace(/(?:^|-+)([a-z0-9]?)/g, (_, letter: string) => letter.toUpperCase())

const shorten = (text: string): string => {
  const characters = [...text]
  return characters.length <= maxDescription ? text : `${characters.slice(0, maxDescription - 1).join('')}…`
}

const descriptor = ({ name, summary, explanation, severity, page }: Run['rules'][number]): ReportingDescriptor => ({
  id: name,
  name: pascalCase(name),
  shortDescription: { text: summary },
  fullDescription: { text: shorten(explanation.split(/\n\s*\n/)[0]!.trim() || summary) },
  helpUri: page,
  help: { text: explanation || summary, markdown: explanation || summary },
  defaultConfiguration: { level: levels[severity] },
  properties: {
    tags: ['python', 'c-api', 'limited-api', 'abi3'],
    precision: precisions[severity],
    'problem.severity': gitHubSeverities[severity],
  },
})

const place = (file: string, region?: Region): PhysicalLocation => ({
  artifactLocation: {
    uri: uriOf(file),
    uriBaseId: 'SRCROOT',
  },
  ...(region && { region }),
})

/**
 * The span in UTF-16 units, ended with its first line: GitHub annotates only if all lines of a region are in the
 * diff.
 */
function region({ line, column, endLine, endColumn, excerpt }: Located): Region {
  const characters = [...(excerpt[0] ?? '')]
  const units = (at: number): number => characters.slice(0, at - 1).join('').length + 1
  const end = endLine === line && excerpt.length > 0 ? units(endColumn) : units(characters.length + 1)
  const startColumn = excerpt.length > 0 ? units(column) : column
  return { startLine: line, startColumn, endLine: line, endColumn: Math.max(startColumn, end) }
}

/** A sentence as SARIF takes it for plain text: `](` of `array[0](x)` would be the middle of a link. */
const plainText = (text: string): string => text.replaceAll('](', '] (')

/** A fix that is one change of the file. GitHub leaves fixes alone; editors offer them. */
function fixesOf({ file, fix, details }: Located): Fix[] {
  const change = details?.substitution ?? null
  if (fix === null || change === null) return []
  const { safety, title, reason } = fix
  const deletedRegion = {
    startLine: change.line,
    startColumn: change.utf16Column,
    endLine: change.endLine,
    endColumn: change.endUtf16Column,
  }
  return [
    {
      description: { text: plainText([`${safety}: ${title}`, reason].filter((part) => part !== '').join('; ')) },
      artifactChanges: [
        {
          artifactLocation: place(file).artifactLocation!,
          replacements: [{ deletedRegion, insertedContent: { text: change.text } }],
        },
      ],
      properties: { safety },
    },
  ]
}

/** GitHub looks at the first alone, which its action adds where it is missing. */
const partialFingerprints = ({ details }: Located, own: string): Record<string, string> => ({
  ...(details !== null && { primaryLocationLineHash: details.lineHash }),
  'abi3lint/v1': own,
})

const result = (found: Located, ruleIndex: number | undefined, fingerprint: string): Result => ({
  ruleId: found.rule,
  ...(ruleIndex !== undefined && { ruleIndex }),
  level: levels[found.severity],
  message: { text: plainText([`${found.message}.`, found.advice].join(' ').trimEnd()) },
  locations: [{ physicalLocation: place(found.file, region(found)) }],
  partialFingerprints: partialFingerprints(found, fingerprint),
  ...(found.details?.substitution && { fixes: fixesOf(found) }),
  properties: {
    effect: found.effect,
    symbol: found.symbol,
    targets: [...found.targets],
    headers: [...found.headers],
    notes: [...found.notes],
  },
})

const overflow = (omitted: number): Notification => ({
  level: 'warning',
  message: { text: `${count(omitted, 'result')} left out: GitHub takes ${maxResults}.` },
})

const notifications = (run: Run, omitted: number): Notification[] => [
  ...problemsOf(run).map(
    ({ file, message, severity }): Notification => ({
      level: severity,
      message: { text: plainText(message) },
      locations: [{ physicalLocation: place(file) }],
    }),
  ),
  ...run.files.unparsed.map(
    ({ file, line, endLine, bytes }): Notification => ({
      level: 'warning',
      message: { text: `${count(bytes, 'byte')} not understood; something may be missed here.` },
      locations: [{ physicalLocation: place(file, { startLine: line, endLine }) }],
    }),
  ),
  ...(omitted > 0 ? [overflow(omitted)] : []),
]

/**
 * SARIF 2.1.0 as GitHub code scanning wants it: regions of one line, columns in UTF-16 code units, paths relative to
 * SRCROOT. Holds the rules that ran, and the 25,000 worst results; a notification says how many are left out.
 * @returns one JSON object, indented, with a final line feed
 */
export function* sarif(run: Run): Generator<string> {
  const prints = fingerprints(run.diagnostics)
  const indexes = new Map(run.rules.map(({ name }, index) => [name, index]))
  const order = severities.flatMap((severity) =>
    [...run.diagnostics.keys()].filter((index) => run.diagnostics[index]!.severity === severity),
  )
  const results = order.slice(0, maxResults).map((index) => {
    const found = run.diagnostics[index]!
    return result(found, indexes.get(found.rule), prints[index]!)
  })
  const log: Log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: run.tool.name,
            semanticVersion: run.tool.version,
            informationUri: 'https://docs.python.org/3/c-api/stable.html',
            rules: run.rules.map(descriptor),
          },
        },
        automationDetails: { id: `${run.tool.name}/${run.targets.join('+')}/` },
        invocations: [
          {
            executionSuccessful: run.problems.every(({ severity }) => severity !== 'error'),
            toolExecutionNotifications: notifications(run, order.length - results.length),
          },
        ],
        originalUriBaseIds: { SRCROOT: { description: { text: 'The root of the project.' } } },
        columnKind: 'utf16CodeUnits',
        results,
      },
    ],
  }
  yield jsonText(log)
}
