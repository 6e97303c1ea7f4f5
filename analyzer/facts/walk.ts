import type { CType } from '../knowledge/ctype.ts'
import type { Vocabulary } from '../knowledge/vocabulary.ts'
import { lastUpTo } from '../source/search.ts'
import type { Offset } from '../source/text.ts'
import type { Dialect, SyntaxNode } from '../syntax/parse.ts'
import { expressionOf, mapLeaves, operandsOf, type Scope } from './expressions.ts'
import type {
  CompleteTypeUse,
  Declaration,
  Expression,
  MemberAccess,
  ObjectArgument,
  Operand,
  StructDeclaration,
  UseContext,
} from './file-facts.ts'
import { anonymousTag, baseType, type Declarator, declared, describedType, lastName } from './types.ts'
import { isFresh, operandOf, roleOf, setsItem, statementOf } from './use-context.ts'

/** Sorted offsets of the tokens that make a subtree worth a visit. */
export class Offsets {
  constructor(readonly sorted: Int32Array) {}

  /** Whether one of them lies in a span, `end` exclusive. */
  within(start: Offset, end: Offset): boolean {
    const last = lastUpTo(this.sorted, end - 1)
    return last >= 0 && this.sorted[last]! >= start
  }

  has(offset: Offset): boolean {
    return this.within(offset, offset + 1)
  }
}

type Placeless<T> = Omit<T, 'region' | 'macro'>

/** Receives what the walk finds. Places are byte offsets. */
export interface Sink {
  member(access: Omit<Placeless<MemberAccess>, 'within'>): void
  objectArgument(argument: Omit<ObjectArgument, 'region'>): void
  /** @param offset of the name */
  form(offset: Offset, form: UseContext): void
  size(need: Placeless<CompleteTypeUse>): void
  declaration(declaration: Placeless<Declaration>): void
  /** @param end where its body ends */
  struct(struct: Placeless<StructDeclaration>, end: Offset): void
  shadow(name: string, start: Offset, end: Offset): void
  macroCall(
    name: string,
    offset: Offset,
    operands: readonly Expression[],
    locals: Readonly<Record<string, Expression>>,
  ): void
  unparsed(start: Offset, end: Offset): void
}

export interface Walk {
  readonly vocabulary: Vocabulary
  readonly interesting: Offsets
  /** Function-like macros of the project that read fields of their arguments. */
  readonly fieldMacros: ReadonlySet<string>
  /** Those whose bodies make names of their arguments. */
  readonly namingMacros: ReadonlySet<string>
  /** Of each macro of the project the identifiers in its body. */
  readonly macroWords: ReadonlyMap<string, readonly string[]>
  readonly structAliases: ReadonlySet<string>
  readonly macroNames: ReadonlySet<string>
  readonly dialect: Dialect
  /** Whether a function takes a `PyObject *`, see `ObjectArgument`. */
  takesObject(name: string): boolean
  readonly sink: Sink
  /** Whether any part of a span is new in this view. */
  isNew(start: Offset, end: Offset): boolean
  /** The parameters of the macro whose body surrounds an offset, where bodies are walked. */
  parametersAt?(offset: Offset): readonly string[] | null
}

const deepest = 400

/** Names of one block, and around it the block's surroundings. */
class Block {
  private readonly names = new Map<string, Expression>()
  /** Those that point to what must not be changed, or are such: types do without qualifiers. */
  private readonly constants = new Set<string>()
  constructor(
    private readonly outer: Block | null,
    /** Where the block ends; names declared in it are the project's own up to there. */
    readonly end: Offset,
  ) {}

  declare(name: string, type: Expression, isConst = false): void {
    this.names.set(name, type)
    if (isConst) this.constants.add(name)
  }

  isConst(name: string): boolean {
    return this.names.has(name) ? this.constants.has(name) : (this.outer?.isConst(name) ?? false)
  }

  readonly lookup: Scope = (name) => (this.names.has(name) ? this.names.get(name) : this.outer?.lookup(name))
}

/**
 * Walks a tree once and hands all facts to the sink. Function bodies are entered only where something of interest lies.
 */
