import { aloneStatement, inParentheses, nameAt, statementOf } from '../../code/placement.ts'
import type { FunctionCode, MemberValue, NameValue, Variable } from '../../code/tree.ts'
import { addressed } from '../../code/values.ts'
import { variablesIn } from '../../code/variables.ts'
import type { PlaceIn, Sources } from '../sources.ts'
import { AddressUses } from './address-uses.ts'
import { assignmentOf, type CallOperand, contextAt, fieldContext, operandOf, type TypeUseContext } from './contexts.ts'
import { callAt, conditionsAround, FoundUses, inheritsDealloc, notUnderstood, type TypeMention } from './found-uses.ts'
import { fieldsSetBy } from './helper-fields.ts'
import { findPastedUses } from './pasted-uses.ts'
import { readyTest } from './ready-tests.ts'
import { seenAs, unseenAt } from './seen-names.ts'
import { findTableUses } from './table-uses.ts'
import { TypeIndex } from './type-index.ts'
import { initialValues, type PointerIn, typeObjects } from './type-objects.ts'
import { earlyUse, type TypeParameter, TypeParameters } from './type-parameters.ts'
import type { TypeUses } from './uses.ts'

/**
 * Goes to every place where the name of a static type stands, and says what is done there. What is not understood is
 * an obstacle.
 */
export function findUses(sources: Sources): readonly TypeUses[] {
  const index = new TypeIndex(typeObjects(sources))
  const found = new Map(index.types.map((type) => [type, new FoundUses(type)]))
  const finder = new UseFinder(sources, index)
  for (const uses of found.values()) finder.find(uses)
  findPastedUses(sources, index, found, (uses, mention) => finder.mention(uses, mention))
  findTableUses(sources, index, found)
  return [...found.values()]
}

/** Says what is done at places where types are named. */
class UseFinder {
  private readonly addresses: AddressUses
  private readonly parameters: TypeParameters

  constructor(
    private readonly sources: Sources,
    private readonly index: TypeIndex,
  ) {
    this.parameters = new TypeParameters(sources, index)
    this.addresses = new AddressUses(sources, index, this.parameters)
  }

  /** Looks at all places where a type is named as it is written. */
  find(uses: FoundUses): void {
    const { type } = uses
    const declared = new Set(type.places.map(({ file, offset }) => `${file}:${offset}`))
    const isOfPointer = ({ file, offset }: PlaceIn): boolean =>
      type.pointer?.file === file && type.pointer.initialiser.start <= offset && offset < type.pointer.initialiser.end
    for (const place of type.pointer?.references ?? []) this.pointerAt(uses, type.pointer!, place)
    for (const place of type.references) {
      if (declared.has(`${place.file}:${place.offset}`) || isOfPointer(place)) continue
      if (seenAs(this.sources, type, place) !== 'macro') this.findAt(uses, place)
    }
    for (const each of this.parameters.of(type)) this.parameter(uses, each)
    const unseen = unseenAt(this.sources, type)
    if (unseen)
      uses.addObstacle(unseen, `no declaration of it is seen by \`${unseen.file}\`: a header that was not read has one`)
  }

  private findAt(uses: FoundUses, place: PlaceIn): void {
    const { file, offset } = place
    if (this.sources.isHistory(place)) return
    const all = this.sources.code(file)
    const code = all.codeAt(offset)
    if (all.isInDirective(offset)) {
      // In a directive that asks for it, or as a parameter: another thing.
      if (code === null || code.parameters.some(({ name }) => name === uses.type.name)) return
      if (isPasted(this.sources.text(file), offset, uses.type.name)) {
        uses.addObstacle(place, `the macro \`${code.name}\` makes names of \`${uses.type.name}\``)
        return
      }
    }
    if (code === null) notUnderstood(this.sources, uses, place)
    else if (code.kind === 'function' && nameAt(code, offset) === null) this.unread(uses, place)
    else this.mention(uses, { ...place, code, parameter: null, from: null, as: 'type' })
  }

