import type { Run } from '../analyzer/check/diagnostic.ts'
import type { TextStyle } from './full.ts'

/** What a format may take into account; most need none of it. */
export type RenderOptions = TextStyle

/** A way to write down a run. */
export interface Format {
  /**
   * Loads what writes it, which is pure: the same run and options give the same text. It ends in a line feed unless
   * it is empty. It comes in parts, since a text can hold no more than half a million findings.
   */
  readonly load: () => Promise<(run: Run, options: RenderOptions) => Iterable<string>>
  /** True where a program reads the text, so that nothing may be added to it. */
  readonly machine: boolean
}

/** The names of the formats, as users give them. */
export type FormatName = 'full' | 'concise' | 'json' | 'github' | 'sarif' | 'markdown'

/** All formats, the default first. */
export const formats: Readonly<Record<FormatName, Format>> = {
  full: { load: async () => (await import('./full.ts')).full, machine: false },
  concise: { load: async () => (await import('./concise.ts')).concise, machine: true },
  json: { load: async () => (await import('./json.ts')).json, machine: true },
  github: { load: async () => (await import('./github.ts')).github, machine: true },
  sarif: { load: async () => (await import('./sarif.ts')).sarif, machine: true },
  markdown: { load: async () => (await import('./markdown.ts')).markdown, machine: true },
}
