import { allFields } from '../../code/declarations.ts'
import {
  type FunctionText,
  functionAround,
  isBraceless,
  type Outline,
  previousToken,
  simpleStatement,
  wordAt,
} from '../../code/outline.ts'
import type { MacroDefinition } from '../../preprocess/directives.ts'
import type { TokenIndex } from '../../source/text.ts'
import type { Conversion, FileEdit } from './conversion.ts'
import type { Conversions } from './conversions.ts'
import { lineOf } from './places.ts'
import {
  argumentsOf,
  assignmentAt,
  callAround,
  type EnclosingCall,
  type TypeReference,
  textOf,
  typeReferenceAt,
} from './references.ts'
import type { Sources, TokenPlace } from './sources.ts'
import { tableSlot } from './tables.ts'
import { valuesOf } from './type-objects.ts'

/** Goes to every place where the name of a type stands, and notes what has to be done there, or what is in the way. */
export class UseClassifier {
  private readonly sources: Sources

  constructor(private readonly all: Conversions) {
    this.sources = all.sources
  }

  private readonly guarded = new Set<string>()

  /** What helpers that make types ready need, once a type is rewritten that they get. */
  readonly helperEdits: (FileEdit & { readonly of: string })[] = []

  /** Looks at all places where a type is named as it is written. */
  lookAt(conversion: Conversion): void {
    const { type } = conversion
    const named = new Set(
      [...type.declarations, ...type.definitions].map(({ file, declared }) => `${file}:${declared.nameToken}`),
    )
    for (const place of type.references) {
      if (named.has(`${place.file}:${place.token}`)) continue
      this.lookAtMention(conversion, place)
    }
    for (const { file, macro } of type.macros) {
      const outline = this.sources.outline(file)
      const first = macro.firstToken
      const star =
        wordAt(outline, first) === '*'
          ? first
          : wordAt(outline, first) === '(' &&
              outline.matchingBracket[first] === macro.endToken - 1 &&
              wordAt(outline, first + 1) === '*'
            ? first + 1
            : -1
      if (macro.parameters !== null || star < 0) {
        this.all.addObstacle(conversion, file, first, `\`${type.name}\` is a macro for something else here`)
        continue
      }
      conversion.edits.push({ file, start: outline.tokens.start[star]!, end: outline.tokens.end[star]!, text: '' })
    }
  }