  /** What is done with the pointer by which a type is known, which is the type once that is made. */
  private pointerAt(uses: FoundUses, { variable: { name } }: PointerIn, place: PlaceIn): void {
    if (this.sources.isHistory(place)) return
    const code = this.sources.code(place.file).codeAt(place.offset)
    const isDeclaredIn = ({ parameters }: FunctionCode, own: Iterable<Variable>): boolean =>
      [...parameters, ...own].some((each) => each.name === name)
    // In a directive that asks for it, or something else of that name.
    if (code === null && this.sources.code(place.file).isInDirective(place.offset)) return
    if (code !== null && code.kind !== 'file' && isDeclaredIn(code, variablesIn(code))) return
    const value = code && nameAt(code, place.offset)
    if (!code || !value) {
      notUnderstood(this.sources, uses, place)
      return
    }
    const mention = { ...place, code, parameter: null, from: null, as: 'pointer' } as const
    const { whole, parent } = inParentheses(code, value)
    if (parent?.kind === 'member' && parent.arrow) this.field(uses, mention, fieldContext(code, parent))
    else if (
      code.kind === 'file' ||
      (parent?.kind === 'assign' && parent.target === whole) ||
      (parent?.kind === 'unary' && parent.operator !== '!')
    )
      uses.addObstacle(place, `\`${name}\`, by which it is known, may be set to something else or be read too early`)
    else this.addresses.find(uses, mention, { kind: 'address', value, operand: operandOf(code, value) })
  }

  /** What is done with a parameter that always is the type: that is what takes its place. */
  private parameter(uses: FoundUses, parameter: TypeParameter): void {
    const { file, code, name } = parameter
    const places = this.sources.code(file).referencesIn(name, code.span)
    const before = uses.obstacles.length
    for (const offset of places) {
      const place = { file, offset }
      if (this.sources.isHistory(place)) continue
      const value = nameAt(code, offset)
      if (value === null) notUnderstood(this.sources, uses, place)
      else this.parameterAt(uses, { ...place, code, parameter: null, from: null, as: 'parameter' }, value)
    }
    const early = uses.obstacles.length > before ? null : earlyUse(uses, parameter, places)
    if (early !== null)
      uses.addObstacle({ file, offset: early }, `\`${name}\` of \`${code.name}\` is used before it is made ready`)
  }

  private parameterAt(uses: FoundUses, mention: TypeMention, value: NameValue): void {
    const { file, code, offset } = mention
    const { parent } = inParentheses(code, value)
    if (parent?.kind === 'member' && parent.arrow) this.field(uses, mention, fieldContext(code, parent))
    else if (parent?.kind !== 'unary' || parent.operator === '!')
      this.addresses.find(uses, mention, { kind: 'address', value, operand: operandOf(code, value) })
    // `memset(type, 0, sizeof(*type))`
    else if (!isCleared(code, value)) notUnderstood(this.sources, uses, { file, offset })
  }

  /** A use in a branch in the middle of a statement, or in what is not understood: an address is one there, too. */
  private unread(uses: FoundUses, place: PlaceIn): void {
    const text = this.sources.text(place.file)
    const { name } = uses.type
    const start = plainAddress(text, place.offset, name)
    if (start === null) notUnderstood(this.sources, uses, place)
    else uses.addresses.push({ file: place.file, span: { start, end: place.offset + name.length }, name })
  }

  /** Says what is done with a type at one place. */
  mention(uses: FoundUses, mention: TypeMention): void {
    const { file, code, offset } = mention
    const context = contextAt(code, offset)
    switch (context.kind) {
      case 'field':
        this.field(uses, mention, context)
        break
      case 'operand':
        this.operand(uses, mention, context.operand)
        break
      case 'address':
        this.addresses.find(uses, mention, context)
        break
      case 'size':
        if (mention.parameter !== null || !isCleared(code, nameAt(code, offset)!))
          notUnderstood(this.sources, uses, { file, offset })
        break
      case 'other':
        notUnderstood(this.sources, uses, { file, offset })
    }
  }

