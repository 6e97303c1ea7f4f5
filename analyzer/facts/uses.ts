import type { Directives, MacroDefinition, RegionIndex } from '../preprocess/directives.ts'
import { type Pasting, pastings } from '../preprocess/pasting.ts'
import { isPunctuation, Kind, type Tokens, tokenText } from '../preprocess/scanner.ts'
import type { Offset, RegionId, TokenIndex } from '../source/text.ts'
import type { CollectContext } from './context.ts'
import type { FileFacts, MacroCallText, NameReference, PastedFacts, PastedName, Use } from './file-facts.ts'
import { lexicon, Word } from './lexicon.ts'
import { Offsets } from './walk.ts'

/** What the tokens alone tell, without a tree: this part is right even where the parser is lost. */
export interface TokenFacts {
  readonly uses: Use[]
  readonly names: FileFacts['names']
  readonly formats: FileFacts['formats']
  readonly itemSizes: FileFacts['itemSizes']
  /** Where a tree is worth a visit: fields, structs by value, calls of field macros, possible shadows. */
  readonly interesting: Offsets
  /** Of fields: the macro calls around them. */
  readonly within: ReadonlyMap<Offset, Use['within']>
  /** Macros whose bodies are worth a tree. */
  readonly bodies: ReadonlySet<number>
  readonly sites: readonly MacroCallText[]
  /** Of each macro that has any: the names that its body puts together. */
  readonly pasted: ReadonlyMap<number, readonly Pasting[]>
  readonly pastedUses: PastedFacts['uses']
}

const none: Use['within'] = []

/**
 * Goes over the tokens of a file once.
 * @param possible for each region whether any target may compile it; nothing is taken from the others
 */
