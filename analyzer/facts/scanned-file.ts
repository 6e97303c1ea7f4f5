import { type Directives, RegionIndex, readDirectives } from '../preprocess/directives.ts'
import { scan, type Tokens } from '../preprocess/scanner.ts'
import { possibleRegions } from '../preprocess/views.ts'
import type { Dialect } from '../syntax/parse.ts'

/** A file as its tokens and directives, from which all facts are collected. */
export interface ScannedFile {
  /** Its path, as reports show it. */
  readonly file: string
  readonly dialect: Dialect
  readonly tokens: Tokens
  readonly directives: Directives
  readonly regions: RegionIndex
  /** For each region whether any target may compile it. */
  readonly possible: readonly boolean[]
}

/** @param text with one character per byte */
export function scanFile(file: string, text: string, dialect: Dialect): ScannedFile {
  const tokens = scan(text)
  const directives = readDirectives(tokens)
  const regions = new RegionIndex(directives.regions)
  return {
    file,
    dialect,
    tokens,
    directives,
    regions,
    possible: possibleRegions(directives, dialect === 'cpp'),
  }
}
