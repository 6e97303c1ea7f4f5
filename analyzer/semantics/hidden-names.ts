import type { FileCode } from '../code/file-code.ts'
import type { Condition } from '../preprocess/condition.ts'
import { visibleFrom } from '../project/includes.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId, Offset, RegionId } from '../source/text.ts'

/** Names of the project itself that exist without the Limited API only. */

export interface HiddenName {
  readonly name: string
  /** A `struct` by its tag, without one by its type: what is hidden are fields of it. */
  readonly kind: 'function' | 'macro' | 'value' | 'type' | 'struct'
  /** Where it is declared for other builds. */
  readonly file: FileId
  readonly offset: Offset
  /** The namespace that it is declared in, the innermost one. */
  readonly scope: string
  /** Of a struct those that are hidden, in all branches. */
  readonly fields: readonly HiddenField[]
  /** Whether it is the tag of a struct or its like, which is a type in C++ alone. */
  readonly isTag: boolean
}

export interface HiddenField {
  readonly name: string
  readonly offset: Offset
}

const hiddenIn = new WeakMap<ProjectModel, readonly HiddenName[]>()

/** What the target leaves out because of `Py_LIMITED_API`, though it is declared somewhere else maybe. */
export function hiddenNames(model: ProjectModel): readonly HiddenName[] {
  const known = hiddenIn.get(model) ?? findHidden(model)
  hiddenIn.set(model, known)
  return known
}

function findHidden(model: ProjectModel): readonly HiddenName[] {
  const asks = new LimitedConditions(model)
  return [...model.files.keys()].flatMap((file) => {
    const { regions } = model.files[file]!
    if (!regions.some((_, region) => asks.hide(file, region))) return []
    const isHidden = ({ offset }: HiddenField): boolean => asks.hide(file, model.project.code(file).regionAt(offset))
    return declaredIn(model, file).flatMap((each): HiddenName[] => {
      if (model.api.fact(each.name) !== null) return []
      if (isHidden(each)) return [each]
      const fields = each.fields.filter(isHidden)
      return fields.length > 0 ? [{ ...each, fields }] : []
    })
  })
}

const declaredNames = new WeakMap<FileCode, readonly HiddenName[]>()