export function tokenFacts(
  tokens: Tokens,
  directives: Directives,
  regions: RegionIndex,
  possible: readonly boolean[],
  surroundings: CollectContext,
): TokenFacts {
  const { vocabulary } = surroundings
  const words = lexicon(surroundings)
  const { text, count, kind, start, end, directive } = tokens
  const uses: Use[] = []
  const names: Record<string, NameReference[]> = Object.create(null) as Record<string, NameReference[]>
  const formats: { called: string; format: string; start: Offset; end: Offset; region: RegionId }[] = []
  const itemSizes: { start: Offset; end: Offset; region: RegionId }[] = []
  const interesting: number[] = []
  const bodies = new Set<number>()
  /** Names after that of a struct: what `sizeof` may be asked of. */
  const structVariables = new Set<string>()
  const plain: { offset: Offset; owners: readonly string[]; macro: number }[] = []
  const named = new Set(surroundings.namedStructs)
  // Directives by index: -2 hides its tokens, else the macro whose body it holds, or -1.
  const bodyOf = new Int32Array(tokens.directives.length).fill(-2)
  const firstInBody = new Int32Array(tokens.directives.length)
  directives.macros.forEach((macro, index) => {
    const token = macro.firstToken < count ? macro.firstToken : -1
    if (token < 0 || macro.firstToken >= macro.endToken) return
    const at = directive[token]!
    bodyOf[at] = index
    firstInBody[at] = macro.firstToken
  })

  const sites: MacroCallText[] = []
  const pastedUses: PastedFacts['uses'][number][] = []
  const pasted = new Map<number, readonly Pasting[]>()
  directives.macros.forEach((macro, index) => {
    if (!possible[macro.region]) return
    const found = pastings(tokens, macro)
    if (found.length === 0) return
    pasted.set(index, found)
    for (const { start: from, end: to, firstToken, endToken: after, parts } of found) {
      const before = firstToken - 1
      const isField =
        before >= macro.firstToken && (isPunctuation(tokens, before, '->') || isPunctuation(tokens, before, '.'))
      if (isField) interesting.push(from)
      if (isField) bodies.add(index)
      else
        pastedUses.push({
          name: parts,
          start: from,
          end: to,
          region: macro.region,
          macro: index,
          called: after < macro.endToken && isPunctuation(tokens, after, '('),
        })
    }
  })

  // Open parentheses of calls of project macros, with the argument that the walk is in.
  const open: { macro: string | null; argument: number }[] = []
  let calls = 0
  const around = (): Use['within'] =>
    calls === 0 ? none : open.flatMap(({ macro, argument }) => (macro === null ? [] : [[macro, argument] as const]))
  const withinFields = new Map<Offset, Use['within']>()

  // The bits of the identifier just before, 0 where there is none.
  let lastBits = 0
  let lastName = ''
  for (let at = 0; at < count; at++) {
    if (kind[at] !== Kind.identifier) {
      const calleeBits = lastBits
      lastBits = 0
      if (kind[at] !== Kind.punctuation || (directive[at]! >= 0 && bodyOf[directive[at]!]! < 0)) continue
      const code = text.charCodeAt(start[at]!)
      if (code === 40 && end[at]! - start[at]! === 1) {
        const macro = calleeBits & Word.macro ? lastName : null
        open.push({ macro, argument: 0 })
        if (macro !== null) calls++
      } else if (code === 41) {
        if (open.pop()?.macro != null) calls--
      } else if (code === 44) {
        if (calls > 0) open[open.length - 1]!.argument++
      } else if (code === 125 || (code === 59 && calls === 0)) {
        // Unbalanced text must not make the rest of the file an argument.
        open.length = 0
        calls = 0
      }
      continue
    }
    const inDirective = directive[at]!
    let macro = -1
    lastBits = 0
    if (inDirective >= 0) {
      macro = bodyOf[inDirective]!
      if (macro < 0 || at < firstInBody[inDirective]!) continue
    }
    const name = text.slice(start[at], end[at])
    const offset = start[at]!
    const previous = at - 1
    const afterField =
      previous >= 0 &&
      directive[previous] === inDirective &&
      (isPunctuation(tokens, previous, '->') || isPunctuation(tokens, previous, '.'))
    if (afterField) {
      // `v->name` in a macro: the field is what it is called with.
      if (macro >= 0 && directives.macros[macro]!.parameters?.includes(name)) {
        interesting.push(offset)
        bodies.add(macro)
        continue
      }
      const owners = vocabulary.fields.has(name) ? null : vocabulary.plainFields.get(name)
      if (owners === undefined) continue
      if (owners !== null) plain.push({ offset, owners, macro })
      else {
        interesting.push(offset)
        if (macro >= 0) bodies.add(macro)
      }
      if (calls > 0) withinFields.set(offset, around())
      continue
    }
    const bits = words.get(name)
    if (bits === undefined) {
      if (
        macro >= 0 &&
        isPunctuation(tokens, at + 1, '(') &&
        directive[at + 1] === inDirective &&
        directives.macros[macro]!.parameters?.includes(name)
      )
        sites.push(siteAt(at, macro))
      continue
    }
    if (bits & Word.namingMacro && isPunctuation(tokens, at + 1, '(') && directive[at + 1] === inDirective) {
      sites.push(siteAt(at, macro))
      interesting.push(offset)
      if (macro >= 0) bodies.add(macro)
    }
    lastBits = bits
    lastName = name
    if (bits & Word.leads) for (const struct of vocabulary.leadsTo.get(name)!) named.add(struct)
    const next = at + 1
    if (bits & Word.struct && next < count && kind[next] === Kind.identifier)
      structVariables.add(tokenText(tokens, next))
    if (
      bits & Word.sizeof &&
      (macro >= 0
        ? size(directives.macros[macro]!) < 60
        : isDereference(tokens, next) || (next + 1 < count && structVariables.has(tokenText(tokens, next + 1))))
    ) {
      interesting.push(offset)
      if (macro >= 0) bodies.add(macro)
    }
    const called = next < count && directive[next] === inDirective && isPunctuation(tokens, next, '(')
    const isTag = bits & Word.tag && previous >= 0 && tokenText(tokens, previous) === 'struct'
    if (
      (bits & Word.struct || isTag) &&
      !(next < count && (isPunctuation(tokens, next, '*') || isPunctuation(tokens, next, '&')))
    ) {
      interesting.push(offset)
      if (macro >= 0) bodies.add(macro)
    }
    if (called && bits & Word.fieldMacro) {
      interesting.push(offset)
      if (macro >= 0) bodies.add(macro)
    }
    // Among the arguments of a macro it may be no more than a part of a name.
    const isMentioned = bits & Word.macro || (bits & Word.library && (called || calls === 0))
    if (isMentioned) {
      const region = regions.at(offset)
      names[name] ??= []
      const list = names[name]
      const isCall = called && (bits & Word.library) !== 0
      const before = list.findIndex((each) => each.region === region && each.macro === macro)
      // A call says more than a mention.
      if (before < 0 || (isCall && !list[before]!.called))
        list.splice(
          before < 0 ? list.length : before,
          1,
          isCall ? { offset, region, macro, called: true } : { offset, region, macro },
        )
    }
    if (called && bits & Word.format) {
      const format = formatOf(tokens, at + 1)
      const where = format === null ? 0 : regions.at(offset)
      if (format && possible[where]) formats.push({ called: name, ...format, region: where })
    }
    if (called && bits & Word.takesObject && macro < 0 && mayBeOther(at + 2)) interesting.push(offset)
    if (bits & Word.spec && macro < 0) {
      const size = itemSizeAt(tokens, next)
      const region = size === null ? 0 : regions.at(offset)
      if (size && possible[region]) itemSizes.push({ ...size, region })
    }
    if (!(bits & Word.api)) continue
    const before = previous >= 0 && directive[previous] === inDirective ? tokenText(tokens, previous) : ''
    if (before === 'struct' || before === 'union' || before === 'enum' || before === 'class') continue
    if (
      before === '#' ||
      before === '##' ||
      (next < count && directive[next] === inDirective && isPunctuation(tokens, next, '##'))
    )
      continue
    if (before === '::' && previous > 0 && kind[previous - 1] === Kind.identifier) continue
    const region = regions.at(offset)
    if (!possible[region]) continue
    if (macro >= 0 && directives.macros[macro]!.parameters?.includes(name)) continue
    const held = slotId.test(name) ? heldBack(tokens, at) : null
    if (vocabulary.rewritable.has(name)) {
      interesting.push(offset)
      if (macro >= 0) bodies.add(macro)
    }
    uses.push({
      name,
      start: offset,
      region,
      macro,
      called,
      within: around(),
      ...(held ? { held } : {}),
      ...(bits & Word.struct && isPunctuation(tokens, next, '*') ? { pointer: true as const } : {}),
    })
    // It may be a declaration of the project's own name.
    const mayDeclare = declares(before) || (before === ',' && !prefixed.test(name))
    if (
      called ? isPrototype(tokens, at, before) : mayDeclare && /[=;,)[]/.test(next < count ? text[start[next]!]! : ';')
    )
      interesting.push(offset)
  }
  for (const { offset, owners, macro } of plain) {
    if (!owners.some((owner) => named.has(owner))) continue
    interesting.push(offset)
    if (macro >= 0) bodies.add(macro)
  }
  interesting.sort((a, b) => a - b)
  return {
    uses,
    names,
    formats,
    itemSizes,
    interesting: new Offsets(Int32Array.from(interesting)),
    within: withinFields,
    bodies,
    sites,
    pasted,
    pastedUses,
  }

  /**
   * Whether the operand that begins at a token may be a pointer to something else than `PyObject`: `spam`,
   * `self->spam`, `this`.
   */
  function mayBeOther(first: number): boolean {
    let last = ''
    for (let token = first; token < count && token < first + 12; token++) {
      if (isPunctuation(tokens, token, ')') || isPunctuation(tokens, token, ',')) break
      // What is in parentheses is most often a cast.
      if (isPunctuation(tokens, token, '(')) return false
      if (kind[token] === Kind.identifier) last = tokenText(tokens, token)
    }
    return last === 'this' || surroundings.otherPointers.has(last)
  }

  /** The call at a token: what is called, and the identifiers that its arguments begin with. */
  function siteAt(callee: number, macro: number): MacroCallText {
    const parameters = macro < 0 ? null : directives.macros[macro]!.parameters
    const nameAt = (token: TokenIndex): PastedName => {
      const name = tokenText(tokens, token)
      const parameter = parameters?.indexOf(name) ?? -1
      const pasting = macro < 0 ? undefined : pasted.get(macro)?.find((each) => each.start === start[token])
      return pasting ? pasting.parts : [parameter >= 0 ? parameter : name]
    }
    const operands: MacroCallText['operands'][number][] = []
    let depth = 0
    let first = callee + 2
    for (let at = callee + 1; at < count && at < callee + 400 && directive[at] === directive[callee]; at++) {
      const code = kind[at] === Kind.punctuation ? text.charCodeAt(start[at]!) : 0
      if (code === 40 || code === 91 || code === 123) depth++
      const closes = (code === 41 || code === 93 || code === 125) && --depth === 0
      if (!closes && !(code === 44 && depth === 1)) continue
      if (first < at || operands.length > 0 || !closes) {
        const isWord = first < at && (kind[first] === Kind.identifier || kind[first] === Kind.number)
        const name = isWord ? nameAt(first) : []
        // A pasted name is one operand of several tokens.
        const whole = isWord && (first + 1 === at || name.length * 2 - 1 === at - first)
        operands.push(
          isWord
            ? { name, start: start[first]!, end: end[first]!, whole }
            : first === at
              ? { name: [''], start: start[at]!, end: start[at]!, whole: true }
              : null,
        )
      }
      first = at + 1
      if (closes) break
    }
    return { callee: nameAt(callee), offset: start[callee]!, region: regions.at(start[callee]!), macro, operands }
  }
}

