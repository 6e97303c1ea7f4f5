import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { collectFacts } from '../../facts/collect.ts'
import type { CType, Expression, FileFacts } from '../../facts/file-facts.ts'
import { readDirectives } from '../../preprocess/directives.ts'
import { Kind, scan, tokenText } from '../../preprocess/scanner.ts'
import type { Syntax } from '../../syntax/parse.ts'
import { type Minor, versionHex } from '../version.ts'

/** How the headers are read: the full API, the same without the GIL, a level of the Limited API, abi3t. */
export type Mode = 'full' | 'free-threaded' | 'abi3t' | Minor

/** `Python.h` and those of its companions that an extension includes by itself. */
const companions = [
  'Python.h',
  'structmember.h',
  'datetime.h',
  'frameobject.h',
  'marshal.h',
  'structseq.h',
  'pythread.h',
  'pystrtod.h',
  'osdefs.h',
  'pyframe.h',
  'cellobject.h',
  'genobject.h',
  'funcobject.h',
  'classobject.h',
  'code.h',
  'compile.h',
  'eval.h',
  'descrobject.h',
  'import.h',
  'opcode.h',
  'longintrepr.h',
  'pydebug.h',
  'pyhash.h',
  'pytime.h',
  'context.h',
  'pyarena.h',
  'pymacconfig.h',
  'pyexpat.h',
  'odictobject.h',
  'namespaceobject.h',
  'interpreteridobject.h',
  'picklebufobject.h',
  'tracemalloc.h',
  'dynamic_annotations.h',
  'critical_section.h',
  'monitoring.h',
  'lock.h',
  'refcount.h',
]

/** What one reading of the headers declares. */
export interface Declared {
  readonly functions: ReadonlyMap<string, CType>
  /** Functions with a body: a call leaves no import. */
  readonly inline: ReadonlySet<string>
  readonly data: ReadonlyMap<string, CType>
  readonly types: ReadonlyMap<string, CType>
  readonly constants: ReadonlySet<string>
  readonly macros: ReadonlyMap<
    string,
    {
      readonly parameters: readonly string[] | null
      readonly result: Expression
      readonly words: readonly string[]
      readonly arrows: readonly string[]
      readonly empty: boolean
    }
  >
  /** Complete structs by tag. */
  readonly structs: ReadonlyMap<string, Readonly<Record<string, CType>>>
}

/** Preprocesses the headers with gcc and reads what is left with the tool's own front end. */
export function readHeaders(syntax: Syntax, directories: readonly string[], mode: Mode): Declared {
  const include = directories[0]!
  const source = companions
    .filter((name) => existsSync(join(include, name)))
    .map((name) => `#include "${name}"\n`)
    .join('')
  const defines =
    mode === 'full'
      ? []
      : mode === 'free-threaded'
        ? ['-DPy_GIL_DISABLED=1']
        : mode === 'abi3t'
          ? ['-DPy_TARGET_ABI3T=0x030f0000']
          : [`-DPy_LIMITED_API=0x${versionHex(mode).toString(16).padStart(8, '0')}`]
  const output = execFileSync(
    'gcc',
    ['-E', '-dD', '-x', 'c', ...defines, ...directories.map((directory) => `-I${directory}`), '-'],
    {
      input: source,
      maxBuffer: 1 << 28,
      stdio: ['pipe', 'pipe', 'ignore'],
      encoding: 'latin1',
    },
  )
  const text = onlyFrom(output, directories[1] ?? include)
  return understand(
    collectFacts(syntax, 'Python.h', text, 'c', {
      vocabulary,
      shapes: new Map(),
      fieldMacros: nothing,
      namingMacros: nothing,
      macroWords: new Map(),
      macroNames: nothing,
      everyBody: true,
      namedStructs: nothing,
      structAliases: nothing,
      otherPointers: nothing,
    }),
    text,
  )
}

const nothing: ReadonlySet<string> = new Set()
const vocabulary = {
  names: nothing,
  fields: nothing,
  plainFields: new Map(),
  leadsTo: new Map(),
  structs: nothing,
  rewritable: nothing,
  library: nothing,
}

