import { aloneStatement, inCasts, nameAt, outermostStatements } from '../../code/placement.ts'
import type { CallValue, DeclaredVariable, Value } from '../../code/tree.ts'
import { calleeName, isNull, plainText } from '../../code/values.ts'
import { alternativesOf, variablesNamed } from '../../code/variables.ts'
import { operandReference } from '../../knowledge/references.ts'
import { isHeader } from '../../semantics/functions.ts'
import { allUsesOf, type GlobalUse } from '../../semantics/global-uses.ts'
import { type GlobalVariable, globalVariables } from '../../semantics/global-variables.ts'
import { isDefinition } from '../../semantics/object-holders.ts'
import { isCounted, isNewReference } from '../../semantics/state-members.ts'
import { commentBehind } from '../../source/comments.ts'
import type { FileId, Span } from '../../source/text.ts'
import type { Sources } from '../heap-types/sources.ts'
import type { Obstacles } from './obstacles.ts'

/** A variable of the process that becomes a member of the module's state. */
export interface StateMember {
  /** Of the member: that of the variable, or of one in a function with that in front. */
  readonly name: string
  readonly variable: GlobalVariable
  readonly file: string
  /** Where it is declared: several times where some only announce it. */
  readonly declarations: readonly { readonly file: string; readonly variable: DeclaredVariable }[]
  /** How a member of the state is declared, without semicolon: `PyObject *cache[10]`. */
  readonly declarator: string
  /** The comment behind its declaration, where that declares nothing else; empty for none. */
  readonly comment: string
  /** Whether it is one pointer to an object, and the state owns a reference to that. */
  readonly owns: boolean
  /** Whether it points to an object; what else it points to nobody gives back. */
  readonly isObject: boolean
  /** The call that takes over its only reference, and is to take one of its own. */
  readonly stealing: { readonly use: GlobalUse; readonly callee: Value } | null
  /** Statements of the maker that take a reference which nobody takes over. */
  readonly surplus: readonly (Span & { readonly file: string })[]
  /** The places where code uses it that is for some Python of today. */
  readonly uses: readonly GlobalUse[]
}

/** The variables of some files that hold objects; what cannot become a member is an obstacle. */
export function stateMembers(sources: Sources, files: readonly FileId[], obstacles: Obstacles): readonly StateMember[] {
  const wanted = new Set(files)
  const names = new Set<string>()
  return globalVariables(sources.model)
    .filter(
      ({ file, holds, isThreadLocal, type }) =>
        wanted.has(file) && holds !== 'data' && !isThreadLocal && !isDefinition(type),
    )
    .flatMap((variable) => {
      const member = memberOf(sources, variable, wanted, obstacles)
      if (member === null) return []
      const stem = member.file.replace(/^.*\/|\.\w+$/g, '').replace(/\W/g, '_')
      const name = names.has(member.name) ? `${variable.around?.name ?? stem}_${member.name}` : member.name
      names.add(name)
      return [{ ...member, name }]
    })
}

function memberOf(
  sources: Sources,
  variable: GlobalVariable,
  wanted: ReadonlySet<FileId>,
  obstacles: Obstacles,
): StateMember | null {
  const { model } = sources
  const file = model.files[variable.file]!.file
  const { name, span, type, holds } = variable
  const refuse = (text: string, offset = span.start): null => {
    obstacles.add(file, offset, text)
    return null
  }
  if (sources.isHistory({ file, offset: span.start })) return null
  const uses = allUsesOf(model, variable).filter(({ file: where, offset }) => {
    const at = { file: model.files[where]!.file, offset }
    return !sources.isHistory(at) && !isAnnouncement(sources, variable, where, offset)
  })
  if (holds === 'type')
    return refuse(`\`${name}\` is a static type, one for all interpreters: \`abi3lint rewrite types\` comes first`)
  if (uses.length === 0) return null
  const now = declarationsOf(sources, variable, file)
  const isBroken = now.some((each) => sources.code(each.file).holdsDirectives(each.variable.declaration.span))
  if (now.length === 0 || isBroken) return refuse(`how \`${name}\` is declared is not understood`)
  if (variable.isStatic && isHeader(model, variable.file) && sources.unitsOf(file).length > 1)
    return refuse(`each file that includes ${file} has a \`${name}\` of its own`)
  const declarator = declaratorOf(sources.text(now[0]!.file), now[0]!.variable, name)
  if (declarator === null || !isPointer(type))
    return refuse(`\`${name}\` is no pointer to an object, and what it holds is not understood`)
  if (
    now.some(({ variable: { initialiser } }) => initialiser !== null && !isNull(initialiser) && !isEmpty(initialiser))
  )
    return refuse(`\`${name}\` begins with a value, which a member of a state cannot`)
  if (now.some((each) => each.variable.type !== now[0]!.variable.type))
    return refuse(`\`${name}\` is declared with several types`)
  const shadowed = shadowedIn(sources, variable)
  if (shadowed) return refuse(`\`${name}\` is the name of a local variable in \`${shadowed}\`, in a part of it`)
  const foreign = uses.find((each) => !wanted.has(each.file))
  if (foreign) return refuse(`\`${name}\` is used in ${model.files[foreign.file]!.file}, which is not of the module`)
  const outside = uses.find((each) => each.around === null)
  if (outside) {
    obstacles.add(model.files[outside.file]!.file, outside.offset, `\`${name}\` is used outside of functions`)
    return null
  }
  const isObject = isObjectPointer(sources, variable)
  const comment = commentOf(sources, now)
  return {
    name,
    variable,
    file,
    declarations: now,
    declarator,
    comment,
    isObject,
    ...ownership(sources, variable, uses),
    uses,
  }
}