  private field(uses: FoundUses, mention: TypeMention, context: Extract<TypeUseContext, { kind: 'field' }>): void {
    const { file, code } = mention
    const { field, value } = context
    const place = { file, offset: context.dot }
    const name = `\`${uses.type.name}.${field}\``
    const assignment = assignmentOf(code, value)
    const isEmpty = mention.as === 'type' && initialValues(uses.type, 'tp_name').length === 0
    const test = code.kind === 'file' ? null : readyTest(code, value, isEmpty)
    if (test !== null) {
      uses.readyTests.push({ file, ...test })
      return
    }
    if (assignment === null && code.kind !== 'file')
      uses.looks.push({ file, offset: context.dot, around: code, what: `${uses.type.name}.${field}` })
    if (code.kind !== 'function') {
      if (code.kind === 'file') uses.addObstacle(place, `${name} stands in an initialiser`)
      else if (assignment !== null) this.assignmentByMacro(uses, mention, value, place)
      else this.fieldRead(uses, mention, place)
      return
    }
    if (field === 'tp_dict') uses.readsDict = true
    if (assignment === null) {
      if (field === 'tp_dealloc' && initialValues(uses.type, 'tp_dealloc').length === 0)
        uses.addObstacle(place, inheritsDealloc)
      this.fieldRead(uses, mention, place)
    } else this.assignment(uses, mention, value, context.dot)
  }

  private fieldRead(uses: FoundUses, { as, file, offset, code }: TypeMention, place: PlaceIn): void {
    if (as === 'type') uses.dots.push(place)
    else if (as === 'parameter') uses.addresses.push({ file, span: nameAt(code, offset)!.span, name: uses.type.name })
  }

  /** A field that a macro sets of the type that it makes ready. */
  private assignmentByMacro(uses: FoundUses, mention: TypeMention, { name }: MemberValue, place: PlaceIn): void {
    const { file, code, parameter, from } = mention
    const all = parameter === null ? '' : fieldsSetBy(this.sources, { file, code }, parameter, from)
    if (typeof all === 'string') uses.addObstacle(place, `\`${uses.type.name}.${name}\` is written by a macro`)
    else for (const each of all) if (each.field === name) uses.addFieldAssignment(each)
  }

  private assignment(uses: FoundUses, { file, code }: TypeMention, target: MemberValue, dot: number): void {
    const place = { file, offset: dot }
    const field = target.name
    const name = `\`${uses.type.name}.${field}\``
    const assignment = assignmentOf(code, target)
    if (
      assignment === null ||
      assignment === 'part' ||
      this.sources.code(file).holdsDirectives(assignment.statement.span)
    ) {
      uses.addObstacle(place, `${name} is assigned to in the middle of something else`)
      return
    }
    const { value, statement } = assignment
    const text = this.sources.written(file, value.span)
    if (field === 'ob_type' || field === 'ob_base') {
      if (addressed(value) === 'PyType_Type') uses.removals.push({ file, span: statement.span })
      else uses.addObstacle(place, `it gets a metaclass: \`${text}\``)
      return
    }
    const conditions = conditionsAround(this.sources, uses.type, place)
    if (conditions === null) {
      uses.addObstacle(place, `${name} is assigned in the \`#else\` of a condition`)
      return
    }
    uses.addFieldAssignment({ file, field, ...assignment, text, around: code, conditions, isByHelper: false })
  }

