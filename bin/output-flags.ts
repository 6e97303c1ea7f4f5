import { type FormatName, formats } from '../reports/index.ts'
import { didYouMean } from './did-you-mean.ts'
import { UsageError } from './exit.ts'

/** Commas separate formats, where a format follows: a path may hold one. */
export const collectOutputs = (value: string, before: readonly string[]): readonly string[] => [
  ...before,
  ...value.split(new RegExp(`,(?=(?:${Object.keys(formats).join('|')})(?:[=,]|$))`)).filter(Boolean),
]

/** What the formats are, for the help of `check`. */
export const formatsHelp = `
Formats:
${Object.entries(formats)
  .map(([name, { summary }]) => `  ${name.padEnd(10)}  ${summary}`)
  .join('\n')}
`

/** What goes where. @throws UsageError for what cannot be */
export function outputsFrom(given: readonly string[]): { format: FormatName; path: string | null }[] {
  const outputs = (given.length > 0 ? given : ['full']).map((text) => {
    const equals = text.indexOf('=')
    const format = equals < 0 ? text : text.slice(0, equals)
    if (format === '' || equals === text.length - 1)
      throw new UsageError(`-f ${text}: a format, or a format and a file: json, sarif=report.sarif`)
    if (!Object.hasOwn(formats, format))
      throw new UsageError(
        `there is no format ${format}; known are ` +
          `${Object.keys(formats).join(', ')}${didYouMean(format, Object.keys(formats))}`,
      )
    return { format: format as FormatName, path: equals < 0 ? null : text.slice(equals + 1) }
  })
  if (outputs.filter(({ path }) => path === null).length > 1)
    throw new UsageError('only one format can go to stdout; give the others a path: sarif=report.sarif')
  const twice = outputs.find(({ path }, index) => outputs.findIndex((each) => each.path === path) < index)
  if (twice) throw new UsageError(`two reports cannot go to the same file: ${twice.path}`)
  return outputs
}

/** The file that GitHub Actions gives a step for its summary, where the report is for that. */
export function jobSummaryFor(given: readonly string[]): string | null {
  const isAsked = outputsFrom(given).some(({ format }) => format === 'github')
  return (isAsked && process.env.GITHUB_STEP_SUMMARY) || null
}
