import type { Offset } from '../../source/text.ts'
import { qualifiedStart } from '../places.ts'
import type { PlaceIn, Sources } from '../sources.ts'
import type { TypeObject } from './type-objects.ts'

/** How a type, and what stands beside it, are called at a place: in C++ with the namespaces that are not around it. */

/** @param name of the spec or another variable that is put beside the definition of the type */
export function besideAt(sources: Sources, type: TypeObject, name: string, file: string, offset: Offset): string {
  const [home] = type.homes
  return home ? nameAt(sources, name, { file: home.file, offset: home.variable.nameSpan.start }, file, offset) : name
}

/** What is declared at a place, as it is called at another one. */
export function nameAt(sources: Sources, name: string, declared: PlaceIn, file: string, offset: Offset): string {
  const own = sources.code(declared.file).namespacesAt(declared.offset)
  const around = sources.code(file).namespacesAt(offset)
  return own.every((each, index) => each === around[index]) ? name : [...own, name].join('::')
}

/** The name of the type itself, which may be a member of a class: `Holder::type`. */
export function typeNameAt(sources: Sources, type: TypeObject, file: string, offset: Offset): string {
  const [home] = type.homes
  if (!home) return type.name
  if (type.pointerName !== null) return besideAt(sources, type, type.pointerName, file, offset)
  const holder = type.pointer ?? home
  const text = sources.text(holder.file)
  const { start, end } = holder.variable.nameSpan
  return besideAt(sources, type, text.slice(qualifiedStart(text, start), end), file, offset)
}
