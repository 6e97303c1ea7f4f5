import { callsAround } from '../../code/placement.ts'
import type { FunctionCode, Value } from '../../code/tree.ts'
import { bare, calleeName } from '../../code/values.ts'
import { specsOf } from '../../semantics/heap-types.ts'
import { structOfOffset } from '../../semantics/type-data.ts'
import type { HeapType } from '../../semantics/type-definition.ts'
import type { Member } from '../../semantics/type-specs.ts'
import type { Offset, Span } from '../../source/text.ts'
import type { CodeIn, PlaceIn, Sources } from '../sources.ts'
import { type InstanceStruct, sees } from './instance-structs.ts'
import { isItemSize } from './items.ts'

/** What is to be written anew where the name of a struct stands. */
export interface NameUses {
  /** Sizes in specs. */
  readonly sizes: readonly { readonly file: string; readonly span: Span; readonly type: HeapType }[]
  /** Entries of tables of members, whose offsets are told of it. */
  readonly members: readonly { readonly file: string; readonly member: Member }[]
  /** Names of the struct in `offsetof`, in entries of tables and in macros that these call. */
  readonly offsets: readonly { readonly file: string; readonly span: Span }[]
  /** `struct spam` where the typedef is to stand. */
  readonly tags: readonly { readonly file: string; readonly span: Span }[]
}

/** Macros that only make a pointer of the type that they get. */
const pointerMakers = /^PyObject_(?:GC_)?(?:New|NEW|NewVar|NEW_VAR)$/

/** Characters around a name that are looked at. */
const nearby = 120

/**
 * Finds where the name of a struct stands, and says what of it is not understood.
 * @param derived the structs that begin with it
 */
export const nameUses = (sources: Sources, struct: InstanceStruct, derived: readonly InstanceStruct[]): NameUses =>
  new NameReader(sources, struct, derived).read()

class NameReader {
  private readonly sizes: { file: string; span: Span; type: HeapType }[]
  private readonly members: { file: string; member: Member }[] = []
  private readonly offsets: { file: string; span: Span }[] = []
  private readonly tags: { file: string; span: Span }[] = []
  private readonly names: Set<string>
  private readonly looked = new Set<string>()

  constructor(
    private readonly sources: Sources,
    private readonly struct: InstanceStruct,
    private readonly derived: readonly InstanceStruct[],
  ) {
    this.names = new Set([struct.name, struct.tag].filter((each) => each !== ''))
    this.sizes = struct.types.flatMap((type) =>
      type.spec.basicSizes.map(({ span }) => ({ file: sources.model.files[type.file]!.file, span, type })),
    )
  }

  read(): NameUses {
    const { struct, sources } = this
    // Other names of it are found while these are looked at.
    for (const name of this.names)
      for (const { file, offset } of sources.references(name))
        if (sees(sources, struct, { file })) this.isAlias(file, offset, name)
    this.findMembers()
    this.look(struct.name, false)
    if (struct.tag !== '') this.look(struct.tag, true)
    for (const name of this.names) if (!this.looked.has(name)) this.look(name, false)
    for (const { file, member } of this.members) {
      if (member.flags === null || !member.offset)
        struct.obstacles.add(file, member.span.start, 'a member has no flags')
      const isOwn = struct.types.some(
        (type) =>
          sources.model.files[type.file]!.file === file &&
          type.entries.some(({ slot, value }) => slot === 'Py_tp_members' && value === member.table),
      )
      if (!isOwn) struct.obstacles.add(file, member.span.start, 'a member of another type is in it')
    }
    const { sizes, members, offsets, tags } = this
    return { sizes, members, offsets, tags }
  }