  /** The type object itself is an operand: of a macro, that does with it what its body says. */
  private operand(uses: FoundUses, mention: TypeMention, { callee, call, index }: CallOperand): void {
    const { file, offset, code } = mention
    const macros = this.sources.macros(callee)
    if (uses.type.pointer !== null) {
      uses.addObstacle({ file, offset }, `\`${callee}\` gets its name, and other code a pointer`)
      return
    }
    if (macros.length === 0) {
      uses.addObstacle({ file, offset }, `\`${callee}\` gets the type object itself`)
      return
    }
    const clears = macros.some(({ file: where, code: { span } }) =>
      /^\W*(?:\(void\)\s*)?\w*memset\s*\(/.test(this.sources.written(where, span)),
    )
    const alone = clears ? aloneStatement(code, call) : null
    if (alone?.inBlock) {
      uses.removals.push({ file, span: alone.statement.span })
      return
    }
    for (const place of this.sources.references(callee)) if (!this.takesType(uses, place, callee, index)) return
    const from = code.kind === 'function' ? { file, around: code, call } : null
    for (const { file: where, code: body } of macros) {
      const parameter = body.parameters[index]?.name
      if (parameter === undefined) continue
      const text = this.sources.text(where)
      for (const at of this.sources.code(where).referencesIn(parameter, body.span)) {
        if (isPasted(text, at, parameter)) continue
        this.mention(uses, { file: where, offset: at, code: body, parameter, from, as: 'type' })
      }
    }
  }

  /** Whether a use of a macro gets a type of the project, which then goes with this one. */
  private takesType(uses: FoundUses, place: PlaceIn, macro: string, index: number): boolean {
    const call = callAt(this.sources, place)
    if (call === null) return true
    const operand = call === 'unread' ? undefined : call.operands[index]
    const other = operand?.kind === 'name' ? this.index.named(operand.name, place.file) : null
    if (other === null) uses.addObstacle(place, `the macro \`${macro}\` is called with something else than a type, too`)
    else if (other !== uses.type) uses.needs.add(other)
    return other !== null
  }
}

/** Functions that do more with the address of a type than to look at it, and words of what does. */
const special =
  /\b(?:static|constexpr|sizeof|memset|\w*Ready\w*|\w*InitType\w*|Py_X?INCREF|Py_SET_TYPE|PyModule_Add\w*)\b/

/**
 * Where `&T` begins in text that is not read, if it can be nothing but the address of a type in an expression that does
 * no more with it than to look at it.
 */
function plainAddress(text: string, offset: number, name: string): number | null {
  const before = text
    .slice(Math.max(0, offset - longestStatement), offset)
    .replace(/^[ \t]*#[^\n]*$/gm, (directive) => ' '.repeat(directive.length))
  const statement = /[^;{}]*$/.exec(before)![0]
  const sign = /(?:^|[(,=?:{!<>]|&&|\|\||\breturn|\([\w\s]+\*\s*\))\s*&\s*$/.exec(statement)
  const behind = text.slice(offset + name.length, offset + name.length + longestGap)
  if (sign === null || special.test(statement) || !/^\s*(?:[),;:?}!<>]|[=!]=|&&|\|\||$|#)/.test(behind)) return null
  return offset - before.length + before.lastIndexOf('&')
}

/** Characters before a name that are looked at for the statement that it stands in; one that is longer is refused. */
const longestStatement = 2000
const longestGap = 40

/** Whether a name in the body of a macro is pasted with something, or made a string of. */
const isPasted = (text: string, offset: number, name: string): boolean =>
  /#\s*$/.test(text.slice(Math.max(0, offset - 40), offset)) ||
  /^\s*##/.test(text.slice(offset + name.length, offset + name.length + 40))

/** Whether a name stands in `memset(&T, 0, sizeof(T))`. */
function isCleared(code: FunctionCode, name: NameValue): boolean {
  const statement = statementOf(code, name)
  return (
    statement?.kind === 'expression' &&
    statement.value?.kind === 'call' &&
    statement.value.callee.kind === 'name' &&
    /memset$/.test(statement.value.callee.name)
  )
}
