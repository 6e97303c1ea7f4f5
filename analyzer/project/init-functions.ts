import type { FileCode } from '../code/file-code.ts'
import type { FunctionCode } from '../code/tree.ts'
import { afterComment } from '../preprocess/scanner.ts'
import type { FileId, Offset } from '../source/text.ts'
import type { Project } from './model.ts'

/** The name of the function that Python looks for in a module's library. */
export const entryPoint = /^Py(?:Init|ModExport)_(\w+)$/

const kindOf = (name: string): 'PyInit' | 'PyModExport' => (name.startsWith('PyInit_') ? 'PyInit' : 'PyModExport')

/** The function that Python calls to import a module. */
export interface InitFunction {
  /** The module, as the function names it: the last part of what is imported. */
  readonly module: string
  /** `inittab`: a program that runs Python hands it over by `PyImport_AppendInittab`. */
  readonly kind: 'PyInit' | 'PyModExport' | 'inittab'
  readonly file: FileId
  /** Its bodies, several where conditions choose; under the name of a macro where that makes its head. */
  readonly bodies: readonly FunctionCode[]
}

const known = new WeakMap<Project, readonly InitFunction[]>()

/** The functions of a project that Python calls to import modules, by the order of files; last those of `inittab`. */
export function initFunctions(project: Project): readonly InitFunction[] {
  let found = known.get(project)
  if (!found) {
    const macros = headMacros(project)
    found = project.files.flatMap((_, file) => {
      const read = [...written(project, file, macros), ...ofMacros(project, file, macros), ...ofParts(project, file)]
      return [...read, ...inBranches(project, file, read, macros)]
    })
    found = [...found, ...handedOver(project, found)]
    known.set(project, found)
  }
  return found
}

/** Those of the file whose names are no macros: `#define PyInit_impl PyInit_spam`. */
function written(project: Project, file: FileId, macros: ReadonlyMap<string, HeadMacro>): InitFunction[] {
  const names = new Set(
    project.files[file]!.declarations.flatMap(({ kind, name, defines }) =>
      kind === 'function' && defines && entryPoint.test(name) && !macros.has(name) ? [name] : [],
    ),
  )
  return [...names].map((name) => ({
    module: entryPoint.exec(name)![1]!,
    kind: kindOf(name),
    file,
    bodies: bodiesOf(project.code(file), name),
  }))
}

/**
 * Those that begin in another branch of conditions than what is read as the function: `init_spam(void) {`, `#else`,
 * `PyInit_spam(void) {`, `#endif`.
 */
