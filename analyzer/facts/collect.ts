import type { CType } from '../knowledge/ctype.ts'
import { compact } from '../preprocess/compact.ts'
import { type Directives, type MacroDefinition, RegionIndex, readDirectives } from '../preprocess/directives.ts'
import { idleBodies } from '../preprocess/idle.ts'
import { maskEdits, maskedText } from '../preprocess/mask.ts'
import { isPunctuation, Kind, scan, type Tokens, tokenText } from '../preprocess/scanner.ts'
import { planViews, possibleRegions } from '../preprocess/views.ts'
import { lastUpTo } from '../source/search.ts'
import { asByteText, type Offset, writeText } from '../source/text.ts'
import type { Dialect, Syntax, SyntaxNode } from '../syntax/parse.ts'
import type { CollectContext } from './context.ts'
import { expressionOf, mapLeaves } from './expressions.ts'
import type {
  CompleteTypeUse,
  Declaration,
  Expression,
  FileFacts,
  MemberAccess,
  ObjectArgument,
  Operand,
  PastedFacts,
  PastedName,
  StructDeclaration,
  Use,
  UseContext,
} from './file-facts.ts'
import { lexicon, Word } from './lexicon.ts'
import { type TokenFacts, tokenFacts } from './uses.ts'
import { bindParameters, Offsets, type Sink, walk } from './walk.ts'

/**
 * Collects the facts of one file.
 * @param file its path, as reports show it
 * @param text with one character per byte
 * @param parse false for a file that cannot hold facts about the C API: then only its directives and bodies of macros
 * are read
 */
