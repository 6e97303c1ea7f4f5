import { callsIn, outermostStatement } from '../../code/placement.ts'
import { eachStatement } from '../../code/statements.ts'
import type { FunctionCode, Statement } from '../../code/tree.ts'
import { bare, calleeName } from '../../code/values.ts'
import { addAll } from '../../source/lists.ts'
import type { Offset } from '../../source/text.ts'
import type { CodeIn, Sources } from '../sources.ts'
import type { TypeObject } from './type-objects.ts'

/** Functions that run once and may fail, where types can be made. */

/** A place in a function before which something that may fail can be done. */
export interface InitPlace {
  readonly file: string
  readonly around: FunctionCode
  /** The outermost statement before which it goes. */
  readonly before: Statement
  /** What is returned where it fails: nothing for `void`. */
  readonly error: string
}

/** The place before an offset of a function; null where it cannot be told what the function returns. */
export function placeBefore(sources: Sources, { file, code }: CodeIn, offset: Offset): InitPlace | null {
  const before = outermostStatement(code, offset)
  const error = errorOf(sources, { file, code })
  return before === null || error === null ? null : { file, around: code, before, error }
}

const errors = new WeakMap<FunctionCode, { readonly error: string | null }>()

/** What a function returns where something went wrong: nothing for `void`; null where it cannot be told. */
function errorOf(sources: Sources, each: CodeIn): string | null {
  let known = errors.get(each.code)
  if (!known) {
    known = { error: readError(sources, each) }
    errors.set(each.code, known)
  }
  return known.error
}

function readError(sources: Sources, { file, code }: CodeIn): string | null {
  const returned = new Set<string>()
  for (const statement of eachStatement(code.body)) {
    if (statement.kind !== 'return' || statement.value === null) continue
    const text = sources.written(file, bare(statement.value).span)
    if (/^(?:NULL|-1|nullptr|false|FALSE|\w*ERR\w*)$/.test(text)) returned.add(text)
  }
  if (returned.size === 1) return [...returned][0]!
  if (/\*|\bPyMODINIT_FUNC\b/.test(code.result) || /^PyInit_/.test(code.name)) return 'NULL'
  if (/\b(?:int|Py_ssize_t|long)\b/.test(code.result)) return '-1'
  if (returned.size > 0) return [...returned].find((each) => /ERR/.test(each)) ?? null
  return /\bvoid\b/.test(code.result) ? '' : null
}

/** Functions that make a module. */
export const moduleMakers: readonly string[] = ['PyModule_Create', 'PyModule_Create2', 'PyModuleDef_Init']

const wantedCalls = [moduleMakers, ['PyType_Ready', 'PepType_Ready']]

/** The function that makes the module of the file a type stands in, and the place in it where types can be made. */
export function initPlaceOf(sources: Sources, { declarations, definitions }: TypeObject): InitPlace | null {
  const [home] = [...definitions, ...declarations]
  if (!home) return null
  // The file itself, or one that includes it: as it stands, `#include "spam_iter.c"`, or as the only unit that does.
  const isOfOne = sources.unitsOf(home.file).length === 1
  const files = [{ file: home.file, from: home.span.end }]
  if (isOfOne || /\.(?:c|cc|cpp|cxx|inc)$/.test(home.file)) addAll(files, includersOf(sources, home.file))
  for (const { file, from } of files) {
    for (const wanted of wantedCalls) {
      const found = callPlace(sources, file, wanted, from)
      if (found !== null) return found
    }
  }
  return null
}

/** The files that include a file, by way of others too, with the places behind which it is seen. */
function includersOf(sources: Sources, file: string): readonly { readonly file: string; readonly from: Offset }[] {
  const found = new Map<string, Offset>()
  const add = (included: string): void => {
    for (const { file: where, offset } of sources.includersOf(included)) {
      if (where === file || found.has(where)) continue
      found.set(where, offset)
      add(where)
    }
  }
  add(file)
  return [...found].map(([where, from]) => ({ file: where, from }))
}

/**
 * The first call in a file of one of some functions, as a place.
 * @param from an offset behind which the function around it has to begin
 */
function callPlace(sources: Sources, file: string, wanted: readonly string[], from: Offset): InitPlace | null {
  const all = sources.code(file)
  const offsets = wanted.flatMap((name) => all.references(name)).sort((a, b) => a - b)
  for (const code of new Set(offsets.map((offset) => all.functionAt(offset)))) {
    if (code === null || code.span.start < from) continue
    const offset = firstCall(sources, { file, code }, wanted)
    const place = offset === null ? null : placeBefore(sources, { file, code }, offset)
    if (place !== null) return place
  }
  return null
}

/** Where one of some functions is called first in another one; null for nowhere. */
export function firstCall(sources: Sources, { file, code }: CodeIn, wanted: readonly string[]): Offset | null {
  for (const call of callsIn(code))
    if (wanted.includes(calleeName(call) ?? '') && !sources.isHistory({ file, offset: call.span.start }))
      return call.span.start
  return null
}
