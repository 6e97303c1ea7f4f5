import type { FileCode } from '../../code/file-code.ts'
import { nameAt, outermostStatements, parentsIn } from '../../code/placement.ts'
import type { DeclaredVariable, FunctionCode, Value } from '../../code/tree.ts'
import { isNull } from '../../code/values.ts'
import { variablesNamed } from '../../code/variables.ts'
import { isHeader } from '../../semantics/functions.ts'
import { allUsesOf, type GlobalUse } from '../../semantics/global-uses.ts'
import { type GlobalVariable, globalVariables } from '../../semantics/global-variables.ts'
import { heldBy, isDefinition } from '../../semantics/object-holders.ts'

import { commentBehind } from '../../source/comments.ts'
import type { FileId, Offset, Span } from '../../source/text.ts'
import type { PlaceIn, Sources } from '../sources.ts'
import type { InitCode } from './init-code.ts'
import type { Obstacles } from './obstacles.ts'
import { noOwnership, type Ownership, ownershipOf } from './ownership.ts'

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
  /** Whether the state owns a reference to the object that it is a pointer to, and what that takes. */
  readonly ownership: Ownership
  /** The places where code uses it that is for some Python of today. */
  readonly uses: readonly GlobalUse[]
  /** Whether it is the module itself. */
  readonly isModule?: true
}

/**
 * Of the variable that the module itself is put into: what gives that back, tests it and returns it goes, and the state
 * has no reference to the module that it is of.
 */
export function withKeeper(
  { file, keeper, creation, ends, releases }: InitCode,
  members: readonly StateMember[],
  obstacles: Obstacles,
): readonly StateMember[] {
  const [made, ...tests] = creation
  const gone: readonly Span[] = [...tests, ...releases, ...ends.map(({ statement }) => statement)].map(
    ({ span }) => span,
  )
  const isIn = (offset: Offset, { start, end }: Span): boolean => start <= offset && offset < end
  return members.map((member) => {
    if (keeper === null || member.variable.name !== keeper || member.variable.around !== null) return member
    const isOwn = ({ around, offset }: GlobalUse): boolean =>
      around !== null && made !== undefined && isIn(offset, made.span)
    const uses = member.uses.filter((each) => isOwn(each) || !gone.some((span) => isIn(each.offset, span)))
    for (const { how, offset, ...each } of uses)
      if (how !== 'read' && !isOwn({ how, offset, ...each }))
        obstacles.add(file, offset, `\`${keeper}\`, which is the module, gets another value there`)
    return { ...member, uses, ownership: noOwnership, isModule: true as const }
  })
}

/** The variables of some files that hold objects; what cannot become a member is an obstacle. */
export function stateMembers(sources: Sources, files: readonly FileId[], obstacles: Obstacles): readonly StateMember[] {
  const wanted = new Set(files)
  const names = new Set<string>()
  return globalVariables(sources.model, wanted)
    .filter(({ holds, isThreadLocal, type }) => holds !== 'data' && !isThreadLocal && !isDefinition(type))
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
    return (
      !sources.isHistory(at) &&
      !isAnnouncement(sources, variable, where, offset) &&
      !isLabel(sources, at, variable.name)
    )
  })
  if (holds === 'type')
    return refuse(`\`${name}\` is a static type, one for all interpreters: \`abi3lint rewrite types\` comes first`)
  if (uses.length === 0) return null
  if (sources.code(file).isMember(span.start)) return refuse(`\`${name}\` is a member of a class`)
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
  const isProse = now.some(({ file: where, variable: { declaration } }) =>
    /\/\*|\/\//.test(sources.written(where, declaration.span)),
  )
  if (isProse) return refuse(`the declaration of \`${name}\` holds comments`)
  const foreign = uses.find((each) => !wanted.has(each.file))
  if (foreign) return refuse(`\`${name}\` is used in ${model.files[foreign.file]!.file}, which is not of the module`)
  const outside = uses.find((each) => each.around === null)
  if (outside) {
    obstacles.add(model.files[outside.file]!.file, outside.offset, `\`${name}\` is used outside of functions`)
    return null
  }
  for (const { around, file: where, offset } of uses) {
    const why = around && whyNotThere(around, name, offset)
    if (!why) continue
    obstacles.add(model.files[where]!.file, offset, `\`${name}\` ${why}`)
    return null
  }
  const comment = commentOf(sources, now)
  return {
    name,
    variable,
    file,
    declarations: now,
    declarator,
    comment,
    ownership: isObjectPointer(sources, variable)
      ? ownershipOf(sources, uses, /^PyTypeObject\*$/.test(model.apiType(variable.file, type)))
      : noOwnership,
    uses,
  }
}

/** Whether a name is that of a label: `goto error;`, `error:` */
function isLabel(sources: Sources, { file, offset }: PlaceIn, name: string): boolean {
  const text = sources.text(file)
  const before = text.slice(Math.max(0, offset - nearby), offset)
  const behind = text.slice(offset + name.length, offset + name.length + nearby)
  return /\bgoto\s+$/.test(before) || (/^\s*:(?!:)/.test(behind) && /(?:[;{}:]|\*\/)\s*$/.test(before))
}

/** Characters around a name that are looked at. */
const nearby = 80

/** Why a variable cannot be that of a state where a function names it; null where it can. */
function whyNotThere(around: FunctionCode, name: string, offset: number): string | null {
  const value = nameAt(around, offset)
  if (value === null) return around.kind === 'macro' ? null : 'is used in a way that is not understood'
  const parents = parentsIn(around)
  for (let at = parents.get(value); at !== undefined; at = parents.get(at)) {
    if (at.kind === 'variable' && at.storage === 'static') return `is part of what \`${at.name}\` begins with`
    if (at.kind === 'code') return 'is used in a lambda'
  }
  const isExtern = variablesNamed(around, name).some(({ storage }) => storage === 'extern')
  return isExtern ? `is declared in \`${around.name}\`` : null
}

/** A function with a local variable of the name in an inner block: what it means in the rest of it is not told. */
function shadowedIn(sources: Sources, { name, file, around: owner }: GlobalVariable): string | null {
  const code = sources.model.project.code(file)
  for (const offset of code.references(name)) {
    const around = code.functionAt(offset)
    if (!around || around === owner) continue
    const locals = variablesNamed(around, name).filter(({ storage }) => storage !== 'extern')
    if (locals.length === 0) continue
    const outer = new Set(outermostStatements(around.body))
    if (locals.some(({ declaration }) => !outer.has(declaration))) return around.name
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
          ? variablesAt(sources.code(where), name)
              .filter((each) => where === file || each.storage === 'extern')
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

/** Whether a variable is one pointer to an object, of a struct of the project's, too. */
const isObjectPointer = ({ model }: Sources, { file, type, holds }: GlobalVariable): boolean =>
  holds === 'references' && /^[^*[]*\*$/.test(type) && /^(?:object|type)$/.test(heldBy(model, file, type.slice(0, -1)))

/** A declaration of a variable elsewhere: `extern PyObject *x;` */
const isAnnouncement = (sources: Sources, { name }: GlobalVariable, file: FileId, offset: number): boolean =>
  variablesAt(sources.model.project.code(file), name).some((each) => each.nameSpan.start === offset)

/** The variables of a name at file level. */
const variablesAt = ({ declarations }: FileCode, name: string): readonly DeclaredVariable[] =>
  variablesNamed({ body: declarations }, name)

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
