import { bodiesAtFileLevel } from '../preprocess/idle.ts'
import { maskEdits, maskedText } from '../preprocess/mask.ts'
import { Kind, type Tokens, tokenText } from '../preprocess/scanner.ts'
import { planViews } from '../preprocess/views.ts'
import type { Offset, Span } from '../source/text.ts'
import type { Syntax } from '../syntax/parse.ts'
import type { CollectContext } from './context.ts'
import type { ScannedFile } from './scanned-file.ts'
import type { TokenFacts } from './tokens/token-facts.ts'
import { walkMasked } from './tree/walk-masked.ts'
import type { TreeFacts } from './tree-facts.ts'

/** Parses a file's code, as few views of it as cover it, and takes down what their trees tell. */
export function collectCode(
  syntax: Syntax,
  file: ScannedFile,
  context: CollectContext,
  found: TokenFacts,
  facts: TreeFacts,
): void {
  const { tokens, directives, dialect } = file
  const { interesting } = found
  const edits = maskEdits(tokens, context.shapes, context.macroNames, dialect === 'cpp')
  const bodies = bodiesAtFileLevel(tokens, directives.regions).map(({ start, end, isWhole }) => {
    return { start, end, isIdle: isWhole && !interesting.within(start, end) }
  })
  const { views, unseen } = planViews(
    directives,
    file.possible,
    worthwhileTokens(
      file,
      found,
      bodies.filter(({ isIdle }) => isIdle),
    ),
  )
  for (const id of unseen) facts.addUnparsed(directives.regions[id]!.start, directives.regions[id]!.end)
  const sink = facts.sink(() => -1)
  views.forEach((view, index) => {
    // In the first view all is new.
    const spans = directives.regions.filter((_, id) => view.news[id])
    const isNew = (start: Offset, end: Offset): boolean =>
      index === 0 || spans.some((span) => span.start < end && start < span.end)
    // What an earlier view has shown need not be read again.
    const blanked = bodies.filter(({ start, end, isIdle }) => isIdle || !isNew(start, end))
    const blanks = blanked.map(({ start, end }) => ({ start, end, put: '' }))
    walkMasked(syntax, dialect, maskedText(tokens, directives, view, [...edits, ...blanks]), {
      context,
      dialect,
      interesting,
      isNew: index === 0 ? null : isNew,
      parametersAt: null,
      sink: {
        ...sink,
        unparsed: (start, end) => {
          if (isNew(start, end)) sink.unparsed(start, end)
        },
      },
    })
  })
}

/**
 * For each region how much in it is worth a view: places of interest, and what may declare something for other places.
 * @param idle bodies that no view shows
 */
function worthwhileTokens(
  { tokens, directives, regions }: ScannedFile,
  { interesting }: TokenFacts,
  idle: readonly Span[],
): Int32Array {
  const counts = new Int32Array(directives.regions.length)
  if (directives.regions.length === 1) {
    counts[0] = 1
    return counts
  }
  let next = 0
  for (let at = 0; at < tokens.count; at++) {
    if (tokens.isInDirective[at] !== 0 || tokens.kind[at] !== Kind.identifier) continue
    const start = tokens.start[at]!
    while (next < idle.length && idle[next]!.end <= start) next++
    if (next < idle.length && idle[next]!.start <= start) continue
    if (interesting.has(start) || /^(?:struct|typedef|class|union|_?Py\w+)$/.test(tokenText(tokens, at)))
      counts[regions.at(start)]!++
  }
  return counts
}

/** How deep brackets nest. Beyond a thousand the parser's recovery from errors runs out of its stack. */
const deepestForParser = 1000

/**
 * How many `<` there may be in a statement. In C++ each may begin the arguments of a template, and the parser keeps all
 * readings, in four kilobytes for each.
 */
const mostAngles = 50_000

/** Whether brackets nest so deep that a text cannot be parsed. */
export function nestsTooDeep({ text, start, end, kind, count }: Tokens): boolean {
  let depth = 0
  let angles = 0
  for (let at = 0; at < count; at++) {
    if (kind[at] !== Kind.punctuation) continue
    const code = text.charCodeAt(start[at]!)
    if (code === 40 || code === 91 || code === 123) depth++
    else if (code === 41 || code === 93 || code === 125) depth = Math.max(0, depth - 1)
    if (code === 59 || code === 123 || code === 125) angles = 0
    else if (code === 60 && end[at]! - start[at]! === 1) angles++
    if (depth > deepestForParser || angles > mostAngles) return true
  }
  return false
}
