import { takesObject } from '../facts/lexicon.ts'
import type { Vocabulary } from '../knowledge/vocabulary.ts'
import { macroShapes, type Shape } from '../preprocess/shapes.ts'
import { addTo } from '../source/multimap.ts'
import { looksLikeCxx, type SourceText } from './source-text.ts'

/** What all files of a project know of each other before any is parsed. */
export interface ProjectMacros {
  readonly shapes: ReadonlyMap<string, Shape>
  readonly fieldMacros: ReadonlySet<string>
  readonly pastingMacros: ReadonlySet<string>
  readonly objectMacros: ReadonlySet<string>
  readonly macroWords: ReadonlyMap<string, readonly string[]>
  readonly macroNames: ReadonlySet<string>
  readonly namedStructs: ReadonlySet<string>
  readonly structAliases: ReadonlySet<string>
  readonly otherPointers: ReadonlySet<string>
}

/**
 * The macros of all files. Where files define a macro differently, a shape counts only if all agree; what is an
 * attribute for one compiler and nothing for others is an attribute.
 */
export function projectMacros(texts: readonly SourceText[], vocabulary: Vocabulary): ProjectMacros {
  const shapes = new Map<string, Shape | null>()
  const nothings = new Set<string>()
  const fieldMacros = new Set<string>()
  const pastingMacros = new Set<string>()
  const objectMacros = new Set<string>()
  const macroNames = new Set<string>()
  const namedStructs = new Set<string>()
  const otherPointers = functionsToOtherStructs(vocabulary)
  const aliases = new Map<string, string>()
  // Of each macro the others that its body mentions.
  const mentions = new Map<string, Set<string>>()
  for (const { file, text, concernsPython } of texts) {
    if (concernsPython) for (const [, name] of text.matchAll(pointerDeclaration)) otherPointers.add(name!)
    if (!unitName.test(file))
      for (const [word] of text.matchAll(/\b_?Py\w+/g))
        for (const struct of vocabulary.leadsTo.get(word) ?? []) namedStructs.add(struct)
    for (const [, struct, alias] of text.matchAll(typedefLine)) aliases.set(alias!, struct!)
    if (looksLikeCxx(text)) for (const [, alias, struct] of text.matchAll(usingLine)) aliases.set(alias!, struct!)
    for (const { name, shape, readsFields, makesNames, words, isName, isNothing } of macroShapes(text)) {
      macroNames.add(name)
      if (isName) aliases.set(name, words[0]!)
      const mentioned = mentions.get(name) ?? new Set()
      for (const word of words) mentioned.add(word)
      if (mentioned.size > 0) mentions.set(name, mentioned)
      if (readsFields) fieldMacros.add(name)
      if (makesNames) pastingMacros.add(name)
      if (words.some((word) => takesObject.has(word))) objectMacros.add(name)
      if (isNothing) {
        nothings.add(name)
        continue
      }
      const before = shapes.get(name)
      shapes.set(name, before === undefined || before === shape ? shape : null)
    }
  }
  spread(fieldMacros, mentions)
  spread(pastingMacros, mentions)
  spread(objectMacros, mentions)
  const structAliases = new Set<string>()
  const isStruct = (name: string): boolean => vocabulary.structs.has(name) || vocabulary.structs.has(`struct ${name}`)
  for (const alias of aliases.keys()) {
    let at: string | undefined = alias
    for (let turn = 0; turn < 10 && at !== undefined && !isStruct(at); turn++) at = aliases.get(at)
    if (at !== undefined && isStruct(at) && at !== alias) structAliases.add(alias)
  }
  const certain = new Map<string, Shape>()
  for (const [name, shape] of shapes)
    if (shape !== null && (shape === 'blank' || !nothings.has(name))) certain.set(name, shape)
  return {
    shapes: certain,
    fieldMacros,
    pastingMacros,
    objectMacros,
    macroWords: new Map([...mentions].map(([name, words]) => [name, [...words]])),
    macroNames,
    namedStructs,
    structAliases,
    otherPointers,
  }
}

/**
 * `Spam *spam;`, `(Spam *self,`, `Spam *make(`: a pointer to something else than an object, or to one that must not be
 * changed. What follows a comma may be one, and a product may look the same.
 */
const pointerDeclaration = new RegExp(
  String.raw`(?:,|\bconst\s+PyObject|\bPyObject\s+const|\b(?!PyObject\b|return\b)[A-Za-z_]\w*)` +
    String.raw`\s*\*+\s*(?:const\s+)?([A-Za-z_]\w*)(?=\s*[;,=)([])`,
  'g',
)

/** The functions of the C API that give a pointer to another struct than a `PyObject`: `PyThreadState_GetFrame`. */
const functionsToOtherStructs = ({ leadsTo, structs }: Vocabulary): Set<string> =>
  new Set(
    [...leadsTo].flatMap(([name, led]) =>
      !structs.has(name) && led.some((each) => each !== 'PyObject' && each !== 'PyVarObject') ? [name] : [],
    ),
  )

/** What is compiled, rather than included. */
const unitName = /\.(?:c|cc|cpp|cxx)$/

/** A call of a function that takes an object, with its first operand up to a comma. */
const objectCall = new RegExp(String.raw`\b(?:${[...takesObject.keys()].join('|')})\s*\(([^;,]{0,200})`, 'g')

/**
 * The texts with those headers of C++ taken in that hold nothing about the C API but declare a pointer of a name that
 * is a field or a method in an operand of a function that takes an object: its type has to be known, since C++ refuses
 * all other pointers, `void *` as well. `Py_INCREF(item->payload)`
 */
export function withPointersToObjects(texts: readonly SourceText[]): readonly SourceText[] {
  const asked = new Set<string>()
  for (const { text, dialect, concernsPython } of texts) {
    for (const [, operand] of concernsPython && dialect === 'cpp' ? text.matchAll(objectCall) : []) {
      for (const [, name] of operand!.matchAll(/(?:->|\.)\s*([A-Za-z_]\w*)/g)) asked.add(name!)
    }
  }
  if (asked.size === 0) return texts
  const declares = ({ file, text, dialect }: SourceText): boolean => {
    if (dialect !== 'cpp' || unitName.test(file)) return false
    for (const [, name] of text.matchAll(pointerDeclaration)) if (asked.has(name!)) return true
    return false
  }
  return texts.map((each) => (!each.concernsPython && declares(each) ? { ...each, concernsPython: true } : each))
}

/** `typedef struct _spam Spam;`: the type and the new name, both of one word. */
const typedefLine = /^[ \t]*typedef\s+(?:const\s+)?(?:struct\s+)?(\w+)\s+(\w+)\s*;/gm

/** `using Spam = struct _spam;` */
const usingLine = /\busing\s+(\w+)\s*=\s*(?:struct\s+)?(\w+)\s*;/g

/** Adds the macros whose bodies mention those of a set, and so on. */
function spread(chosen: Set<string>, mentions: ReadonlyMap<string, ReadonlySet<string>>): void {
  const by = new Map<string, string[]>()
  for (const [name, words] of mentions) {
    for (const word of words) {
      if (mentions.has(word) || chosen.has(word)) addTo(by, word, name)
    }
  }
  const todo = [...chosen]
  while (todo.length > 0) {
    for (const name of by.get(todo.pop()!) ?? []) {
      if (chosen.has(name)) continue
      chosen.add(name)
      todo.push(name)
    }
  }
}