/** Whether `sizeof` is asked of what a pointer points to: `(*p)`, `*p`. */
const isDereference = (tokens: Tokens, at: number): boolean =>
  isPunctuation(tokens, at, '*') || (isPunctuation(tokens, at, '(') && isPunctuation(tokens, at + 1, '*'))

/** Names that nobody else gives to a variable; one like `digit` may stand in any list of them. */
const prefixed = /^_*Py/i

/** Whether a name after this word may be a declarator: after a type's name or a `*`. */
const declares = (before: string): boolean =>
  before === '*' || (/^[A-Za-z_]\w*$/.test(before) && !/^(?:return|case|else|goto|do|in|and|or|not)$/.test(before))

/** Whether a name before a parenthesis may be declared there: `int f(`, `PyAPI_FUNC(int) f(`. */
function isPrototype(tokens: Tokens, at: number, before: string): boolean {
  if (before !== ')') return before !== '*' && declares(before)
  for (let back = at - 2; back > at - 8 && back >= 0; back--) if (tokenText(tokens, back) === 'PyAPI_FUNC') return true
  return false
}

const slotId = /^Py_(?:am|bf|mod|mp|nb|sq|tp)_/

/**
 * What is done with the id of a slot, if it is not just handed over: it is compared, or an `if` around it asks for a
 * version.
 */
