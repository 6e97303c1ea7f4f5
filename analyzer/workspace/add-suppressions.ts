import type { Diagnostic } from '../check/diagnostic.ts'
import { isAboutSuppressions } from '../check/suppress.ts'
import type { Snapshot } from '../fix/rounds.ts'
import { addTo } from '../source/multimap.ts'
import { inserted, insertionsFor } from '../suppressions/insertion.ts'
import type { Checking } from './checking.ts'
import type { Loaded, Loader } from './loading.ts'
import { byteTextOf } from './source-text.ts'

/** What comments that suppress findings come to. */
export interface Suppressed {
  /** The texts of files with comments, one character per byte. */
  readonly changes: ReadonlyMap<string, string>
  /** How many findings they suppress. */
  readonly count: number
  readonly last: Loaded
  readonly seen: Snapshot<Diagnostic>
}

/** A comment may be what is said of another line in turn, as of the file as a whole. */
const mostRounds = 5

/**
 * Writes comments that suppress all that is found, but for what is found in files that a program made, in build files
 * and of suppressions.
 * @param reason empty for none
 * @param only which of the findings; null for all
 * @throws RangeError for a reason that no comment can hold
 */
export async function addSuppressions(
  loader: Loader,
  loaded: Loaded,
  checking: Checking,
  reason: string,
  only: ((found: Diagnostic) => boolean) | null,
): Promise<Suppressed> {
  if (/\*\/|[\r\n\0]|\\$/.test(reason)) throw new RangeError('a reason is one line without `*/`')
  const written = byteTextOf(reason.trim())
  let last = loaded
  let seen = checking.look(last)
  const changes = new Map<string, string>()
  let count = 0
  for (let round = 0; round < (only === null ? mostRounds : 1); round++) {
    const byFile = new Map<string, Diagnostic[]>()
    for (const each of seen.diagnostics)
      if (isOurs(each, seen, checking) && only?.(each) !== false) addTo(byFile, each.file, each)
    if (byFile.size === 0) break
    for (const [file, found] of byFile) {
      const text = seen.texts.get(file)!
      changes.set(file, inserted(text, insertionsFor(text, found, written)))
      count += found.length
    }
    last = await loader.reload(last, changes)
    seen = checking.look(last)
  }
  return { changes, count, last, seen }
}

/** Whether a comment in its file can suppress a finding, and may be written there. */
function isOurs({ file, rule }: Diagnostic, { texts }: Snapshot<Diagnostic>, checking: Checking): boolean {
  const text = texts.get(file)
  return text !== undefined && !isAboutSuppressions(rule) && checking.mayComment(file, text)
}
