import { commentPattern, onOneLine } from '../../source/comments.ts'
import type { Offset } from '../../source/text.ts'
import type { PlaceIn, Sources } from '../sources.ts'

/** What declares a name as something: `int (*` and `)(const char *command)`. */
export interface Declarator {
  readonly before: string
  readonly behind: string
}

/** The declaration of a name, in C, without the semicolon. */
export const declarationOf = ({ before, behind }: Declarator, name: string): string => `${before}${name}${behind}`

/** A type to compare it with others: without blanks that say nothing, and without the names of parameters. */
export function plainType(text: string): string {
  return withoutNames(onOneLine(text).replace(/\bregister /g, ''))
    .replace(/\s*([*(),[\]])\s*/g, '$1')
    .replace(/\(\)/g, '(void)')
    .replace(/\bstruct _object\b/g, 'PyObject')
    .trim()
}

/** Whether two types are the same, however they are written: `char const *`, and `const` of what is handed by value. */
export const isSameType = (one: string, other: string): boolean => unqualified(one) === unqualified(other)

const unqualified = (type: string): string =>
  plainType(type)
    .replace(/\b((?:(?:unsigned|signed|long|short|struct|enum|union) )*\w+) (const|volatile)\b/g, '$2 $1')
    .replace(/([(,])const ([\w ]+)(?=[,)])/g, '$1$2')

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
 * The names in a type that a compiler would not know at a place: neither words of C nor names of CPython's, nor what
 * the file declares before, or includes before, or all files that include it do before that, on no other conditions.
 */
export const unknownNames = (sources: Sources, type: string, file: string, offset: Offset): readonly string[] =>
  [...plainType(type).matchAll(/[A-Za-z_]\w*/g)].flatMap(([name]) =>
    known.has(name) ||
    sources.model.api.fact(name) !== null ||
    isDeclaredBefore(sources, declarationsOf(sources, name), file, offset, 0)
      ? []
      : [name],
  )

function isDeclaredBefore(
  sources: Sources,
  declared: readonly PlaceIn[],
  file: string,
  offset: Offset,
  depth: number,
): boolean {
  if (declared.length === 0 || depth > deepest) return false
  const around = new Set(sources.regionsAround({ file, offset }))
  const isSeen = (at: Offset): boolean =>
    at < offset && sources.regionsAround({ file, offset: at }).every((each) => around.has(each))
  const isOwn =
    declared.some((each) => each.file === file && isSeen(each.offset)) ||
    sources
      .includesIn(file)
      .some((each) => isSeen(each.offset) && declaresOne(sources, each.target, declared, new Set()))
  const includers = sources.includersOf(file)
  return (
    isOwn ||
    (includers.length > 0 &&
      includers.every((each) => isDeclaredBefore(sources, declared, each.file, each.offset, depth + 1)))
  )
}

/** Whether a header declares one of some names on no condition, or includes on none what does. */
function declaresOne(sources: Sources, file: string, declared: readonly PlaceIn[], seen: ReadonlySet<string>): boolean {
  if (seen.has(file)) return false
  const next = new Set([...seen, file])
  return (
    declared.some((each) => each.file === file && isOnNoCondition(sources, each)) ||
    sources
      .includesIn(file)
      .some(
        ({ target, offset }) =>
          isOnNoCondition(sources, { file, offset }) && declaresOne(sources, target, declared, next),
      )
  )
}

/** Whether code of a header stands under no condition but its guard. */
function isOnNoCondition(sources: Sources, place: PlaceIn): boolean {
  const [first, ...others] = sources.regionsAround(place)
  if (first === undefined) return true
  const directive = (sources.code(place.file).directiveBefore(first.start) ?? '').replace(/\s+/g, '')
  const guard = /^#if(?:ndef|!defined\(?)(\w+)/.exec(directive)?.[1]
  return (
    others.length === 0 &&
    guard !== undefined &&
    new RegExp(`^\\s*#\\s*define\\s+${guard}\\b`).test(onOneStart(sources.text(place.file).slice(first.start)))
  )
}

/** What text begins with, without comments. */
const onOneStart = (text: string): string => text.slice(0, longestComment).replace(new RegExp(commentPattern, 'g'), ' ')

/** Characters at the begin of a header that are looked at. */
const longestComment = 4000

/** Whether a project declares a type or a macro of a name anywhere. */
export const isDeclared = (sources: Sources, name: string): boolean => declarationsOf(sources, name).length > 0

/** Where a project declares a type, or a macro of a name. */
function declarationsOf(sources: Sources, name: string): readonly PlaceIn[] {
  const macros = sources.macros(name).map(({ file, code }) => ({ file, offset: code.nameSpan.start }))
  const types = [...sources.texts].flatMap(([file, text]) =>
    text.includes(name)
      ? sources.code(file).declarations.flatMap(({ types: named, struct, span }) => {
          const isIt = named.includes(name) || (struct !== null && tagOf(struct.tag) === name)
          return isIt ? [{ file, offset: span.start }] : []
        })
      : [],
  )
  return [...macros, ...types]
}

const tagOf = (type: string): string => type.replace(/^\w+ /, '')

/**
 * The header of a project that alone declares a type and may be included anywhere: it has a guard, and neither is nor
 * includes one of those given. Null for none, or several.
 */
export function headerOf(sources: Sources, name: string, others: ReadonlySet<string>): string | null {
  const declared = declarationsOf(sources, name)
  const [only, ...more] = new Set(declared.map(({ file }) => file))
  if (only === undefined || more.length > 0 || !/\.h\w*$/.test(only) || !isGuarded(sources.text(only))) return null
  const isFree = ![...others].some((each) => sources.includes(only, each))
  return isFree && declared.some((each) => isOnNoCondition(sources, each)) ? only : null
}

const isGuarded = (text: string): boolean =>
  /^[ \t]*#[ \t]*(?:pragma[ \t]+once|ifndef[ \t]+(\w+)[^\n]*\n(?:[ \t]*\r?\n)*[ \t]*#[ \t]*define[ \t]+\1\b)/m.test(
    text,
  )

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

/** Macros within macros, and files that include files, that are followed. */
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