/** A function with a local variable of the name in an inner block: what it means in the rest of it is not told. */
function shadowedIn(sources: Sources, { name, file, around: owner }: GlobalVariable): string | null {
  const code = sources.model.project.code(file)
  for (const offset of code.references(name)) {
    const around = code.functionAt(offset)
    if (!around || around === owner) continue
    const outer = new Set(outermostStatements(around.body))
    const inner = variablesNamed(around, name).find(
      ({ storage, declaration }) => storage !== 'extern' && !outer.has(declaration),
    )
    if (inner) return around.name
  }
  return null
}

/** All that is for some Python of today: in its function, or in its file and others. */
function declarationsOf(
  sources: Sources,
  { name, around, isStatic }: GlobalVariable,
  file: string,
): StateMember['declarations'] {
  const files = isStatic ? [file] : [file, ...[...sources.texts.keys()].filter((each) => each !== file)]
  const all = around
    ? variablesNamed(around, name).map((variable) => ({ file, variable }))
    : files.flatMap((where) =>
        sources.text(where).includes(name)
          ? sources
              .code(where)
              .variables.filter((each) => each.name === name && (where === file || each.storage === 'extern'))
              .map((variable) => ({ file: where, variable }))
          : [],
      )
  return all.filter((each) => !sources.isHistory({ file: each.file, offset: each.variable.nameSpan.start }))
}

function commentOf(sources: Sources, declarations: StateMember['declarations']): string {
  const comments = declarations.flatMap(({ file, variable: { declaration } }) =>
    declaration.variables.length > 1 ? [] : [commentBehind(sources.text(file), declaration.span.end)?.trim() ?? ''],
  )
  return comments.find((each) => each !== '') ?? ''
}

/** `= {NULL}`, `= {0}` */
const isEmpty = (value: Value): boolean =>
  value.kind === 'braces' &&
  value.entries !== null &&
  value.entries.every((each) => each.kind === 'item' && each.designator === null && isNull(each.value))

const isPointer = (type: string): boolean => /^(?:struct |const )*\w+\*(?:\[\])*$/.test(type)

const isObjectPointer = ({ model }: Sources, { file, type, holds }: GlobalVariable): boolean =>
  holds === 'references' && /^(?:PyObject|PyTypeObject|PyVarObject)\*$/.test(model.apiType(file, type))

/** A declaration of a variable elsewhere: `extern PyObject *x;` */
const isAnnouncement = (sources: Sources, { name }: GlobalVariable, file: FileId, offset: number): boolean =>
  sources.model.project.code(file).variables.some((each) => each.name === name && each.nameSpan.start === offset)