export function walk(root: SyntaxNode, context: Walk): void {
  const { vocabulary, interesting, sink } = context

  const visit = (node: SyntaxNode, block: Block, depth: number): void => {
    if (depth > deepest) {
      sink.unparsed(node.startIndex, node.endIndex)
      return
    }
    switch (node.type) {
      case 'function_definition':
        visitFunction(node, block, depth)
        return
      case 'declaration':
        visitDeclaration(node, block, depth)
        return
      case 'type_definition':
        visitTypedef(node, block, depth)
        return
      case 'struct_specifier':
      case 'union_specifier':
      case 'class_specifier':
        visitStruct(node, block, depth)
        return
      case 'enum_specifier':
        visitEnum(node)
        return
      case 'alias_declaration': {
        const name = node.childForFieldName('name')
        const type = node.childForFieldName('type')
        if (!name || !type) return
        if (isFileLevel(block))
          sink.declaration({
            kind: 'typedef',
            name: name.text,
            type: describedType(type),
            offset: name.startIndex,
            defines: true,
          })
        else if (vocabulary.names.has(name.text)) sink.shadow(name.text, name.startIndex, block.end)
        return
      }
      case 'compound_statement':
      case 'for_statement':
      case 'for_range_loop':
      case 'if_statement':
      case 'while_statement':
      case 'lambda_expression': {
        const inner = new Block(block, node.endIndex)
        if (node.type === 'for_range_loop') declareOnly(node, inner)
        if (node.type === 'lambda_expression') {
          const list = node.childForFieldName('declarator')?.childForFieldName('parameters')
          if (list) declareParameters(list, inner, depth)
        }
        children(node, inner, depth)
        return
      }
      case 'field_expression':
        visitField(node, block)
        break
      case 'call_expression':
        visitCall(node, block)
        break
      case 'identifier':
        if (
          isRewritable(node) &&
          !(node.parent?.type === 'call_expression' && node.parent.childForFieldName('function')?.equals(node))
        ) {
          sink.form(node.startIndex, {
            start: node.startIndex,
            end: node.endIndex,
            operands: [],
            role: roleOf(node),
            ...outerOf(node),
          })
        }
        return
      case 'sizeof_expression':
      case 'alignof_expression':
      case 'offsetof_expression':
        visitSizeof(node, block)
        break
      case 'cast_expression': {
        const type = node.childForFieldName('type')
        if (type) needType(type, 'value')
        break
      }
      case 'compound_literal_expression':
      case 'new_expression': {
        const type = node.childForFieldName('type')
        if (type) needType(type, 'new')
        break
      }
      case 'ERROR':
        sink.unparsed(node.startIndex, node.endIndex)
        break
    }
    children(node, block, depth)
  }

  const children = (node: SyntaxNode, block: Block, depth: number): void => {
    for (const child of node.namedChildren) {
      if (!child) continue
      const type = child.type
      if (type === 'comment') continue
      if (child.hasError && type !== 'ERROR') collectErrors(child, depth)
      if (
        type === 'declaration' ||
        type === 'type_definition' ||
        type === 'alias_declaration' ||
        type === 'condition_clause' ||
        atFileLevel(type) ||
        interesting.within(child.startIndex, child.endIndex)
      ) {
        if (context.isNew(child.startIndex, child.endIndex)) visit(child, block, depth + 1)
        else if (type === 'declaration') declareOnly(child, block)
      }
    }
  }

  /** What declares something for the whole file is always entered. */
  const atFileLevel = (type: string): boolean =>
    type === 'function_definition' ||
    type === 'linkage_specification' ||
    type === 'namespace_definition' ||
    type === 'declaration_list' ||
    type === 'template_declaration' ||
    type === 'ERROR' ||
    type === 'enum_specifier' ||
    type === 'struct_specifier' ||
    type === 'union_specifier' ||
    type === 'class_specifier' ||
    type === 'field_declaration_list'

  // Errors are counted where they are, not only on the way to something of interest.
  const counted = new Set<number>()
  const collectErrors = (node: SyntaxNode, depth: number): void => {
    if (counted.has(node.id) || depth > deepest) return
    counted.add(node.id)
    const stack: SyntaxNode[] = [node]
    while (stack.length > 0) {
      const at = stack.pop()!
      for (const child of at.children) {
        if (!child) continue
        counted.add(child.id)
        if (child.type === 'ERROR') sink.unparsed(child.startIndex, child.endIndex)
        else if (child.hasError) stack.push(child)
      }
    }
  }

  const visitFunction = (node: SyntaxNode, block: Block, depth: number): void => {
    const type = node.childForFieldName('type')
    const base = baseType(type)
    const found = declared(node.childForFieldName('declarator'), base)
    const body = node.childForFieldName('body')
    if (found.name) {
      const name = found.name.type === 'qualified_identifier' ? lastName(found.name) : found.name.text
      sink.declaration({ kind: 'function', name, type: found.type, offset: found.name.startIndex, defines: true })
    }
    if (type) visitTypeNode(type, block, depth)
    if (!interesting.within(node.startIndex, node.endIndex)) return
    const inner = new Block(block, node.endIndex)
    if (found.name?.type === 'qualified_identifier') {
      let last: SyntaxNode = found.name
      for (
        let next = last.childForFieldName('name');
        next?.type === 'qualified_identifier';
        next = last.childForFieldName('name')
      )
        last = next
      const owner = last.childForFieldName('scope')
      if (owner) inner.declare('this', ['type', `${lastName(owner)}*`])
    }
    if (found.parameters) declareParameters(found.parameters, inner, depth)
    // K&R parameters, initialiser lists
    for (const child of node.namedChildren) {
      if (!child || child.equals(body ?? node)) continue
      if (child.type === 'declaration') visitDeclaration(child, inner, depth, true)
      else if (child.type === 'field_initializer_list') visit(child, inner, depth + 1)
    }
    if (body) visit(body, inner, depth + 1)
  }

  const declareParameters = (list: SyntaxNode, block: Block, depth: number): void => {
    for (const parameter of list.namedChildren) {
      if (!parameter || !/parameter_declaration$/.test(parameter.type)) continue
      const type = parameter.childForFieldName('type')
      const found = declared(parameter.childForFieldName('declarator'), baseType(type))
      if (type) visitTypeNode(type, block, depth)
      if (found.name) {
        declareLocal(found, block, null, hasConst(parameter))
        if (!found.reference) need(found.type, found.name, 'value', false)
      }
    }
  }

  const hasConst = (declaration: SyntaxNode): boolean =>
    declaration.namedChildren.some((child) => child?.type === 'type_qualifier' && child.text === 'const')

  const declareLocal = (declared: Declarator, block: Block, inferred: Expression = null, isConst = false): void => {
    const found = constructed(declared, block)
    const name = found.name!.text
    const deduced = /^(?:auto|__auto_type|(?:__)?typeof(?:__)?\b.*|decltype\b.*)(?=$|\*)/.test(found.type)
    block.declare(name, deduced ? inferred : ['type', found.type], isConst)
    if (vocabulary.names.has(name)) sink.shadow(name, found.name!.startIndex, block.end)
  }

  const declareOnly = (node: SyntaxNode, block: Block): void => {
    const base = baseType(node.childForFieldName('type'))
    for (const declarator of node.childrenForFieldName('declarator')) {
      const found = declared(declarator, base)
      if (found.name)
        declareLocal(found, block, found.value ? expressionOf(found.value, block.lookup) : null, hasConst(node))
    }
  }

  /** `Spam spam(argument);` in a C++ function declares a variable, though it looks like a function. */
  const constructed = (found: Declarator, block: Block): Declarator => {
    if (context.dialect !== 'cpp' || !found.parameters || !/[^)]\(\)$/.test(found.type)) return found
    const parameters = found.parameters.namedChildren.filter((child) => child !== null)
    const isArgument = (node: SyntaxNode): boolean =>
      node.type !== 'parameter_declaration' ||
      node
        .descendantsOfType(['type_identifier', 'identifier'])
        .some((each) => each && block.lookup(each.text) !== undefined)
    return parameters.length > 0 && parameters.every(isArgument) ? { ...found, type: found.type.slice(0, -2) } : found
  }

  /** `PyTypeObject NAME(Type);`: a macro makes the name, so it is no function. */
  const namedByMacro = (found: Declarator): Declarator =>
    found.name?.type === 'identifier' &&
    found.type.endsWith('()') &&
    isStruct(found.type.slice(0, -2)) &&
    context.macroNames.has(found.name.text)
      ? { ...found, type: found.type.slice(0, -2) }
      : found

  /** Parameters of prototypes and of pointers to functions have names for themselves. */
  const shadowPrototypes = (node: SyntaxNode): void => {
    const declarator = node.type === 'init_declarator' ? node.childForFieldName('declarator') : node
    if (!declarator || !interesting.within(declarator.startIndex, declarator.endIndex)) return
    for (const list of declarator.descendantsOfType('parameter_list')) {
      for (const parameter of list?.namedChildren ?? []) {
        const name =
          parameter && /parameter_declaration$/.test(parameter.type)
            ? declared(parameter.childForFieldName('declarator'), '').name
            : null
        if (name && vocabulary.names.has(name.text)) sink.shadow(name.text, name.startIndex, list!.endIndex)
      }
    }
  }

  const isFileLevel = (block: Block): boolean => block === file

  const visitDeclaration = (node: SyntaxNode, block: Block, depth: number, parameter = false): void => {
    const type = node.childForFieldName('type')
    const base = baseType(type)
    if (type) visitTypeNode(type, block, depth)
    const isExtern =
      node.parent?.type === 'linkage_specification' ||
      node.namedChildren.some((child) => child?.type === 'storage_class_specifier' && child.text === 'extern')
    for (const declarator of node.childrenForFieldName('declarator')) {
      if (!declarator) continue
      shadowPrototypes(declarator)
      const head = namedByMacro(declared(declarator, base))
      if (!head.name) continue
      // `if (auto *type = ...)`
      const found = { ...head, name: head.name, value: head.value ?? node.childForFieldName('value') }
      const isFunction = found.type.endsWith('()')
      if (isFileLevel(block)) {
        sink.declaration({
          kind: isFunction ? 'function' : 'variable',
          name: lastName(found.name),
          type: found.type,
          offset: found.name.startIndex,
          defines: !isFunction && (!isExtern || found.value !== null),
        })
      } else {
        declareLocal(found, block, found.value ? expressionOf(found.value, block.lookup) : null, hasConst(node))
        // In the body of a macro it is no local variable where the macro is used outside of functions.
        if (context.parametersAt)
          sink.declaration({
            kind: isFunction ? 'function' : 'variable',
            name: found.name.text,
            type: found.type,
            offset: found.name.startIndex,
            defines: !isFunction,
          })
      }
      if (!isFunction && (!isExtern || found.value) && !found.reference) {
        need(found.type, found.name, parameter ? 'value' : 'variable', found.value !== null)
      }
      if (found.value && interesting.within(found.value.startIndex, found.value.endIndex))
        visit(found.value, block, depth + 1)
      // Array sizes and constructor arguments may hold code too.
      if (interesting.within(declarator.startIndex, found.value?.startIndex ?? declarator.endIndex)) {
        for (const child of declarator.namedChildren) {
          if (
            child &&
            /^(?:number_literal|identifier)$|declarator$|^parameter_list$/.test(child.type) === false &&
            !child.equals(found.value ?? node)
          ) {
            visit(child, block, depth + 1)
          } else if (child?.type === 'array_declarator') {
            const size = child.childForFieldName('size')
            if (size) visit(size, block, depth + 1)
          }
        }
      }
    }
  }

  const visitTypedef = (node: SyntaxNode, block: Block, depth: number): void => {
    const type = node.childForFieldName('type')
    const base = baseType(type)
    if (type) visitTypeNode(type, block, depth)
    for (const declarator of node.childrenForFieldName('declarator')) {
      if (declarator) shadowPrototypes(declarator)
      const found = declared(declarator, base)
      if (!found.name) continue
      if (isFileLevel(block))
        sink.declaration({
          kind: 'typedef',
          name: found.name.text,
          type: found.type,
          offset: found.name.startIndex,
          defines: true,
        })
      else if (vocabulary.names.has(found.name.text)) sink.shadow(found.name.text, found.name.startIndex, block.end)
    }
  }

  const visitTypeNode = (type: SyntaxNode, block: Block, depth: number): void => {
    if (/^(?:struct|union|class)_specifier$/.test(type.type)) visitStruct(type, block, depth)
    else if (type.type === 'enum_specifier') visitEnum(type)
    else if (/decltype|typeof|macro_type/.test(type.type) && interesting.within(type.startIndex, type.endIndex))
      children(type, block, depth)
  }

  const visitEnum = (node: SyntaxNode): void => {
    for (const member of node.childForFieldName('body')?.namedChildren ?? []) {
      const name = member?.type === 'enumerator' ? member.childForFieldName('name') : null
      if (name)
        sink.declaration({ kind: 'constant', name: name.text, type: 'int', offset: name.startIndex, defines: true })
    }
  }

  const visitStruct = (node: SyntaxNode, block: Block, depth: number): void => {
    const body = node.childForFieldName('body')
    if (!body) return
    const tag = baseType(node)
    const fields: Record<string, CType> = {}
    const bases: string[] = []
    const inner = new Block(block, node.endIndex)
    inner.declare('this', ['type', `${tag}*`])
    for (const child of node.namedChildren) {
      if (child?.type !== 'base_class_clause') continue
      for (const base of child.namedChildren) {
        if (!base || !/identifier$|template_type/.test(base.type)) continue
        bases.push(lastName(base))
        need(lastName(base), base, 'base', false)
      }
    }
    const methods: SyntaxNode[] = []
    for (const child of body.namedChildren) {
      if (!child) continue
      if (child.type === 'field_declaration') visitFields(child, fields, inner, depth)
      else if (child.type === 'function_definition') {
        const found = declared(child.childForFieldName('declarator'), baseType(child.childForFieldName('type')))
        if (found.name) fields[found.name.text] = found.type
        methods.push(child)
      } else if (
        child.type === 'template_declaration' ||
        child.type === 'declaration' ||
        child.type === 'type_definition'
      )
        methods.push(child)
      else if (child.type === 'ERROR') sink.unparsed(child.startIndex, child.endIndex)
    }
    sink.struct({ tag, fields, bases, offset: node.startIndex }, body.endIndex)
    const scope = new Block(inner, node.endIndex)
    for (const [name, type] of Object.entries(fields)) scope.declare(name, ['type', type])
    for (const method of methods) visit(method, scope, depth + 1)
  }

  const visitFields = (node: SyntaxNode, fields: Record<string, CType>, block: Block, depth: number): void => {
    const type = node.childForFieldName('type')
    const base = baseType(type)
    if (type) visitTypeNode(type, block, depth)
    const declarators = node.childrenForFieldName('declarator')
    const specifiers = node.namedChildren.flatMap((child) =>
      child?.type === 'storage_class_specifier' ? [child.text] : [],
    )
    // A static member is an object elsewhere.
    const isObject = !specifiers.includes('static') || specifiers.includes('inline')
    for (const declarator of declarators) {
      if (declarator) shadowPrototypes(declarator)
      const found = declared(declarator, base)
      if (!found.name) continue
      fields[found.name.text] = found.type
      if (vocabulary.names.has(found.name.text))
        sink.shadow(found.name.text, found.name.startIndex, found.name.endIndex)
      if (isObject && !found.reference && !found.type.endsWith('()')) need(found.type, found.name, 'field', false)
    }
    // The fields of an anonymous struct are fields of the one around it.
    if (
      declarators.length === 0 &&
      type &&
      /^(?:struct|union)_specifier$/.test(type.type) &&
      !type.childForFieldName('name')
    ) {
      fields[`@${Object.keys(fields).length}`] = anonymousTag(
        type.type === 'union_specifier' ? 'union' : 'struct',
        type.startIndex,
      )
    }
  }

  const visitField = (node: SyntaxNode, block: Block): void => {
    const field = node.childForFieldName('field')
    if (!field || !interesting.has(field.startIndex)) return
    const argument = node.childForFieldName('argument')
    const object = bound(expressionOf(argument, block.lookup), node)
    sink.member({
      field: lastName(field),
      start: field.startIndex,
      object,
      ...(argument ? { context: formOfField(node, argument, block) } : {}),
    })
  }

  const isRewritable = (node: SyntaxNode): boolean =>
    vocabulary.rewritable.has(node.text) && interesting.has(node.startIndex)

  const operand = (node: SyntaxNode, block: Block): Operand =>
    operandOf(
      node,
      (each) =>
        each.type === 'identifier' && block.isConst(each.text) ? null : bound(expressionOf(each, block.lookup), each),
      (each) => context.parametersAt?.(each.startIndex)?.includes(each.text) ?? false,
    )

  /** The field that is read of what a node stands for. */
  const outerOf = (node: SyntaxNode): Pick<UseContext, 'outer'> => {
    const outer = node.parent?.type === 'field_expression' ? node.parent : null
    const field = outer?.childForFieldName('field')
    return outer && field && !field.equals(node)
      ? { outer: { field: lastName(field), end: field.endIndex, role: roleOf(outer) } }
      : {}
  }

  const formOfField = (node: SyntaxNode, object: SyntaxNode, block: Block): UseContext => {
    return {
      start: node.startIndex,
      end: node.endIndex,
      operands: [operand(object, block)],
      arrow: node.childForFieldName('operator')?.type === '->',
      ...outerOf(node),
      role: roleOf(node),
    }
  }

  /** In a macro's body its parameters stand for what it is called with. */
  const bound = (expression: Expression, node: SyntaxNode): Expression => {
    const parameters = context.parametersAt?.(node.startIndex)
    return parameters ? bindParameters(expression, parameters) : expression
  }

  const visitCall = (node: SyntaxNode, block: Block): void => {
    const callee = node.childForFieldName('function')
    if (callee?.type === 'identifier' && isRewritable(callee)) {
      const operands = (node.childForFieldName('arguments')?.namedChildren ?? []).filter(
        (child) => child !== null && child.type !== 'comment',
      ) as SyntaxNode[]
      const alone = statementOf(node)
      sink.form(callee.startIndex, {
        start: node.startIndex,
        end: node.endIndex,
        operands: operands.map((each) => operand(each, block)),
        role: roleOf(node),
        ...(alone ? { alone } : {}),
        ...(setsItem.has(callee.text) && operands[0] && isFresh(node, operands[0]) ? { fresh: true } : {}),
      })
    }
    if (callee?.type === 'identifier' && context.takesObject(callee.text) && interesting.has(callee.startIndex)) {
      const first = node
        .childForFieldName('arguments')
        ?.namedChildren.find((child) => child !== null && child.type !== 'comment')
      if (first) sink.objectArgument({ called: callee.text, ...operand(first, block) })
    }
    if (
      callee?.type !== 'identifier' ||
      !(context.fieldMacros.has(callee.text) || context.namingMacros.has(callee.text))
    )
      return
    const operands = operandsOf(node.childForFieldName('arguments'), block.lookup)
    const locals: Record<string, Expression> = {}
    const asked = new Set<string>([callee.text])
    for (const macro of asked) {
      for (const word of asked.size < 50 ? (context.macroWords.get(macro) ?? []) : []) {
        const local = block.lookup(word)
        const alias = local ? undefined : context.macroWords.get(word)?.find((each) => block.lookup(each) !== undefined)
        if (local) locals[word] = local
        else if (alias !== undefined) locals[word] = block.lookup(alias)!
        else if (context.macroWords.has(word)) asked.add(word)
      }
    }
    sink.macroCall(
      callee.text,
      callee.startIndex,
      operands.map((operand) => bound(operand, node)),
      locals,
    )
  }

  const visitSizeof = (node: SyntaxNode, block: Block): void => {
    const type = node.childForFieldName('type')
    if (type) {
      const of = type.type === 'type_descriptor' ? describedType(type) : lastName(type)
      need(of, node, 'sizeof', false, type)
      const field = node.childForFieldName('member')
      if (field && isStruct(of)) sink.member({ field: field.text, start: field.startIndex, object: ['type', of] })
      return
    }
    // `sizeof(PyTypeObject)` reads as an expression where the parser does not know the type.
    let value = node.childForFieldName('value')
    while (value?.type === 'parenthesized_expression') value = value.namedChild(0)
    if (!value) return
    if (value.type === 'identifier' && block.lookup(value.text) === undefined && isStruct(value.text)) {
      need(value.text, node, 'sizeof', false, value)
      return
    }
    const expression = bound(expressionOf(value, block.lookup), node)
    if (expression === null || (expression[0] === 'type' && !isStruct(expression[1].replace(/(?:\[\])+$/, '')))) return
    sink.size({ of: expression, start: value.startIndex, end: value.endIndex, how: 'sizeof', initialised: false })
  }

  const isStruct = (type: CType): boolean => vocabulary.structs.has(type) || context.structAliases.has(type)

  const needType = (descriptor: SyntaxNode, how: CompleteTypeUse['how']): void => {
    const type = descriptor.type === 'type_descriptor' ? describedType(descriptor) : lastName(descriptor)
    need(type, descriptor, how, false)
  }

  const need = (
    type: CType,
    at: SyntaxNode,
    how: CompleteTypeUse['how'],
    initialised: boolean,
    place: SyntaxNode = at,
  ): void => {
    const element = type.replace(/(?:\[\])+$/, '')
    if (!isStruct(element)) return
    sink.size({ of: element, start: place.startIndex, end: place.endIndex, how, initialised })
  }

  const file = new Block(null, root.endIndex)
  if (root.hasError) collectErrors(root, 0)
  children(root, file, 0)
}

/** Replaces the names of parameters by their numbers. */
export const bindParameters = (expression: Expression, parameters: readonly string[]): Expression =>
  mapLeaves(expression, (leaf) => {
    const index = leaf[0] === 'name' ? parameters.indexOf(leaf[1]) : -1
    return index >= 0 ? ['parameter', index] : leaf
  })
