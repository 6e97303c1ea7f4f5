import { isZero } from '../code/declarations.ts'
import { type InitialiserItem, type InitialiserPart, itemsOf, readInitialiser } from '../code/initialisers.ts'
import {
  type FunctionText,
  functionAround,
  isBraceless,
  nextToken,
  type Outline,
  outermostStatement,
  previousToken,
  simpleStatement,
  wordAt,
} from '../code/outline.ts'
import { offsetMembers } from '../knowledge/slots.ts'
import type { Directives, RegionIndex } from '../preprocess/directives.ts'
import { Kind } from '../preprocess/scanner.ts'
import { lastUpTo } from '../source/search.ts'
import type { Offset, TokenIndex } from '../source/text.ts'
import type {
  CallFact,
  FunctionBody,
  HeapTypeFacts,
  MakerFact,
  OffsetMember,
  PlacedStatement,
  PlacedText,
  SlotEntry,
  SlotTable,
  SpecFact,
  StatementFact,
} from './file-facts.ts'

/** What a file that makes no types of specs says. */
export const noHeapTypes: HeapTypeFacts = {
  specs: [],
  slotTables: [],
  offsetMembers: [],
  hasModuleMember: false,
  functions: [],
  makers: [],
}

/** The slots whose functions are read, and those of them whose object is followed into other functions. */
const readSlots = /^Py_tp_(?:dealloc|traverse|clear|finalize|new)$/
const followed = /^Py_tp_(?:dealloc|traverse)$/

const makers = new Set(
  `PyType_FromSpec PyType_FromSpecWithBases PyType_FromModuleAndSpec PyType_FromMetaclass PyTuple_Pack PyObject_New
  PyObject_NEW PyObject_NewVar PyObject_NEW_VAR PyObject_GC_New PyObject_GC_NewVar PyObject_GC_Track`.split(/\s+/),
)

const specOrder = ['name', 'basicsize', 'itemsize', 'flags', 'slots']
const memberOrder = ['name', 'type', 'offset', 'flags', 'doc']
const memberNames: ReadonlySet<string> = new Set(Object.values(offsetMembers))

/** Functions that are followed; a file that has more of them stays in doubt. */
const most = 500

/** Longer than what a variable is worth being remembered for. */
const longest = 120

/**
 * Reads the specs of a file, their slots and the functions in these.
 * @param possible for each region whether any target may compile it
 */