function heldBack(tokens: Tokens, at: number): Use['held'] | null {
  const directive = tokens.directive[at]
  const word = (index: number): string =>
    index >= 0 && index < tokens.count && tokens.directive[index] === directive ? tokenText(tokens, index) : ''
  if (/^(?:[=!]=|case)$/.test(word(at - 1)) || /^[=!]=$/.test(word(at + 1))) return 'compared'
  // Outwards, from statement to block.
  let blocks = 0
  let ended = false
  for (let back = at - 1; back >= 0 && back > at - 2000; back--) {
    if (tokens.directive[back] !== directive) continue
    const text = word(back)
    if (text === '}') blocks++
    else if (text === '{') {
      // A block before this place is a statement that has ended; one around it is not.
      ended = blocks > 0 && (ended || blocks === 1)
      if (blocks > 0) blocks--
    } else if (blocks > 0) continue
    else if (text === ';') ended = true
    else if (text === ')') {
      const close = back
      for (let depth = 1; depth > 0 && --back >= 0; ) depth += word(back) === ')' ? 1 : word(back) === '(' ? -1 : 0
      if (ended || word(back - 1) !== 'if') continue
      for (let inside = back + 1; inside < close; inside++) {
        if (/version/i.test(word(inside)) && !/^PY_(?:VERSION_HEX|M\w+_VERSION)$/.test(word(inside)))
          return 'asks-version'
      }
    }
  }
  return null
}

/**
 * The item size in `spec = {name, size, item size, ...`, or in `.itemsize = ...`, if it is not 0.
 * @param at the token after the type
 */
function itemSizeAt(tokens: Tokens, at: number): { readonly start: Offset; readonly end: Offset } | null {
  const is = (index: number, what: string): boolean => index < tokens.count && isPunctuation(tokens, index, what)
  if (!is(at + 1, '=') || !is(at + 2, '{')) return null
  let depth = 0
  let argument = 0
  let first = at + 3
  for (let here = at + 2; here < tokens.count && here < at + 200; here++) {
    if (is(here, '{') || is(here, '(') || is(here, '[')) depth++
    const closes = (is(here, '}') || is(here, ')') || is(here, ']')) && --depth === 0
    if (!closes && !(is(here, ',') && depth === 1)) continue
    const named = is(first, '.')
    const value = named ? first + 3 : first
    const isItemSize = named ? tokenText(tokens, first + 1) === 'itemsize' : argument === 2
    if (isItemSize && here > value)
      return here === value + 1 && /^0[uUlL]*$/.test(tokenText(tokens, value))
        ? null
        : { start: tokens.start[value]!, end: tokens.end[here - 1]! }
    if (closes) return null
    first = here + 1
    argument++
  }
  return null
}

const size = (macro: MacroDefinition): number => macro.endToken - macro.firstToken

/** The format string among the first arguments of a call, if it holds a `#` after `s y z u`. */
function formatOf(
  tokens: Tokens,
  open: number,
): { readonly format: string; readonly start: Offset; readonly end: Offset } | null {
  let depth = 0
  for (let at = open; at < tokens.count && at < open + 60; at++) {
    if (isPunctuation(tokens, at, '(')) depth++
    else if (isPunctuation(tokens, at, ')') && --depth === 0) return null
    else if (depth === 1 && tokens.kind[at] === Kind.string) {
      const format = tokenText(tokens, at)
      if (/[syzu]#/.test(format)) return { format: format.slice(1, -1), start: tokens.start[at]!, end: tokens.end[at]! }
    }
  }
  return null
}
