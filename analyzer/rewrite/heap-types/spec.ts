import { type FieldPart, isZero } from '../../code/declarations.ts'
import type { InitialiserItem } from '../../code/initialisers.ts'
import { indentAt, wordAt } from '../../code/outline.ts'
import { offsetMembers, slotFields, slotTypes, subTables } from '../../knowledge/slots.ts'
import { lineEndOf } from './instances.ts'
import type { Sources } from './sources.ts'
import { type SlotStruct, type TypeObject, tableName } from './type-objects.ts'

/** The C of a `PyType_Spec` with its slots, in the style of the type object that it takes the place of. */

/** What a type gets besides what its initialiser says. */
export interface Additions {
  /** Slots whose values were assigned later, with the `#if` lines around them. */
  readonly slots: readonly { readonly field: string; readonly value: string; readonly conditions: readonly string[] }[]
  /** Tables of slots that were assigned later. */
  readonly tables: readonly SlotStruct[]
  /** Fields whose values are not carried over. */
  readonly dropped: ReadonlySet<string>
  /** Flags, by name, with what they are for. */
  readonly flags: readonly string[]
  /** Of a type whose name is assigned later, or changes: the C of it. */
  readonly name: string | null
  /** Values of `tp_basicsize`, `tp_itemsize`, `tp_flags` that were assigned later. */
  readonly sizes: ReadonlyMap<string, string>
}

type Definition = TypeObject['definitions'][number]

interface Line {
  readonly text: string
  readonly isDirective: boolean
}

