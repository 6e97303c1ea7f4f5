import { lastUpTo } from '../source/search.ts'
import type { BuildFile } from './build-file.ts'
import { buildText, type Span } from './build-text.ts'

/** A place in a build file that defines an extension module: a call, or a table of `pyproject.toml`. */
export interface ModuleDefinition {
  readonly file: BuildFile
  /** What is called: `Extension`; empty for a table. */
  readonly called: string
  /** Where its arguments, or the lines of the table, begin. */
  readonly start: number
  readonly end: number
}

/** Of Python's calls the names of classes alone: `build_extension` is a method that builds what others define. */
const classes = /^(?:[A-Z]\w*)?Extension$/
const commands = /^(?:python3?_add_library|pybind11_add_module|nanobind_add_module|swig_add_library|extension_module)$/i
const rules = /^(?:py|pybind|nanobind)_extension$/
const isModuleCall = (name: string): boolean =>
  (classes.test(name) && !/Rust/.test(name)) || commands.test(name) || rules.test(name)

const found = new WeakMap<BuildFile, readonly ModuleDefinition[]>()

/** The extension modules that a build file defines, as far as that shows, in their order. */
export function moduleDefinitions(file: BuildFile): readonly ModuleDefinition[] {
  let definitions = found.get(file)
  if (!definitions) {
    definitions = withoutDeep(file.kind === 'pyproject.toml' ? tables(file) : calls(file))
    found.set(file, definitions)
  }
  return definitions
}

/** Calls of one kind stand in no more others of it: what does is not what it looks like. */
const deepest = 4

/** Leaves out what stands in too many others. @param calls by where they start */
export function withoutDeep<T extends Span>(calls: readonly T[]): readonly T[] {
  const around: number[] = []
  return calls.filter(({ start, end }) => {
    while (around.length > 0 && around.at(-1)! <= start) around.pop()
    if (around.length >= deepest) return false
    around.push(end)
    return true
  })
}

function calls(file: BuildFile): ModuleDefinition[] {
  const { skeleton, brackets } = buildText(file)
  return [...skeleton.matchAll(/(?<!\w)((?:def|class)\s+)?(\w+)[^\S\n]*\(/g)].flatMap((match) => {
    const called = match[2]!
    if (match[1] !== undefined || !isModuleCall(called)) return []
    const open = match.index + match[0].length - 1
    return [{ file, called, start: open + 1, end: brackets.closing(open) }]
  })
}

/** `[[tool.setuptools.ext-modules]]` up to the next table, and the inline tables of `ext-modules = [{...}]`. */
function tables(file: BuildFile): ModuleDefinition[] {
  const { code, skeleton, brackets } = buildText(file)
  const headers = [...code.matchAll(/^[ \t]*\[{1,2}\s*[\w-][\w."'\s-]*\]{1,2}[ \t]*$/gm)].map(({ index }) => index)
  const headed = [...code.matchAll(/^[ \t]*\[\[\s*tool\s*\.\s*setuptools\s*\.\s*ext-modules\s*\]\]/gm)].map((match) => {
    const start = match.index + match[0].length
    return { file, called: '', start, end: headers[lastUpTo(headers, start - 1) + 1] ?? code.length }
  })
  let read = 0
  const inline = [...code.matchAll(/^[ \t]*(?:[\w.-]+\.)?ext-modules\s*=\s*\[/gm)].flatMap((match) => {
    const open = match.index + match[0].length - 1
    if (open < read) return []
    read = brackets.closing(open)
    const list = skeleton.slice(open, read)
    return [...list.matchAll(/\{/g)].map((brace) => {
      const start = open + brace.index
      return { file, called: '', start: start + 1, end: brackets.closing(start) }
    })
  })
  return [...headed, ...inline]
}

/** The definition of an extension module that a place stands in; null for none. */
export function moduleAround(file: BuildFile, offset: number): ModuleDefinition | null {
  const definitions = outermost(file)
  const last = definitions.all[lastUpTo(definitions.starts, offset)]
  return last !== undefined && offset < last.end ? last : null
}

/** Those that stand in no other, by their places. */
interface Outermost {
  readonly all: readonly ModuleDefinition[]
  readonly starts: readonly number[]
}

const outer = new WeakMap<BuildFile, Outermost>()

function outermost(file: BuildFile): Outermost {
  let known = outer.get(file)
  if (!known) {
    let end = 0
    const all = [...moduleDefinitions(file)]
      .sort((a, b) => a.start - b.start)
      .filter((each) => {
        const isInside = each.start < end
        if (!isInside) end = each.end
        return !isInside
      })
    known = { all, starts: all.map(({ start }) => start) }
    outer.set(file, known)
  }
  return known
}
