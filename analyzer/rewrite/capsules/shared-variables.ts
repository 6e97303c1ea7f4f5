import { compiledAt } from '../../semantics/calls.ts'
import { type Body, functionsOf } from '../../semantics/functions.ts'
import { usesOf } from '../../semantics/global-uses.ts'
import { type GlobalVariable, globalVariables } from '../../semantics/global-variables.ts'
import { isDefinition } from '../../semantics/object-holders.ts'
import type { Span } from '../../source/text.ts'
import type { PlaceIn, Sources } from '../sources.ts'
import type { Part } from './parts.ts'

/** Why a table is not for all interpreters. */
export interface Sharing extends PlaceIn {
  /** A sentence without full stop. */
  readonly text: string
}

/**
 * What keeps the functions of tables from being called in other interpreters than the main one: a variable that there
 * is once in the process, and that holds objects or is changed, used by them or by what they name.
 * @param hasOwnGil whether the module says that interpreters with GILs of their own may import it: these cannot share
 * static types either
 * @returns the first that is found; null for none
 */
export function sharingOf(sources: Sources, file: string, parts: readonly Part[], hasOwnGil: boolean): Sharing | null {
  const { model } = sources
  const reader = new BodyReader(sources)
  for (const part of parts) for (const span of valuesOf(sources, file, part)) reader.read(file, span)
  const tables = parts.flatMap(({ table }) => table.capsule.origins[0]?.variable ?? [])
  const start = parts[0]!.table.capsule.call.span.start
  if (!reader.follow()) return { file, offset: start, text: 'not all functions that those of the table call were read' }
  for (const variable of globalVariables(model)) {
    const { name, file: where, span } = variable
    const isTable = model.files[where]!.file === file && tables.some(({ nameSpan }) => nameSpan.start === span.start)
    if (isTable || !reader.names.has(name) || !isShared(variable, hasOwnGil)) continue
    const uses = usesOf(model, variable)
    const own = uses.find(({ around }) => around !== null && reader.has(around))
    const isHandedOut = reader.tableNames.has(name) && !tables.some((table) => table.name === name)
    // Whoever fills the table hands out the address, which is no change.
    const isChanged = uses.some(({ how, around }) => how === 'write' || (how === 'address' && isChanger(around, parts)))
    const isOfClass = /[:<]/.test(variable.type)
    if ((own === undefined && !isHandedOut) || !(variable.holds !== 'data' || isChanged || isOfClass)) continue
    const user = own ? `\`${reader.nameOf(own.around!)}\` uses \`${name}\`` : `the table has \`${name}\``
    return {
      ...(own
        ? { file: model.files[own.file]!.file, offset: own.offset }
        : { file: model.files[where]!.file, offset: span.start }),
      text: `${user}, which is there once for all interpreters`,
    }
  }
  return null
}

const isChanger = (around: Body['code'] | null, parts: readonly Part[]): boolean =>
  around !== null && parts.every(({ table }) => table.capsule.around !== around)

/** Whether what a variable holds may be of one interpreter; of data that is only said when it is changed. */
function isShared({ holds, isConstant, isThreadLocal, type }: GlobalVariable, hasOwnGil: boolean): boolean {
  if (isDefinition(type)) return false
  if (holds === 'type') return hasOwnGil
  return holds === 'data' ? !isConstant && !isThreadLocal : true
}

/** Where the entries of a table are written: behind the variable, and where code gives it values. */
function valuesOf(sources: Sources, file: string, { table, entries }: Part): readonly Span[] {
  const variable = table.capsule.origins[0]?.variable
  const code = sources.code(file)
  const text = sources.text(file)
  const statementAt = (start: number): Span => ({ start, end: Math.max(start, text.indexOf(';', start)) })
  const given = (variable ? code.references(variable.name) : []).filter((start) =>
    /^\w+\s*(?:\[[^\]]*\]|\.\s*\w+)\s*=[^=]/.test(text.slice(start, start + longestTarget)),
  )
  return [
    ...(variable?.initialiser ? [variable.initialiser.span] : []),
    ...given.map(statementAt),
    ...entries.all.flatMap(({ file: where, offset }) =>
      where === file && code.functionAt(offset) !== null ? [statementAt(offset)] : [],
    ),
  ]
}

/** Characters of what a value is given to. */
const longestTarget = 300

/** Functions and macros that are looked at from a table; those behind are not. */
const mostBodies = 1000

/** Functions and macros that are named in others, wherever: what gets one as a callback may call it. */
class BodyReader {
  /** All names that were read. */
  readonly names = new Set<string>()
  /** Those in the table itself. */
  readonly tableNames = new Set<string>()
  private readonly bodies: Body[] = []
  /** What was found, each with what names it; null for the table. */
  private readonly seen = new Map<Body['code'], Body['code'] | null>()

  constructor(private readonly sources: Sources) {}

  has(code: Body['code']): boolean {
    return this.seen.has(code)
  }

  /** What a function is called, or that by which a macro was come to. */
  nameOf(code: Body['code']): string {
    const by = code.kind === 'macro' ? this.seen.get(code) : null
    return by ? this.nameOf(by) : code.name
  }

  /** Reads entries of the table. */
  read(file: string, span: Span): void {
    const id = this.sources.idOf(file)
    for (const name of this.namesAt(id, span, false)) this.tableNames.add(name)
    for (const name of this.tableNames) this.add(id, name, null)
  }

  /** Reads what the functions of the table name. @returns whether that was all */
  follow(): boolean {
    // What is found is looked at in its turn.
    for (const { file, code } of this.bodies) {
      if (this.bodies.length > mostBodies) return false
      for (const name of this.namesAt(file, code.span, code.kind === 'macro')) this.add(file, name, code)
    }
    return true
  }

  private add(file: number, name: string, by: Body['code'] | null): void {
    this.names.add(name)
    const { model } = this.sources
    const functions = functionsOf(model)
    // A header may have a macro of that name, for users.
    const isVariable = model.project.code(file).variables.some((each) => each.name === name)
    const named = functions.named(file, name)
    for (const body of named.length > 0 || isVariable ? named : functions.macrosNamed(file, name)) {
      if (this.seen.has(body.code)) continue
      this.seen.set(body.code, by)
      this.bodies.push(body)
    }
  }

  /** The identifiers at a span that may be compiled; in C without those of fields. */
  private namesAt(file: number, span: Span, isMacro: boolean): ReadonlySet<string> {
    const { model, settings } = this.sources
    const code = model.project.code(file)
    const found = isMacro
      ? [...code.text.slice(span.start, span.end).matchAll(/\b[A-Za-z_]\w*/g)].map(({ 0: name, index }) => ({
          name,
          start: span.start + index,
        }))
      : code.namesIn(span).map(({ name, span: { start } }) => ({ name, start }))
    const isCxx = settings.isCxx(model.files[file]!.file)
    return new Set(
      found.flatMap(({ name, start }) =>
        (isCxx || !isField(code.text, start)) && (isMacro || compiledAt(model, file, start) !== 'no') ? [name] : [],
      ),
    )
  }
}

const isField = (text: string, start: number): boolean =>
  /(?:\.|->)\s*$/.test(text.slice(Math.max(0, start - longestSign), start))

/** Characters before a name that are looked at. */
const longestSign = 80