  /** Members whose offsets are told by the struct, or by macros that name it. */
  private findMembers(): void {
    const { model } = this.sources
    for (const [id, { file }] of model.files.entries()) {
      if (!this.sources.texts.has(file) || !sees(this.sources, this.struct, { file })) continue
      const macros = this.offsetMacros(file)
      const used = new Map([...macros.keys()].map((name) => [name, 0]))
      for (const member of specsOf(model, id).members) {
        const named = member.offset && structOfOffset(member.offset)
        const macro = member.offset && macroOf(member.offset)
        if (named !== null && this.names.has(named)) {
          this.members.push({ file, member })
          for (const name of this.names)
            for (const start of this.sources.code(file).referencesIn(name, member.offset!.span))
              this.offsets.push({ file, span: this.withStruct(file, { start, end: start + name.length }) })
        } else if (macro && macros.has(macro)) {
          used.set(macro, used.get(macro)! + 1)
          this.members.push({ file, member })
        }
      }
      for (const [name, code] of macros) {
        const uses = this.sources
          .code(file)
          .references(name)
          .filter((each) => each !== code.nameSpan.start)
        if (uses.length !== used.get(name) || uses.length === 0) continue
        for (const each of this.names)
          for (const start of this.sources.code(file).referencesIn(each, code.span))
            this.offsets.push({ file, span: this.withStruct(file, { start, end: start + each.length }) })
      }
    }
  }

  /** Macros of a file that tell where a field of the struct is: `#define OFF(x) offsetof(Spam, x)`. */
  private offsetMacros(file: string): ReadonlyMap<string, FunctionCode> {
    const found = new Map<string, FunctionCode>()
    for (const each of this.names)
      for (const offset of this.sources.code(file).references(each)) {
        const code = this.sources.code(file).macroAt(offset)
        if (code?.parameters.length !== 1) continue
        const text = this.sources.written(file, code.span)
        if (/^\(*\s*offsetof\s*\(\s*(?:struct\s+)?\w+\s*,\s*\w+\s*\)\s*\)*$/.test(text)) found.set(code.name, code)
      }
    return found
  }

  private withStruct(file: string, { start, end }: Span): Span {
    const before = this.sources.text(file).slice(Math.max(0, start - 20), start)
    return { start: start - (/\bstruct\s+$/.exec(before)?.[0].length ?? 0), end }
  }

  private look(name: string, isTag: boolean): void {
    this.looked.add(name)
    for (const place of this.sources.references(name))
      if (sees(this.sources, this.struct, place)) this.lookAt(name, isTag, place)
  }

  private lookAt(name: string, isTag: boolean, { file, offset }: PlaceIn): void {
    const { sources, struct } = this
    const holds = (each: { file: string; span: Span }): boolean =>
      each.file === file && each.span.start <= offset && offset < each.span.end
    if (this.isDefinition(file, offset, isTag) || this.isAliasItself(file, offset, name)) return
    if (struct.isUntyped && name === struct.name && name !== struct.tag) return
    const text = sources.text(file)
    const before = text.slice(Math.max(0, offset - nearby), offset)
    const behind = text.slice(offset + name.length, offset + name.length + nearby)
    const hasStruct = /\bstruct\s+$/.test(before)
    if (name === struct.tag && name === struct.name && hasStruct !== isTag) return
    const isCxx = sources.settings.isCxx(file)
    // In C a tag has a space of names of its own.
    if (isTag && !hasStruct) {
      if (isCxx) struct.obstacles.add(file, offset, `\`${name}\` is something else, too`)
      return
    }
    const span = this.withStruct(file, { start: offset, end: offset + name.length })
    if (this.sizes.some(holds) || this.offsets.some(holds) || isItemSize(sources, file, offset)) return
    if (isTag && /^\s*;/.test(behind) && !isCxx) return
    if (!isTag && this.isAlias(file, offset, name)) return
    if (/^\s*(?:const\s*)?\*/.test(behind) || isMade(before, behind)) {
      if (isTag) this.tag(file, span)
    } else if (!this.isHead(file, offset) && !this.isPasted(file, offset) && isCompiled(sources, file, offset))
      struct.obstacles.add(file, offset, 'it is used as more than what is pointed to')
  }

  /** `struct spam *` becomes `Spam *`, if that is declared there. */
  private tag(file: string, span: Span): void {
    const { struct, sources } = this
    const { declaration, typedefs } = struct
    const own = typedefs.length > 0 ? typedefs : [{ file: struct.file, declaration }]
    const isSeen = own.some((each) =>
      each.file === file ? each.declaration.span.start <= span.start : sources.includes(file, each.file),
    )
    if (isSeen) this.tags.push({ file, span })
    else struct.obstacles.add(file, span.start, 'it is named where its typedef may not be seen')
  }

