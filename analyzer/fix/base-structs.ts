import type { StructDeclaration } from '../facts/file-facts.ts'
import { pointersIn } from '../knowledge/object-sizes.ts'
import type { ProjectModel } from '../project/model.ts'
import type { LiveUse } from '../semantics/availability.ts'
import { areHeldAsObjects } from '../semantics/held-objects.ts'
import { specsIn } from '../semantics/type-specs.ts'
import { firstIndex } from '../source/search.ts'
import type { FileId, Span } from '../source/text.ts'
import type { Fix } from './fix.ts'

/**
 * The fix for the struct of a concrete object that is all of what a struct of the project holds:
 * `typedef struct { PyUnicodeObject base; } Spam;`. Instances need no more room than those of their base then, and the
 * size 0 in a `PyType_Spec` takes that over. Only where nothing but specs asks for the size of the struct.
 */
export function asBase(model: ProjectModel, { file, use }: LiveUse): Fix | null {
  if (use.pointer || use.expansion !== undefined || model.isProjectDefined(file, use.name) !== 'no') return null
  const struct = structAround(model, file, use.start)
  if (struct === null || Object.values(struct.fields).join() !== use.name || struct.bases.length > 0) return null
  const names = namesOf(model, file, struct)
  const sizes = names.length === 0 ? null : sizesOf(model, file, names)
  if (sizes === null) return null
  return {
    title: 'write `PyObject`, and 0 for the size: a type takes that of its base then',
    safety: 'unsafe',
    reason: `types that are made with this struct are taken to have the base of \`${use.name}\``,
    kind: 'file',
    rewrites: [
      { start: use.start, end: use.start + use.name.length, pieces: ['PyObject'] },
      ...sizes.map((span) => ({ ...span, pieces: ['0'] })),
    ],
    includes: [],
    shims: [],
  }
}

/**
 * The fix for the struct of a concrete object that a struct of the project begins with:
 * `typedef struct { PyUnicodeObject base; PyObject *domain; } Message;`. A struct of shims has room for its fields,
 * whichever Python loads the binary, so that the project's own fields are where they are in all others. Only where
 * nothing asks for fields of the concrete object by way of the struct.
 */
export function withRoom(model: ProjectModel, { file, use }: LiveUse): Fix | null {
  const { name } = use
  if (use.pointer || use.expansion !== undefined || pointersIn[name] === undefined) return null
  if (model.isProjectDefined(file, name) !== 'no') return null
  const struct = structAround(model, file, use.start)
  if (struct === null || struct.bases.length > 0 || hasVariable(model, file, struct)) return null
  const [[field, type] = [], ...others] = Object.entries(struct.fields)
  if (field === undefined || type !== name || Object.values(struct.fields).filter((each) => each === name).length > 1)
    return null
  const names = namesOf(model, file, struct)
  if (names.length === 0 || isOpened(model, name, field) || names.some((each) => isMade(model, each))) return null
  const shim = `Pep${name.slice('Py'.length)}`
  return {
    title: `write \`${shim}\`, which has room for a \`${name}\` of any Python`,
    ...(others.length > 0
      ? { safety: 'safe', reason: '' }
      : {
          safety: 'unsafe',
          reason: 'types with this struct cannot be bases beside others that extend the same type any more',
        }),
    kind: 'file',
    rewrites: [{ start: use.start, end: use.start + name.length, pieces: [shim] }],
    includes: [],
    shims: [shim],
  }
}

/** Whether something of a concrete object is asked for by way of the field that holds it, or may be. */
function isOpened(model: ProjectModel, name: string, holder: string): boolean {
  const known = opened.get(model) ?? new Map<string, boolean>()
  opened.set(model, known)
  const key = `${name}.${holder}`
  const answer = known.get(key) ?? readOpened(model, name, holder)
  known.set(key, answer)
  return answer
}

const opened = new WeakMap<ProjectModel, Map<string, boolean>>()

function readOpened(model: ProjectModel, name: string, holder: string): boolean {
  const fields = [...(model.api.struct(name)?.fields.keys() ?? []), 'ob_base'].join('|')
  const pattern = new RegExp(`\\b${holder}\\b[\\s)]*(?:\\.|->)\\s*(?:${fields})\\b`)
  return model.files.some(
    ({ pasted }, file) =>
      pasted.members.length > 0 ||
      pattern.test(model.project.code(file).text) ||
      !areHeldAsObjects(model, file, holder),
  )
}

