import type { BuildFile } from './build-file.ts'
import { buildText, closing } from './build-text.ts'

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
const isModuleCall = (name: string): boolean => (classes.test(name) && !/Rust/.test(name)) || commands.test(name)

const found = new WeakMap<BuildFile, readonly ModuleDefinition[]>()

/** The extension modules that a build file defines, as far as that shows, in their order. */
export function moduleDefinitions(file: BuildFile): readonly ModuleDefinition[] {
  let definitions = found.get(file)
  if (!definitions) {
    definitions = file.kind === 'pyproject.toml' ? tables(file) : calls(file)
    found.set(file, definitions)
  }
  return definitions
}

function calls(file: BuildFile): ModuleDefinition[] {
  const { skeleton } = buildText(file)
  return [...skeleton.matchAll(/(\b(?:def|class)\s+)?(\w+)[^\S\n]*\(/g)].flatMap((match) => {
    const called = match[2]!
    if (match[1] !== undefined || !isModuleCall(called)) return []
    const open = match.index + match[0].length - 1
    return [{ file, called, start: open + 1, end: closing(skeleton, open) }]
  })
}

/** `[[tool.setuptools.ext-modules]]` up to the next table, and the inline tables of `ext-modules = [{...}]`. */
function tables(file: BuildFile): ModuleDefinition[] {
  const { code, skeleton } = buildText(file)
  const headed = [...code.matchAll(/^[ \t]*\[\[\s*tool\s*\.\s*setuptools\s*\.\s*ext-modules\s*\]\]/gm)].map((match) => {
    const start = match.index + match[0].length
    const next = /^[ \t]*\[{1,2}\s*[\w-][\w."'\s-]*\]{1,2}[ \t]*$/gm
    next.lastIndex = start
    return { file, called: '', start, end: next.exec(code)?.index ?? code.length }
  })
  const inline = [...code.matchAll(/^[ \t]*(?:[\w.-]+\.)?ext-modules\s*=\s*\[/gm)].flatMap((match) => {
    const open = match.index + match[0].length - 1
    const list = skeleton.slice(open, closing(skeleton, open))
    return [...list.matchAll(/\{/g)].map((brace) => {
      const start = open + brace.index
      return { file, called: '', start: start + 1, end: closing(skeleton, start) }
    })
  })
  return [...headed, ...inline]
}

/** The definition of an extension module that a place stands in; null for none. */
export const moduleAround = (file: BuildFile, offset: number): ModuleDefinition | null =>
  moduleDefinitions(file).find(({ start, end }) => start <= offset && offset < end) ?? null