/** As it is written, without what stands before the type: `PyObject *cache[10]`. */
function declaratorOf(text: string, { type, nameSpan }: DeclaredVariable, name: string): string | null {
  const [, base, stars, arrays] = /^((?:struct |const )*\w+)(\**)((?:\[\])*)$/.exec(type) ?? []
  if (base === undefined) return null
  const suffix = /^(?:\s*\[[^\][]*\])*/.exec(text.slice(nameSpan.end, nameSpan.end + longestSuffix))![0].trim()
  if ((suffix.match(/\[/g)?.length ?? 0) !== arrays!.length / 2 || /\[\s*\]/.test(suffix)) return null
  return `${base} ${stars}${name}${suffix}`
}

/** Characters behind a name in which the sizes of an array stand. */
const longestSuffix = 300

/**
 * Whether a variable owns a reference to what it points to: what it is given are new references, and no more of them
 * are taken over than are taken besides.
 */
function ownership(
  sources: Sources,
  variable: GlobalVariable,
  uses: readonly GlobalUse[],
): Pick<StateMember, 'owns' | 'stealing' | 'surplus'> {
  const none = { owns: false, stealing: null, surplus: [] }
  if (!isObjectPointer(sources, variable)) return none
  const found = uses.map((use) => referenceUse(sources, use))
  const of = (what: ReferenceUse['what']): readonly ReferenceUse[] => found.filter((each) => each.what === what)
  if (of('unknown').length > 0 || of('given').length === 0) return none
  const balance = of('taken').length - of('stolen').length
  if (balance >= 0)
    return { ...none, owns: true, surplus: balance === of('taken').length ? surplusIn(sources, found) : [] }
  const [stolen] = of('stolen')
  return balance === -1 && stolen?.call && calleeName(stolen.call) === 'PyModule_AddObject'
    ? { ...none, owns: true, stealing: { callee: stolen.call.callee, use: stolen.use } }
    : none
}

/** What takes references in the function that makes what is used, where nobody else does anything but to look. */
function surplusIn(sources: Sources, found: readonly ReferenceUse[]): StateMember['surplus'] {
  const makers = new Set(found.flatMap(({ what, use }) => (what === 'given' ? [use.around] : [])))
  const taken = found.filter(({ what }) => what === 'taken')
  const isAlone = makers.size === 1 && taken.every(({ use }) => makers.has(use.around))
  const isHanded = found.some(({ what, use }) => what === 'none' && makers.has(use.around) && isKept(use))
  if (!isAlone || isHanded) return []
  return taken.flatMap(({ use, call }) => {
    const alone = call && aloneStatement(use.around!, call)
    return alone?.inBlock ? [{ file: sources.model.files[use.file]!.file, ...alone.statement.span }] : []
  })
}

/** Whether a use of a variable gives its value to another variable, or to who called. */
function isKept({ around, offset }: GlobalUse): boolean {
  const value = nameAt(around!, offset)
  const parent = value ? inCasts(around!, value).parent : undefined
  return parent === undefined || !(parent.kind === 'call' || parent.kind === 'binary' || parent.kind === 'unary')
}

/** What a use of a variable does to references. `given`: the variable gets one of its own. */
interface ReferenceUse {
  readonly what: 'given' | 'taken' | 'stolen' | 'none' | 'unknown'
  readonly use: GlobalUse
  readonly call?: CallValue
}

function referenceUse({ model }: Sources, use: GlobalUse): ReferenceUse {
  const { file, offset, around } = use
  const value = around && nameAt(around, offset)
  if (!around || !value) return { what: 'unknown', use }
  const { whole, parent } = inCasts(around, value)
  if (parent?.kind === 'assign' && parent.target === whole) {
    const given = alternativesOf(around, parent.value).filter((each) => !isNull(each))
    const isOwn = (each: Value): boolean => isNewReference(model, file, each) || isCounted(around, [plainText(each)])
    return { what: given.length === 0 ? 'none' : given.every(isOwn) ? 'given' : 'unknown', use }
  }
  if (parent?.kind === 'unary' && parent.operator === '&') {
    const { parent: user } = inCasts(around, parent)
    const isMade = user?.kind === 'call' && /^PepType_(?:Ready|Make)(?:In)?$/.test(calleeName(user) ?? '')
    return { what: isMade ? 'given' : 'unknown', use }
  }
  if (parent?.kind !== 'call') return { what: 'none', use }
  const name = calleeName(parent) ?? ''
  const index = parent.operands.findIndex(({ span }) => span.start <= offset && offset < span.end)
  if (/^(?:Py_X?INCREF|Py_IncRef|Py_X?NewRef)$/.test(name)) return { what: 'taken', use, call: parent }
  return { what: operandReference(name, index) === 'stolen' ? 'stolen' : 'none', use, call: parent }
}
