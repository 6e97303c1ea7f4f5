import { isZero, allFields } from '../facts/declarations.ts'
import { idleFields, offsetMembers, slotFields, subTables } from '../facts/slots.ts'
import { includeEdit } from '../fix/includes.ts'
import type { TextEdit } from '../fix/edits.ts'
import type { Minor } from '../knowledge/version.ts'
import { functionAround, indentAt, isBraceless, outermostStatement, previousToken, simpleStatement, wordAt, type FunctionText, type Outline } from '../preprocess/outline.ts'
import { Kind } from '../preprocess/scanner.ts'
import { RegionIndex, type MacroDefinition } from '../preprocess/directives.ts'
import type { Offset } from '../source/text.ts'
import { isFreeing, lineEndOf, parametersOf, releasingEdits, visitingEdits, type Owners } from './instances.ts'
import { argumentsOf, assignmentAt, callAround, mentionAt, textOf, type Call, type Mention } from './mentions.ts'
import type { Place, Sources } from './sources.ts'
import { errorOf, tableSlot, type TableSlot } from './tables.ts'
import { nameIn, tableName, tableNamed, typeObjects, valuesOf, type FateOf, type Obstacle, type Table, type TypeObject } from './type-objects.ts'
import { memberInsertion, writeSpec, type Additions } from './write.ts'

/**
 * Static type objects become heap types: a variable `PyTypeObject T = {...}` becomes a pointer `T`, a `PyType_Spec T_spec` and
 * its slots; what made it ready makes it; what took its address takes the pointer. A type is rewritten whole, in all files, or
 * left alone with the reasons.
 */

export interface RewriteSettings {
  /** The lowest level of the Limited API that is built for. */
  readonly level: Minor
  readonly fateOf: FateOf
  /** The files that a file includes or is included by, itself too, at any depth. */
  related(file: string): ReadonlySet<string>
  /** Why a file may not be edited; null where it may. */
  locked(file: string): string | null
  isCxx(file: string): boolean
  /** Whether code in a region of a file is compiled for the target. */
  isCompiled(file: string, region: number): boolean
}

export interface PlannedType {
  readonly name: string
  /** Where it is declared and defined: offsets of its name. */
  readonly places: readonly { readonly file: string; readonly offset: Offset }[]
  /** Empty where it is rewritten. */
  readonly obstacles: readonly Obstacle[]
}

export interface Plan {
  readonly types: readonly PlannedType[]
  /** What rewrites all types without obstacles at once, by file; no two edits of a file touch. */
  readonly edits: ReadonlyMap<string, readonly TextEdit[]>
  /** The shims that each file then uses. */
  readonly shims: ReadonlyMap<string, ReadonlySet<string>>
}

interface Edit extends TextEdit {
  readonly file: string
}

/** An assignment to a field before the type is ready, which becomes a slot. */
interface Late {
  readonly file: string
  readonly field: string
  readonly operator: string
  readonly value: string
  readonly valueTokens: { readonly first: number; readonly last: number }
  readonly statement: { readonly first: number; readonly last: number }
  readonly around: FunctionText
  readonly conditions: readonly string[]
}

/** A call that makes the type ready, or hands it to what does. */
interface Site {
  readonly file: string
  readonly how: 'ready' | 'add' | 'helper'
  readonly call: Call
  readonly mention: Extract<Mention, { kind: 'address' }>
  readonly around: FunctionText
}

class Draft {
  readonly obstacles: Obstacle[]
  readonly edits: Edit[] = []
  readonly late: Late[] = []
  readonly sites: Site[] = []
  readonly tables: TableSlot[] = []
  /** Types that must be rewritten for this one to be. */
  readonly needs = new Set<Draft>()
  /** Uses that want the type made where nothing else makes it. */
  readonly eager: { readonly file: string; readonly mention: Extract<Mention, { kind: 'address' }>; readonly around: FunctionText }[] = []
  /** Calls of `PyModule_AddObject` that take a reference of it, and of `Py_INCREF` that make one, by function. */
  readonly stolen: { readonly file: string; readonly call: Call; readonly around: FunctionText }[] = []
  readonly counted: FunctionText[] = []
  readonly lateTables: Table[] = []
  /** Where its spec is used. */
  readonly specUses: { readonly file: string; readonly offset: Offset }[] = []
  /** Made by `PyStructSequence_NewType`. */
  isSequence = false
  readsDict = false
  isImmutable = false
  spec = ''
  slots = ''

  constructor(readonly type: TypeObject) {
    this.obstacles = [...type.obstacles]
  }

  get isOpen(): boolean {
    return this.obstacles.length === 0
  }
}

/** Plans the rewriting of all static types of a project. */
export function planHeapTypes(sources: Sources, settings: RewriteSettings): Plan {
  return new Planner(sources, settings).plan()
}

class Planner {
  private readonly drafts: readonly Draft[]
  private readonly byName = new Map<string, Draft[]>()
  private readonly regions = new Map<string, RegionIndex>()
  private readonly guarded = new Set<string>()
  private readonly edits: Edit[] = []
  private readonly shims = new Map<string, Set<string>>()
  private readonly inserted = new Map<string, string[]>()

  constructor(private readonly sources: Sources, private readonly settings: RewriteSettings) {
    this.drafts = typeObjects(sources, settings.fateOf, (file) => settings.related(file)).map((type) => new Draft(type))
    for (const draft of this.drafts) this.byName.set(draft.type.name, [...(this.byName.get(draft.type.name) ?? []), draft])
  }

  plan(): Plan {
    if (this.drafts.length === 0) return { types: [], edits: new Map(), shims: new Map() }
    for (const draft of this.drafts) this.lookAt(draft)
    this.lookAtMadeNames()
    for (const draft of this.drafts) this.judge(draft)
    this.judgeDeallocs()
    this.settle()
    const open = this.drafts.filter(({ isOpen }) => isOpen)
    for (const draft of open) this.writeUses(draft)
    for (const fill of this.fills.values()) this.writeFill(fill)
    // Which files use a spec is known by now.
    for (const draft of open) this.writeDefinition(draft)
    this.finish()
    return {
      types: this.drafts.map(({ type, obstacles }) => ({
        name: type.name,
        places: [...type.declarations, ...type.definitions].map(({ file, declared }) => ({ file, offset: this.sources.outline(file).tokens.start[declared.nameToken]! })),
        obstacles,
      })),
      edits: merged(this.edits),
      shims: this.shims,
    }
  }

  private blame(draft: Draft, file: string, token: number, text: string): void {
    draft.obstacles.push({ file, offset: this.sources.outline(file).tokens.start[token] ?? 0, text })
  }

  /** The type that a name means in a file. */
  private named(name: string, file: string): Draft | null {
    return this.byName.get(name)?.find(({ type }) => type.mentions.some((each) => each.file === file)) ?? null
  }

  private regionAt(file: string, offset: Offset): number {
    let index = this.regions.get(file)
    if (!index) this.regions.set(file, (index = new RegionIndex(this.sources.directives(file).regions)))
    return index.at(offset)
  }

  /** The conditions that code stands under, from the outside in. */
  private chain(file: string, offset: Offset): number[] {
    const { regions } = this.sources.directives(file)
    const found: number[] = []
    for (let at = this.regionAt(file, offset); at > 0; at = regions[at]!.parent) found.unshift(at)
    return found
  }

  private isHistory(file: string, offset: Offset): boolean {
    const { regions } = this.sources.directives(file)
    return this.chain(file, offset).some((region) => this.settings.fateOf(file, regions[region]!.start) === 'never')
  }

  // ---- what the project does with a type

  private lookAt(draft: Draft): void {
    const { type } = draft
    const named = new Set([...type.declarations, ...type.definitions].map(({ file, declared }) => `${file}:${declared.nameToken}`))
    for (const place of type.mentions) {
      if (named.has(`${place.file}:${place.token}`)) continue
      this.lookAtMention(draft, place)
    }
    for (const { file, macro } of type.macros) {
      const outline = this.sources.outline(file)
      const first = macro.firstToken
      const star = wordAt(outline, first) === '*' ? first : wordAt(outline, first) === '(' && outline.partner[first] === macro.endToken - 1 && wordAt(outline, first + 1) === '*' ? first + 1 : -1
      if (macro.parameters !== null || star < 0) {
        this.blame(draft, file, first, `\`${type.name}\` is a macro for something else here`)
        continue
      }
      draft.edits.push({ file, start: outline.tokens.start[star]!, end: outline.tokens.end[star]!, text: '' })
    }
  }

