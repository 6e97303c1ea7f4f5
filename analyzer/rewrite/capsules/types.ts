import { commentPattern } from '../../source/comments.ts'
import type { Offset } from '../../source/text.ts'
import type { Sources } from '../sources.ts'

/** What declares a name as something: `int (*` and `)(const char *command)`. */
export interface Declarator {
  readonly before: string
  readonly behind: string
}

/** The declaration of a name, in C, without the semicolon. */
export const declarationOf = ({ before, behind }: Declarator, name: string): string => `${before}${name}${behind}`

/** Text of code on one line, without comments and the line ends of macros. */
export const onOneLine = (text: string): string =>
  text
    .replace(/\\\r?\n/g, ' ')
    .replace(new RegExp(commentPattern, 'g'), ' ')
    .replace(/\s+/g, ' ')
    .trim()

/** A type to compare it with others: without blanks that say nothing, and without the names of parameters. */
export function plainType(text: string): string {
  return withoutNames(onOneLine(text).replace(/\bregister /g, ''))
    .replace(/\s*([*(),[\]])\s*/g, '$1')
    .replace(/\(\)/g, '(void)')
    .replace(/\bstruct _object\b/g, 'PyObject')
    .trim()
}

/** What functions take, without the names of parameters. */
const withoutNames = (type: string): string =>
  type
    .replace(/\(\s*\*\s*\w+\s*\)(?=\s*\()/g, '(*)')
    .replace(/([\w*\]]\s*[\s*])(\w+)(?=\s*[,)[])/g, (whole, head: string, name: string) =>
      typeWords.test(name) || /\b(?:struct|enum|union|const|volatile)\s*$/.test(head) ? whole : head,
    )

const typeWords = /^(?:int|long|short|char|double|float|void|signed|unsigned|bool|_Bool|const|volatile)$/

/** Words of C, and types of the headers that every header of an interface includes. */
const known = new Set(
  (
    'void char short int long float double signed unsigned const volatile struct union enum bool _Bool restrict ' +
    'size_t ssize_t ptrdiff_t wchar_t intptr_t uintptr_t int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t ' +
    'uint64_t intmax_t uintmax_t va_list FILE'
  ).split(' '),
)

/**
 * The first name in a type that a compiler would not know at a place; null where it knows all: those of C, of
 * CPython's, and of what the file declares before, or includes before.
 */
export function unknownName(sources: Sources, type: string, file: string, offset: Offset): string | null {
  for (const [name] of plainType(type).matchAll(/[A-Za-z_]\w*/g))
    if (!known.has(name) && sources.model.api.fact(name) === null && !isDeclaredBefore(sources, name, file, offset))
      return name
  return null
}

function isDeclaredBefore(sources: Sources, name: string, file: string, offset: Offset): boolean {
  const { files, project } = sources.model
  const { declarations } = project
  const included = sources.includesIn(file).filter((each) => each.offset < offset)
  const all = [
    ...declarations.typedef(name),
    ...declarations.macro(name),
    ...['struct', 'union', 'enum', 'class'].flatMap((kind) => declarations.struct(`${kind} ${name}`)),
  ]
  return all.some(({ file: id, fact }) => {
    const where = files[id]!.file
    return where === file ? fact.offset < offset : included.some(({ target }) => sources.includes(target, where))
  })
}

/** The number that code stands for: a literal, a macro without parameters or an enumerator; null for anything else. */
export function numberOf(sources: Sources, text: string, depth = 0): number | null {
  const plain = onOneLine(text)
    .replace(/^\((.*)\)$/, '$1')
    .trim()
  if (/^(?:\d+|0[xX][\da-fA-F]+)[uUlL]*$/.test(plain)) {
    const digits = plain.replace(/[uUlL]+$/, '')
    return /^0\d/.test(digits) ? Number.parseInt(digits, 8) : Number(digits)
  }
  if (!/^[A-Za-z_]\w*$/.test(plain) || depth > deepest) return null
  const body = macroText(sources, plain)
  return body === null ? enumerator(sources, plain, depth) : numberOf(sources, body, depth + 1)
}

/** What a macro without parameters stands for; null for none, and for several that differ. */
export function macroText(sources: Sources, name: string): string | null {
  const macros = sources.macros(name)
  const bodies = new Set(
    macros.map(({ file, code }) => (code.parameters.length > 0 ? null : onOneLine(sources.written(file, code.span)))),
  )
  return bodies.size === 1 ? [...bodies][0]! : null
}

/** Macros within macros that are followed. */
const deepest = 8

/** Code with what macros without parameters stand for in it. */
export function expanded(sources: Sources, text: string, depth = 0): string {
  if (depth > deepest) return text
  return text.replace(/[A-Za-z_]\w*/g, (name) => {
    const body = macroText(sources, name)
    return body === null || body === '' ? name : expanded(sources, body, depth + 1)
  })
}

const enumerators = new WeakMap<Sources, ReadonlyMap<string, string | null>>()

function enumerator(sources: Sources, name: string, depth: number): number | null {
  let all = enumerators.get(sources)
  if (!all) {
    all = enumeratorsOf(sources)
    enumerators.set(sources, all)
  }
  const text = all.get(name) ?? null
  if (text === null) return null
  const [, base, more] = /^(.*)\+(\d+)$/s.exec(text)!
  const number = numberOf(sources, base!, depth + 1)
  return number === null ? null : number + Number(more)
}

/** What each enumerator of a project is, as `FIRST+2`; null for those of a name that several have. */
function enumeratorsOf(sources: Sources): ReadonlyMap<string, string | null> {
  const found = new Map<string, string | null>()
  for (const file of sources.texts.keys()) {
    if (!sources.text(file).includes('enum')) continue
    for (const { struct } of sources.code(file).declarations) {
      if (struct === null || !struct.tag.startsWith('enum')) continue
      const text = onOneLine(sources.written(file, struct.span).replace(/^\{|\}$/g, ''))
      if (text.includes('#')) continue
      let [base, more] = ['0', 0]
      for (const each of text.split(',')) {
        const [, name, value] = /^\s*(\w+)\s*(?:=\s*(.*\S)\s*)?$/.exec(each) ?? []
        if (name === undefined) continue
        if (value !== undefined) [base, more] = [value, 0]
        found.set(name, found.has(name) ? null : `${base}+${more}`)
        more++
      }
    }
  }
  return found
}