export function collectFacts(
  syntax: Syntax,
  file: string,
  text: string,
  dialect: Dialect,
  collectContext: CollectContext,
  parse = true,
): FileFacts {
  const tokens = scan(text)
  const directives = readDirectives(tokens)
  const regions = new RegionIndex(directives.regions)
  const possible = possibleRegions(directives.regions, dialect === 'cpp')
  const found = tokenFacts(tokens, directives, regions, possible, collectContext)

  const words = lexicon(collectContext)
  const members = new Map<Offset, MemberAccess>()
  const contexts = new Map<Offset, UseContext>()
  const objectArguments = new Map<Offset, ObjectArgument>()
  const sizes = new Map<Offset, CompleteTypeUse>()
  const declarations = new Map<Offset, Declaration>()
  const structs = new Map<Offset, StructDeclaration>()
  const shadows = new Map<Offset, { name: string; start: Offset; end: Offset }>()
  const macroCalls = new Map<Offset, FileFacts['macroCalls'][number]>()
  const unparsed: { start: Offset; end: Offset }[] = []
  const results = new Map<number, Expression>()
  const pasted = {
    uses: found.pastedUses,
    members: [] as PastedFacts['members'][number][],
    sizes: [] as PastedFacts['sizes'][number][],
    declarations: [] as PastedFacts['declarations'][number][],
  }

  /**
   * Whether what a macro's body means depends on how it is called: that matters in files that do not concern Python,
   * too.
   */
  const isTemplate = (name: string): boolean =>
    collectContext.fieldMacros.has(name) || collectContext.pastingMacros.has(name)

  /** The field that `PyObject_HEAD` declares between two places; the parser does not see the macro. */
  const heads = found.uses.filter(({ name, macro }) => macro < 0 && Object.hasOwn(headTypes, name))
  const headIn = (start: Offset, end: Offset): Readonly<Record<string, CType>> => {
    const head = heads.find((each) => start < each.start && each.start < end)
    return head ? { ob_base: headTypes[head.name]! } : {}
  }

  /**
   * A fact seen in two views is the same fact; the first is kept, but one that knows its object wins over one that
   * does not.
   */
  const sinkInto = (macroAt: (offset: Offset) => number): Sink => ({
    member: (access) => {
      const before = members.get(access.start)
      if (!before || before.object === null)
        members.set(access.start, {
          ...access,
          within: found.within.get(access.start) ?? [],
          region: regions.at(access.start),
          macro: macroAt(access.start),
        })
    },
    objectArgument: (argument) => {
      if (macroAt(argument.start) < 0)
        objectArguments.set(argument.start, { ...argument, region: regions.at(argument.start) })
    },
    form: (offset, context) => {
      const before = contexts.get(offset)
      // What one view takes for fresh another may know better.
      contexts.set(offset, before?.fresh === undefined || context.fresh ? (before ?? context) : context)
    },
    size: (need) => void sizes.set(need.start, { ...need, region: regions.at(need.start), macro: macroAt(need.start) }),
    declaration: (declaration) => {
      if (macroAt(declaration.offset) < 0)
        declarations.set(declaration.offset, { ...declaration, region: regions.at(declaration.offset) })
    },
    struct: (struct, end) => {
      if (macroAt(struct.offset) >= 0) return
      const before = structs.get(struct.offset)
      const fields = { ...headIn(struct.offset, end), ...before?.fields, ...struct.fields }
      structs.set(struct.offset, { ...struct, fields, region: regions.at(struct.offset) })
    },
    shadow: (name, start, end) => void shadows.set(start, { name, start, end }),
    macroCall: (name, offset, operands, locals) =>
      void macroCalls.set(offset, { name, offset, operands, locals, macro: macroAt(offset) }),
    unparsed: (start, end) => void unparsed.push({ start, end }),
  })

  if (parse && nestsTooDeep(tokens)) unparsed.push({ start: 0, end: text.length })
  else if (parse) {
    const edits = maskEdits(tokens, collectContext.shapes, collectContext.macroNames, dialect === 'cpp')
    const { views, unseen } = planViews(directives, possible, worthwhileTokens(tokens, directives, regions, found))
    for (const id of unseen) unparsed.push({ start: directives.regions[id]!.start, end: directives.regions[id]!.end })
    const fileSink = sinkInto(() => -1)
    views.forEach((view, index) => {
      const spans = index === 0 ? null : directives.regions.filter((_, id) => view.news[id])
      const isNew = (start: Offset, end: Offset): boolean =>
        spans === null || spans.some((span) => span.start < end && start < span.end)
      const idle = idleBodies(tokens, directives.regions, (start, end) => found.interesting.within(start, end), isNew)
      parseAndWalk(maskedText(tokens, directives, view, [...edits, ...idle]), isNew, {
        ...fileSink,
        unparsed: (start, end) => {
          if (isNew(start, end)) fileSink.unparsed(start, end)
        },
      })
    })
    collectBodies()
  } else if (directives.macros.some(({ name }) => isTemplate(name))) collectBodies()

  /** Walks a masked text; the sink is told places in the file. */
  function parseAndWalk(
    masked: string,
    isNew: (start: Offset, end: Offset) => boolean,
    sink: Sink,
    parametersAt?: (offset: Offset) => readonly string[] | null,
    after?: (root: SyntaxNode, toFile: (offset: Offset) => Offset) => void,
  ): void {
    const { text: shown, toFile, toCompact } = compact(masked)
    // Bodies of macros in files that do not concern Python are not worth the grammar of C++.
    syntax.parse(parse ? dialect : 'c', shown, (root) => {
      walk(root, {
        vocabulary: collectContext.vocabulary,
        interesting: new Offsets(found.interesting.sorted.map(toCompact)),
        structAliases: collectContext.structAliases,
        dialect,
        fieldMacros: collectContext.fieldMacros,
        namingMacros: collectContext.pastingMacros,
        macroWords: collectContext.macroWords,
        macroNames: collectContext.macroNames,
        takesObject: (name) => ((words.get(name) ?? 0) & Word.takesObject) !== 0,
        isNew: (start, end) => isNew(toFile(start), toFile(end)),
        ...(parametersAt ? { parametersAt: (offset: Offset) => parametersAt(toFile(offset)) } : {}),
        sink: placed(sink, toFile),
      })
      after?.(root, toFile)
    })
  }

  /** Parses the macro bodies of interest, each as the body of a function of its own. */
  function collectBodies(): void {
    const wanted = directives.macros
      .map((macro, index) => ({ macro, index }))
      .filter(
        ({ macro, index }) =>
          possible[macro.region] &&
          isBalanced(tokens, macro) &&
          (collectContext.everyBody ||
            isTemplate(macro.name) ||
            (parse && (found.bodies.has(index) || mayGiveObject(tokens, macro)))),
      )
    if (wanted.length === 0) return
    const bytes = new Uint8Array(text.length + 2).fill(32)
    for (const { macro, index } of wanted) {
      // `define X` has room for the head of a function. Its end stands on the line end and on the `#` of the next line.
      writeText(bytes, 'A f(){', macro.offset - 7)
      const body = text
        .slice(macro.bodyStart, macro.bodyEnd)
        .replace(/\\(?=\s*\n)|[\r\n]|##?/g, (gone) => ' '.repeat(gone.length))
      writeText(bytes, body, macro.bodyStart)
      for (const { start, stand } of found.pasted.get(index) ?? []) writeText(bytes, stand, start)
      writeText(bytes, ';}', macro.bodyEnd)
    }
    const starts = wanted.map(({ macro }) => macro.bodyStart)
    const wantedAt = (offset: Offset): number => {
      const index = lastUpTo(starts, offset)
      return index >= 0 && offset <= wanted[index]!.macro.bodyEnd ? index : -1
    }
    const macroAt = (offset: Offset): number => wanted[wantedAt(offset)]?.index ?? -1
    const sink = sinkInto(macroAt)
    /** The name that an identifier in a body stands for, if it is a parameter or pasted; null if it is what it says. */
    const pastedAt = (offset: Offset, name: string): PastedName | null => {
      const macro = macroAt(offset)
      if (macro < 0) return null
      const pasting = found.pasted.get(macro)?.find((each) => each.start === offset)
      if (pasting) return pasting.parts
      const parameter = directives.macros[macro]!.parameters?.indexOf(name) ?? -1
      return parameter < 0 ? null : [parameter]
    }
    /** Pasted names in expressions, which know no places: they are told apart by what stands for them. */
    const withPasted = (expression: Expression, offset: Offset): Expression => {
      const all = found.pasted.get(macroAt(offset))
      if (!all) return expression
      return mapLeaves(expression, (leaf) => {
        const pasting = leaf[0] === 'name' ? all.find(({ stand }) => stand === leaf[1]) : undefined
        return pasting ? ['pasted', pasting.parts] : leaf
      })
    }
    const pastingSink: Sink = {
      ...sink,
      member: (access) => {
        const field = pastedAt(access.start, access.field)
        const object = withPasted(access.object, access.start)
        if (field === null) sink.member({ ...access, object })
        else
          pasted.members.push({
            field,
            start: access.start,
            end: access.start + access.field.length,
            object,
            region: regions.at(access.start),
            macro: macroAt(access.start),
          })
      },
      size: (need) => {
        const name = need.how === 'variable' ? pastedAt(need.start, text.slice(need.start, need.end)) : null
        if (name?.length === 1 && typeof name[0] === 'number')
          pasted.sizes.push({
            of: need.of,
            start: need.start,
            end: need.end,
            how: 'variable',
            name,
            region: regions.at(need.start),
            macro: macroAt(need.start),
          })
        else sink.size(typeof need.of === 'string' ? need : { ...need, of: withPasted(need.of, need.start) })
      },
      declaration: (declaration) => {
        const name = pastedAt(declaration.offset, declaration.name)
        if (name !== null)
          pasted.declarations.push({
            ...declaration,
            name,
            region: regions.at(declaration.offset),
            macro: macroAt(declaration.offset),
          })
      },
      macroCall: (name, offset, operands, locals) =>
        sink.macroCall(
          name,
          offset,
          operands.map((each) => withPasted(each, offset)),
          locals,
        ),
      unparsed: () => undefined,
    }
    const parametersAt = (offset: Offset): readonly string[] | null =>
      wanted[wantedAt(offset)]?.macro.parameters ?? null
    parseAndWalk(
      asByteText(bytes),
      () => true,
      pastingSink,
      parametersAt,
      (root, toFile) => {
        for (const definition of root.namedChildren) {
          const first = definition?.childForFieldName('body')?.namedChild(0)
          const which = definition ? wantedAt(toFile(definition.endIndex) - 2) : -1
          if (which < 0 || first?.type !== 'expression_statement') continue
          const { macro, index } = wanted[which]!
          const result = withPasted(
            bindParameters(
              expressionOf(first.namedChild(0), () => undefined),
              macro.parameters ?? [],
            ),
            macro.bodyStart,
          )
          results.set(index, placedExpression(result, toFile))
        }
      },
    )
  }

  function aliasAt({ name, start, macro: index }: Use): UseContext | null {
    const macro = index < 0 ? null : directives.macros[index]!
    if (macro === null || macro.parameters !== null || !collectContext.vocabulary.rewritable.has(name)) return null
    const end = start + name.length
    if (text.slice(macro.bodyStart, macro.bodyEnd).trim() !== name) return null
    return { start, end, operands: [], role: 'value', alias: macro.offset + macro.name.length }
  }

  return {
    file,
    dialect,
    size: text.length,
    regions: directives.regions.map(({ parent, condition, start, end, group }) => ({
      parent,
      condition,
      start,
      end,
      group,
    })),
    includes: directives.includes.map(({ path, quoted, offset, region }) => ({ path, quoted, offset, region })),
    macros: directives.macros.map((macro, index) => ({
      name: macro.name,
      offset: macro.offset,
      bodyStart: macro.bodyStart,
      bodyEnd: macro.bodyEnd,
      parameters: macro.parameters,
      drops: droppedParameters(tokens, macro),
      value: macro.value,
      result: results.get(index) ?? simpleResult(tokens, directives, index),
      region: macro.region,
    })),
    undefinitions: directives.undefinitions,
    uses: parse
      ? found.uses.map((use) => {
          const context = aliasAt(use) ?? contexts.get(use.start)
          return context ? { ...use, context } : use
        })
      : [],
    members: [...members.values()],
    completeTypeUses: [...sizes.values()],
    declarations: [...declarations.values()],
    structs: [...structs.values()],
    shadows: [...shadows.values()],
    macroCalls: [...macroCalls.values()],
    macroCallTexts: found.sites,
    pasted,
    names: found.names,
    objectArguments: [...objectArguments.values()],
    formats: found.formats,
    itemSizes: found.itemSizes,
    unparsed,
  }
}

/** Source: object.h. */
const headTypes: Readonly<Record<string, CType>> = { PyObject_HEAD: 'PyObject', PyObject_VAR_HEAD: 'PyVarObject' }

/**
 * A sink that is told places in one text and passes on those in another. Structs without a name are named by their
 * place.
 */
function placed(sink: Sink, place: (offset: Offset) => Offset): Sink {
  const type = (each: CType): CType => placedType(each, place)
  return {
    member: (access) =>
      sink.member({
        ...access,
        start: place(access.start),
        object: placedExpression(access.object, place),
        ...(access.context ? { context: placedForm(access.context, place) } : {}),
      }),
    form: (offset, context) => sink.form(place(offset), placedForm(context, place)),
    objectArgument: (argument) => sink.objectArgument({ called: argument.called, ...placedOperand(argument, place) }),
    size: (need) =>
      sink.size({
        ...need,
        start: place(need.start),
        end: place(need.end),
        of: typeof need.of === 'string' ? type(need.of) : placedExpression(need.of, place),
      }),
    declaration: (each) => sink.declaration({ ...each, offset: place(each.offset), type: type(each.type) }),
    struct: (struct, end) =>
      sink.struct(
        {
          ...struct,
          offset: place(struct.offset),
          tag: type(struct.tag),
          fields: Object.fromEntries(
            Object.entries(struct.fields).map(([name, each]) => [name.startsWith('@') ? type(each) : name, type(each)]),
          ),
        },
        place(end),
      ),
    shadow: (name, start, end) => sink.shadow(name, place(start), place(end)),
    macroCall: (name, offset, operands, locals) =>
      sink.macroCall(
        name,
        place(offset),
        operands.map((each) => placedExpression(each, place)),
        Object.fromEntries(Object.entries(locals).map(([local, each]) => [local, placedExpression(each, place)])),
      ),
    unparsed: (start, end) => sink.unparsed(place(start), place(end)),
  }
}

/** Ends are exclusive: the place after the last character, which may be followed by what was left out. */
const placedSpan = (
  { start, end }: { readonly start: Offset; readonly end: Offset },
  place: (offset: Offset) => Offset,
): { readonly start: Offset; readonly end: Offset } => ({ start: place(start), end: place(end - 1) + 1 })

const placedOperand = (operand: Operand, place: (offset: Offset) => Offset): Operand => ({
  ...operand,
  ...placedSpan(operand, place),
  type: placedExpression(operand.type, place),
  ...(operand.within
    ? {
        within: {
          ...operand.within,
          ...placedSpan(operand.within, place),
          type: placedExpression(operand.within.type, place),
        },
      }
    : {}),
})

const placedForm = (context: UseContext, place: (offset: Offset) => Offset): UseContext => ({
  ...context,
  ...placedSpan(context, place),
  operands: context.operands.map((each) => placedOperand(each, place)),
  ...(context.outer ? { outer: { ...context.outer, end: place(context.outer.end - 1) + 1 } } : {}),
  ...(context.alone ? { alone: placedSpan(context.alone, place) } : {}),
})

const placedType = (type: CType, place: (offset: Offset) => Offset): CType =>
  type.includes('@') ? type.replace(/@(\d+)/, (_, offset: string) => `@${place(Number(offset))}`) : type

const placedExpression = (expression: Expression, place: (offset: Offset) => Offset): Expression =>
  mapLeaves(expression, (leaf) => (leaf[0] === 'type' ? ['type', placedType(leaf[1], place)] : leaf))

/** Whether the brackets of a macro's body pair; one whose do not cannot be read by itself. */
function isBalanced(tokens: Tokens, macro: MacroDefinition): boolean {
  let depth = 0
  for (let at = macro.firstToken; at < macro.endToken; at++) {
    if (isPunctuation(tokens, at, '{') || isPunctuation(tokens, at, '(')) depth++
    else if ((isPunctuation(tokens, at, '}') || isPunctuation(tokens, at, ')')) && --depth < 0) return false
  }
  return depth === 0
}

/** How deep brackets nest. Beyond a thousand the parser's recovery from errors runs out of its stack. */
const deepestForParser = 1000
function nestsTooDeep(tokens: Tokens): boolean {
  let depth = 0
  let deepest = 0
  for (let at = 0; at < tokens.count; at++) {
    if (tokens.kind[at] !== Kind.punctuation) continue
    const code = tokens.text.charCodeAt(tokens.start[at]!)
    if (code === 40 || code === 91 || code === 123) deepest = Math.max(deepest, ++depth)
    else if (code === 41 || code === 93 || code === 125) depth = Math.max(0, depth - 1)
  }
  return deepest > deepestForParser
}

/**
 * The parameters whose arguments do not come out of a macro: not mentioned, or only pasted part of a name or a string;
 * null where all do.
 */
function droppedParameters(tokens: Tokens, macro: MacroDefinition): readonly number[] | null {
  if (macro.parameters === null || macro.parameters.length === 0) return null
  const words = new Set<string>()
  for (let at = macro.firstToken; at < macro.endToken; at++) {
    const isPart =
      (at > macro.firstToken && (isPunctuation(tokens, at - 1, '#') || isPunctuation(tokens, at - 1, '##'))) ||
      (at + 1 < macro.endToken && isPunctuation(tokens, at + 1, '##'))
    const word = tokenText(tokens, at)
    if (!isPart || word === '__VA_ARGS__') words.add(word)
  }
  const dropped = macro.parameters.flatMap((name, index) =>
    words.has(name) || (name === '...' && words.has('__VA_ARGS__')) ? [] : [index],
  )
  return dropped.length > 0 ? dropped : null
}

/** Whether a body may be an expression whose type is worth knowing: a cast, a call, a dereference. */
function mayGiveObject(tokens: Tokens, macro: MacroDefinition): boolean {
  const size = macro.endToken - macro.firstToken
  if (size < 2 || size > 40 || isPunctuation(tokens, macro.firstToken, '{')) return false
  for (let at = macro.firstToken; at < macro.endToken; at++) {
    if (isPunctuation(tokens, at, '*') || isPunctuation(tokens, at, '->')) return true
    if (isPunctuation(tokens, at, '(') && at > macro.firstToken && tokens.kind[at - 1] === Kind.identifier) return true
  }
  return false
}

/** `#define OLD new` and `#define OLD(a) new(a)` give what `new` gives, which needs no parser. */
function simpleResult(tokens: Tokens, directives: Directives, index: number): Expression {
  const macro = directives.macros[index]!
  if (macro.endToken - macro.firstToken !== 1) return null
  const name = tokens.text.slice(macro.bodyStart, macro.bodyEnd)
  return /^[A-Za-z_]\w*$/.test(name) ? ['name', name] : null
}

/**
 * For each region how much in it is worth a view: places of interest, and what may declare something for other places.
 */
function worthwhileTokens(tokens: Tokens, directives: Directives, regions: RegionIndex, found: TokenFacts): Int32Array {
  const counts = new Int32Array(directives.regions.length)
  if (directives.regions.length === 1) {
    counts[0] = 1
    return counts
  }
  for (let at = 0; at < tokens.count; at++) {
    if (tokens.directive[at] !== -1 || tokens.kind[at] !== Kind.identifier) continue
    const start = tokens.start[at]!
    if (found.interesting.has(start) || /^(?:struct|typedef|class|union|_?Py\w+)$/.test(tokenText(tokens, at)))
      counts[regions.at(start)]!++
  }
  return counts
}
