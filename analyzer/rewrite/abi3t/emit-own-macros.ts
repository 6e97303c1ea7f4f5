import type { EditList } from '../edit-list.ts'
import type { Sources } from '../sources.ts'
import { abi3tMacro } from './instance-structs.ts'

/**
 * What projects define for Pythons that lack it, by fields that abi3t hides. From level 3.14 on `Py_TYPE` is a function,
 * so that `#ifndef Py_TYPE` holds again.
 */
const accessors = ['Py_TYPE', 'Py_REFCNT', 'Py_SIZE', 'Py_SET_TYPE', 'Py_SET_REFCNT', 'Py_SET_SIZE']

/** Keeps from abi3t what a project defines in the place of functions that look into objects. */
export function emitOwnMacros(sources: Sources, edits: EditList): void {
  for (const name of accessors)
    for (const { file, code } of sources.macros(name)) {
      const region = sources.regionsAround({ file, offset: code.nameSpan.start }).at(-1)
      const directive = region ? sources.code(file).directiveBefore(region.start) : null
      const written = directive === null ? null : /^(#\s*)ifndef\s+(\w+)\s*$/.exec(directive.trim())
      if (!region || !written || written[2] !== name) continue
      const start = sources.text(file).lastIndexOf('#', region.start - 1)
      const end = start + directive!.trim().length
      edits.replace(file, { start, end }, `${written[1]}if !defined(${name}) && !defined(${abi3tMacro})`)
    }
}
