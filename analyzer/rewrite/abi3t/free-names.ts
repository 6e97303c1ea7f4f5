import type { FunctionCode } from '../../code/tree.ts'
import { variablesNamed } from '../../code/variables.ts'
import type { Span } from '../../source/text.ts'
import type { CodeIn, Sources } from '../sources.ts'
import type { SharedAccess } from './accesses.ts'
import type { InstanceStruct } from './instance-structs.ts'
import { usesOfMacro } from './typing.ts'

/** A macro that asks a variable of the functions that use it for fields, which is of several types there. */
export interface SharedMacro {
  readonly macro: CodeIn
  readonly name: string
  /** Empty where it takes the variable for an object alone, in functions that use a macro which asks it, too. */
  readonly accesses: readonly SharedAccess[]
  /** The structs that are asked there, or by the macro that is used beside it. */
  readonly structs: readonly InstanceStruct[]
  /** Where it takes the variable for an object. */
  readonly objects: readonly Span[]
  /** The functions that use it, themselves or by other macros; null where not all are known. */
  readonly users: readonly CodeIn[] | null
}

/** The macros that ask variables of the functions that use them. */
export function sharedMacros(sources: Sources, accesses: readonly SharedAccess[]): readonly SharedMacro[] {
  const byMacro = new Map<FunctionCode, Map<string, SharedAccess[]>>()
  for (const each of accesses) {
    const names = byMacro.get(each.code) ?? new Map<string, SharedAccess[]>()
    byMacro.set(each.code, names.set(each.name, [...(names.get(each.name) ?? []), each]))
  }
  const found = [...byMacro].flatMap(([code, names]) =>
    [...names].map(([name, own]) => sharedMacro(sources, { file: own[0]!.file, code }, name, own)),
  )
  // What is used beside these names the variable, which is the data there, for an object: also in another `#if` branch.
  for (const { name, users, structs } of found)
    for (const { file, code } of users ?? [])
      for (const macro of macrosNaming(sources, file, code, name))
        if (!found.some((each) => each.macro.code === macro.code && each.name === name) && isFreeIn(macro.code, name))
          found.push({ ...sharedMacro(sources, macro, name, []), structs })
  return found
}

function sharedMacro(sources: Sources, macro: CodeIn, name: string, accesses: readonly SharedAccess[]): SharedMacro {
  const { file, code } = macro
  const asked = new Set(accesses.map(({ member }) => member.object.span.start))
  const objects = sources
    .code(file)
    .occurrencesIn(name, code.span)
    .filter(({ span, isField }) => !isField && !asked.has(span.start))
    .map(({ span }) => span)
  const structs = [...new Set(accesses.flatMap((each) => each.structs))]
  return { macro, name, accesses, structs, objects, users: usersOf(sources, code.name) }
}

/** Whether the body of a macro takes a name from where it is used. */
const isFreeIn = (code: FunctionCode, name: string): boolean => variablesNamed(code, name).length === 0

/** The functions that use a macro; null where something that is not understood does. */
function usersOf(sources: Sources, macro: string): readonly CodeIn[] | null {
  const found = new Map<FunctionCode, CodeIn>()
  const seen = new Set([macro])
  for (const name of seen)
    for (const { file, around } of usesOfMacro(sources, name)) {
      if (around === null || around.kind === 'file' || around.kind === 'lambda') return null
      if (around.kind === 'macro') seen.add(around.name)
      else found.set(around, { file: sources.model.files[file]!.file, code: around })
    }
  return [...found.values()]
}

/** The macros that a function uses, themselves or by others, whose bodies name a variable of it. */
export function macrosNaming(sources: Sources, file: string, code: FunctionCode, name: string): readonly CodeIn[] {
  const found: CodeIn[] = []
  const seen = new Set(sources.namesIn(file, code.span))
  for (const each of seen)
    for (const macro of sources.macros(each)) {
      const inner: readonly string[] = sources.written(macro.file, macro.code.span).match(/[A-Za-z_]\w*/g) ?? []
      for (const other of inner) seen.add(other)
      if (inner.includes(name) && !macro.code.parameters.some((parameter) => parameter.name === name)) found.push(macro)
    }
  return found
}
