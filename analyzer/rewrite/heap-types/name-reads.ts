import { callsIn, parentsIn } from '../../code/placement.ts'
import type { FunctionCode, Value } from '../../code/tree.ts'
import { calleeName, nameOf } from '../../code/values.ts'
import { lineOf } from '../places.ts'
import type { Sources } from '../sources.ts'
import { operandOf } from './contexts.ts'
import type { FieldValue, TypeFacts } from './type-facts.ts'
import type { Obstacle, TypeObject } from './type-objects.ts'
import type { SpanIn } from './uses.ts'

/** An expression that reads the name of a type to make something of it. */
export interface NameRead extends SpanIn {
  /** The type that it is of, as C; null where that is more than a name. */
  readonly of: string | null
}

/** Finds where files make more of `tp_name` than to show it: keep it in a variable, name an attribute by it. */
export class NameReads {
  private readonly known = new Map<string, readonly NameRead[]>()

  constructor(private readonly sources: Sources) {}

  /** Those in the files that see a file. */
  seenFrom(file: string): readonly NameRead[] {
    return [...this.sources.settings.related(file)].flatMap((where) => this.inFile(where))
  }

  private inFile(file: string): readonly NameRead[] {
    let found = this.known.get(file)
    if (!found) {
      const text = this.sources.texts.get(file) ?? ''
      found = /\b(?:tp_name|PepType_GetTpName)\b/.test(text) ? this.read(file) : []
      this.known.set(file, found)
    }
    return found
  }

  private read(file: string): NameRead[] {
    const all = this.sources.code(file)
    const offsets = ['tp_name', 'PepType_GetTpName'].flatMap((name) =>
      all.occurrences(name).map(({ span }) => span.start),
    )
    const codes = new Set(offsets.map((offset) => all.codeAt(offset)))
    return [...codes]
      .flatMap((code) => (code ? this.readIn(file, code) : []))
      .sort((a, b) => a.span.start - b.span.start)
  }

  private readIn(file: string, code: FunctionCode): NameRead[] {
    const found: NameRead[] = []
    for (const value of parentsIn(code).keys()) {
      let object: Value | undefined
      if (value.kind === 'member' && value.arrow && value.name === 'tp_name') object = value.object
      else if (value.kind === 'call' && calleeName(value) === 'PepType_GetTpName') object = value.operands[0]
      if (object === undefined || (value.kind !== 'member' && value.kind !== 'call') || !makesSomething(code, value))
        continue
      const isPlain = value.kind === 'call' || object.kind === 'name'
      found.push({ file, span: value.span, of: isPlain ? this.sources.written(file, object.span) : null })
    }
    return found
  }
}

const keepers = /^(?:PyModule_Add\w+|PyObject_SetAttrString|PyDict_SetItemString)$/

function makesSomething(code: FunctionCode, value: Value): boolean {
  const parent = parentsIn(code).get(value)
  const kept =
    parent?.kind === 'variable'
      ? parent.name
      : parent?.kind === 'assign' && parent.value === value
        ? (nameOf(parent.target) ?? '')
        : null
  if (kept === null) return keepers.test(operandOf(code, value)?.callee ?? '')
  // Who looks for the last dot takes names with and without a module.
  return !callsIn(code).some(
    (call) => calleeName(call) === 'strrchr' && call.operands[0] && nameOf(call.operands[0]) === kept,
  )
}

/** The reads of names that have to change with a type, or what is in the way of that. */
export interface NameChange {
  readonly reads: readonly NameRead[]
  readonly obstacles: readonly Obstacle[]
}

/**
 * A name without a module gets one; code that reads it to make something of it then has to ask for the name alone.
 */
export function nameChangeOf(facts: TypeFacts, all: NameReads, type: TypeObject): NameChange {
  const { sources } = facts
  const isPlain = (each: FieldValue): boolean => facts.qualifiedName(each) !== each.text
  const [home] = type.homes
  if (!home || !facts.values(type, 'tp_name').some(isPlain)) return { reads: [], obstacles: [] }
  const found = all.seenFrom(home.file)
  if (found.length === 0) return { reads: [], obstacles: [] }
  const related = sources.settings.related(home.file)
  const isDotted = facts.index.types.some(
    (other) =>
      other.references.some(({ file }) => related.has(file)) &&
      facts.values(other, 'tp_name').some((name) => !isPlain(name)),
  )
  const isOpaque = ({ of }: NameRead): boolean => isDotted || of === null
  return {
    reads: found.filter((read) => !isOpaque(read)),
    obstacles: found.filter(isOpaque).map(({ file, span: { start } }) => {
      const line = lineOf(sources.text(file), start)
      const text = `its name has no module and would get one, and \`${line}\` makes something of it`
      return { file, offset: start, text }
    }),
  }
}
