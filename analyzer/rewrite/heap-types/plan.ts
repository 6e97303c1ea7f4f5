import type { TextEdit } from '../../fix/fix.ts'
import type { Offset } from '../../source/text.ts'
import type { FileEdit, RewriteSettings } from './conversion.ts'
import { Conversions } from './conversions.ts'
import { Eligibility } from './eligibility.ts'
import { Rewriting } from './rewriting.ts'
import type { Sources } from './sources.ts'
import type { Obstacle } from './type-objects.ts'
import { UseClassifier } from './use-classifier.ts'

/**
 * Static type objects become heap types: a variable `PyTypeObject T = {...}` becomes a pointer `T`, a `PyType_Spec
 * T_spec` and its slots; what made it ready makes it; what took its address takes the pointer. A type is rewritten
 * whole, in all files, or left alone with the reasons.
 */

export interface PlannedType {
  readonly name: string
  /** Where it is declared and defined: offsets of its name. */
  readonly places: readonly { readonly file: string; readonly offset: Offset }[]
  /** Empty where it is rewritten. */
  readonly obstacles: readonly Obstacle[]
}

export interface Plan {
  readonly types: readonly PlannedType[]
  /** What rewrites all types without obstacles at once, by file; no two edits of a file touch. */
  readonly edits: ReadonlyMap<string, readonly TextEdit[]>
  /** The shims that each file then uses. */
  readonly shims: ReadonlyMap<string, ReadonlySet<string>>
}

/** Plans the rewriting of all static types of a project. */
export function planHeapTypes(sources: Sources, settings: RewriteSettings): Plan {
  const all = new Conversions(sources, settings)
  const { conversions } = all
  if (conversions.length === 0) return { types: [], edits: new Map(), shims: new Map() }
  const classifier = new UseClassifier(all)
  for (const conversion of conversions) classifier.lookAt(conversion)
  classifier.lookAtMadeNames()
  const eligibility = new Eligibility(all)
  for (const conversion of conversions) eligibility.check(conversion)
  eligibility.checkDeallocs()
  eligibility.settle()
  const rewriting = new Rewriting(all, classifier.helperEdits)
  rewriting.write(conversions.filter(({ isOpen }) => isOpen))
  return {
    types: conversions.map(({ type, obstacles }) => ({
      name: type.name,
      places: [...type.declarations, ...type.definitions].map(({ file, declared }) => ({
        file,
        offset: sources.outline(file).tokens.start[declared.nameToken]!,
      })),
      obstacles,
    })),
    edits: merged(rewriting.edits),
    shims: rewriting.shims,
  }
}

/** Edits by file, each once; what another edit replaces whole is left out. */
function merged(edits: readonly FileEdit[]): Map<string, readonly TextEdit[]> {
  const files = new Map<string, TextEdit[]>()
  for (const { file, ...edit } of edits) {
    const list = files.get(file) ?? []
    files.set(file, list)
    if (!list.some((each) => each.start === edit.start && each.end === edit.end && each.text === edit.text))
      list.push(edit)
  }
  for (const [file, list] of files) {
    const sorted = [...list].sort((a, b) => a.start - b.start || b.end - a.end)
    const kept: TextEdit[] = []
    for (const edit of sorted) {
      const before = kept.at(-1)
      if (
        before &&
        before.start <= edit.start &&
        edit.end <= before.end &&
        before.end > before.start &&
        !(edit.start === edit.end && edit.start === before.end)
      )
        continue
      if (before && before.start === edit.start && before.end === before.start && edit.start === edit.end) {
        kept[kept.length - 1] = { ...before, text: before.text + edit.text }
        continue
      }
      kept.push(edit)
    }
    files.set(file, kept)
  }
  return files
}