export function heapTypesIn(
  outline: Outline,
  directives: Directives,
  regions: RegionIndex,
  possible: readonly boolean[],
): HeapTypeFacts {
  const { tokens, text } = outline
  const specs: SpecFact[] = []
  const slotTables: SlotTable[] = []
  const members: OffsetMember[] = []
  const makings: MakerFact[] = []
  let hasModuleMember = false
  /** Tokens of values in tables of slots, which say no more of a function than its slot. */
  const inTables = new Set<number>()
  /** What is written into after it was declared: `spec.flags |= ...`, `slots[3].pfunc = ...`. */
  const changed = new Set<string>()
  /** Of each function of the file the tokens that are its name. */
  const mentions = new Map(outline.functions.map(({ name }) => [name, [] as number[]]))

  for (let at = 0; at < tokens.count; at++) {
    if (
      tokens.kind[at] === Kind.string &&
      wordAt(outline, at) === '"__module__"' &&
      /^[{=]$/.test(wordAt(outline, at - 1))
    )
      hasModuleMember = true
    if (tokens.kind[at] !== Kind.identifier || tokens.directive[at] !== -1) continue
    const word = wordAt(outline, at)
    mentions.get(word)?.push(at)
    if (word === 'PyType_Spec' || word === 'PyType_Slot' || word === 'PyMemberDef')
      at = Math.max(at, readVariable(word, at))
    else if (
      makers.has(word) &&
      wordAt(outline, nextToken(outline, at)) === '(' &&
      possible[regions.at(tokens.start[at]!)]
    ) {
      const call = callAt(at, nextToken(outline, at), -1)
      if (call) makings.push({ ...call, isFilled: isFilled(call, at) })
    } else {
      const next = nextToken(outline, at)
      if (wordAt(outline, next) === '.' || wordAt(outline, next) === '[') changed.add(word)
    }
  }

  for (let at = 0, names = new Set(specs.map(({ variable }) => variable)); at < tokens.count; at++) {
    if (tokens.directive[at] !== -1 || !names.has(wordAt(outline, at)) || wordAt(outline, at - 1) !== '&') continue
    const open = outline.enclosingBracket[at]!
    if (
      open < 1 ||
      wordAt(outline, open) !== '(' ||
      tokens.kind[open - 1] !== Kind.identifier ||
      makers.has(wordAt(outline, open - 1))
    )
      continue
    const call = callAt(open - 1, open, -1)
    if (call && possible[call.region]) makings.push({ ...call, isFilled: false })
  }
  const functions = readFunctions()
  return {
    specs: specs.map((spec) => (changed.has(spec.variable) ? { ...spec, hasOpenFlags: true } : spec)),
    slotTables: slotTables.map((table) => (changed.has(table.variable) ? { ...table, isWhole: false } : table)),
    offsetMembers: members,
    hasModuleMember,
    functions,
    makers: makings,
  }

  /**
   * Reads a variable with an initialiser, or each item of an array.
   * @param type the token of its type
   * @returns that of its name, -1 for none
   */
  function readVariable(kind: 'PyType_Spec' | 'PyType_Slot' | 'PyMemberDef', type: number): number {
    let name = nextToken(outline, type)
    while (wordAt(outline, name) === 'const') name = nextToken(outline, name)
    while (wordAt(outline, nextToken(outline, name)) === '::') name = nextToken(outline, nextToken(outline, name))
    if (tokens.kind[name] !== Kind.identifier) return -1
    const region = regions.at(tokens.start[name]!)
    if (!possible[region]) return name
    let next = nextToken(outline, name)
    let isArray = false
    let hasSize = false
    if (wordAt(outline, next) === '[' && outline.matchingBracket[next]! > 0) {
      isArray = true
      hasSize = outline.matchingBracket[next]! > next + 1
      next = nextToken(outline, outline.matchingBracket[next]!)
    }
    if (wordAt(outline, next) === '=') next = nextToken(outline, next)
    if (wordAt(outline, next) !== '{' || outline.matchingBracket[next]! < 0) return name
    const parts = readInitialiser(outline, next)
    const place = { variable: wordAt(outline, name), start: tokens.start[name]!, end: tokens.end[name]!, region }
    if (kind === 'PyType_Slot') {
      if (isArray) slotTables.push(slotTable(place, parts, hasSize))
    } else if (kind === 'PyMemberDef') {
      if (isArray && parts) readMembers(place.variable, parts)
    } else if (isArray) {
      for (const item of itemsOf(parts ?? [])) {
        const inner = wordAt(outline, item.firstToken) === '{' ? readInitialiser(outline, item.firstToken) : null
        if (inner) specs.push(spec({ ...place, variable: `${place.variable}[]` }, inner))
      }
    } else if (parts) specs.push(spec(place, parts))
    return name
  }

  /** @param at the token of the call's name */
  function isFilled({ result }: CallFact, at: number): boolean {
    const around = functionAround(outline, at)
    if (around === null || result === null) return false
    for (let token = at; token < around.end; token++) {
      if (wordAt(outline, token) !== result || wordAt(outline, token + 1) !== '->' || tokens.directive[token] !== -1)
        continue
      if (wordAt(outline, token - 1) === '&') return true
      let next = token + 3
      while (/^(?:->|\.|\[)$/.test(wordAt(outline, next)))
        next = wordAt(outline, next) === '[' ? Math.max(outline.matchingBracket[next]!, next) + 1 : next + 2
      if (wordAt(outline, next) !== '=') continue
      let end = next + 1
      while (end < around.end && !/^[;=]$/.test(wordAt(outline, end))) end++
      if (wordAt(outline, end) === ';' && !isZero(text.slice(tokens.start[next + 1], tokens.end[end - 1]))) return true
    }
    return false
  }

  function spec(
    place: Pick<SpecFact, 'variable' | 'start' | 'end' | 'region'>,
    parts: readonly InitialiserPart[],
  ): SpecFact {
    const values = valuesOf(specOrder, parts)
    const only = (field: string): InitialiserItem | null =>
      values.get(field)?.length === 1 ? values.get(field)![0]! : null
    const name = only('name')
    const isLiteral =
      name !== null && !name.holdsDirectives && rangeOf(name).every((token) => tokens.kind[token] === Kind.string)
    const flagItems = values.get('flags') ?? []
    const flags: SpecFact['flags'][number][] = []
    let hasOpenFlags = parts.some(({ kind }) => kind === 'branches') && flagItems.length === 0
    for (const item of flagItems) {
      for (const token of rangeOf(item)) {
        if (tokens.directive[token] !== -1) continue
        const word = wordAt(outline, token)
        if (/^Py_TPFLAGS_\w+$/.test(word))
          flags.push({
            name: word,
            start: tokens.start[token]!,
            end: tokens.end[token]!,
            region: regions.at(tokens.start[token]!),
          })
        else if (!/^(?:[|()]|0[uUlL]*)$/.test(word)) hasOpenFlags = true
      }
    }
    const slots = only('slots')
    return {
      ...place,
      name:
        name && isLiteral
          ? {
              text: rangeOf(name)
                .map((token) => literal(token))
                .join(''),
              start: name.start,
              end: name.end,
            }
          : null,
      basicsize: only('basicsize') ? written(rangeOf(only('basicsize')!)) : '',
      flags,
      hasOpenFlags,
      slots: slots ? identifierOf(rangeOf(slots)) : null,
    }
  }

  /** The values of a struct's fields, by field; several where conditions choose. */
  function valuesOf(order: readonly string[], parts: readonly InitialiserPart[]): Map<string, InitialiserItem[]> {
    const values = new Map<string, InitialiserItem[]>()
    const walk = (inner: readonly InitialiserPart[], from: number): number => {
      let position = from
      for (const part of inner) {
        if (part.kind === 'branches') {
          position = Math.max(position, ...part.branches.map((branch) => walk(branch.parts, position)))
          continue
        }
        if (part.designator !== null) position = order.indexOf(part.designator)
        const field = order[position++]
        if (field !== undefined) values.set(field, [...(values.get(field) ?? []), part])
      }
      return position
    }
    walk(parts, 0)
    return values
  }

  function slotTable(
    place: Pick<SlotTable, 'variable' | 'start' | 'end' | 'region'>,
    parts: readonly InitialiserPart[] | null,
    hasSize: boolean,
  ): SlotTable {
    const entries: SlotEntry[] = []
    let isWhole = parts !== null
    for (const item of itemsOf(parts ?? [])) {
      for (let token = item.firstToken; token < item.endToken; token++) inTables.add(token)
      const entry = entryAt(item)
      if (entry === null) isWhole = false
      else if (entry.slot !== '') entries.push(entry)
    }
    const last = parts?.at(-1)
    const lastEntry = last?.kind === 'item' ? entryAt(last) : null
    return {
      ...place,
      entries,
      isWhole,
      last: lastEntry === null || hasSize ? 'unknown' : lastEntry.slot === '' ? 'sentinel' : 'entry',
    }
  }

  /** `{Py_tp_dealloc, spam_dealloc}`; with an empty slot for the sentinel; null for anything else. */
  function entryAt(item: InitialiserItem): SlotEntry | null {
    const open = item.firstToken
    if (wordAt(outline, open) !== '{' || item.designator !== null) return null
    const parts = readInitialiser(outline, open)
    if (parts === null) return null
    const values = valuesOf(['slot', 'pfunc'], parts)
    const [slot, ...otherSlots] = values.get('slot') ?? []
    const [value, ...otherValues] = values.get('pfunc') ?? []
    const base = { start: item.start, end: item.end, lead: leadAt(item.start), region: regions.at(item.start) }
    if (slot === undefined || isZero(text.slice(slot.start, slot.end)))
      return { ...base, slot: '', value: null, isNull: true }
    const word = text.slice(slot.start, slot.end)
    if (!/^Py_[a-z]+_\w+$/.test(word) || otherSlots.length > 0 || otherValues.length > 0) return null
    const isNull = value !== undefined && isZero(text.slice(value.start, value.end))
    return { ...base, slot: word, value: value && !isNull ? identifierOf(rangeOf(value)) : null, isNull }
  }

  function readMembers(table: string, parts: readonly InitialiserPart[]): void {
    for (const item of itemsOf(parts)) {
      const open = item.firstToken
      if (wordAt(outline, open) !== '{') continue
      const inner = readInitialiser(outline, open)
      const values = inner === null ? null : valuesOf(memberOrder, inner)
      const [name] = values?.get('name') ?? []
      const [type] = values?.get('type') ?? []
      const [flags] = values?.get('flags') ?? []
      if (!name || !type || tokens.kind[name.firstToken] !== Kind.string || !memberNames.has(literal(name.firstToken)))
        continue
      const region = regions.at(item.start)
      if (!possible[region]) continue
      members.push({
        table,
        name: literal(name.firstToken),
        start: item.start,
        end: item.end,
        region,
        type: placed(type),
        flags: flags ? placed(flags) : null,
      })
    }
  }

  function placed(item: InitialiserItem): PlacedText {
    return { text: written(rangeOf(item)), start: item.start, end: item.end }
  }

  function literal(token: TokenIndex): string {
    return wordAt(outline, token).replace(/^[^"]*"|"$/g, '')
  }

  /** The functions in slots, and those of the file to which they hand their object, and so on. */
  function readFunctions(): FunctionBody[] {
    const found = new Map<string, FunctionBody[]>()
    const named = (slots: RegExp): string[] =>
      slotTables.flatMap(({ entries }) =>
        entries.flatMap(({ slot, value }) => (value !== null && slots.test(slot) ? [value] : [])),
      )
    const todo = new Set(named(followed))
    // What is added while the set is walked is walked as well.
    for (const name of todo) {
      const bodies = bodiesOf(name)
      found.set(name, bodies)
      for (const { calls } of bodies)
        for (const { callee, operands } of calls) if (/^\w+$/.test(callee) && operands.length > 0) todo.add(callee)
      if (todo.size > most) break
    }
    for (const name of named(readSlots)) if (!found.has(name)) found.set(name, bodiesOf(name))
    return [...found.values()].flat()
  }

  function bodiesOf(name: string): FunctionBody[] {
    return [
      ...outline.functions.filter((each) => each.name === name).map((each) => functionBody(each)),
      ...directives.macros
        .filter((each) => each.name === name && each.parameters !== null)
        .map((each) => macroBody(each)),
    ].filter(({ region }) => possible[region])
  }

  function functionBody(each: FunctionText): FunctionBody {
    const start = tokens.start[each.nameToken]!
    const parameters = argumentsOf(each.open).map((range) => {
      const name = range.at(-1)!
      return { name: wordAt(outline, name), type: typeText(range.slice(0, -1)) }
    })
    return {
      name: each.name,
      isMacro: false,
      start,
      end: tokens.end[each.nameToken]!,
      region: regions.at(start),
      parameters,
      ...codeIn(each.body + 1, each.end, -1, each, statementsOf(each)),
      ...mentionsOf(each.name),
    }
  }

  function statementsOf(each: FunctionText): StatementFact[] {
    const found: StatementFact[] = []
    for (let at = nextToken(outline, each.body), before = each.body; at < each.end; at = nextToken(outline, before)) {
      const { first, last } = outermostStatement(outline, { ...each, body: before }, at)
      const second = nextToken(outline, first)
      const isDeclaration =
        tokens.kind[first] === Kind.identifier &&
        !/^(?:return|goto|else|delete|throw|do|break|continue)$/.test(wordAt(outline, first)) &&
        (tokens.kind[second] === Kind.identifier || wordAt(outline, second) === '*' || wordAt(outline, second) === '::')
      found.push({ ...statementAt(first, last), region: regions.at(tokens.start[first]!), isDeclaration })
      before = Math.max(last, at)
    }
    return found
  }

  function statementAt(first: number, last: number): PlacedStatement {
    const start = tokens.start[first]!
    return { start, end: tokens.end[last]!, lead: leadAt(start) }
  }

  /** The line end and the blanks before a place that is the first of its line, else a blank. */
  function leadAt(start: Offset): string {
    return /\r?\n[ \t]*$/.exec(text.slice(Math.max(start - 300, 0), start))?.[0] ?? ' '
  }

  function macroBody(macro: Directives['macros'][number]): FunctionBody {
    return {
      name: macro.name,
      isMacro: true,
      start: macro.offset,
      end: macro.offset + macro.name.length,
      region: macro.region,
      parameters: (macro.parameters ?? []).map((name) => ({ name, type: '' })),
      ...codeIn(
        macro.firstToken,
        macro.endToken,
        macro.firstToken < tokens.count ? tokens.directive[macro.firstToken]! : -1,
        null,
        [],
      ),
      isShared: false,
      isCalled: false,
    }
  }

  /** Where a function's name stands besides its definition, its prototypes and tables of slots. */
  function mentionsOf(name: string): Pick<FunctionBody, 'isShared' | 'isCalled'> {
    let isShared = false
    let isCalled = false
    for (const at of mentions.get(name) ?? []) {
      if (inTables.has(at)) continue
      const before = wordAt(outline, at - 1)
      if (before === '->' || (before === '.' && wordAt(outline, at + 1) !== '(')) continue
      if (wordAt(outline, at + 1) !== '(') isShared = true
      else if (functionAround(outline, at) !== null) isCalled = true
    }
    return { isShared, isCalled }
  }

  /**
   * @param directive the directive whose tokens count, -1 for those of none
   * @param around the function, if it is one's body
   */
  function codeIn(
    first: number,
    last: number,
    directive: number,
    around: FunctionText | null,
    statements: readonly StatementFact[],
  ): Pick<FunctionBody, 'calls' | 'variables' | 'words' | 'statements'> {
    const starts = statements.map(({ start }) => start)
    const calls: CallFact[] = []
    const variables: FunctionBody['variables'][number][] = []
    const words = new Set<string>()
    for (let at = first; at < last; at++) {
      if (tokens.directive[at] !== directive) continue
      const word = wordAt(outline, at)
      if (tokens.kind[at] === Kind.identifier) {
        if (!/^(?:->|\.)$/.test(wordAt(outline, at - 1))) words.add(word)
      } else if (word === '(' && outline.matchingBracket[at]! > at && calleeEnd(at)) {
        const call = callAt(at - 1, at, directive, around, starts)
        if (call && possible[call.region]) calls.push(call)
      } else if (
        word === '=' &&
        tokens.kind[at - 1] === Kind.identifier &&
        !/^(?:->|\.)$/.test(wordAt(outline, at - 2))
      ) {
        const value: number[] = []
        for (let token = at + 1; token < last; token++) {
          if (tokens.directive[token] !== directive) continue
          const sign = wordAt(outline, token)
          if (/^[;,)}]$/.test(sign)) break
          const end =
            /^[([{]$/.test(sign) && outline.matchingBracket[token]! > token ? outline.matchingBracket[token]! : token
          for (; token < end; token++) value.push(token)
          value.push(end)
        }
        const shown = value.length > 60 ? '' : written(value)
        const type: number[] = []
        for (
          let back = at - 2;
          back >= first &&
          (tokens.kind[back] === Kind.identifier || wordAt(outline, back) === '*') &&
          tokens.directive[back] === directive;
          back--
        )
          type.unshift(back)
        let around = outline.enclosingBracket[at]!
        while (around >= 0 && wordAt(outline, around) !== '{') around = outline.enclosingBracket[around]!
        const until =
          around >= 0 && outline.matchingBracket[around]! >= 0 ? tokens.start[outline.matchingBracket[around]!]! : 0
        if (shown !== '' && shown.length < longest)
          variables.push({
            name: wordAt(outline, at - 1),
            type: typeText(type),
            value: shown,
            start: tokens.start[at - 1]!,
            until,
          })
      }
    }
    return { calls, variables, words: [...words], statements }
  }

  /** Whether a parenthesis is that of a call, by what stands before it. */
  function calleeEnd(open: number): boolean {
    const before = open - 1
    if (tokens.kind[before] === Kind.identifier)
      return !/^(?:if|for|while|switch|return|sizeof|do|else|case|catch|defined|alignof|decltype)$/.test(
        wordAt(outline, before),
      )
    // `((freefunc)PyType_GetSlot(type, Py_tp_free))(self)`, but not the cast in `(T *)(x)`.
    if (wordAt(outline, before) !== ')' || outline.matchingBracket[before]! < 0) return false
    const inside = outline.matchingBracket[before]!
    if (wordAt(outline, inside - 1) === 'sizeof' || /^(?:if|for|while|switch)$/.test(wordAt(outline, inside - 1)))
      return false
    return !isCast(inside)
  }

  /**
   * Whether parentheses hold nothing but a type: `(T *)`, `(destructor)`. What could be either is a type if a value
   * follows.
   */
  function isCast(open: number): boolean {
    const close = outline.matchingBracket[open]!
    if (close < 0 || close === open + 1) return false
    if (
      (tokens.kind[open - 1] === Kind.identifier && wordAt(outline, open - 1) !== 'return') ||
      /^[)\]]$/.test(wordAt(outline, open - 1))
    )
      return false
    let stars = 0
    for (let at = open + 1; at < close; at++) {
      const word = wordAt(outline, at)
      if (word === '*') stars++
      else if (stars > 0 && word !== 'const') return false
      else if (tokens.kind[at] !== Kind.identifier && word !== '::') return false
    }
    const next = close + 1
    if (stars > 0) return true
    return (
      tokens.kind[next] === Kind.identifier ||
      tokens.kind[next] === Kind.string ||
      wordAt(outline, next) === '(' ||
      wordAt(outline, next) === '&'
    )
  }

  /**
   * @param callee the last token of what is called
   * @param starts where the outermost statements of the function begin
   */
  function callAt(
    callee: number,
    open: number,
    directive: number,
    around: FunctionText | null = null,
    starts: readonly Offset[] = [],
  ): CallFact | null {
    const close = outline.matchingBracket[open]!
    if (close < 0) return null
    let first = callee
    for (;;) {
      if (/^[)\]]$/.test(wordAt(outline, first))) {
        first = outline.matchingBracket[first]!
        if (first < 0) return null
        if (tokens.kind[first - 1] === Kind.identifier && !/^(?:return|case|else)$/.test(wordAt(outline, first - 1))) {
          first--
          continue
        }
      }
      if (!/^(?:->|\.|::)$/.test(wordAt(outline, first - 1))) break
      first -= 2
      if (first < 0) return null
    }
    const start = tokens.start[first]!
    const isWhole = around !== null && directive === -1
    const statement = isWhole ? simpleStatement(outline, callee) : null
    // With casts to `void` before it, it is still all of the statement.
    const isAlone =
      statement !== null && nextToken(outline, close) === statement.last && isOnlyCasts(statement.first, first)
    return {
      callee: written(range(first, open - 1)),
      operands: argumentsOf(open).map((each) => ({
        text: written(each),
        start: tokens.start[each[0]!]!,
        end: tokens.end[each.at(-1)!]!,
      })),
      start,
      end: tokens.end[close]!,
      region: regions.at(start),
      statement: isAlone
        ? {
            ...statementAt(statement.first, statement.last),
            inBlock:
              !isBraceless(outline, statement) &&
              /^[;{}]$/.test(wordAt(outline, previousToken(outline, statement.first))),
          }
        : null,
      outermost: starts[lastUpTo(starts, start)] ?? start,
      around: directive === -1 ? (tokens.start[(around ?? functionAround(outline, callee))?.body ?? -1] ?? -1) : -1,
      result: resultOf(first),
    }
  }

  function isOnlyCasts(from: number, to: number): boolean {
    let at = from
    while (at < to && wordAt(outline, at) === '(' && outline.matchingBracket[at]! > at && isCast(at))
      at = nextToken(outline, outline.matchingBracket[at]!)
    return at === to
  }

  function resultOf(first: number): string | null {
    let at = previousToken(outline, first)
    while (wordAt(outline, at) === ')' && outline.matchingBracket[at]! >= 0 && isCast(outline.matchingBracket[at]!))
      at = previousToken(outline, outline.matchingBracket[at]!)
    // `condition ? call() : NULL`
    if (wordAt(outline, at) === '?')
      while (at >= 0 && !/^(?:=|[;{}])$/.test(wordAt(outline, at))) at = previousToken(outline, at)
    if (wordAt(outline, at) !== '=') return null
    const last = previousToken(outline, at)
    let target = last
    while (/^(?:->|\.|::)$/.test(wordAt(outline, target - 1)) && tokens.kind[target - 2] === Kind.identifier)
      target -= 2
    return tokens.kind[target] === Kind.identifier ? written(range(target, last)) : null
  }

  /** The tokens of each argument between parentheses; none for `()` and `(void)`. */
  function argumentsOf(open: number): number[][] {
    const close = outline.matchingBracket[open]!
    const found: number[][] = [[]]
    for (let at = open + 1; at < close; at++) {
      if (tokens.directive[at] !== tokens.directive[open]) continue
      const word = wordAt(outline, at)
      if (word === ',') found.push([])
      else if (/^[([{]$/.test(word) && outline.matchingBracket[at]! > at && outline.matchingBracket[at]! < close) {
        const end = outline.matchingBracket[at]!
        for (; at <= end; at++) found.at(-1)!.push(at)
        at--
      } else found.at(-1)!.push(at)
    }
    const filled = found.filter((each) => each.length > 0)
    return filled.length === 1 && filled[0]!.length === 1 && wordAt(outline, filled[0]![0]!) === 'void' ? [] : filled
  }

  function range(first: number, last: number): number[] {
    return Array.from({ length: last - first + 1 }, (_, index) => first + index).filter(
      (token) => tokens.directive[token] === tokens.directive[first],
    )
  }

  function rangeOf(item: InitialiserItem): number[] {
    return range(item.firstToken, item.endToken - 1)
  }

  /** Tokens without blanks, casts, and parentheses around all of it or around a single name. */
  function written(all: readonly number[]): string {
    let result = ''
    for (let index = 0; index < all.length; index++) {
      const token = all[index]!
      const close = outline.matchingBracket[token]!
      if (wordAt(outline, token) === '(' && close > token && isCast(token) && all.includes(close)) {
        index = all.indexOf(close)
        continue
      }
      const word = wordAt(outline, token)
      if (/^(?:static|reinterpret|const|dynamic)_cast$/.test(word) && wordAt(outline, token + 1) === '<') {
        while (index < all.length && wordAt(outline, all[index]!) !== '>') index++
        continue
      }
      result += /\w$/.test(result) && /^\w/.test(word) ? ` ${word}` : word
    }
    for (let before = ''; before !== result; ) {
      before = result
      result = result
        .replace(/(^|[^\w)\]])\((&?[A-Za-z_]\w*)\)/g, '$1$2')
        .replace(/(?:^|(?<=[(,]))\w*cast\w*\((&?\w+)\)/gi, '$1')
      if (result.startsWith('(') && closesAtEnd(result)) result = result.slice(1, -1)
    }
    return result
  }

  /**
   * The name that is all of a value, behind casts, `&`, and a function that casts: `(void *)spam_dealloc`,
   * `void_cast(spam_dealloc)`.
   */
  function identifierOf(all: readonly number[]): string | null {
    return /^&?(?:\w+\()?&?((?!\d)\w+)\)?$/.exec(written(all))?.[1] ?? null
  }

  function typeText(all: readonly number[]): string {
    return all
      .map((token) => wordAt(outline, token))
      .filter((word) => !/^(?:const|struct|static|register|volatile)$/.test(word))
      .join(' ')
      .replace(/ (?=\*)/g, '')
  }
}

/** Whether the parenthesis that a text begins with is closed by its last character. */
function closesAtEnd(text: string): boolean {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '(') depth++
    else if (text[at] === ')' && --depth === 0) return at === text.length - 1
  }
  return false
}