  /**
   * @param parameter what the name is written as in a macro's body: a parameter, `name##_Type`; `last` is the last
   * token of it
   */
  private lookAtMention(
    conversion: Conversion,
    { file, token }: TokenPlace,
    parameter: string | null = null,
    last = token,
  ): void {
    const outline = this.sources.outline(file)
    const { type } = conversion
    const offset = outline.tokens.start[token]!
    if (this.all.isHistory(file, offset)) return
    const directive = outline.tokens.directive[token]!
    if (directive >= 0) {
      const span = outline.tokens.directives[directive]!
      if (wordAt(outline, span.firstToken) !== 'define') return
      if (token === span.firstToken + 1) return
      // In the parameters of a macro, or as one of them: another thing.
      const macro = this.sources
        .directives(file)
        .macros.find(({ firstToken, endToken }) => firstToken <= token && token < endToken)
      if (!macro || (parameter === null && macro.parameters?.includes(type.name))) return
      if (last === token && (/^##?$/.test(wordAt(outline, token - 1)) || wordAt(outline, token + 1) === '##')) {
        if (parameter === null)
          this.all.addObstacle(conversion, file, token, `the macro \`${macro.name}\` makes names of \`${type.name}\``)
        return
      }
    }
    const reference = typeReferenceAt(outline, token, last)
    const around = directive < 0 ? functionAround(outline, token) : null
    if (reference.kind === 'field') this.lookAtField(conversion, file, reference, around, directive >= 0)
    else if (reference.kind === 'argument') this.lookAtArgument(conversion, file, reference.call, token)
    else if (reference.kind === 'address')
      this.lookAtAddress(conversion, file, reference, around, directive >= 0, parameter)
    else if (
      !(
        parameter === null &&
        wordAt(outline, token - 1) === '(' &&
        wordAt(outline, token - 2) === 'sizeof' &&
        this.isCleared(outline, token)
      )
    ) {
      this.all.addObstacle(
        conversion,
        file,
        token,
        `what \`${lineOf(outline, token)}\` does with \`${type.name}\` is not understood`,
      )
    }
  }

  private isCleared(outline: Outline, token: TokenIndex): boolean {
    const statement = simpleStatement(outline, token)
    return statement !== null && /memset$/.test(wordAt(outline, statement.first))
  }

  private lookAtField(
    conversion: Conversion,
    file: string,
    reference: Extract<TypeReference, { kind: 'field' }>,
    around: FunctionText | null,
    inMacro: boolean,
  ): void {
    const outline = this.sources.outline(file)
    const { type } = conversion
    const { field, dot } = reference
    const operator = wordAt(outline, reference.after)
    const isWritten = /^(?:[-+|&^*/%]?=|\+\+|--)$/.test(operator)
    if (inMacro || around === null) {
      if (isWritten || !inMacro)
        this.all.addObstacle(
          conversion,
          file,
          dot,
          `\`${type.name}.${field}\` ${inMacro ? 'is written by a macro' : 'stands in an initialiser'}`,
        )
      else conversion.edits.push(this.arrow(file, dot))
      return
    }
    if (field === 'tp_dict') conversion.readsDict = true
    if (!isWritten) {
      if (field === 'tp_dealloc' && valuesOf(this.sources, type, 'tp_dealloc').length === 0)
        this.all.addObstacle(
          conversion,
          file,
          dot,
          `its \`tp_dealloc\` is read, which it inherits now and would not then`,
        )
      conversion.edits.push(this.arrow(file, dot))
      return
    }
    const assignment = assignmentAt(outline, reference)
    if (assignment === null || isBraceless(outline, assignment)) {
      this.all.addObstacle(
        conversion,
        file,
        dot,
        `\`${type.name}.${field}\` is assigned to in the middle of something else`,
      )
      return
    }
    const value = textOf(outline, assignment.value.first, assignment.value.last)
    if (field === 'ob_type' || field === 'ob_base') {
      if (/^\(?&\s*PyType_Type\)?$/.test(value)) this.all.remove(conversion, file, assignment)
      else this.all.addObstacle(conversion, file, dot, `it gets a metaclass: \`${value}\``)
      return
    }
    const conditions = this.all.conditionsOf(type, file, outline.tokens.start[dot]!)
    if (conditions === null) {
      this.all.addObstacle(
        conversion,
        file,
        dot,
        `\`${type.name}.${field}\` is assigned in the \`#else\` of a condition`,
      )
      return
    }
    conversion.fieldAssignments.push({
      file,
      field,
      operator: assignment.operator,
      value,
      valueTokens: assignment.value,
      statement: assignment,
      around,
      conditions,
    })
    this.all.remove(conversion, file, assignment)
  }

  private arrow(file: string, dot: TokenIndex): FileEdit {
    const outline = this.sources.outline(file)
    // `(&T)->x` reads as before; `&T.x` is the address of the field.
    return { file, start: outline.tokens.start[dot]!, end: outline.tokens.end[dot]!, text: '->' }
  }

  private lookAtArgument(conversion: Conversion, file: string, call: EnclosingCall, token: TokenIndex): void {
    const outline = this.sources.outline(file)
    const macros = this.sources.macros(call.callee)
    if (macros.length === 0) {
      this.all.addObstacle(conversion, file, token, `\`${call.callee}\` gets the type object itself`)
      return
    }
    const clears = macros.some(({ file: where, macro }) =>
      /^\W*(?:\(void\)\s*)?\w*memset\s*\(/.test(this.sources.texts.get(where)!.slice(macro.bodyStart, macro.bodyEnd)),
    )
    const statement = clears ? simpleStatement(outline, token) : null
    if (statement !== null && statement.first === call.calleeToken && !isBraceless(outline, statement)) {
      this.all.remove(conversion, file, statement)
      return
    }
    for (const { file: where, token: use } of this.sources.references(call.callee)) {
      const at = this.sources.outline(where)
      const open = use + 1
      if (
        wordAt(at, open) !== '(' ||
        this.sources
          .directives(where)
          .macros.some(({ name, offset }) => name === call.callee && offset === at.tokens.start[use])
      )
        continue
      const operand = argumentsOf(at, open)[call.argument]
      const other = operand && operand.first === operand.last ? this.all.named(wordAt(at, operand.first), where) : null
      if (other === null) {
        this.all.addObstacle(
          conversion,
          where,
          use,
          `the macro \`${call.callee}\` is called with something else than a type, too`,
        )
        return
      }
      if (other !== conversion) conversion.needs.add(other)
    }
    for (const { file: where, macro } of macros) {
      const parameter = macro.parameters?.[call.argument]
      if (parameter === undefined) continue
      const at = this.sources.outline(where)
      for (let body = macro.firstToken; body < macro.endToken; body++) {
        if (wordAt(at, body) === parameter && !/^(?:->|\.)$/.test(wordAt(at, body - 1)))
          this.lookAtMention(conversion, { file: where, token: body }, parameter)
      }
    }
  }

  private lookAtAddress(
    conversion: Conversion,
    file: string,
    reference: Extract<TypeReference, { kind: 'address' }>,
    around: FunctionText | null,
    inMacro: boolean,
    parameter: string | null,
  ): void {
    const outline = this.sources.outline(file)
    const { call, first } = reference
    const { type } = conversion
    if (
      !inMacro &&
      around === null &&
      call !== null &&
      outline.enclosingBracket[call.open] === -1 &&
      this.isFunctionMacro(call.callee, call.argument)
    ) {
      conversion.edits.push(this.all.pointer(file, reference, type.name))
      return
    }
    if (!inMacro && (around === null || this.isStaticInitialiser(outline, first, around))) {
      this.lookAtStaticUse(conversion, file, reference)
      return
    }
    const callee = call?.callee ?? ''
    if (callee === 'PyType_Ready') {
      if (around !== null) conversion.creationCalls.push({ file, how: 'ready', call: call!, reference, around })
      else if (parameter !== null) {
        if (this.all.baseOf(conversion) !== '')
          this.all.addObstacle(conversion, file, first, 'a macro makes it ready, and it has a base')
        const { tokens } = outline
        conversion.edits.push({
          file,
          start: tokens.start[call!.calleeToken]!,
          end: tokens.end[call!.calleeToken]!,
          text: 'PepType_Ready',
        })
        conversion.edits.push({
          file,
          start: tokens.start[call!.close]!,
          end: tokens.start[call!.close]!,
          text: `, &${parameter}##_spec, NULL`,
        })
        conversion.isMadeByMacro = true
        conversion.shims.push({ file, name: 'PepType_Ready' })
      } else this.all.addObstacle(conversion, file, first, 'a macro makes it ready')
      return
    }
    if (callee === 'PyModule_AddType' && around !== null) {
      conversion.creationCalls.push({ file, how: 'add', call: call!, reference, around })
      return
    }
    if (/^PyStructSequence_InitType2?$/.test(callee) && around !== null && call!.argument === 0) {
      this.lookAtSequence(conversion, file, call!)
      return
    }
    if (/memset$/.test(callee) && around !== null) {
      const statement = simpleStatement(outline, first)
      if (statement) this.all.remove(conversion, file, statement)
      return
    }
    if (
      (callee === 'Py_SET_TYPE' || (callee === 'Py_TYPE' && wordAt(outline, call!.close + 1) === '=')) &&
      call!.argument === 0
    ) {
      const statement = around === null ? null : simpleStatement(outline, first)
      const metaclass =
        statement === null
          ? ''
          : callee === 'Py_TYPE'
            ? textOf(outline, call!.close + 2, statement.last - 1)
            : textOf(outline, argumentsOf(outline, call!.open)[1]!.first, call!.close - 1)
      if (
        statement !== null &&
        statement.first === call!.calleeToken &&
        /^\(?&\s*PyType_Type\)?$/.test(metaclass) &&
        !isBraceless(outline, statement)
      )
        this.all.remove(conversion, file, statement)
      else
        this.all.addObstacle(conversion, file, first, `it gets a metaclass: \`${metaclass || lineOf(outline, first)}\``)
      return
    }
    if (around !== null && call !== null && this.readies(call.callee, call.argument, file)) {
      conversion.creationCalls.push({ file, how: 'helper', call, reference, around })
      return
    }
    if (around !== null) {
      if (callee === 'Py_INCREF' || callee === 'Py_NewRef' || callee === 'Py_XINCREF')
        conversion.increfSites.push(around)
      if (callee === 'PyModule_AddObject' && call!.argument === 2)
        conversion.stolenReferences.push({ file, call: call!, around })
      if (this.isHandedToReady(outline, first, around)) {
        conversion.onDemandUses.push({ file, reference, around })
        return
      }
    }
    conversion.edits.push(this.all.pointer(file, reference, parameter ?? type.name))
  }

  /** `PyStructSequence_InitType(&T, &desc)` becomes `PyStructSequence_NewType`, which needs no spec. */
  private lookAtSequence(conversion: Conversion, file: string, call: EnclosingCall): void {
    const outline = this.sources.outline(file)
    const [, description] = argumentsOf(outline, call.open)
    if (!description) return
    const { name } = conversion.type
    const made =
      `${name} = ${name} != NULL ? ${name} : ` +
      `PyStructSequence_NewType(${textOf(outline, description.first, description.last)})`
    conversion.isSequence = true
    conversion.edits.push({
      file,
      start: outline.tokens.start[call.calleeToken]!,
      end: outline.tokens.end[call.close]!,
      text: call.callee.endsWith('2') ? `((${made}) == NULL ? -1 : 0)` : made,
    })
  }

  /** Whether a macro makes a function in whose body the argument stands: `DEFINE_WRAPPER(name, &T)`. */
  private isFunctionMacro(name: string, argument: number): boolean {
    const macros = this.sources.macros(name)
    return (
      macros.length > 0 &&
      macros.every(({ file, macro }) => {
        const body = this.sources.texts.get(file)!.slice(macro.bodyStart, macro.bodyEnd)
        const parameter = macro.parameters?.[argument]
        const start = body.search(/\)\s*(?:\\\r?\n\s*)*\{/)
        return (
          parameter !== undefined &&
          start >= 0 &&
          !new RegExp(`\\b${parameter}\\b`).test(body.slice(0, start)) &&
          !/\bstatic\b/.test(body.slice(start))
        )
      })
    )
  }

  private isStaticInitialiser(outline: Outline, at: number, around: FunctionText): boolean {
    for (let back = previousToken(outline, at); back > around.body; back = previousToken(outline, back)) {
      const word = wordAt(outline, back)
      if (word === ';' || (word === '{' && outline.braceKinds.get(back) !== 'initialiser')) return false
      if (word === '}' && outline.braceKinds.get(outline.matchingBracket[back]!) === 'block') return false
      if (word === '}' || word === ')' || word === ']') back = outline.matchingBracket[back]!
      if (word === 'static') return true
      if (back < 0) return false
    }
    return false
  }

  /** Whether a local variable gets the address, in a function that makes types ready. */
  private isHandedToReady(outline: Outline, first: number, around: FunctionText): boolean {
    if (callAround(outline, first) !== null) return false
    const before = wordAt(outline, previousToken(outline, first))
    const inBraces = outline.braceKinds.get(outline.enclosingBracket[first]!) === 'initialiser'
    return (
      (before === '=' || before === ')' || inBraces) &&
      /\bPyType_Ready\s*\(/.test(textOf(outline, around.body, around.end))
    )
  }

  /** Whether a function or macro of the project makes ready what it gets: then it is taught that it may get nothing. */
  private readies(name: string, argument: number, file: string): boolean {
    let found = false
    const ready = (where: string, first: number, end: number, parameter: string): void => {
      const outline = this.sources.outline(where)
      for (let at = first; at < end; at++) {
        if (wordAt(outline, at) !== 'PyType_Ready' || wordAt(outline, at + 1) !== '(') continue
        const close = outline.matchingBracket[at + 1]!
        const argumentText = textOf(outline, at + 2, close - 1)
        if (argumentText.replace(/^\((?:PyTypeObject|struct _typeobject)\s*\*\)\s*|[()\s]/g, '') !== parameter) continue
        found = true
        const { start, end: ends } = outline.tokens
        if (this.guarded.has(`${where}:${at}`) || outline.text.slice(0, start[at]!).endsWith('NULL ? -1 : ')) continue
        this.guarded.add(`${where}:${at}`)
        this.helperEdits.push(
          {
            of: `${name}/${argument}`,
            file: where,
            start: start[at]!,
            end: start[at]!,
            text: `(${argumentText} == NULL ? -1 : `,
          },
          { of: `${name}/${argument}`, file: where, start: ends[close]!, end: ends[close]!, text: ')' },
        )
      }
    }
    for (const { file: where, found: helper } of this.sources.functions(name, file)) {
      const parameter = this.sources.body(where, helper).code.parameters[argument]
      if (parameter && parameter.name !== '') ready(where, helper.body, helper.end, parameter.name)
    }
    for (const { file: where, macro } of this.sources.macros(name)) {
      const parameter = macro.parameters?.[argument]
      if (parameter !== undefined) ready(where, macro.firstToken, macro.endToken, parameter)
    }
    return found
  }

  private lookAtStaticUse(
    conversion: Conversion,
    file: string,
    reference: Extract<TypeReference, { kind: 'address' }>,
  ): void {
    const outline = this.sources.outline(file)
    let brace = -1
    for (let open = outline.enclosingBracket[reference.first]!; open >= 0; open = outline.enclosingBracket[open]!)
      if (outline.braceKinds.get(open) === 'initialiser') brace = open
    const owner = this.all.conversions.find(({ type }) =>
      type.definitions.some((each) => each.file === file && each.declared.brace === brace),
    )
    if (owner) {
      const offset = outline.tokens.start[reference.first]!
      const field = owner.type.definitions
        .flatMap(({ fields }) => [...allFields(fields)])
        .find(({ item }) => item.start <= offset && offset < item.end)?.field
      if (field === 'tp_base') conversion.needs.add(owner)
      else
        this.all.addObstacle(
          conversion,
          file,
          reference.first,
          field === 'ob_base'
            ? `it is the metaclass of \`${owner.type.name}\``
            : `its address stands in \`${owner.type.name}\``,
        )
      return
    }
    const slot = brace < 0 ? null : tableSlot(this.sources, file, reference, brace)
    if (slot === null || 'why' in slot) {
      this.all.addObstacle(
        conversion,
        file,
        reference.first,
        slot?.why ?? `its address stands in a static initialiser: \`${lineOf(outline, reference.first)}\``,
      )
      return
    }
    conversion.tables.push(slot)
  }

  /** Macros that make the names of types of parts: `&name##_Type`. They follow if all that they make are types. */
  lookAtMadeNames(): void {
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

  private lookAtMadeName(
    file: string,
    macro: MacroDefinition,
    parts: readonly string[],
    first: number,
    last: number,
  ): void {
    const parameters = macro.parameters ?? []
    const pattern = new RegExp(
      `^${parts.map((part) => (parameters.includes(part) ? '\\w*' : part.replace(/\W/g, '\\$&'))).join('')}$`,
    )
    if (![...this.all.byName.keys()].some((name) => pattern.test(name))) return
    const made = new Set<Conversion>()
    let isOther = false
    for (const { file: where, token } of this.sources.references(macro.name)) {
      const outline = this.sources.outline(where)
      if (
        wordAt(outline, token + 1) !== '(' ||
        outline.tokens.start[token] === macro.offset ||
        this.all.isHistory(where, outline.tokens.start[token]!)
      )
        continue
      const operands = argumentsOf(outline, token + 1)
      const name = parts
        .map((part) => {
          const operand = operands[parameters.indexOf(part)]
          return parameters.includes(part) ? (operand ? textOf(outline, operand.first, operand.last) : '') : part
        })
        .join('')
      const conversion = this.all.byName.get(name)?.[0]
      if (conversion) made.add(conversion)
      else isOther = true
    }
    for (const conversion of made) {
      if (isOther)
        this.all.addObstacle(
          conversion,
          file,
          first,
          `the macro \`${macro.name}\` makes its name of parts, and other names, too`,
        )
      else {
        for (const other of made) if (other !== conversion) conversion.needs.add(other)
        this.lookAtMention(conversion, { file, token: first }, parts.join('##'), last)
      }
    }
  }
}