/** All that a file declares, in whatever build: functions, macros, variables, constants, types, structs. */
export function declaredIn(model: ProjectModel, file: FileId): readonly HiddenName[] {
  const code = model.project.code(file)
  const known = declaredNames.get(code)
  if (known) return known
  const found: HiddenName[] = []
  const add = (kind: HiddenName['kind'], name: string, offset: Offset, more: Partial<HiddenName> = {}): void => {
    const scope = code.namespacesAt(offset).at(-1) ?? ''
    found.push({ name, kind, file, offset, scope, fields: [], isTag: false, ...more })
  }
  for (const { name, offset } of code.functionNames) add('function', name, offset)
  for (const { name, offset, parameters } of model.files[file]!.macros)
    add(parameters === null ? 'value' : 'macro', name, offset)
  for (const { variables, types, prototypes, struct, span } of code.declarations) {
    for (const { name, nameSpan } of variables) {
      add('value', name, nameSpan.start)
      for (const each of otherHeads(code, name, nameSpan.end, span.end)) add('value', name, each)
    }
    for (const name of types) add('type', name, span.start)
    for (const name of prototypes) add('function', name, span.start)
    if (struct === null) continue
    const tag = /^\w+ (\w+)$/.exec(struct.tag)?.[1]
    if (tag) add('type', tag, struct.span.start, { isTag: true })
    if (struct.tag.startsWith('enum')) {
      // A constant is a name behind the brace or a comma.
      for (const each of code.namesIn(struct.span))
        if (/[{,]/.test(lastBefore(code.text, each.span.start, struct.span.start)))
          add('value', each.name, each.span.start)
    } else {
      const name = tag ? struct.tag : types[0]
      const fields = (code.fieldsIn(struct.span, true) ?? []).map((each) => ({
        name: each.name,
        offset: each.nameSpan.start,
      }))
      if (name !== undefined) add('struct', name, struct.span.start, { fields })
    }
  }
  declaredNames.set(code, found)
  return found
}

/** How far the heads of a variable that conditions choose among may reach. */
const longestHeads = 400

/**
 * The offsets where other branches name a variable before the braces of its value:
 * `#ifdef A`, `int a[] =`, `#else`, `static int a[] =`, `#endif`, `{ 1, 2 };`.
 */
function otherHeads(code: FileCode, name: string, start: Offset, end: Offset): readonly Offset[] {
  const text = code.text.slice(start, Math.min(end, start + longestHeads))
  const brace = text.indexOf('{')
  if (brace < 0 || !text.slice(0, brace).includes('#')) return []
  return code.namesIn({ start, end: start + brace }).flatMap((each) => (each.name === name ? each.span.start : []))
}

/** The last character before an offset that is no blank, from another offset on; empty for none. */
function lastBefore(text: string, offset: Offset, from: Offset): string {
  for (let at = offset - 1; at >= from; at--) if (/\S/.test(text[at]!)) return text[at]!
  return ''
}

/** The last word of a name: that of a `struct` without the keyword. */
export const wordOf = ({ name }: HiddenName): string => name.slice(name.lastIndexOf(' ') + 1)

/** Whether a file sees what another one declares. */
export const sees = (model: ProjectModel, file: FileId, other: FileId): boolean =>
  file === other || visibleFrom(model.project.graph, file).has(other)

/** Files by their numbers: a set, or a map of what is known of them. */
type FileSet = Pick<ReadonlySet<FileId>, 'has' | 'size'> & { keys(): Iterable<FileId> }

/** Of some files those that a file sees. */
export function* seenAmong(model: ProjectModel, file: FileId, files: FileSet): Iterable<FileId> {
  const visible = visibleFrom(model.project.graph, file)
  if (files.size < visible.size) {
    for (const each of files.keys()) if (each === file || visible.has(each)) yield each
    return
  }
  if (files.has(file)) yield file
  for (const each of visible) if (each !== file && files.has(each)) yield each
}

/** Whether a condition around an offset of a file asks for a macro. */
export function isAskedFor(model: ProjectModel, file: FileId, offset: Offset, macro: string): boolean {
  const { regions } = model.files[file]!
  for (let at = model.project.code(file).regionAt(offset); at >= 0; at = regions[at]!.parent)
    if (macrosOf(regions[at]!.condition).includes(macro)) return true
  return false
}

/** The macros that a condition is about. */
function macrosOf(condition: Condition): readonly string[] {
  switch (condition.kind) {
    case 'macro':
    case 'defined':
      return [condition.name]
    case 'call':
      return [condition.name, ...condition.operands.flatMap(macrosOf)]
    case 'unary':
      return macrosOf(condition.operand)
    case 'binary':
      return [...macrosOf(condition.left), ...macrosOf(condition.right)]
    case 'choice':
      return [condition.test, condition.yes, condition.no].flatMap(macrosOf)
    default:
      return []
  }
}

/** Which regions are not compiled because of `Py_LIMITED_API`. */
class LimitedConditions {
  private readonly known = new Map<string, boolean>()
  private readonly hidden = new Map<FileId, Map<RegionId, boolean>>()

  constructor(private readonly model: ProjectModel) {}

  /** Whether the target leaves out a region because of a condition on it, by way of macros of the project or not. */
  hide(file: FileId, region: RegionId): boolean {
    const { regions } = this.model.files[file]!
    const known = this.hidden.get(file) ?? new Map<RegionId, boolean>()
    this.hidden.set(file, known)
    const seen: RegionId[] = []
    let result: boolean | undefined
    for (let at = region; result === undefined && at >= 0; at = regions[at]!.parent) {
      const { parent, condition } = regions[at]!
      result = known.get(at)
      if (result === undefined && this.model.active(file, at) !== 'no') result = false
      if (result === undefined && parent >= 0 && this.model.active(file, parent) !== 'no')
        result = this.asks(condition, 0)
      seen.push(at)
    }
    for (const at of seen) known.set(at, result ?? false)
    return result ?? false
  }

  private asks(condition: Condition, depth: number): boolean {
    return macrosOf(condition).some((name) => this.isLimited(name, depth))
  }

  /** Whether a macro is the level, or one of the project that is defined by it. */
  private isLimited(name: string, depth: number): boolean {
    if (name === 'Py_LIMITED_API' || name === 'Py_TARGET_ABI3T') return true
    if (depth > deepest) return false
    const known = this.known.get(name)
    if (known !== undefined) return known
    this.known.set(name, false)
    const { declarations } = this.model.project
    const found = declarations.macro(name).some(({ file, fact }) => {
      const { regions } = this.model.files[file]!
      if (fact.value !== null && this.asks(fact.value, depth + 1)) return true
      for (let at = fact.region; at >= 0; at = regions[at]!.parent)
        if (this.asks(regions[at]!.condition, depth + 1)) return true
      return false
    })
    this.known.set(name, found)
    return found
  }
}

/** Macros that are defined by each other. */
const deepest = 5