/** The C of a value in a slot. @param isCxx whether a function has to be cast to go into a `void *` */
export function slotValue(field: string, written: string, isCxx: boolean): string {
  const value = written.trim()
  const [, cast, rest] = /^\(\s*(\w+)\s*\)\s*([\s\S]*)$/.exec(value) ?? []
  const isFunctionCast = cast !== undefined && slotTypes.has(cast)
  if (isCxx) {
    if (/^tp_(?:methods|members|getset)$/.test(field)) return value
    if (/[?|+]/.test(value.replace(/<[^<>]*>|"(?:\\.|[^"\\])*"/g, '')) && !value.startsWith('"'))
      return `(void *)(${value})`
    const type = value.includes('<') && !isFunctionCast ? functionTypes[field] : undefined
    return `(void *)${type ? `(${type})` : ''}${value}`
  }
  if (field === 'tp_doc') return value.startsWith('"') || /^PyDoc_STR\b/.test(value) ? value : `(void *)${value}`
  return isFunctionCast ? rest! : value
}

/** For values that C++ cannot turn into a `void *` at once: templates. */
const functionTypes: Readonly<Record<string, string>> = {
  tp_dealloc: 'destructor',
  tp_repr: 'reprfunc',
  tp_str: 'reprfunc',
  tp_hash: 'hashfunc',
  tp_call: 'ternaryfunc',
  tp_getattro: 'getattrofunc',
  tp_setattro: 'setattrofunc',
  tp_traverse: 'traverseproc',
  tp_clear: 'inquiry',
  tp_richcompare: 'richcmpfunc',
  tp_iter: 'getiterfunc',
  tp_iternext: 'iternextfunc',
  tp_init: 'initproc',
  tp_new: 'newfunc',
  tp_alloc: 'allocfunc',
  tp_free: 'freefunc',
  sq_length: 'lenfunc',
  mp_length: 'lenfunc',
  sq_item: 'ssizeargfunc',
  mp_subscript: 'binaryfunc',
  mp_ass_subscript: 'objobjargproc',
  sq_contains: 'objobjproc',
  nb_bool: 'inquiry',
}

interface Comment {
  readonly start: number
  readonly end: number
}

const commentsIn = (text: string, start: number, end: number): Comment[] =>
  [...text.slice(start, end).matchAll(/"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\/\*[\s\S]*?\*\/|\/\/[^\r\n]*/g)]
    .filter(([found]) => found.startsWith('/'))
    .map((match) => ({ start: start + match.index, end: start + match.index + match[0].length }))

/** Whether a comment only names the field beside it. */
function isLabel(comment: string, field: string | null): boolean {
  const words = comment.replace(/^[/*\s-]+|[*/\s-]+$/g, '')
  if (/^(?:tp|ob|nb|sq|mp|bf|am)_\w+/.test(words) && words.split(/\s+/).length <= 6) return true
  if (/^(?:ob_)?(?:size|header|reserved|unused)$/i.test(words)) return true
  const letters = (name: string): string => name.toLowerCase().replace(/[^a-z]/g, '')
  if (field === null) return false
  const plain = letters(field.replace(/^[a-z]+_/, ''))
  const said = letters(words)
  return (
    said === plain ||
    said === letters(field) ||
    (plain === 'vectorcalloffset' && /^(?:print|vectorcall)/.test(said)) ||
    (plain === 'asasync' && /^(?:compare|reserved|async)/.test(said)) ||
    (plain === 'bool' && said === 'nonzero')
  )
}

/**
 * Goes through an initialiser in the order of its text.
 * @param write what stands for a value, empty for nothing
 * @param shows whether a comment is kept that stands behind the value of a field on its line, or, for null, on lines
 * of its own
 */
function* linesOf(
  text: string,
  fields: readonly FieldPart[],
  open: number,
  close: number,
  write: (field: string, item: InitialiserItem) => readonly Line[],
  shows: (field: string | null) => boolean,
): Iterable<Line> {
  interface Event {
    readonly start: number
    readonly end: number
    readonly part: Extract<FieldPart, { kind: 'field' }> | null
    readonly directive: boolean
  }
  const events: Event[] = []
  const collect = (parts: readonly FieldPart[]): void => {
    for (const part of parts) {
      if (part.kind === 'field') events.push({ start: part.item.from, end: part.item.to, part, directive: false })
      else {
        part.of.branches.forEach(({ directive }, index) => {
          events.push({ ...directive, part: null, directive: true })
          collect(part.branches[index]!)
        })
        events.push({ ...part.of.endif, part: null, directive: true })
      }
    }
  }
  collect(fields)
  const inside = (at: number): boolean =>
    events.some(({ start, end, directive }) => !directive && start <= at && at < end)
  for (const comment of commentsIn(text, open, close))
    if (!inside(comment.start)) events.push({ ...comment, part: null, directive: false })
  events.sort((a, b) => a.start - b.start)
  let pending: Line[] = []
  let item: { readonly field: string; readonly end: number; readonly hasLine: boolean } | null = null
  let last = open
  for (const [index, event] of events.entries()) {
    const gap = text.slice(last, event.start)
    last = event.end
    if (event.part !== null) {
      const { field, item: of } = event.part
      yield* pending
      pending = [...write(field, of)]
      item = { field, end: event.end, hasLine: pending.length > 0 }
      continue
    }
    if (event.directive) {
      yield* pending
      pending = [{ text: text.slice(event.start, event.end), isDirective: true }]
      item = null
      continue
    }
    const comment = text.slice(event.start, event.end)
    const isBehind = item !== null && !gap.includes('\n')
    const next = events[index + 1]
    const beside = isBehind
      ? item!.field
      : next?.part && !text.slice(event.end, next.start).includes('\n')
        ? next.part.field
        : null
    if (isLabel(comment, beside) || !shows(isBehind ? item!.field : null)) continue
    if (isBehind && item!.hasLine && pending.length > 0) {
      pending[pending.length - 1] = { ...pending.at(-1)!, text: `${pending.at(-1)!.text} ${comment}` }
      continue
    }
    yield* pending
    pending = [
      ...(/\n[ \t]*\r?\n/.test(gap) ? [{ text: '', isDirective: false }] : []),
      { text: comment, isDirective: false },
    ]
    item = null
  }
  yield* pending
}

/** Lines without conditions that nothing is left in. */
function withoutEmpty(lines: readonly Line[]): Line[] {
  let result = [...lines]
  for (;;) {
    const at = result.findIndex(
      ({ isDirective, text }, index) => isDirective && /^#\s*if/.test(text) && emptyUpTo(result, index) > 0,
    )
    if (at < 0) return result
    result = [...result.slice(0, at), ...result.slice(emptyUpTo(result, at) + 1)]
  }
}

/** Where the `#endif` stands of a condition that holds nothing; 0 where it holds something. */
function emptyUpTo(lines: readonly Line[], from: number): number {
  for (let at = from + 1; at < lines.length; at++) {
    if (!lines[at]!.isDirective || /^#\s*if/.test(lines[at]!.text)) return 0
    if (/^#\s*endif/.test(lines[at]!.text)) return at
  }
  return 0
}

/** What is written for a type. */
export interface Written {
  /** The slots and the spec, declarations of their own. */
  readonly text: string
  /** Members to be put into the array that the type has already; empty for none. */
  readonly members: readonly Line[]
}

/** Writes the slots and the spec of a type. @param definition null for a type whose fields are all assigned later */
export function writeSpec(
  sources: Sources,
  type: TypeObject,
  definition: Definition | null,
  file: string,
  names: { readonly slots: string; readonly spec: string },
  linkage: string,
  additions: Additions,
  isCxx: boolean,
): Written {
  const text = sources.texts.get(file)!
  const outline = sources.outline(file)
  const lineEnd = lineEndOf(text)
  const line = (each: string): Line => ({ text: each, isDirective: false })
  const fields = definition?.fields ?? []
  const open = definition ? outline.tokens.end[definition.declared.brace]! : 0
  const close = definition ? outline.tokens.start[outline.matchingBracket[definition.declared.brace]!]! : 0
  const items = [...flat(fields)]
  const first = items[0]?.item
  const indent = first && text.slice(open, first.from).includes('\n') ? indentAt(text, first.from) || '    ' : '    '
  const outer = definition ? indentAt(text, outline.tokens.start[definition.declared.first]!) : ''
  const isDesignated =
    definition === null ||
    additions.sizes.size > 0 ||
    items.some(({ item }) => item.designator !== null) ||
    /^tp_(?:name|basicsize|itemsize|flags)$/m.test(conditional(fields).join('\n'))

  const slotLine = (field: string, value: string): Line => line(`{Py_${field}, ${slotValue(field, value, isCxx)}},`)
  const writeSlot =
    (from: string) =>
    (field: string, item: InitialiserItem): Line[] => {
      const value = from.slice(item.start, item.end)
      if (isZero(value) || additions.dropped.has(field)) return []
      if (Object.hasOwn(subTables, field)) {
        const table = type.tables.get(tableName(sources, value) ?? '')
        return table ? tableLines(table) : []
      }
      return slotFields.has(field) ? [slotLine(field, value)] : []
    }
  const tableLines = ({ file: where, declared, fields: inner }: SlotStruct): Line[] => {
    const from = sources.texts.get(where)!
    const at = sources.outline(where)
    if (declared.brace < 0) return []
    return [
      ...linesOf(
        from,
        inner,
        at.tokens.end[declared.brace]!,
        at.tokens.start[at.matchingBracket[declared.brace]!]!,
        writeSlot(from),
        () => true,
      ),
    ]
  }
  const isSpecField = (field: string): boolean => /^tp_(?:name|basicsize|itemsize|flags)$/.test(field)
  const slotLines = withoutEmpty([
    ...linesOf(text, fields, open, close, writeSlot(text), (field) => field === null || !isSpecField(field)),
  ])
  const offsetMember = (field: string, value: string): Line =>
    line(`{"${offsetMembers[field]}", T_PYSSIZET, ${value}, READONLY, NULL},`)
  const memberLines = withoutEmpty([
    ...linesOf(
      text,
      fields,
      open,
      close,
      (field, item) => {
        const value = text.slice(item.start, item.end)
        return Object.hasOwn(offsetMembers, field) && !isZero(value) ? [offsetMember(field, value)] : []
      },
      () => false,
    ),
  ])
  for (const table of additions.tables) slotLines.push(...withoutEmpty(tableLines(table)))
  for (const { field, value, conditions } of additions.slots) {
    if (Object.hasOwn(offsetMembers, field)) {
      memberLines.push(offsetMember(field, value))
      continue
    }
    slotLines.push(
      ...conditions.map((each) => ({ text: each, isDirective: true })),
      slotLine(field, value),
      ...conditions.map(() => ({ text: '#endif', isDirective: true })),
    )
  }
  const flagsOf = (value: string): string => {
    const all = [isZero(value) ? 'Py_TPFLAGS_DEFAULT' : /[?]/.test(value) ? `(${value})` : value, ...additions.flags]
    // A directive has a line of its own.
    const [own, ...more] = all
    const joint = /#[ \t]*endif[^\n]*$/.test(own!) ? `${lineEnd}${indent}    | ` : ' | '
    return (value.startsWith('#') ? lineEnd : '') + [own, ...(more.length > 0 ? [more.join(' | ')] : [])].join(joint)
  }
  const specValue = (field: string, value: string): string =>
    field === 'tp_flags' ? flagsOf(value) : field === 'tp_name' && additions.name !== null ? additions.name : value
  const has = (field: string): boolean => items.some((each) => each.field === field)
  const specLines: Line[] = withoutEmpty([
    ...linesOf(
      text,
      fields,
      open,
      close,
      (field, item) => {
        const value = text.slice(item.start, item.end)
        if (!isSpecField(field) || additions.sizes.has(field)) return []
        if (isDesignated && isZero(value) && field !== 'tp_flags') return []
        return [line(`${isDesignated ? `.${field.slice(3)} = ` : ''}${specValue(field, value)},`)]
      },
      (field) => field !== null && isSpecField(field),
    ),
  ])
  if (!has('tp_name') || isZero(textOf(text, items, 'tp_name'))) specLines.unshift(line(`.name = ${additions.name},`))
  for (const [field, value] of additions.sizes) specLines.push(line(`.${field.slice(3)} = ${specValue(field, value)},`))
  if (isDesignated) {
    if (!has('tp_flags') && !additions.sizes.has('tp_flags')) specLines.push(line(`.flags = ${flagsOf('0')},`))
  } else {
    // Positions that the type object did not come to.
    if (!has('tp_basicsize')) specLines.push(line('0,'))
    if (!has('tp_itemsize')) specLines.push(line('0,'))
    if (!has('tp_flags')) specLines.push(line(`${flagsOf('0')},`))
  }
  specLines.push(line(`${isDesignated ? '.slots = ' : ''}${names.slots}${isDesignated ? ',' : ''}`))

  const parts: string[] = []
  const block = (head: string, lines: readonly Line[]): string =>
    [
      head,
      ...lines.map((each) => (each.isDirective ? each.text : each.text === '' ? '' : `${indent}${each.text}`)),
      `${outer}};`,
    ].join(lineEnd)
  const ownMembers =
    memberLines.length > 0 &&
    !items.some(({ field, item }) => field === 'tp_members' && !isZero(text.slice(item.start, item.end))) &&
    !additions.slots.some(({ field }) => field === 'tp_members')
  if (ownMembers) {
    const members = `${type.name}_members`
    parts.push(block(`static PyMemberDef ${members}[] = {`, [...memberLines, line('{NULL, 0, 0, 0, NULL},')]))
    slotLines.push(line(`{Py_tp_members, ${members}},`))
  }
  const afterBrace = definition
    ? /^[ \t]*(?:\/\/[^\r\n]*|\/\*[^\r\n]*?\*\/)?[ \t]*(?=\r?\n)/.exec(text.slice(open, open + 300))
    : null
  const fold = afterBrace && /\{\{\{/.test(afterBrace[0]) ? afterBrace[0].trimEnd() : ''
  const shownLines = fold === '' ? slotLines : slotLines.filter((each) => each.text !== fold.trim())
  parts.push(block(`static PyType_Slot ${names.slots}[] = {${fold}`, [...shownLines, line('{0, NULL},')]))
  parts.push(block(`${linkage}PyType_Spec ${names.spec} = {`, specLines))
  return { text: parts.join(lineEnd + lineEnd + outer), members: ownMembers ? [] : memberLines }
}

/** The fields that stand under conditions. */
function conditional(parts: readonly FieldPart[]): string[] {
  return parts.flatMap((part) =>
    part.kind === 'field' ? [] : part.branches.flatMap((branch) => [...flat(branch)].map(({ field }) => field)),
  )
}

function* flat(parts: readonly FieldPart[]): Iterable<Extract<FieldPart, { kind: 'field' }>> {
  for (const part of parts) {
    if (part.kind === 'field') yield part
    else for (const branch of part.branches) yield* flat(branch)
  }
}

const textOf = (text: string, items: readonly Extract<FieldPart, { kind: 'field' }>[], field: string): string => {
  const found = items.find((each) => each.field === field)
  return found ? text.slice(found.item.start, found.item.end) : '0'
}

/**
 * Where members go into an array that there is: before its last entry, which ends it.
 * @returns null where that is not found
 */
export function memberInsertion(
  sources: Sources,
  file: string,
  array: string,
  lines: readonly Line[],
): { readonly start: number; readonly text: string } | null {
  const outline = sources.outline(file)
  const brace = sources.arrayBrace(file, array)
  if (brace === null) return null
  let last = outline.matchingBracket[brace]! - 1
  if (wordAt(outline, last) === ',') last--
  const open = wordAt(outline, last) === '}' ? outline.matchingBracket[last]! : last
  if (
    wordAt(outline, last) === '}'
      ? !/^(?:NULL|0|nullptr)?$/.test(wordAt(outline, open + 1).replace('}', ''))
      : !/^(?:NULL|0)$/.test(wordAt(outline, last))
  )
    return null
  const start = outline.tokens.start[open]!
  const { text } = outline
  const lineStart = text.lastIndexOf('\n', start - 1) + 1
  const isOnOwnLine = /^\s*$/.test(text.slice(lineStart, start))
  const lineEnd = lineEndOf(text)
  if (!isOnOwnLine)
    return lines.some(({ isDirective }) => isDirective)
      ? null
      : { start, text: lines.map((each) => `${each.text} `).join('') }
  const indent = indentAt(text, start)
  return {
    start: lineStart,
    text: lines.map((each) => `${each.isDirective ? '' : indent}${each.text}${lineEnd}`).join(''),
  }
}
