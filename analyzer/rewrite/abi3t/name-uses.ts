import { specsOf } from '../../semantics/heap-types.ts'
import { structOfOffset } from '../../semantics/type-data.ts'
import type { Member } from '../../semantics/type-specs.ts'
import type { Offset, Span } from '../../source/text.ts'
import type { Sources } from '../sources.ts'
import type { InstanceStruct } from './instance-structs.ts'

/** What is to be written anew where the name of a struct stands. */
export interface NameUses {
  /** Sizes in specs. */
  readonly sizes: readonly { readonly file: string; readonly span: Span }[]
  /** Entries of tables of members, whose offsets are told of it. */
  readonly members: readonly { readonly file: string; readonly member: Member }[]
  /** `struct spam` where the typedef is to stand. */
  readonly tags: readonly { readonly file: string; readonly span: Span }[]
}

/** Macros that only make a pointer of the type that they get. */
const pointerMakers = /^PyObject_(?:GC_)?(?:New|NEW|NewVar|NEW_VAR)$/

/** Characters around a name that are looked at. */
const nearby = 120

/** Finds where the name of a struct stands, and says what of it is not understood. */
export function nameUses(sources: Sources, struct: InstanceStruct): NameUses {
  const { model } = sources
  const sizes: { file: string; span: Span }[] = []
  const tags: { file: string; span: Span }[] = []
  const members = [...model.files.keys()].flatMap((id) => {
    const { file } = model.files[id]!
    if (!sources.texts.has(file)) return []
    return specsOf(model, id).members.flatMap((member) => {
      const named = member.offset && structOfOffset(member.offset)
      return named === struct.name || (named !== null && named === struct.tag) ? [{ file, member }] : []
    })
  })
  const sizeSpans = (file: string): readonly Span[] =>
    struct.types.flatMap((type) =>
      model.files[type.file]!.file === file ? type.spec.basicSizes.map(({ span }) => span) : [],
    )
  const holds = (span: Span, at: Offset): boolean => span.start <= at && at < span.end
  const look = (name: string, isTag: boolean): void => {
    for (const { file, offset } of sources.references(name)) {
      if (file === struct.file && (isDefinition(struct, offset, isTag) || holdsTypedef(struct, offset))) continue
      const text = sources.text(file)
      const before = text.slice(Math.max(0, offset - nearby), offset)
      const behind = text.slice(offset + name.length, offset + name.length + nearby)
      const hasStruct = /\bstruct\s+$/.test(before)
      if (name === struct.tag && name === struct.name && hasStruct !== isTag) continue
      // In C a tag has a space of names of its own.
      if (isTag && !hasStruct) {
        if (sources.settings.isCxx(file)) struct.obstacles.add(file, offset, `\`${name}\` is something else, too`)
        continue
      }
      const start = hasStruct ? offset - /struct\s+$/.exec(before)![0].length : offset
      const size = sizeSpans(file).find((each) => holds(each, offset))
      if (size) sizes.push({ file, span: size })
      else if (members.some((each) => each.file === file && holds(each.member.span, offset))) continue
      else if (/^\s*(?:const\s*)?\*/.test(behind) || isMade(before, behind)) {
        if (isTag) tags.push({ file, span: { start, end: offset + name.length } })
      } else struct.obstacles.add(file, offset, 'it is used as more than what is pointed to')
    }
  }
  look(struct.name, false)
  if (struct.tag !== '') look(struct.tag, true)
  for (const { file, member } of members)
    if (member.flags === null || !member.offset) struct.obstacles.add(file, member.span.start, 'a member has no flags')
  return { sizes, members, tags }
}

/** Whether a name is the first operand of `PyObject_New`. */
const isMade = (before: string, behind: string): boolean =>
  /^\s*,/.test(behind) && pointerMakers.test(/(\w+)\s*\(\s*(?:struct\s+)?$/.exec(before)?.[1] ?? '')

/** Whether an offset is that of a name that the definition of a struct gives to it. */
const isDefinition = ({ declaration: { span, struct } }: InstanceStruct, offset: Offset, isTag: boolean): boolean =>
  span.start <= offset && offset < span.end && (isTag ? offset < struct!.span.start : offset >= struct!.span.end)

const holdsTypedef = ({ typedef }: InstanceStruct, offset: Offset): boolean =>
  typedef !== null && typedef.span.start <= offset && offset < typedef.span.end