function inBranches(
  project: Project,
  file: FileId,
  read: readonly InitFunction[],
  macros: ReadonlyMap<string, HeadMacro>,
): InitFunction[] {
  const code = project.code(file)
  const found = code.text.matchAll(/\b(Py(?:Init|ModExport)_(\w+))[ \t\r\n]*\([^(){};#]*\)/g)
  return [...found].flatMap(({ index, 0: head, 1: name, 2: module }): InitFunction[] => {
    if (code.text[behindComments(code.text, index + head.length)] !== '{') return []
    if (name === undefined || macros.has(name) || read.some((each) => each.module === module)) return []
    if (!code.references(name).includes(index)) return []
    const around = code.functionAt(index)
    const bodies = around ? [around] : bodiesOf(code, name)
    return bodies.length > 0 ? [{ module: module!, kind: kindOf(name), file, bodies }] : []
  })
}

/** Where what is not blank and no comment begins. */
function behindComments(text: string, from: Offset): Offset {
  let at = from
  while (at < text.length) {
    if (/\s/.test(text[at]!)) at++
    else {
      const end = text[at] === '/' ? afterComment(text, at) : at
      if (end === at) return at
      at = end
    }
  }
  return at
}

/** Those that a program hands over: `PyImport_AppendInittab("spam", make_spam)`. */
function handedOver(project: Project, others: readonly InitFunction[]): InitFunction[] {
  const found = new Map<string, InitFunction>()
  for (const user of project.filesWith('PyImport_AppendInittab')) {
    const code = project.code(user)
    for (const offset of code.references('PyImport_AppendInittab')) {
      const call = code.text.slice(offset, offset + longestCall)
      const [, module, name] =
        /^\w+[ \t\r\n]*\([ \t\r\n]*"(\w+)"[ \t\r\n]*,[ \t\r\n]*&?(\w+)[ \t\r\n]*\)/.exec(call) ?? []
      if (name === undefined || others.some(({ bodies }) => bodies.some((each) => each.name === name))) continue
      // One in the same file goes before others of its name.
      const files = [...project.filesWith(name)].sort((a, b) => Number(b === user) - Number(a === user))
      const file = files.find((each) => project.code(each).functionsNamed(name).length > 0)
      if (file === undefined) continue
      found.set(module!, { module: module!, kind: 'inittab', file, bodies: project.code(file).functionsNamed(name) })
    }
  }
  return [...found.values()]
}

/** Characters in which the operands of a call are looked for. */
const longestCall = 300

/** The bodies of a function: of one whose head stands in branches of conditions that go by the name in another one. */
function bodiesOf(code: FileCode, name: string): readonly FunctionCode[] {
  const named = code.functionsNamed(name)
  if (named.length > 0) return named
  return [...new Set(code.references(name).flatMap((offset) => code.headAt(offset) ?? []))]
}

/** A macro that stands for the head of such a function, or for its name: that of the module, or its operand. */
interface HeadMacro {
  readonly kind: 'PyInit' | 'PyModExport'
  readonly module: string | number
}

/** `#define MODULE_INIT(name) PyMODINIT_FUNC PyInit_##name(void)`, `#define INIT_NAME PyInit_spam` */
function headMacros(project: Project): ReadonlyMap<string, HeadMacro> {
  const found = new Map<string, HeadMacro>()
  project.files.forEach((_, file) => {
    const code = project.code(file)
    if (!/\bPy(?:Init|ModExport)_/.test(code.text)) return
    for (const { name, bodyStart, bodyEnd } of code.directives.macros) {
      const [, kind, module, parameter] =
        /\b(PyInit|PyModExport)_(?:(\w+)|[ \t]*##[ \t]*(\w+))(?!\w|[ \t]*##)/.exec(
          code.text.slice(bodyStart, bodyEnd),
        ) ?? []
      if (kind === undefined) continue
      const operand = code.macrosNamed(name)[0]?.parameters.findIndex((each) => each.name === parameter) ?? -1
      if (module !== undefined || operand >= 0)
        found.set(name, { kind: kind as HeadMacro['kind'], module: module ?? operand })
    }
  })
  return found
}

function ofMacros(project: Project, file: FileId, macros: ReadonlyMap<string, HeadMacro>): InitFunction[] {
  const code = project.code(file)
  return [...macros].flatMap(([name, { kind, module: made }]) => {
    const byModule = new Map<string, FunctionCode[]>()
    for (const body of code.functionsNamed(name)) {
      const [, operands] = /^\w+\s*\(([^()]*)\)/.exec(code.text.slice(body.nameSpan.start, body.span.start)) ?? []
      const module = typeof made === 'string' ? made : (operands?.split(',')[made]?.trim() ?? '')
      if (/^\w+$/.test(module)) byModule.set(module, [...(byModule.get(module) ?? []), body])
    }
    return [...byModule].map(([module, bodies]): InitFunction => ({ module, kind, file, bodies }))
  })
}

/** Those whose names are put together where they stand: `CAT(PyInit_, NAME)(void)`. */
function ofParts(project: Project, file: FileId): InitFunction[] {
  const code = project.code(file)
  if (!/Py(?:Init|ModExport)_[ \t]*,/.test(code.text)) return []
  const heads = code.text.matchAll(/\b(\w+)[ \t]*\([ \t]*(PyInit|PyModExport)_[ \t]*,[ \t]*(\w+)[ \t]*\)[ \t\r\n]*\(/g)
  const byModule = new Map<string, InitFunction>()
  for (const [, macro, kind, part] of heads) {
    const bodies = code.functionsNamed(macro!)
    const module = wordOf(project, part!)
    if (bodies.length === 0 || module === null || !isKnownMacro(project, macro!)) continue
    byModule.set(module, { module, kind: kind as InitFunction['kind'], file, bodies })
  }
  return [...byModule.values()]
}

const isKnownMacro = (project: Project, name: string): boolean =>
  [...project.filesWith(name)].some((file) => project.code(file).macrosNamed(name).length > 0)

/** Macros of macros that are followed. */
const deepest = 4

/** The word that a name stands for as a macro, or the name itself; null where it stands for several, or for more. */
function wordOf(project: Project, name: string, depth = 0): string | null {
  const words = new Set(
    [...project.filesWith(name)].flatMap((file) => {
      const { text, directives } = project.code(file)
      return directives.macros.flatMap((each) =>
        each.name === name ? [text.slice(each.bodyStart, each.bodyEnd).trim()] : [],
      )
    }),
  )
  const [word, ...others] = words
  if (word === undefined) return name
  return others.length > 0 || !/^[A-Za-z_]\w*$/.test(word) || depth > deepest ? null : wordOf(project, word, depth + 1)
}
