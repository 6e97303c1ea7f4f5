import type { Run } from '../analyzer/check/diagnostic.ts'
import { concise } from './concise.ts'
import { full, type Look } from './full.ts'
import { github } from './github.ts'
import { json } from './json.ts'
import { markdown } from './markdown.ts'
import { sarif } from './sarif.ts'

/** What a format may take into account; most need none of it. */
export type RenderOptions = Look

/** A way to write down a run. */
export interface Format {
  /** Pure: the same run and options give the same text. Ends in a line feed unless it is empty. */
  readonly render: (run: Run, options: RenderOptions) => string
  /** True where a program reads the text, so that nothing may be added to it. */
  readonly machine: boolean
}

/** The names of the formats, as users give them. */
export type FormatName = 'full' | 'concise' | 'json' | 'github' | 'sarif' | 'markdown'

/** All formats, the default first. */
export const formats: Readonly<Record<FormatName, Format>> = {
  full: { render: full, machine: false },
  concise: { render: concise, machine: true },
  json: { render: json, machine: true },
  github: { render: github, machine: true },
  sarif: { render: sarif, machine: true },
  markdown: { render: markdown, machine: true },
}
