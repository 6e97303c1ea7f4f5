import { inCasts, inParentheses, memberAt } from '../../code/placement.ts'
import type { FunctionCode, MemberValue, UnaryValue, Value } from '../../code/tree.ts'
import type { FileId, Span } from '../../source/text.ts'
import type { Sources } from '../sources.ts'
import { isTypeRead } from './emit-own-macros.ts'
import { type InstanceStruct, sees } from './instance-structs.ts'
import { isCompiled } from './name-uses.ts'
import { isFree, type Typing, withoutPointer } from './typing.ts'

/** A place where code asks for what an object holds: `self->items`. */
export interface Access {
  readonly file: string
  readonly code: FunctionCode
  readonly struct: InstanceStruct
  readonly member: MemberValue
  /** What the object is: of `self->base.items` that is `self`. */
  readonly object: Value
}

/** A place where the body of a macro asks a variable of the functions that use it, which are of several types. */
export interface SharedAccess {
  readonly file: string
  readonly code: FunctionCode
  readonly name: string
  readonly member: MemberValue
  readonly structs: readonly InstanceStruct[]
}

/** `&self->base`, which is the object itself. */
export interface BaseAccess {
  readonly file: string
  readonly code: FunctionCode
  readonly struct: InstanceStruct
  readonly value: UnaryValue
  readonly object: Value
  /** Whether a cast says what type it becomes. */
  readonly isCast: boolean
}

/** Where code asks objects. */
export interface Accesses {
  readonly own: readonly Access[]
  readonly shared: readonly SharedAccess[]
  readonly bases: readonly BaseAccess[]
}

/**
 * Finds where code asks for the fields of structs. What is not understood is an obstacle of all structs that have a
 * field of that name.
 */
export const accessesOf = (sources: Sources, structs: readonly InstanceStruct[], typing: Typing): Accesses =>
  new AccessFinder(sources, structs, typing).find()

class AccessFinder {
  private readonly own: Access[] = []
  private readonly shared: SharedAccess[] = []
  private readonly bases: BaseAccess[] = []
  private readonly baseFields: ReadonlySet<string>

  constructor(
    private readonly sources: Sources,
    private readonly structs: readonly InstanceStruct[],
    private readonly typing: Typing,
  ) {
    this.baseFields = new Set(['ob_base', ...structs.map(({ head }) => head.field)])
  }

  find(): Accesses {
    const byField = new Map<string, InstanceStruct[]>()
    const add = (field: string, struct: InstanceStruct): void => {
      byField.set(field, [...(byField.get(field) ?? []), struct])
    }
    for (const struct of this.structs) {
      for (const field of struct.fields.keys()) add(field, struct)
      add(struct.head.field || 'ob_base', struct)
    }
    const { model, texts } = this.sources
    for (const [field, having] of byField)
      for (const id of model.project.filesWith(field))
        if (texts.has(model.files[id]!.file)) this.look(id, field, having)
    return { own: this.own, shared: this.shared, bases: this.bases }
  }

  private look(id: FileId, field: string, having: readonly InstanceStruct[]): void {
    const { file } = this.sources.model.files[id]!
    const code = this.sources.code(file)
    for (const { span, isField, before } of code.occurrences(field)) {
      if (!isField) continue
      const around = code.codeAt(span.start)
      const member = around && (memberAt(around, span.end, field) ?? unread(code.text, around, span, field))
      const refuse = (text: string): void => {
        if (!isCompiled(this.sources, file, span.start)) return
        for (const each of having) if (this.mayAsk(file, around, each)) each.obstacles.add(file, span.start, text)
      }
      if (around && member) this.sort(id, around, member, having, refuse)
      else if (before === '->') refuse(`it is not understood what \`->${field}\` is asked of`)
    }
  }

  /** Whether code may ask a struct for fields: what does not see it cannot, but for macros that are used elsewhere. */
  private mayAsk(file: string, code: FunctionCode | null, struct: InstanceStruct): boolean {
    return code?.kind === 'function' ? this.sources.includes(file, struct.file) : sees(this.sources, struct, { file })
  }

  private sort(
    id: FileId,
    code: FunctionCode,
    member: MemberValue,
    having: readonly InstanceStruct[],
    refuse: (text: string) => void,
  ): void {
    const { file } = this.sources.model.files[id]!
    const { object, arrow, name } = member
    const types = this.typing.typesOf(id, code, object)
    const found = new Set(types.map((type) => this.structOf(type, member, having)))
    if ([...found].every((each) => each === 'other')) return
    const structs = [...found].filter((each) => typeof each !== 'string')
    const [only] = structs
    if (structs.length > 0 && !found.has('unknown') && isFree(code, object) && arrow) {
      this.shared.push({ file, code, name: object.name, member, structs })
      return
    }
    if (found.size > 1 || !only) refuse(`it is not known what \`${name}\` is asked of`)
    else if (only.fields.has(name))
      this.own.push({ file, code, struct: only, member, object: arrow ? object : this.root(object) })
    else this.base(file, code, only, member)
  }

  /** Which of some structs a type points to; `other` for none of them. */
  private structOf(
    type: string | null,
    { object, arrow }: MemberValue,
    having: readonly InstanceStruct[],
  ): InstanceStruct | 'other' | 'unknown' {
    if (type === null) return arrow || object.kind === 'unary' ? 'unknown' : 'other'
    const pointed = arrow ? withoutPointer(type) : type
    const struct = this.typing.struct(pointed)
    if (!struct || !having.includes(struct)) return 'other'
    return arrow ? struct : object.kind === 'member' && this.baseFields.has(object.name) ? struct : 'unknown'
  }

  /** `self` of `self->derived.base` */
  private root(object: Value): Value {
    let at = object
    while (at.kind === 'member' && this.baseFields.has(at.name)) {
      const isLast = at.arrow
      at = at.object
      if (isLast) break
    }
    return at
  }

  /** The base of a struct is asked for: its own fields are seen to elsewhere, its address is that of the object. */
  private base(file: string, code: FunctionCode, struct: InstanceStruct, member: MemberValue): void {
    const { parent } = inParentheses(code, member)
    if (parent && 'kind' in parent && parent.kind === 'member') {
      if (struct.base === null && !isTypeRead(code, parent))
        struct.obstacles.add(file, member.span.start, `\`${member.name}\` is asked for its fields`)
    } else if (parent && 'kind' in parent && parent.kind === 'unary' && parent.operator === '&') {
      const isCast = inCasts(code, parent).whole !== inParentheses(code, parent).whole
      this.bases.push({ file, code, struct, value: parent, object: this.root(member), isCast })
    } else struct.obstacles.add(file, member.span.start, `\`${member.name}\`, which is its base, is used as a value`)
  }
}

/** `self->size` where values are not read: between the brackets of a declaration. */
function unread(text: string, code: FunctionCode, { start, end }: Span, name: string): MemberValue | null {
  const from = Math.max(code.span.start, start - longestName)
  const [whole, asked] = /(?<![\w.]|->\s*)([A-Za-z_]\w*)\s*->\s*$/.exec(text.slice(from, start)) ?? []
  if (whole === undefined || asked === undefined || code.kind === 'file') return null
  const at = start - whole.length
  const object = { kind: 'name', name: asked, scope: '', span: { start: at, end: at + asked.length } } as const
  const dot = at + whole.indexOf('->')
  return { kind: 'member', object, name, arrow: true, dot, span: { start: at, end } }
}

/** Characters of a name and what stands around it. */
const longestName = 100