  /** `#define Eggs Spam`, `typedef Spam Eggs;` */
  private isAlias(file: string, offset: Offset, name: string): boolean {
    const code = this.sources.code(file)
    const macro = code.macroAt(offset)
    if (macro && macro.parameters.length === 0 && this.sources.written(file, macro.span).trim() === name) {
      this.names.add(macro.name)
      return true
    }
    const declaration = code.declarations.find(({ span }) => span.start <= offset && offset < span.end)
    const [type] = declaration?.types ?? []
    if (
      !declaration ||
      !type ||
      !new RegExp(`^typedef\\s+${name}\\s+${type}\\s*;$`).test(this.sources.written(file, declaration.span))
    )
      return false
    this.names.add(type)
    return true
  }

  /** Whether a name is only a part of names that a macro makes, `DEFINE_CHECK(Spam)`, or of pointers. */
  private isPasted(file: string, offset: Offset): boolean {
    const around = this.sources.code(file).codeAt(offset)
    const call = around && callsAround(around, offset)[0]
    const at = call?.operands.findIndex(({ span }) => span.start <= offset && offset < span.end) ?? -1
    const macros = call && at >= 0 ? this.sources.macros(calleeName(call) ?? '') : []
    return macros.length > 0 && macros.every((macro) => isOnlyPasted(this.sources, macro, at))
  }

  /** Whether another name of the struct is defined at a place. */
  private isAliasItself(file: string, offset: Offset, name: string): boolean {
    const { struct, sources } = this
    if (name === struct.name || name === struct.tag) return false
    const code = sources.code(file)
    return (
      code.definesMacro(offset) ||
      code.declarations.some(({ span, types }) => span.start <= offset && offset < span.end && types.includes(name))
    )
  }

  /** Whether a name is that of what another struct begins with. */
  private isHead(file: string, offset: Offset): boolean {
    return this.derived.some(
      ({ head }) => head.file === file && head.span.start <= offset && offset < head.span.end && head.kind === 'base',
    )
  }

  /** Whether an offset is that of a name that the definition of a struct gives to it. */
  private isDefinition(file: string, offset: Offset, isTag: boolean): boolean {
    const { declaration, typedefs, file: own } = this.struct
    const isIn = ({ span }: { readonly span: Span }): boolean => span.start <= offset && offset < span.end
    if (typedefs.some((each) => each.file === file && isIn(each.declaration))) return true
    const braces = declaration.struct!.span
    return file === own && isIn(declaration) && (isTag ? offset < braces.start : offset >= braces.end)
  }
}

/** Whether a parameter of a macro stands at `##`, or is pointed to, wherever it is used. */
function isOnlyPasted(sources: Sources, { file, code }: CodeIn, at: number): boolean {
  const name = code.parameters[at]?.name
  if (name === undefined) return false
  const text = sources.written(file, code.span)
  return [...text.matchAll(new RegExp(`\\b${name}\\b`, 'g'))].every(({ index }) => {
    const isBefore = /^\s*(?:##|\*)/.test(text.slice(index + name.length, index + name.length + nearby))
    return isBefore || /##\s*$/.test(text.slice(Math.max(0, index - nearby), index))
  })
}

/** Whether code at a place may be compiled for abi3t. */
export const isCompiled = (sources: Sources, file: string, offset: Offset): boolean =>
  sources.settings.isCompiled(file, sources.code(file).regionAt(offset))

/** The macro that an offset is told by: `OFF(x)`. */
function macroOf(offset: Value): string | null {
  const inner = bare(offset)
  return inner.kind === 'call' ? calleeName(inner) : null
}

/** Whether a name is the first operand of `PyObject_New`. */
const isMade = (before: string, behind: string): boolean =>
  /^\s*,/.test(behind) && pointerMakers.test(/(\w+)\s*\(\s*(?:struct\s+)?$/.exec(before)?.[1] ?? '')