  /** @param parameter what the name is written as in a macro's body: a parameter, `name##_Type`; `last` is the last token of it */
  private lookAtMention(draft: Draft, { file, token }: Place, parameter: string | null = null, last = token): void {
    const outline = this.sources.outline(file)
    const { type } = draft
    const offset = outline.tokens.start[token]!
    if (this.isHistory(file, offset)) return
    const directive = outline.tokens.directive[token]!
    if (directive >= 0) {
      const span = outline.tokens.directives[directive]!
      if (wordAt(outline, span.firstToken) !== 'define') return
      if (token === span.firstToken + 1) return
      // In the parameters of a macro, or as one of them: another thing.
      const macro = this.sources.directives(file).macros.find(({ firstToken, endToken }) => firstToken <= token && token < endToken)
      if (!macro || (parameter === null && macro.parameters?.includes(type.name))) return
      if (last === token && (/^##?$/.test(wordAt(outline, token - 1)) || wordAt(outline, token + 1) === '##')) {
        if (parameter === null) this.blame(draft, file, token, `the macro \`${macro.name}\` makes names of \`${type.name}\``)
        return
      }
    }
    const mention = mentionAt(outline, token, last)
    const around = directive < 0 ? functionAround(outline, token) : null
    if (mention.kind === 'field') this.lookAtField(draft, file, mention, around, directive >= 0)
    else if (mention.kind === 'argument') this.lookAtArgument(draft, file, mention.call, token)
    else if (mention.kind === 'address') this.lookAtAddress(draft, file, mention, around, directive >= 0, parameter)
    else if (!(parameter === null && wordAt(outline, token - 1) === '(' && wordAt(outline, token - 2) === 'sizeof' && this.isCleared(outline, token))) {
      this.blame(draft, file, token, `what \`${lineOf(outline, token)}\` does with \`${type.name}\` is not understood`)
    }
  }

  private isCleared(outline: Outline, token: number): boolean {
    const statement = simpleStatement(outline, token)
    return statement !== null && /memset$/.test(wordAt(outline, statement.first))
  }

  private lookAtField(draft: Draft, file: string, mention: Extract<Mention, { kind: 'field' }>, around: FunctionText | null, inMacro: boolean): void {
    const outline = this.sources.outline(file)
    const { type } = draft
    const { field, dot } = mention
    const operator = wordAt(outline, mention.after)
    const isWritten = /^(?:[-+|&^*/%]?=|\+\+|--)$/.test(operator)
    if (inMacro || around === null) {
      if (isWritten || !inMacro) this.blame(draft, file, dot, `\`${type.name}.${field}\` ${inMacro ? 'is written by a macro' : 'stands in an initialiser'}`)
      else draft.edits.push(this.arrow(file, dot))
      return
    }
    if (field === 'tp_dict') draft.readsDict = true
    if (!isWritten) {
      if (field === 'tp_dealloc' && valuesOf(this.sources, type, 'tp_dealloc').length === 0) this.blame(draft, file, dot, `its \`tp_dealloc\` is read, which it inherits now and would not then`)
      draft.edits.push(this.arrow(file, dot))
      return
    }
    const assignment = assignmentAt(outline, mention)
    if (assignment === null || isBraceless(outline, assignment)) {
      this.blame(draft, file, dot, `\`${type.name}.${field}\` is assigned to in the middle of something else`)
      return
    }
    const value = textOf(outline, assignment.value.first, assignment.value.last)
    if (field === 'ob_type' || field === 'ob_base') {
      if (/^\(?&\s*PyType_Type\)?$/.test(value)) this.remove(draft, file, assignment)
      else this.blame(draft, file, dot, `it gets a metaclass: \`${value}\``)
      return
    }
    const conditions = this.conditionsOf(type, file, outline.tokens.start[dot]!)
    if (conditions === null) {
      this.blame(draft, file, dot, `\`${type.name}.${field}\` is assigned in the \`#else\` of a condition`)
      return
    }
    draft.late.push({ file, field, operator: assignment.operator, value, valueTokens: assignment.value, statement: assignment, around, conditions })
    this.remove(draft, file, assignment)
  }

  /** The `#if` lines that code stands under and the type's definition does not; null where it stands in another branch than the first. */
  private conditionsOf(type: TypeObject, file: string, offset: Offset): string[] | null {
    const { regions } = this.sources.directives(file)
    const outline = this.sources.outline(file)
    const own = [...type.definitions, ...type.declarations].find((each) => each.file === file)
    const around = own ? new Set(this.chain(file, outline.tokens.start[own.declared.nameToken]!)) : new Set<number>()
    const lines: string[] = []
    for (const region of this.chain(file, offset)) {
      if (around.has(region) || this.settings.fateOf(file, regions[region]!.start) === 'always') continue
      if (regions[region]!.branch > 0) return null
      const directive = outline.tokens.directives.find(({ end }) => end === regions[region]!.start)
      if (!directive) return null
      lines.push(outline.text.slice(directive.start, directive.end))
    }
    return lines
  }

  private arrow(file: string, dot: number): Edit {
    const outline = this.sources.outline(file)
    // `(&T)->x` reads as before; `&T.x` is the address of the field.
    return { file, start: outline.tokens.start[dot]!, end: outline.tokens.end[dot]!, text: '->' }
  }

  /** Takes a statement out, with its line where nothing else stands on it. */
  private remove(draft: Draft, file: string, { first, last }: { readonly first: number; readonly last: number }): void {
    const { text, tokens } = this.sources.outline(file)
    draft.edits.push({ file, ...wholeLines(text, tokens.start[first]!, tokens.end[last]!), text: '' })
  }

  private lookAtArgument(draft: Draft, file: string, call: Call, token: number): void {
    const outline = this.sources.outline(file)
    const macros = this.sources.macros(call.callee)
    if (macros.length === 0) {
      this.blame(draft, file, token, `\`${call.callee}\` gets the type object itself`)
      return
    }
    const clears = macros.some(({ file: where, macro }) => /^\W*(?:\(void\)\s*)?\w*memset\s*\(/.test(this.sources.texts.get(where)!.slice(macro.bodyStart, macro.bodyEnd)))
    const statement = clears ? simpleStatement(outline, token) : null
    if (statement !== null && statement.first === call.calleeToken && !isBraceless(outline, statement)) {
      this.remove(draft, file, statement)
      return
    }
    for (const { file: where, token: use } of this.sources.mentions(call.callee)) {
      const at = this.sources.outline(where)
      const open = use + 1
      if (wordAt(at, open) !== '(' || this.sources.directives(where).macros.some(({ name, offset }) => name === call.callee && offset === at.tokens.start[use])) continue
      const operand = argumentsOf(at, open)[call.argument]
      const other = operand && operand.first === operand.last ? this.named(wordAt(at, operand.first), where) : null
      if (other === null) {
        this.blame(draft, where, use, `the macro \`${call.callee}\` is called with something else than a type, too`)
        return
      }
      if (other !== draft) draft.needs.add(other)
    }
    for (const { file: where, macro } of macros) {
      const parameter = macro.parameters?.[call.argument]
      if (parameter === undefined) continue
      const at = this.sources.outline(where)
      for (let body = macro.firstToken; body < macro.endToken; body++) {
        if (wordAt(at, body) === parameter && !/^(?:->|\.)$/.test(wordAt(at, body - 1))) this.lookAtMention(draft, { file: where, token: body }, parameter)
      }
    }
  }

  private lookAtAddress(draft: Draft, file: string, mention: Extract<Mention, { kind: 'address' }>, around: FunctionText | null, inMacro: boolean, parameter: string | null): void {
    const outline = this.sources.outline(file)
    const { call, first } = mention
    const { type } = draft
    if (!inMacro && around === null && call !== null && outline.within[call.open] === -1 && this.isFunctionMacro(call.callee, call.argument)) {
      draft.edits.push(this.pointer(file, mention, type.name))
      return
    }
    if (!inMacro && (around === null || this.isStaticInitialiser(outline, first, around))) {
      this.lookAtStaticUse(draft, file, mention)
      return
    }
    const callee = call?.callee ?? ''
    if (callee === 'PyType_Ready') {
      if (around !== null) draft.sites.push({ file, how: 'ready', call: call!, mention, around })
      else if (parameter !== null) {
        if (this.baseOf(draft) !== '') this.blame(draft, file, first, 'a macro makes it ready, and it has a base')
        const { tokens } = outline
        draft.edits.push({ file, start: tokens.start[call!.calleeToken]!, end: tokens.end[call!.calleeToken]!, text: 'PepType_Ready' })
        draft.edits.push({ file, start: tokens.start[call!.close]!, end: tokens.start[call!.close]!, text: `, &${parameter}##_spec, NULL` })
        this.madeByMacro.add(draft)
        this.useShim(file, 'PepType_Ready', draft)
      } else this.blame(draft, file, first, 'a macro makes it ready')
      return
    }
    if (callee === 'PyModule_AddType' && around !== null) {
      draft.sites.push({ file, how: 'add', call: call!, mention, around })
      return
    }
    if (/^PyStructSequence_InitType2?$/.test(callee) && around !== null && call!.argument === 0) {
      this.lookAtSequence(draft, file, call!)
      return
    }
    if (/memset$/.test(callee) && around !== null) {
      const statement = simpleStatement(outline, first)
      if (statement) this.remove(draft, file, statement)
      return
    }
    if ((callee === 'Py_SET_TYPE' || (callee === 'Py_TYPE' && wordAt(outline, call!.close + 1) === '=')) && call!.argument === 0) {
      const statement = around === null ? null : simpleStatement(outline, first)
      const metaclass = statement === null ? '' : callee === 'Py_TYPE' ? textOf(outline, call!.close + 2, statement.last - 1) : textOf(outline, argumentsOf(outline, call!.open)[1]!.first, call!.close - 1)
      if (statement !== null && statement.first === call!.calleeToken && /^\(?&\s*PyType_Type\)?$/.test(metaclass) && !isBraceless(outline, statement)) this.remove(draft, file, statement)
      else this.blame(draft, file, first, `it gets a metaclass: \`${metaclass || lineOf(outline, first)}\``)
      return
    }
    if (around !== null && call !== null && this.readies(call.callee, call.argument, file)) {
      draft.sites.push({ file, how: 'helper', call, mention, around })
      return
    }
    if (around !== null) {
      if (callee === 'Py_INCREF' || callee === 'Py_NewRef' || callee === 'Py_XINCREF') draft.counted.push(around)
      if (callee === 'PyModule_AddObject' && call!.argument === 2) draft.stolen.push({ file, call: call!, around })
      if (this.isHandedToReady(outline, first, around)) {
        draft.eager.push({ file, mention, around })
        return
      }
    }
    draft.edits.push(this.pointer(file, mention, parameter ?? type.name))
  }

  /** `PyStructSequence_InitType(&T, &desc)` becomes `PyStructSequence_NewType`, which needs no spec. */
  private lookAtSequence(draft: Draft, file: string, call: Call): void {
    const outline = this.sources.outline(file)
    const [, description] = argumentsOf(outline, call.open)
    if (!description) return
    const { name } = draft.type
    const made = `${name} = ${name} != NULL ? ${name} : PyStructSequence_NewType(${textOf(outline, description.first, description.last)})`
    draft.isSequence = true
    draft.edits.push({
      file, start: outline.tokens.start[call.calleeToken]!, end: outline.tokens.end[call.close]!,
      text: call.callee.endsWith('2') ? `((${made}) == NULL ? -1 : 0)` : made,
    })
  }

  /** Whether a macro makes a function in whose body the argument stands: `DEFINE_WRAPPER(name, &T)`. */
  private isFunctionMacro(name: string, argument: number): boolean {
    const macros = this.sources.macros(name)
    return macros.length > 0 && macros.every(({ file, macro }) => {
      const body = this.sources.texts.get(file)!.slice(macro.bodyStart, macro.bodyEnd)
      const parameter = macro.parameters?.[argument]
      const start = body.search(/\)\s*(?:\\\r?\n\s*)*\{/)
      return parameter !== undefined && start >= 0 && !new RegExp(`\\b${parameter}\\b`).test(body.slice(0, start)) && !/\bstatic\b/.test(body.slice(start))
    })
  }

  /** `&T` becomes `T`. */
  private pointer(file: string, { first, last }: { readonly first: number; readonly last: number }, name: string): Edit {
    const { text, tokens } = this.sources.outline(file)
    const start = tokens.start[first]!
    const end = tokens.end[last]!
    let inner = text.slice(tokens.end[first]!, end).trimStart()
    if (/^\(\s*[\w:]+\s*\)$/.test(inner)) inner = inner.slice(1, -1).trim()
    return { file, start, end, text: `${/\w/.test(text[start - 1] ?? '') ? ' ' : ''}${inner === '' ? name : inner}` }
  }

  private isStaticInitialiser(outline: Outline, at: number, around: FunctionText): boolean {
    for (let back = previousToken(outline, at); back > around.body; back = previousToken(outline, back)) {
      const word = wordAt(outline, back)
      if (word === ';' || (word === '{' && outline.kinds.get(back) !== 'initialiser')) return false
      if (word === '}' && outline.kinds.get(outline.partner[back]!) === 'block') return false
      if (word === '}' || word === ')' || word === ']') back = outline.partner[back]!
      if (word === 'static') return true
      if (back < 0) return false
    }
    return false
  }

  /** Whether a local variable gets the address, in a function that makes types ready. */
  private isHandedToReady(outline: Outline, first: number, around: FunctionText): boolean {
    if (callAround(outline, first) !== null) return false
    const before = wordAt(outline, previousToken(outline, first))
    const inBraces = outline.kinds.get(outline.within[first]!) === 'initialiser'
    return (before === '=' || before === ')' || inBraces) && /\bPyType_Ready\s*\(/.test(textOf(outline, around.body, around.end))
  }

  /** Whether a function or macro of the project makes ready what it gets: then it is taught that it may get nothing. */
  private readies(name: string, argument: number, file: string): boolean {
    let found = false
    const ready = (where: string, first: number, end: number, parameter: string): void => {
      const outline = this.sources.outline(where)
      for (let at = first; at < end; at++) {
        if (wordAt(outline, at) !== 'PyType_Ready' || wordAt(outline, at + 1) !== '(') continue
        const close = outline.partner[at + 1]!
        const argumentText = textOf(outline, at + 2, close - 1)
        if (argumentText.replace(/^\((?:PyTypeObject|struct _typeobject)\s*\*\)\s*|[()\s]/g, '') !== parameter) continue
        found = true
        const { start, end: ends } = outline.tokens
        if (this.guarded.has(`${where}:${at}`) || /NULL \? -1 : $/.test(outline.text.slice(0, start[at]!))) continue
        this.guarded.add(`${where}:${at}`)
        this.helperEdits.push({ of: `${name}/${argument}`, file: where, start: start[at]!, end: start[at]!, text: `(${argumentText} == NULL ? -1 : ` }, { of: `${name}/${argument}`, file: where, start: ends[close]!, end: ends[close]!, text: ')' })
      }
    }
    for (const { file: where, found: helper } of this.sources.functions(name, file)) {
      const parameter = parametersOf(this.sources.outline(where), helper)?.[argument]
      if (parameter && parameter.name !== '') ready(where, helper.body, helper.end, parameter.name)
    }
    for (const { file: where, macro } of this.sources.macros(name)) {
      const parameter = macro.parameters?.[argument]
      if (parameter !== undefined) ready(where, macro.firstToken, macro.endToken, parameter)
    }
    return found || this.guardedNames.has(`${name}/${argument}`)
  }

  private readonly helperEdits: (Edit & { readonly of: string })[] = []
  private get guardedNames(): ReadonlySet<string> {
    return new Set(this.helperEdits.map(({ of }) => of))
  }

  private lookAtStaticUse(draft: Draft, file: string, mention: Extract<Mention, { kind: 'address' }>): void {
    const outline = this.sources.outline(file)
    let brace = -1
    for (let open = outline.within[mention.first]!; open >= 0; open = outline.within[open]!) if (outline.kinds.get(open) === 'initialiser') brace = open
    const owner = this.drafts.find(({ type }) => type.definitions.some((each) => each.file === file && each.declared.brace === brace))
    if (owner) {
      const offset = outline.tokens.start[mention.first]!
      const field = owner.type.definitions.flatMap(({ fields }) => [...allFields(fields)]).find(({ item }) => item.start <= offset && offset < item.end)?.field
      if (field === 'tp_base') draft.needs.add(owner)
      else this.blame(draft, file, mention.first, field === 'ob_base' ? `it is the metaclass of \`${owner.type.name}\`` : `its address stands in \`${owner.type.name}\``)
      return
    }
    const slot = brace < 0 ? null : tableSlot(this.sources, file, mention, brace)
    if (slot === null || 'why' in slot) {
      this.blame(draft, file, mention.first, slot?.why ?? `its address stands in a static initialiser: \`${lineOf(outline, mention.first)}\``)
      return
    }
    draft.tables.push(slot)
  }

  /** Macros that make the names of types of parts: `&name##_Type`. They follow if all that they make are types. */
  private lookAtMadeNames(): void {
    for (const [file, text] of this.sources.texts) {
      if (!text.includes('##')) continue
      const outline = this.sources.outline(file)
      for (const macro of this.sources.directives(file).macros) {
        for (let at = macro.firstToken; at < macro.endToken; at++) {
          if (wordAt(outline, at) !== '##') continue
          const first = at - 1
          const parts = [wordAt(outline, first)]
          while (wordAt(outline, at) === '##' && at < macro.endToken) {
            parts.push(wordAt(outline, at + 1))
            at += 2
          }
          this.lookAtMadeName(file, macro, parts, first, at - 1)
        }
      }
    }
  }

  private lookAtMadeName(file: string, macro: MacroDefinition, parts: readonly string[], first: number, last: number): void {
    const parameters = macro.parameters ?? []
    const pattern = new RegExp(`^${parts.map((part) => (parameters.includes(part) ? '\\w*' : part.replace(/\W/g, '\\$&'))).join('')}$`)
    if (![...this.byName.keys()].some((name) => pattern.test(name))) return
    const made = new Set<Draft>()
    let isOther = false
    for (const { file: where, token } of this.sources.mentions(macro.name)) {
      const outline = this.sources.outline(where)
      if (wordAt(outline, token + 1) !== '(' || outline.tokens.start[token] === macro.offset || this.isHistory(where, outline.tokens.start[token]!)) continue
      const operands = argumentsOf(outline, token + 1)
      const name = parts.map((part) => {
        const operand = operands[parameters.indexOf(part)]
        return parameters.includes(part) ? (operand ? textOf(outline, operand.first, operand.last) : '') : part
      }).join('')
      const draft = this.byName.get(name)?.[0]
      if (draft) made.add(draft)
      else isOther = true
    }
    for (const draft of made) {
      if (isOther) this.blame(draft, file, first, `the macro \`${macro.name}\` makes its name of parts, and other names, too`)
      else {
        for (const other of made) if (other !== draft) draft.needs.add(other)
        this.lookAtMention(draft, { file, token: first }, parts.join('##'), last)
      }
    }
  }

  // ---- whether it can be done

  /** The C of the base of a type as it is written now, without conditions: empty for none. */
  private baseOf(draft: Draft): string {
    const bases = [...valuesOf(this.sources, draft.type, 'tp_base'), ...draft.late.filter(({ field }) => field === 'tp_base').map(({ value }) => value)]
    return bases.at(-1) ?? ''
  }

  private baseDraft(draft: Draft): Draft | null {
    const base = this.baseOf(draft)
    const name = /^\(?&\s*\(?([\w:]+)\)?\)?$/.exec(base)?.[1]?.replace(/.*:/, '')
    const where = draft.type.definitions[0]?.file ?? draft.late[0]?.file
    return name === undefined || where === undefined ? null : this.named(name, where)
  }

  private judge(draft: Draft): void {
    const { type, late } = draft
    const [home] = type.definitions.length > 0 ? type.definitions : type.declarations.filter(({ declared }) => declared.storage !== 'extern')
    if (!home) return
    if (![...type.definitions, home].some(({ file, declared }) => this.settings.isCompiled(file, this.regionAt(file, this.sources.outline(file).tokens.start[declared.nameToken]!)))) {
      this.blame(draft, home.file, home.declared.nameToken, 'it is not compiled for the target')
      return
    }
    const values = (field: string): string[] => [...valuesOf(this.sources, type, field), ...late.filter((each) => each.field === field && !isZero(each.value)).map(({ value }) => value)]
    const at = (text: string): void => this.blame(draft, home.file, home.declared.nameToken, text)
    for (const { file, fields } of type.definitions) {
      const text = this.sources.texts.get(file)!
      for (const { field, item } of allFields(fields)) {
        const value = text.slice(item.start, item.end)
        if (field === 'ob_base' && /&\s*(?!PyType_Type\b)\w+/.test(value)) this.blame(draft, file, item.firstToken, `it has a metaclass: \`${value}\``)
        if (item.holdsDirectives && !/^tp_(?:flags|doc)$/.test(field)) this.blame(draft, file, item.firstToken, `\`${field}\` has a condition in the middle of its value`)
        if (!isZero(value) && /^tp_(?:dict|bases)$/.test(field)) this.blame(draft, file, item.firstToken, `\`${field}\` is given by hand`)
      }
    }
    if (draft.isSequence) {
      if (late.length > 0 || draft.sites.length > 0 || type.definitions.some(({ fields, file }) => [...allFields(fields)].some(({ item }) => /[A-Za-z_]/.test(this.sources.texts.get(file)!.slice(item.start, item.end).replace(/_?Py\w*HEAD_INIT|NULL|PyType_Type/g, ''))))) at('it is a struct sequence, and has fields of its own')
      for (const { file } of [...draft.edits, ...type.declarations, ...type.definitions]) this.refuseLocked(draft, file)
      return
    }
    if (values('tp_name').length === 0) at('it has no name')
    this.judgeName(draft, home, values('tp_name'))
    if (type.definitions.length > 1 && late.length > 0) at('it is defined more than once, and assigned to')
    for (const each of late) this.judgeLate(draft, each)
    if (this.settings.level < 9) {
      for (const field of ['tp_weaklistoffset', 'tp_dictoffset', 'tp_as_buffer']) if (values(field).length > 0) at(`\`${field}\` of heap types works from Python 3.9 on`)
    }
    if (values('tp_vectorcall_offset').length > 0 && this.settings.level < 12) {
      const isPrint = type.definitions.some(({ file, fields }) => [...allFields(fields)].some(({ field, item }) => field === 'tp_vectorcall_offset' && !/offsetof/.test(this.sources.texts.get(file)!.slice(item.start, item.end)) && !isZero(this.sources.texts.get(file)!.slice(item.start, item.end))))
      if (!isPrint && this.settings.level < 9) at('`tp_vectorcall_offset` of heap types works from Python 3.9 on')
    }
    for (const field of ['tp_dealloc', 'tp_traverse']) {
      for (const value of values(field)) {
        const name = nameIn(value)
        if (name !== null && (isFreeing(name) || this.sources.functions(name, home.file).length > 0)) continue
        if (field === 'tp_dealloc') at(`its \`tp_dealloc\`, \`${value.replace(/\s+/g, ' ')}\`, is no function that was found`)
      }
    }
    if (draft.sites.length + draft.eager.length + draft.tables.length === 0 && !this.madeByMacro.has(draft) && !this.isBaseOfMade(draft) && this.initFunction(draft) === null) {
      at('nothing was found that makes it ready')
    }
    const base = this.baseOf(draft)
    if (base !== '' && this.baseDraft(draft) === null && !/^\(?&\s*\(?\w+\)?\)?$|^\(\s*PyTypeObject\s*\*\s*\)\s*\(?PyExc_\w+\)?$/.test(base)) {
      // Known at run time only: where it is made ready the base must be in reach.
      const assigned = late.find(({ field }) => field === 'tp_base')
      if (!assigned || draft.sites.length !== 1 || draft.sites[0]!.around.body !== assigned.around.body) at(`its base, \`${base}\`, is known at run time only`)
    }
    const other = this.baseDraft(draft)
    if (finalTypes.test(base)) at(`its base, \`${base}\`, lacks \`Py_TPFLAGS_BASETYPE\``)
    if (other !== null && other !== draft) this.bases.set(draft, other)
    for (const field of ['tp_getset', 'tp_members']) {
      for (const value of values(field)) {
        const shown = /"__(?:module|annotations)__"/.exec(this.arrayText(home.file, nameIn(value) ?? ''))
        if (shown) at(`\`${shown[0].slice(1, -1)}\` of its instances would be that of the type as well: only static types keep the two apart`)
      }
    }
    for (const { file, how, call } of draft.sites) {
      if (how !== 'helper' && argumentsOf(this.sources.outline(file), call.open).length > 2) this.blame(draft, file, call.calleeToken, `\`${call.callee}\` is called in an unusual way`)
    }
    for (const { file } of draft.edits) this.refuseLocked(draft, file)
    for (const { file } of [...type.declarations, ...type.definitions, ...type.tables.values()]) this.refuseLocked(draft, file)
    for (const [name, table] of type.tables) this.judgeTable(draft, name, table.file)
  }

  /** A name without a module gets one; code that reads it to make something of it then has to ask for the name alone. */
  private judgeName(draft: Draft, home: { readonly file: string; readonly declared: { readonly nameToken: number } }, names: readonly string[]): void {
    if (!names.some((name) => this.qualified(name) !== name)) return
    const reads = this.nameReads(home.file)
    if (reads.length === 0) return
    const others = this.drafts.filter(({ type }) => type.mentions.some(({ file }) => this.settings.related(home.file).has(file)))
    const isDotted = others.some(({ type, late }) => [...valuesOf(this.sources, type, 'tp_name'), ...late.filter(({ field }) => field === 'tp_name').map(({ value }) => value)].some((name) => this.qualified(name) === name))
    for (const { file, first, last, of } of reads) {
      const { tokens } = this.sources.outline(file)
      if (isDotted || of === null) this.blame(draft, file, first, `its name has no module and would get one, and \`${lineOf(this.sources.outline(file), first)}\` makes something of it`)
      else {
        draft.edits.push({ file, start: tokens.start[first]!, end: tokens.end[last]!, text: `PepType_GetNameStr(${of})` })
        this.useShim(file, 'PepType_GetNameStr', draft)
      }
    }
  }

  /** Where `tp_name` is more than shown: kept in a variable, made the name of an attribute. `of` is the type that it is of, if that is a name. */
  private nameReads(file: string): { readonly file: string; readonly first: number; readonly last: number; readonly of: string | null }[] {
    return [...this.settings.related(file)].flatMap((where) => {
      const text = this.sources.texts.get(where) ?? ''
      if (!/\b(?:tp_name|PepType_GetTpName)\b/.test(text)) return []
      const outline = this.sources.outline(where)
      const found: { file: string; first: number; last: number; of: string | null }[] = []
      for (let at = 0; at < outline.tokens.count; at++) {
        const word = wordAt(outline, at)
        const isField = word === 'tp_name' && wordAt(outline, at - 1) === '->'
        if (!isField && !(word === 'PepType_GetTpName' && wordAt(outline, at + 1) === '(')) continue
        const first = isField ? at - 2 : at
        const last = isField ? at : outline.partner[at + 1]!
        const isKept = wordAt(outline, last + 1) === ';' && wordAt(outline, first - 1) === '='
        // Who looks for the last dot takes names with and without a module.
        const around = functionAround(outline, first)
        if (isKept && around && new RegExp(`\\bstrrchr\\s*\\(\\s*${wordAt(outline, first - 2)}\\b`).test(textOf(outline, around.body, around.end))) continue
        const into = callAround(outline, first)?.callee ?? ''
        if (!isKept && !/^(?:PyModule_Add\w+|PyObject_SetAttrString|PyDict_SetItemString)$/.test(into)) continue
        const of = isField ? (outline.tokens.kind[first] === Kind.identifier && !/^(?:->|\.)$/.test(wordAt(outline, first - 1)) ? wordAt(outline, first) : null) : textOf(outline, at + 2, last - 1)
        found.push({ file: where, first, last, of })
      }
      return found
    })
  }

  private refuseLocked(draft: Draft, file: string): void {
    const why = this.settings.locked(file)
    if (why !== null && !draft.obstacles.some(({ text }) => text === why)) draft.obstacles.push({ file, offset: 0, text: why })
  }

  private readonly bases = new Map<Draft, Draft>()
  private readonly madeByMacro = new Set<Draft>()

  private isBaseOfMade(draft: Draft): boolean {
    return this.drafts.some((other) => other !== draft && this.baseDraft(other) === draft && (other.sites.length + other.eager.length + other.tables.length > 0))
  }

  private judgeLate(draft: Draft, late: Late): void {
    const { file, field, operator, value, around, statement } = late
    const blame = (text: string): void => this.blame(draft, file, statement.first, text)
    const outline = this.sources.outline(file)
    const known = slotFields.has(field) || Object.hasOwn(offsetMembers, field) || /^tp_(?:name|basicsize|itemsize|flags|base)$/.test(field) || idleFields.has(field)
    if (Object.hasOwn(subTables, field)) {
      const name = tableName(this.sources, value)
      const table = name === null ? null : tableNamed(this.sources, name, subTables[field]!, file, this.settings.fateOf)
      if (table === null || late.conditions.length > 0) blame(`\`${field}\` is assigned \`${value}\`, which is not the address of a table that was found`)
      else {
        draft.type.tables.set(name!, table)
        draft.lateTables.push(table)
      }
      return
    }
    if (!known) {
      blame(`\`${field}\` is assigned to, which has no slot`)
      return
    }
    if (operator !== '=' && field !== 'tp_flags') blame(`\`${field}\` is changed by \`${operator}\``)
    if (operator === '&=') blame('flags are taken away from it')
    const sites = [...draft.sites, ...draft.eager.map(({ file: where, mention, around: within }) => ({ file: where, mention, around: within }))]
    const here = sites.filter((site) => site.file === file && site.around.body === around.body)
    const isBefore = here.length > 0 && here.every(({ mention }) => outline.tokens.start[statement.last]! < outline.tokens.start[mention.first]!)
    const isHarmless = here.length > 0 && slotFields.has(field) && !/^tp_(?:methods|members|getset|doc)$/.test(field)
    if (sites.length > 0 && !isBefore && !isHarmless) blame(`\`${field}\` is assigned ${here.length > 0 ? 'after' : 'in another function than'} \`PyType_Ready\``)
    if (field === 'tp_base' || isZero(value) || this.isInherited(draft, field, value)) return
    const [home] = draft.type.definitions
    if (home && home.file !== file) {
      for (const word of namesAmong(outline, late.valueTokens)) {
        if (/^_?Py/.test(word) || this.sources.mentions(word).some((each) => each.file === home.file)) continue
        blame(`\`${field}\` is assigned in another file, and \`${word}\` is not known where the type is`)
        break
      }
    }
    if (!isConstant(outline, late.valueTokens, around)) blame(`\`${field}\` gets a value that is known at run time only: \`${value}\``)
  }

  /** Whether a value is what the type inherits if it is not given: `PyBaseObject_Type.tp_new`. */
  private isInherited(draft: Draft, field: string, value: string): boolean {
    const from = /^\(?(\w+)\.(\w+)\)?$/.exec(value) ?? /PyType_GetSlot\(&\s*(\w+), Py_(\w+)\)\)*$/.exec(value)
    const base = this.baseOf(draft)
    if (from === null || from[2] !== field) return false
    if (base !== '' && new RegExp(`^&\\s*${from[1]}$`).test(base)) return true
    if (from[1] !== 'PyBaseObject_Type' || field !== 'tp_new') return false
    // That of `object`, which its bases have as well.
    const other = this.baseDraft(draft)
    return base === '' || (other !== null && other !== draft && valuesOf(this.sources, other.type, field).length === 0 && other.late.every((each) => each.field !== field || this.isInherited(other, field, each.value)))
  }

  /** Tables of slots go: nobody else may look at them. */
  private judgeTable(draft: Draft, name: string, file: string): void {
    const table = draft.type.tables.get(name)!
    const own = new Set([table, ...table.forward].map((each) => `${each.file}:${each.declared.nameToken}`))
    for (const place of this.sources.mentions(name)) {
      if (table.declared.storage === 'static' && !this.settings.related(file).has(place.file)) continue
      if (own.has(`${place.file}:${place.token}`)) continue
      const outline = this.sources.outline(place.file)
      const offset = outline.tokens.start[place.token]!
      const user = this.drafts.find(({ type }) => type.definitions.some((each) => each.file === place.file && outline.tokens.start[each.declared.brace]! < offset && offset < outline.tokens.start[outline.partner[each.declared.brace]!]!))
      const late = this.drafts.find((other) => other.late.some((each) => each.file === place.file && each.statement.first <= place.token && place.token <= each.statement.last))
      const users = this.drafts.filter(({ type }) => type.tables.has(name))
      if (this.isNameOfTable(place, name)) continue
      const mention = mentionAt(outline, place.token)
      const assignment = mention.kind === 'field' ? assignmentAt(outline, mention) : null
      if ((user && user.type.tables.has(name)) || late?.type.tables.has(name)) {
        if ((user ?? late) !== draft) draft.needs.add((user ?? late)!)
      } else if (mention.kind === 'field' && assignment?.operator === '=' && users.length === 1 && slotFields.has(mention.field) && !isBraceless(outline, assignment)) {
        const conditions = this.conditionsOf(draft.type, place.file, offset)
        const each: Late = { file: place.file, field: mention.field, operator: '=', value: textOf(outline, assignment.value.first, assignment.value.last), valueTokens: assignment.value, statement: assignment, around: assignment.around, conditions: conditions ?? [] }
        if (conditions === null) this.blame(draft, place.file, place.token, `\`${name}.${mention.field}\` is assigned in the \`#else\` of a condition`)
        draft.late.push(each)
        this.judgeLate(draft, each)
        this.remove(draft, place.file, assignment)
      } else if (!this.isHistory(place.file, offset)) this.blame(draft, place.file, place.token, `its table \`${name}\` is used by something else: \`${lineOf(outline, place.token)}\``)
    }
    if (table.declared.isShared) this.blame(draft, file, table.declared.nameToken, `its table \`${name}\` is declared together with others`)
  }

  /** Whether a table is mentioned by a macro that is another name for it, and that nothing but types uses. */
  private isNameOfTable({ file, token }: Place, name: string): boolean {
    const macro = this.sources.directives(file).macros.find(({ firstToken, endToken }) => firstToken <= token && token < endToken)
    if (!macro || macro.parameters !== null || tableName(this.sources, macro.name) !== name) return false
    return this.sources.mentions(macro.name).every((place) => {
      const { tokens, partner } = this.sources.outline(place.file)
      if (tokens.directive[place.token] !== -1) return true
      const offset = tokens.start[place.token]!
      return this.drafts.some(({ type }) => type.tables.has(name) && type.definitions.some((each) => each.file === place.file && tokens.start[each.declared.brace]! < offset && offset < tokens.start[partner[each.declared.brace]!]!))
    })
  }

  private settle(): void {
    for (let changed = true; changed; ) {
      changed = false
      for (const draft of this.drafts) {
        if (!draft.isOpen) continue
        const base = this.bases.get(draft)
        if (base && !base.isOpen && !/BASETYPE/.test(valuesOf(this.sources, base.type, 'tp_flags').join())) {
          const [home] = base.type.definitions
          if (home) draft.obstacles.push({ file: home.file, offset: this.sources.outline(home.file).tokens.start[home.declared.nameToken]!, text: `its base \`${base.type.name}\` is left alone, and lacks \`Py_TPFLAGS_BASETYPE\`` })
          changed ||= home !== undefined
          continue
        }
        for (const other of draft.needs) {
          if (other.isOpen) continue
          const [home] = [...other.type.definitions, ...other.type.declarations]
          draft.obstacles.push({ file: home!.file, offset: this.sources.outline(home!.file).tokens.start[home!.declared.nameToken]!, text: `\`${other.type.name}\` is left alone, and it goes with it` })
          changed = true
          break
        }
      }
    }
  }

  // ---- the new code

  private useShim(file: string, name: string, draft: Draft | null = null): void {
    this.pendingShims.push({ file, name, draft })
    if (!draft) this.shims.set(file, (this.shims.get(file) ?? new Set()).add(name))
  }

  private readonly pendingShims: { readonly file: string; readonly name: string; readonly draft: Draft | null }[] = []

  private namesFor(draft: Draft): void {
    if (draft.spec !== '') return
    const { name } = draft.type
    const isFree = (each: string): boolean => this.sources.mentions(each).every(({ file }) => !draft.type.mentions.some((mention) => this.settings.related(mention.file).has(file)))
    const free = (suffixes: readonly string[]): string => suffixes.map((suffix) => name + suffix).find(isFree) ?? `${name}_${suffixes[0]}_`
    draft.spec = free(['_spec', '_type_spec'])
    draft.slots = free(['_slots', '_type_slots'])
  }

  /** The C that gives the base of a type where it is made: `NULL` for none. @param made the types that were made before, in the same function */
  private baseText(draft: Draft, file: string, at: Offset, made: ReadonlySet<Draft>): string {
    const base = this.baseOf(draft)
    if (base === '') return 'NULL'
    const other = this.baseDraft(draft)
    if (other === null || !other.isOpen) return base
    if (made.has(other)) return other.type.name
    return this.making(other, file, at, made)
  }

  /** `PepType_Make(&T, &T_spec, base)` @param at where that is put */
  private making(draft: Draft, file: string, at: Offset, made: ReadonlySet<Draft>): string {
    this.namesFor(draft)
    this.useShim(file, 'PepType_Make')
    draft.specUses.push({ file, offset: at })
    return `PepType_Make(&${draft.type.name}, &${draft.spec}, ${this.baseText(draft, file, at, made)})`
  }

  /** Everything that is written for a type but its declarations and definitions. */
  private writeUses(draft: Draft): void {
    this.namesFor(draft)
    const { sites } = draft
    for (const { file, name, draft: of } of this.pendingShims) if (of === draft) this.shims.set(file, (this.shims.get(file) ?? new Set()).add(name))
    this.edits.push(...draft.edits)
    for (const site of sites) this.writeSite(draft, site)
    for (const { file, mention } of draft.eager) {
      const { tokens } = this.sources.outline(file)
      this.edits.push({ file, start: tokens.start[mention.first]!, end: tokens.end[mention.last]!, text: this.making(draft, file, tokens.start[mention.first]!, new Set()) })
    }
    for (const slot of draft.tables) this.writeTableSlot(draft, slot)
    if (!draft.isSequence && draft.sites.length + draft.eager.length + draft.tables.length === 0 && !this.madeByMacro.has(draft) && !this.isBaseOfMade(draft)) this.writeCreation(draft)
    this.writeReferences(draft)
  }

  private writeSite(draft: Draft, { file, how, call, mention, around }: Site): void {
    const outline = this.sources.outline(file)
    const { tokens, text } = outline
    const made = new Set(this.drafts.filter((other) => other.isOpen && other.sites.some((site) => site.file === file && site.how === 'ready' && site.around.body === around.body && site.call.calleeToken < call.calleeToken)))
    const at = tokens.start[call.calleeToken]!
    draft.specUses.push({ file, offset: at })
    const base = this.baseText(draft, file, at, made)
    if (how === 'ready') {
      this.useShim(file, 'PepType_Ready')
      this.edits.push({ file, start: tokens.start[call.calleeToken]!, end: tokens.end[call.calleeToken]!, text: 'PepType_Ready' })
      const address = text.slice(tokens.start[mention.first], tokens.end[mention.last])
      this.edits.push({ file, start: tokens.end[call.open]!, end: tokens.start[call.close]!, text: `${address}, &${draft.spec}, ${base}` })
    } else if (how === 'add') {
      this.useShim(file, 'PepType_Ready')
      this.edits.push({ file, start: tokens.start[call.calleeToken]!, end: tokens.start[call.calleeToken]!, text: `(PepType_Ready(&${draft.type.name}, &${draft.spec}, ${base}) < 0 ? -1 : ` })
      this.edits.push(this.pointer(file, mention, draft.type.name))
      this.edits.push({ file, start: tokens.end[call.close]!, end: tokens.end[call.close]!, text: ')' })
    } else this.edits.push({ file, start: tokens.start[mention.first]!, end: tokens.end[mention.last]!, text: this.making(draft, file, at, made) })
  }

  private readonly fills = new Map<string, { readonly slot: TableSlot; readonly lines: { readonly test: string; readonly conditions: readonly string[] }[] }>()

  private writeTableSlot(draft: Draft, slot: TableSlot): void {
    const { file, mention } = slot
    const { tokens } = this.sources.outline(file)
    this.edits.push({ file, start: tokens.start[mention.first]!, end: tokens.end[mention.last]!, text: 'NULL' })
    const key = `${file}:${slot.nameToken}`
    const fill = this.fills.get(key) ?? { slot, lines: [] }
    this.fills.set(key, fill)
    fill.lines.push({ test: `(${slot.place} = ${slot.cast}${this.making(draft, file, tokens.end[slot.last]!, new Set())}) == NULL`, conditions: slot.conditions })
  }

  /** The function that makes types and puts them into a table, and its call. */
  private writeFill({ slot, lines }: { readonly slot: TableSlot; readonly lines: readonly { readonly test: string; readonly conditions: readonly string[] }[] }): void {
    const { file, call } = slot
    const outline = this.sources.outline(file)
    const { text, tokens } = outline
    const lineEnd = lineEndOf(text)
    const name = `${slot.name}_init`
    const end = tokens.end[slot.last]!
    const fill = (error: string): string[] => lines.flatMap(({ test, conditions }) => [...conditions, `if (${test})`, `    return${error === '' ? '' : ` ${error}`};`, ...conditions.map(() => '#endif')])
    if (slot.isLocal) {
      this.insertBefore(file, outermostStatement(outline, call.around, call.token).first, fill(call.error))
      return
    }
    const body = fill('-1').map((line) => (line.startsWith('#') ? line : `    ${line}`))
    this.edits.push({ file, start: end, end, text: ['', '', `/* Makes the types that ${slot.name} points to. */`, 'static int', `${name}(void)`, '{', ...body, '    return 0;', '}'].join(lineEnd) })
    const statement = outermostStatement(outline, call.around, call.token)
    this.insertBefore(file, statement.first, [`if (${name}() < 0)`, `    return${call.error === '' ? '' : ` ${call.error}`};`])
  }

  /** Puts lines before a statement; several puts at one place keep their order. */
  private insertBefore(file: string, token: number, lines: readonly string[]): void {
    const { text, tokens } = this.sources.outline(file)
    const start = tokens.start[token]!
    const lineStart = text.lastIndexOf('\n', start - 1) + 1
    const indent = indentAt(text, start)
    const lineEnd = lineEndOf(text)
    const isOwnLine = /^\s*$/.test(text.slice(lineStart, start))
    const key = `${file}:${isOwnLine ? lineStart : start}`
    const put = lines.map((line) => `${line.startsWith('#') ? '' : indent}${line}${lineEnd}`).join('')
    this.inserted.set(key, [...(this.inserted.get(key) ?? []), isOwnLine ? put : `${lines.join(' ')} `])
  }

  /** The function that makes the module of the file a type stands in, and the place in it where types can be made. */
  private initFunction(draft: Draft): { readonly file: string; readonly around: FunctionText; readonly token: number; readonly error: string } | null {
    const [home] = [...draft.type.definitions, ...draft.type.declarations]
    // The file itself, or one that includes it as it stands: `#include "spam_iter.c"`.
    const files = [home!.file, ...[...this.settings.related(home!.file)].filter((file) => this.sources.directives(file).includes.some(({ path }) => home!.file.endsWith(path) && /\.(?:c|cc|cpp|cxx|inc)$/.test(path)))]
    for (const file of files) {
      const outline = this.sources.outline(file)
      for (const wanted of [/^(?:PyModule_Create2?|PyModuleDef_Init)$/, /^(?:PyType_Ready|PepType_Ready)$/]) {
        for (const around of outline.functions) {
          if (file === home!.file && around.body < home!.declared.last) continue
          for (let at = around.body; at < around.end; at++) {
            if (!wanted.test(wordAt(outline, at)) || outline.tokens.directive[at] !== -1 || this.isHistory(file, outline.tokens.start[at]!)) continue
            const error = errorOf(outline, around)
            if (error !== null) return { file, around, token: at, error }
          }
        }
      }
    }
    return null
  }

  private writeCreation(draft: Draft): void {
    const init = this.initFunction(draft)
    if (init === null) return
    this.useShim(init.file, 'PepType_Ready')
    const outline = this.sources.outline(init.file)
    const statement = outermostStatement(outline, init.around, init.token)
    const at = outline.tokens.start[statement.first]!
    draft.specUses.push({ file: init.file, offset: at })
    this.insertBefore(init.file, statement.first, [`if (PepType_Ready(&${draft.type.name}, &${draft.spec}, ${this.baseText(draft, init.file, at, new Set())}) < 0)`, `    return${init.error === '' ? '' : ` ${init.error}`};`])
  }

  /** `PyModule_AddObject` takes a reference; of a static type nobody had to have one. */
  private writeReferences({ stolen, counted, type }: Draft): void {
    const left = [...counted]
    for (const { file, call, around } of stolen) {
      const index = left.findIndex(({ body }) => body === around.body)
      if (index >= 0) {
        left.splice(index, 1)
        continue
      }
      const outline = this.sources.outline(file)
      const statement = simpleStatement(outline, call.calleeToken)
      const start = outline.tokens.start[call.calleeToken]!
      if (statement?.first === call.calleeToken && !isBraceless(outline, statement)) this.insertBefore(file, statement.first, [`Py_INCREF((PyObject *)${type.name});`])
      else {
        const end = outline.tokens.end[call.close]!
        this.edits.push({ file, start, end: start, text: `(Py_INCREF((PyObject *)${type.name}), ` }, { file, start: end, end, text: ')' })
      }
    }
  }

  private writeDefinition(draft: Draft): void {
    const { type, late } = draft
    for (const { file, declared } of type.declarations) this.writeDeclaration(draft, file, declared)
    if (draft.isSequence) {
      for (const { file, declared } of type.definitions) {
        const { tokens } = this.sources.outline(file)
        this.edits.push({ file, start: tokens.start[declared.first]!, end: tokens.end[declared.last]!, text: this.pointerDeclaration(draft, file, declared) })
      }
      return
    }
    const flagTexts = [...valuesOf(this.sources, type, 'tp_flags'), ...late.filter(({ field }) => field === 'tp_flags').map(({ value }) => value)].join(' ')
    const values = (field: string): string[] => [...valuesOf(this.sources, type, field), ...late.filter((each) => each.field === field && !isZero(each.value)).map(({ value }) => value)]
    const flags: string[] = []
    const slots: Additions['slots'][number][] = []
    const dropped = new Set<string>()
    const base = this.baseOf(draft)
    const hasNoBase = base === '' || /^&\s*PyBaseObject_Type$/.test(base)
    const { level } = this.settings
    const [home] = type.definitions.length > 0 ? type.definitions : type.declarations.filter(({ declared }) => declared.storage !== 'extern')
    if (values('tp_new').length === 0 && hasNoBase && !/DISALLOW_INSTANTIATION/.test(flagTexts)) {
      if (level >= 10) flags.push('Py_TPFLAGS_DISALLOW_INSTANTIATION')
      else {
        slots.push({ field: 'tp_new', value: 'PepType_RefuseNew', conditions: [] })
        this.useShim(home!.file, 'PepType_RefuseNew')
      }
    }
    // `PyType_Ready` does not ask for it, `PyType_FromSpecWithBases` does.
    if (!/BASETYPE/.test(flagTexts) && this.drafts.some((other) => other.isOpen && this.baseDraft(other) === draft)) flags.push('Py_TPFLAGS_BASETYPE')
    if (this.staysImmutable(draft) && level >= 10 && !/IMMUTABLETYPE/.test(flagTexts)) flags.push('Py_TPFLAGS_IMMUTABLETYPE')
    for (const value of values('tp_dealloc')) if (isFreeing(nameIn(value) ?? '')) dropped.add('tp_dealloc')
    // `PyType_FromSpec` writes the documentation over a `__doc__` of the instances.
    const hidesDoc = values('tp_doc').length > 0 && ['tp_getset', 'tp_members'].some((field) => values(field).some((value) => this.arrayText(home!.file, nameIn(value) ?? '').includes('"__doc__"')))
    if (hidesDoc) dropped.add('tp_doc')
    const sizes = new Map<string, string>()
    for (const { field, value, operator, conditions } of late) {
      if (isZero(value) || field === 'tp_base' || field === 'tp_name' || this.isInherited(draft, field, value)) continue
      if (field === 'tp_flags' && operator === '|=') flags.push(/^[\w|\s]+$/.test(value) ? value : `(${value})`)
      else if (/^tp_(?:basicsize|itemsize|flags)$/.test(field)) sizes.set(field, value)
      else if (field === 'tp_doc' && hidesDoc) continue
      else if (slotFields.has(field) || Object.hasOwn(offsetMembers, field)) {
        slots.push({ field, value, conditions })
        dropped.add(field)
      }
    }
    const lateName = late.find(({ field }) => field === 'tp_name')?.value
    const place = this.specPlace(draft)
    const definitions = type.definitions.length > 0 ? type.definitions : [null]
    for (const definition of definitions) {
      const { file, declared } = definition ?? home!
      const outline = this.sources.outline(file)
      const { text, tokens } = outline
      const isCxx = this.settings.isCxx(file)
      const lineEnd = lineEndOf(text)
      const membersName = nameIn(values('tp_members')[0] ?? '')
      const isUsedElsewhere = draft.specUses.some((each) => each.file !== file)
      // C++ has no declarations of what is static and defined later.
      const linkage = (declared.storage === 'static' || !isUsedElsewhere) && !(isCxx && this.isUsedEarly(draft, file)) ? 'static ' : ''
      const name = lateName ?? (definition ? valuesOf(this.sources, type, 'tp_name')[0] : undefined)
      const additions: Additions = { slots, tables: draft.lateTables, dropped, flags, sizes, name: name === undefined ? null : this.qualified(name), membersArray: membersName }
      const written = writeSpec(this.sources, type, definition, file, { slots: draft.slots, spec: draft.spec }, linkage, { ...additions, membersArray: null }, isCxx)
      if (written.members.length > 0 || (values('tp_members').length > 0 && this.offsetsOf(draft))) {
        const insertion = membersName === null ? null : memberInsertion(this.sources, file, membersName, written.members)
        if (insertion !== null) this.edits.push({ file, start: insertion.start, end: insertion.start, text: insertion.text })
      }
      if (this.offsetsOf(draft) && !/structmember\.h/.test([...this.settings.related(file)].map((each) => this.sources.texts.get(each) ?? '').join('\n'))) {
        const include = includeEdit(text, ['<structmember.h>'])
        if (include) this.edits.push({ file, ...include })
      }
      const start = tokens.start[declared.first]!
      const end = tokens.end[declared.last]!
      const pointer = this.pointerDeclaration(draft, file, declared)
      const outer = indentAt(text, start)
      if (definition === null) {
        this.insertAtLine(file, place!.offset, `${written.text}${lineEnd}${lineEnd}`)
        continue
      }
      if (place !== null) {
        const isEnd = place.offset === text.length
        this.insertAtLine(file, place.offset, isEnd ? `${text.endsWith('\n') ? '' : lineEnd}${lineEnd}${written.text}${lineEnd}` : `${written.text}${lineEnd}${lineEnd}`)
        this.edits.push({ file, start, end, text: pointer === '' ? '' : pointer })
      } else this.edits.push({ file, start, end, text: `${written.text}${pointer === '' ? '' : `${lineEnd}${lineEnd}${outer}${pointer}`}` })
    }
    for (const table of type.tables.values()) {
      for (const { file, declared } of [table, ...table.forward]) {
        const { text, tokens } = this.sources.outline(file)
        this.edits.push({ file, ...wholeLines(text, tokens.start[declared.first]!, tokens.end[declared.last]!, true), text: '' })
      }
    }
  }

  /** The initialiser of an array, as text; empty where it is not found. */
  private arrayText(file: string, name: string): string {
    const outline = this.sources.outline(file)
    for (const { file: where, token } of this.sources.mentions(name)) {
      const equals = where === file && wordAt(outline, token + 1) === '[' ? outline.partner[token + 1]! + 1 : -1
      if (equals > 0 && wordAt(outline, equals) === '=' && outline.partner[equals + 1]! > 0) return textOf(outline, equals + 1, outline.partner[equals + 1]!)
    }
    return ''
  }

  private offsetsOf(draft: Draft): boolean {
    return Object.keys(offsetMembers).some((field) => valuesOf(this.sources, draft.type, field).length > 0 || draft.late.some((each) => each.field === field && !isZero(each.value)))
  }

  private insertAtLine(file: string, offset: Offset, text: string): void {
    const key = `${file}:${offset}`
    this.inserted.set(key, [...(this.inserted.get(key) ?? []), text])
  }

  /** Where the spec goes, if what is assigned later is declared after the type; null for the place of the type itself. */
  private specPlace(draft: Draft): { readonly offset: Offset } | null {
    const { type, late } = draft
    const [first] = late
    if (!first) return null
    const outline = this.sources.outline(first.file)
    const home = type.definitions.find(({ file }) => file === first.file)
    if (home === undefined && type.definitions.length > 0) {
      // The type stands in another file, and so does its spec: at its end, if what is assigned is declared below the type.
      const [where] = type.definitions
      const from = this.sources.outline(where!.file)
      const isBelow = late.some(({ file, valueTokens, field, value }) => field !== 'tp_base' && !isZero(value) && namesAmong(this.sources.outline(file), valueTokens).some((name) => {
        const [seen] = this.sources.mentions(name).filter((each) => each.file === where!.file)
        return seen !== undefined && from.tokens.start[seen.token]! > from.tokens.start[where!.declared.first]!
      }))
      return isBelow ? { offset: from.text.length } : null
    }
    const start = home ? outline.tokens.start[home.declared.first]! : -1
    const needsLater = home === undefined || late.some(({ valueTokens, field, value }) => {
      if (field === 'tp_base' || isZero(value)) return false
      for (let at = valueTokens.first; at <= valueTokens.last; at++) {
        if (outline.tokens.kind[at] !== Kind.identifier) continue
        const word = wordAt(outline, at)
        const seen = this.sources.mentions(word).find((each) => each.file === first.file)
        const isOwn = this.sources.functions(word, first.file).some(({ file }) => file === first.file) || new RegExp(`\\b${word}\\s*(?:\\[[^\\]]*\\])?\\s*=`).test(outline.text)
        if (isOwn && seen && outline.tokens.start[seen.token]! > start) return true
      }
      return false
    })
    if (!needsLater) return null
    // Above the function, with the comment that stands before it.
    const boundary = this.functionStart(outline, first.around)
    return { offset: boundary }
  }

  private functionStart(outline: Outline, { nameToken }: FunctionText): Offset {
    let first = nameToken
    for (let back = previousToken(outline, nameToken); back >= 0; back = previousToken(outline, back)) {
      if (/^[;{}]$/.test(wordAt(outline, back))) break
      if (back < first - 1 && outline.tokens.directive[back + 1] !== -1) break
      first = back
    }
    const start = outline.text.lastIndexOf('\n', outline.tokens.start[first]! - 1) + 1
    const before = outline.text.slice(0, start)
    const comment = /(?:^|\n)([ \t]*\/\*(?:(?!\*\/)[^])*\*\/[ \t]*\r?\n|(?:[ \t]*\/\/[^\n]*\n)+)$/.exec(before)
    return comment ? start - comment[1]!.length : start
  }

  private staysImmutable(draft: Draft, depth = 0): boolean {
    if (draft.readsDict || depth > 20) return false
    const base = this.baseOf(draft)
    if (base === '') return true
    const other = this.baseDraft(draft)
    if (other !== null) return other.isOpen ? this.staysImmutable(other, depth + 1) : true
    return /^\(?&\s*Py\w+_Type\)?$|^\(\s*PyTypeObject\s*\*\s*\)\s*\(?PyExc_\w+\)?$/.test(base)
  }

  /** A name so that `__module__` comes out as before: that of a static type without one is `builtins`. */
  private qualified(name: string): string {
    const literal = this.sources.macros(name)[0]
    const text = literal ? this.sources.texts.get(literal.file)!.slice(literal.macro.bodyStart, literal.macro.bodyEnd) : name
    if (/^"[^".]*"$/.test(name)) return `"builtins.${name.slice(1)}`
    if (literal && /^"[^".]*"$/.test(text)) return `"builtins." ${name}`
    return name
  }

  /** The declaration of the pointer that takes the place of a definition; empty where another one in the file does. */
  private pointerDeclaration({ type }: Draft, file: string, declared: TypeObject['definitions'][number]['declared']): string {
    const outline = this.sources.outline(file)
    if (declared.storage === 'static' && type.declarations.some((each) => each.file === file && each.declared.nameToken < declared.nameToken)) return ''
    const { text, tokens } = outline
    const head = text.slice(tokens.start[declared.first], tokens.start[declared.nameToken]).replace(/\s+/g, ' ').replace(/\bconst /, '')
    let qualified = declared.nameToken
    while (wordAt(outline, qualified - 1) === '::') qualified -= 2
    const own = text.slice(tokens.start[declared.first], tokens.start[qualified]).replace(/\s+/g, ' ').replace(/\bconst /, '')
    return `${qualified === declared.nameToken ? head : own}*${text.slice(tokens.start[qualified], tokens.end[declared.nameToken])};`
  }

  private writeDeclaration(draft: Draft, file: string, declared: TypeObject['declarations'][number]['declared']): void {
    const outline = this.sources.outline(file)
    const { text, tokens } = outline
    let name = declared.nameToken
    while (wordAt(outline, name - 1) === '::') name -= 2
    const start = tokens.start[name]!
    this.edits.push({ file, start, end: start, text: '*' })
    const end = tokens.end[declared.last]!
    const lineEnd = lineEndOf(text)
    const outer = indentAt(text, tokens.start[declared.first]!)
    const homes = new Set(draft.type.definitions.map((each) => each.file))
    if (declared.storage === 'extern' && draft.specUses.some((each) => !homes.has(each.file)) && !declared.isShared) {
      this.edits.push({ file, start: end, end, text: `${lineEnd}${outer}extern PyType_Spec ${draft.spec};` })
    } else if (homes.has(file) && this.isUsedEarly(draft, file)) {
      this.edits.push({ file, start: end, end, text: `${lineEnd}${outer}${this.settings.isCxx(file) ? 'extern' : 'static'} PyType_Spec ${draft.spec};` })
    }
  }

  /** Whether the spec is used above the place where it stands. */
  private isUsedEarly(draft: Draft, file: string): boolean {
    const home = draft.type.definitions.find((each) => each.file === file)
    const place = this.specPlace(draft)?.offset ?? (home ? this.sources.outline(file).tokens.start[home.declared.first]! : 0)
    return draft.specUses.some((each) => each.file === file && each.offset < place)
  }

  /** The types that have a function in a slot, by its name. */
  private usersOf(field: string): Map<string, Set<Draft>> {
    const users = new Map<string, Set<Draft>>()
    for (const draft of this.drafts) {
      for (const value of [...valuesOf(this.sources, draft.type, field), ...draft.late.filter((each) => each.field === field).map((each) => each.value)]) {
        const name = nameIn(value)
        if (name !== null && !isFreeing(name)) users.set(name, (users.get(name) ?? new Set()).add(draft))
      }
    }
    return users
  }

  private owners(name: string, deallocs: ReadonlyMap<string, ReadonlySet<Draft>>): Owners {
    return {
      withStatic: [...deallocs.get(name)!].some((draft) => !draft.isOpen),
      releases: (other) => other !== name && [...(deallocs.get(other) ?? [])].some((draft) => draft.isOpen),
      fate: (type) => (this.byName.has(type) ? (this.byName.get(type)!.some(({ isOpen }) => isOpen) ? 'heap' : 'static') : null),
    }
  }

  /** A type whose instances do not give back their references is left alone. */
  private judgeDeallocs(): void {
    const deallocs = this.usersOf('tp_dealloc')
    for (const [name, drafts] of deallocs) {
      for (const { file, found } of this.functionsOf(name, drafts)) {
        const result = releasingEdits(this.sources, file, found, this.owners(name, deallocs))
        if ('why' in result) for (const draft of drafts) this.blame(draft, file, result.token, result.why)
      }
    }
  }

  /** Functions in slots, tables that are filled, and what was put before statements: once all types are written. */
  private finish(): void {
    for (const { of, ...edit } of this.helperEdits) {
      if (this.drafts.some((draft) => draft.isOpen && draft.sites.some(({ how, call }) => how === 'helper' && `${call.callee}/${call.argument}` === of))) this.edits.push(edit)
    }
    const deallocs = this.usersOf('tp_dealloc')
    const traverses = this.usersOf('tp_traverse')
    for (const [name, drafts] of deallocs) {
      if (![...drafts].some(({ isOpen }) => isOpen)) continue
      for (const { file, found } of this.functionsOf(name, drafts)) this.apply(file, releasingEdits(this.sources, file, found, this.owners(name, deallocs)))
    }
    const visiting = new Set([...traverses].filter(([, drafts]) => [...drafts].some(({ isOpen }) => isOpen)).map(([name]) => name))
    const condition = this.settings.level >= 9 ? null : 'PY_VERSION_HEX >= 0x03090000 && (!defined(Py_LIMITED_API) || Py_LIMITED_API + 0 >= 0x03090000)'
    for (const name of visiting) {
      for (const { file, found } of this.functionsOf(name, traverses.get(name)!)) this.apply(file, visitingEdits(this.sources, file, found, visiting, condition))
    }
    for (const [key, texts] of this.inserted) {
      const colon = key.lastIndexOf(':')
      const offset = Number(key.slice(colon + 1))
      this.edits.push({ file: key.slice(0, colon), start: offset, end: offset, text: texts.join('') })
    }
  }

  /** The functions of a name in the files of the types that use it. */
  private functionsOf(name: string, drafts: ReadonlySet<Draft>): { readonly file: string; readonly found: FunctionText }[] {
    const all = [...drafts].flatMap(({ type, late }) => this.sources.functions(name, type.definitions[0]?.file ?? late[0]!.file))
    return [...new Map(all.map((each) => [`${each.file}:${each.found.nameToken}`, each])).values()]
  }

  private apply(file: string, result: ReturnType<typeof releasingEdits>): void {
    if ('edits' in result) this.edits.push(...result.edits.map((edit) => ({ file, ...edit })))
  }
}

/** Types of CPython's that nothing may be derived from, at least in some versions. Source: their `tp_flags` in Objects/. */
const finalTypes = /^\(?&\s*Py(?:Bool|Function|Method|CFunction|Gen|Coro|AsyncGen|Slice|Range|MemoryView|DictProxy|Ellipsis|Cell|Frame|Code|Capsule|ClassMethodDescr|GetSetDescr|MemberDescr|MethodDescr|WrapperDescr|CallIter|SeqIter)_Type\)?$/

/** The identifiers among tokens. */
const namesAmong = (outline: Outline, { first, last }: { readonly first: number; readonly last: number }): string[] => {
  const names: string[] = []
  for (let at = first; at <= last; at++) if (outline.tokens.kind[at] === Kind.identifier) names.push(wordAt(outline, at))
  return names
}

/** Whether a value is known before the program runs: names that no function's variable has, literals, `&`, casts, `sizeof`. */
function isConstant(outline: Outline, { first, last }: { readonly first: number; readonly last: number }, around: FunctionText): boolean {
  for (let at = first; at <= last; at++) {
    const word = wordAt(outline, at)
    if (word === '->' || word === '.' || word === '[') return false
    if (word === '(' && outline.tokens.kind[at - 1] === Kind.identifier && at > first && !/^(?:sizeof|offsetof|PyDoc_STR|_PyCFunction_CAST)$/.test(wordAt(outline, at - 1))) return false
    if (outline.tokens.kind[at] !== Kind.identifier || /^[A-Z_0-9]+$/.test(word)) continue
    if (parametersOf(outline, around)?.some(({ name }) => name === word)) return false
    // A variable of the function, unless that is static.
    for (let back = around.body + 1; back < first; back++) {
      if (wordAt(outline, back) !== word || outline.tokens.directive[back] !== -1) continue
      const statement = simpleStatement(outline, back)
      if (statement && wordAt(outline, statement.first) !== 'static' && /^[\w*\s]+$/.test(textOf(outline, statement.first, back)) && back > statement.first) return false
    }
  }
  return true
}

/** A statement's text with its whole line where nothing else stands on it. @param withBlank a blank line behind it goes as well */
function wholeLines(text: string, start: Offset, end: Offset, withBlank = false): { readonly start: Offset; readonly end: Offset } {
  const line = text.lastIndexOf('\n', start - 1) + 1
  const after = /^[ \t]*\r?\n/.exec(text.slice(end, end + 200))
  if (!after || !/^[ \t]*$/.test(text.slice(line, start))) return { start, end }
  const to = end + after[0].length
  const blank = withBlank && /(?:\n[ \t]*|\*\/[ \t]*|\/\/[^\n]*)\r?\n$/.test(text.slice(Math.max(0, line - 200), line)) ? /^[ \t]*\r?\n/.exec(text.slice(to, to + 200)) : null
  return { start: line, end: to + (blank?.[0].length ?? 0) }
}

/** The line that a token stands on, for messages. */
function lineOf({ text, tokens }: Outline, token: number): string {
  const at = tokens.start[token] ?? 0
  const line = text.slice(text.lastIndexOf('\n', at - 1) + 1, text.indexOf('\n', at) < 0 ? undefined : text.indexOf('\n', at)).trim()
  return line.length > 90 ? `${line.slice(0, 87)}...` : line
}

/** Edits by file, each once; what another edit replaces whole is left out. */
function merged(edits: readonly Edit[]): Map<string, readonly TextEdit[]> {
  const files = new Map<string, TextEdit[]>()
  for (const { file, ...edit } of edits) {
    const list = files.get(file) ?? []
    files.set(file, list)
    if (!list.some((each) => each.start === edit.start && each.end === edit.end && each.text === edit.text)) list.push(edit)
  }
  for (const [file, list] of files) {
    const sorted = [...list].sort((a, b) => a.start - b.start || b.end - a.end)
    const kept: TextEdit[] = []
    for (const edit of sorted) {
      const before = kept.at(-1)
      if (before && before.start <= edit.start && edit.end <= before.end && before.end > before.start && !(edit.start === edit.end && edit.start === before.end)) continue
      if (before && before.start === edit.start && before.end === before.start && edit.start === edit.end) {
        kept[kept.length - 1] = { ...before, text: before.text + edit.text }
        continue
      }
      kept.push(edit)
    }
    files.set(file, kept)
  }
  return files
}

