import type { Run } from '../analyzer/check/diagnostic.ts'
import type { FullStyle } from './full.ts'

/** What a format may take into account; most need none of it. */
export type RenderOptions = FullStyle

/** A way to write down a run. */
export interface Format {
  /**
   * Loads what writes it, which is pure: the same run and options give the same text. It ends in a line feed unless
   * it is empty. It comes in parts, since a text can hold no more than half a million findings.
   */
  readonly load: () => Promise<(run: Run, options: RenderOptions) => Iterable<string>>
  /** True where a program reads the text, so that nothing may be added to it. */
  readonly machine: boolean
  /** True where it shows the `details` of diagnostics. */
  readonly details?: true
  /** What it is, without full stop. */
  readonly summary: string
}

/** The names of the formats, as users give them. */
export type FormatName =
  | 'full'
  | 'concise'
  | 'json'
  | 'jsonl'
  | 'sarif'
  | 'github'
  | 'gitlab'
  | 'azure'
  | 'junit'
  | 'checkstyle'
  | 'rdjson'
  | 'pylint'
  | 'markdown'

/** All formats, the default first. */
export const formats: Readonly<Record<FormatName, Format>> = {
  full: {
    load: async () => (await import('./full.ts')).full,
    machine: false,
    summary: 'for people, with source lines',
  },
  concise: {
    load: async () => (await import('./concise.ts')).concise,
    machine: true,
    summary: 'a line for each finding, as compilers write them',
  },
  json: {
    load: async () => (await import('./json.ts')).json,
    machine: true,
    summary: 'all there is to tell, see the schema',
  },
  jsonl: {
    load: async () => (await import('./jsonl.ts')).jsonl,
    machine: true,
    summary: 'a line of JSON for each finding',
  },
  sarif: {
    load: async () => (await import('./sarif.ts')).sarif,
    machine: true,
    details: true,
    summary: "SARIF 2.1.0, for GitHub's code scanning and editors",
  },
  github: {
    load: async () => (await import('./github.ts')).github,
    machine: true,
    summary: 'annotations of GitHub Actions, and the job summary',
  },
  gitlab: {
    load: async () => (await import('./gitlab.ts')).gitlab,
    machine: true,
    summary: "GitLab's Code Quality",
  },
  azure: {
    load: async () => (await import('./azure.ts')).azure,
    machine: true,
    summary: 'issues of Azure Pipelines',
  },
  junit: {
    load: async () => (await import('./junit.ts')).junit,
    machine: true,
    summary: 'JUnit XML, for Jenkins and others that show results of tests',
  },
  checkstyle: {
    load: async () => (await import('./checkstyle.ts')).checkstyle,
    machine: true,
    summary: 'Checkstyle XML',
  },
  rdjson: {
    load: async () => (await import('./rdjson.ts')).rdjson,
    machine: true,
    details: true,
    summary: "reviewdog's JSON, with fixes as suggestions",
  },
  pylint: {
    load: async () => (await import('./pylint.ts')).pylint,
    machine: true,
    summary: 'lines as pylint writes them',
  },
  markdown: {
    load: async () => (await import('./markdown.ts')).markdown,
    machine: true,
    summary: 'for a comment on a pull request',
  },
}