/** Whether there is a variable, or anything else that holds an object of a struct and not a pointer to one. */
const isMade = (model: ProjectModel, name: string): boolean =>
  [...model.project.filesWith(name)].some((file) => {
    const code = model.project.code(file)
    return code
      .occurrences(name)
      .some(({ span: { end } }) => /^\s+\w|^\s*\)\s*\{/.test(code.text.slice(end, end + nearby)))
  })

/** The struct whose field a place is in: the last that begins before it, and does not end before it. */
function structAround(model: ProjectModel, file: FileId, offset: number): StructDeclaration | null {
  const { structs } = model.files[file]!
  const sorted = sortedStructs.get(structs) ?? structs.toSorted((a, b) => a.offset - b.offset)
  sortedStructs.set(structs, sorted)
  const struct = sorted[firstIndex(sorted, (each) => each.offset > offset) - 1]
  if (struct === undefined) return null
  const plain = plainText(model.project.code(file))
  const brace = plain.indexOf('{', struct.offset)
  return brace >= 0 && brace < offset && offset < endOfBody(plain, struct) ? struct : null
}

const sortedStructs = new WeakMap<readonly StructDeclaration[], readonly StructDeclaration[]>()

/** Whether a struct is declared with a variable behind it: `struct Spam { ... } spam;` */
function hasVariable(model: ProjectModel, file: FileId, struct: StructDeclaration): boolean {
  const code = model.project.code(file)
  const plain = plainText(code)
  const before = code.text.slice(Math.max(0, struct.offset - longestGap), struct.offset)
  return !/\btypedef\s+$/.test(before) && !/^\s*;/.test(plain.slice(endOfBody(plain, struct)))
}

/** Where the body of a struct ends, behind its brace: the end of the text where that is not found. */
function endOfBody(plain: string, { offset }: StructDeclaration): number {
  const brace = /[{}]/g
  brace.lastIndex = offset
  let depth = 0
  for (let match = brace.exec(plain); match !== null; match = brace.exec(plain)) {
    depth += match[0] === '{' ? 1 : -1
    if (depth <= 0) return brace.lastIndex
  }
  return plain.length
}

/** Characters between `typedef` and what it is about that are looked at. */
const longestGap = 1000

type FileCode = ReturnType<ProjectModel['project']['code']>

const plainTexts = new WeakMap<FileCode, string>()

/** The text of a file without comments. */
function plainText(code: FileCode): string {
  const known = plainTexts.get(code) ?? withoutComments(code.text)
  plainTexts.set(code, known)
  return known
}

/** A text with blanks for comments, so that offsets stay. */
const withoutComments = (text: string): string =>
  text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, (comment) => ' '.repeat(comment.length))

/** What a struct of the file is called: by its tag, and by typedefs. */
function namesOf(model: ProjectModel, file: FileId, { tag }: StructDeclaration): readonly string[] {
  const typedefs = model.files[file]!.declarations.filter(({ kind, type }) => kind === 'typedef' && type === tag)
  return [...(tag.includes('@') ? [] : [tag.replace(/^\w+ /, '')]), ...typedefs.map(({ name }) => name)]
}

/**
 * The sizes of specs that ask for the size of a struct; null where it is needed for more than that and pointers, or
 * outside of its file.
 */
function sizesOf(model: ProjectModel, file: FileId, names: readonly string[]): readonly Span[] | null {
  const sizes: Span[] = []
  for (const other of model.files.keys()) {
    const code = model.project.code(other)
    const asked = specsIn(code).specs.flatMap(({ basicSizes }) =>
      basicSizes.flatMap((value) => {
        const size = value.kind === 'group' ? value.inner : value
        return size.kind === 'unary' && size.operator === 'sizeof' ? [size.span] : []
      }),
    )
    for (const { span, isInDirective } of names.flatMap((name) => code.occurrences(name))) {
      const size = asked.find(({ start, end }) => start <= span.start && span.end <= end)
      if (size !== undefined && other === file) sizes.push(size)
      else if (isInDirective || size !== undefined || !isPointerOrDeclaration(code.text, span)) return null
    }
  }
  return sizes.length > 0 ? sizes : null
}

/** `Spam *`, `struct spam {`, `} Spam;` */
const isPointerOrDeclaration = (text: string, { start, end }: Span): boolean =>
  /^\s*[*{]/.test(text.slice(end, end + nearby)) ||
  (/\}\s*$/.test(text.slice(Math.max(0, start - nearby), start)) && /^\s*;/.test(text.slice(end, end + nearby)))

/** Characters that are looked at. */
const nearby = 40