/** The lines that come from below a directory, by gcc's line markers. */
function onlyFrom(output: string, directory: string): string {
  const kept: string[] = []
  let keep = false
  for (const line of output.split('\n')) {
    const marker = /^# \d+ "([^"]*)"/.exec(line)
    if (marker) keep = marker[1]!.startsWith(`${directory}/`)
    else if (keep) kept.push(line)
  }
  return kept.join('\n')
}

function understand(facts: FileFacts, text: string): Declared {
  const functions = new Map<string, CType>()
  const inline = new Set<string>()
  const data = new Map<string, CType>()
  const types = new Map<string, CType>()
  const constants = new Set<string>()
  const structs = new Map<string, Readonly<Record<string, CType>>>()
  for (const each of facts.declarations) {
    if (each.kind === 'function') {
      functions.set(each.name, each.type)
      if (each.defines) inline.add(each.name)
    } else if (each.kind === 'variable') data.set(each.name, each.type)
    else if (each.kind === 'typedef') types.set(each.name, each.type)
    else constants.add(each.name)
  }
  for (const struct of facts.structs) structs.set(struct.tag, struct.fields)

  const macros = new Map<
    string,
    {
      parameters: readonly string[] | null
      result: Expression
      words: readonly string[]
      arrows: readonly string[]
      empty: boolean
    }
  >()
  const tokens = scan(text)
  const directives = readDirectives(tokens)
  const undefinedAt = new Map(facts.undefinitions.map((each) => [each.name, each.offset]))
  directives.macros.forEach((macro, index) => {
    if ((undefinedAt.get(macro.name) ?? -1) > macro.offset) return
    const words: string[] = []
    for (let at = macro.firstToken; at < macro.endToken; at++) {
      const word = tokenText(tokens, at)
      const pasted =
        tokenText(tokens, at - 1).startsWith('#') || (at + 1 < macro.endToken && tokenText(tokens, at + 1) === '##')
      if (tokens.kind[at] === Kind.identifier && /^_?Py/.test(word) && !macro.parameters?.includes(word) && !pasted)
        words.push(word)
    }
    const body = text.slice(macro.bodyStart, macro.bodyEnd)
    // `((Spam *)(o))->x` and `Spam_Get()->x`
    const arrows = [...body.matchAll(/\(\s*(\w+)\s*\*\s*\)\s*\(*\w+\)*\s*->|(\w+)\(\)\s*->/g)].map(
      (match) => (match[1] ?? match[2])!,
    )
    macros.set(macro.name, {
      parameters: macro.parameters,
      result: facts.macros[index]!.result,
      words,
      arrows,
      empty: macro.firstToken >= macro.endToken,
    })
  })
  return { functions, inline, data, types, constants, macros, structs }
}

/** Whether a name can be used: declared, or a macro all of whose parts can be. */
export function usable(name: string, declared: Declared, seen: Set<string> = new Set()): boolean {
  const macro = declared.macros.get(name)
  if (!macro || seen.has(name)) {
    return (
      declared.functions.has(name) ||
      declared.data.has(name) ||
      declared.types.has(name) ||
      declared.constants.has(name) ||
      seen.has(name) ||
      declared.structs.has(`struct ${name}`) ||
      declared.structs.has(`enum ${name}`)
    )
  }
  seen.add(name)
  return (
    macro.words.every((word) => givenOutside.has(word) || usable(word, declared, seen)) &&
    macro.arrows.every((word) => isOpen(word, declared))
  )
}

/** Macros that the build sets, so that no header defines them. */
const givenOutside = new Set(['Py_LIMITED_API', 'Py_TARGET_ABI3T'])

/** Whether what a type names, or a function gives a pointer to, has fields that can be read. */
function isOpen(word: string, declared: Declared): boolean {
  const only = declared.macros.get(word)?.words
  const name = only?.length === 1 ? only[0]! : word
  const struct = declared.functions.get(name)?.replace(/\*\(\)$/, '') ?? name
  const tag = declared.types.get(struct)
  return tag === undefined || !tag.startsWith('struct ') || tag.includes('*') || declared.structs.has(tag)
}
