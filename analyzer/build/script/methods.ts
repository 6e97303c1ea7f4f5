import posix from 'path-browserify'
import { addAll } from '../../source/lists.ts'
import type { BuildEnvironment } from './environment.ts'
import type { Given } from './externals.ts'
import {
  bool,
  type DictValue,
  dict,
  doubtAll,
  formatted,
  type ListValue,
  list,
  longestText,
  none,
  reasonOf,
  same,
  shorten,
  shown,
  string,
  unknown,
  type Value,
} from './values.ts'

/** The methods of lists, tables and strings: what they give, and what they do to what they are of. */

/** Adds to a list. @param doubt what it depends on whether that is done; null for nothing */
export function addTo(of: ListValue, value: Value, doubt: string | null): void {
  if (doubt === null) of.items.push(value)
  else of.perhaps.push({ value, why: doubt })
  shorten(of)
}

/** Adds all of a value to a list. */
export function extend(of: ListValue, value: Value | undefined, doubt: string | null): void {
  if (value?.kind !== 'list') {
    if (value?.kind !== 'none') of.open ??= value ? reasonOf(value) : 'an argument'
    return
  }
  for (const each of [...value.items]) addTo(of, each, doubt)
  addAll(of.perhaps, value.perhaps)
  shorten(of)
  of.open ??= value.open
}

/** Sets an entry of a table. */
export function setEntry(of: DictValue, key: Value, value: Value, doubt: string | null): void {
  const name = shown(key)
  if (name === null) {
    of.open ??= reasonOf(key)
    return
  }
  const old = of.entries.get(name)
  of.entries.set(name, doubt === null || (old && same(old, value) === true) ? value : unknown(doubt))
}

function ofList(of: ListValue, name: string, { args }: Given, doubt: string | null): Value {
  const [first, second] = args
  switch (name) {
    case 'append':
    case 'add':
      addTo(of, first ?? none, doubt)
      return none
    case 'insert':
      if (doubt === null && second) of.items.splice(first?.kind === 'number' ? first.value : 0, 0, second)
      else addTo(of, second ?? none, doubt)
      return none
    case 'extend':
    case 'update':
      extend(of, first, doubt)
      return none
    case 'copy':
      return { ...of, items: [...of.items], perhaps: [...of.perhaps] }
    case 'remove': {
      const index = of.items.findIndex((each) => first && same(each, first) !== false)
      if (index < 0) return none
      const isIt = same(of.items[index]!, first!) === true
      if (!isIt) doubtAll(of, doubt ?? reasonOf(first!))
      else for (const value of of.items.splice(index, 1)) if (doubt !== null) of.perhaps.push({ value, why: doubt })
      return none
    }
    case 'pop':
    case 'clear':
    case 'sort':
    case 'reverse':
      if (name === 'clear' && doubt === null) of.items.splice(0)
      else if (name === 'pop' || name === 'clear') doubtAll(of, doubt ?? `\`${name}()\``)
      return name === 'pop' ? unknown('`pop()`') : none
    default:
      return unknown(`\`${name}()\``)
  }
}

function ofDict(of: DictValue, name: string, { args: [first, second], named }: Given, doubt: string | null): Value {
  const key = first === undefined ? null : shown(first)
  const old = key === null ? undefined : of.entries.get(key)
  switch (name) {
    case 'get':
    case 'pop':
      if (key === null) return unknown(first ? reasonOf(first) : `\`${name}()\``)
      if (name === 'pop' && doubt === null) of.entries.delete(key)
      return old ?? (of.open === null ? (second ?? none) : unknown(of.open))
    case 'setdefault':
      if (old === undefined && first && second) setEntry(of, first, second, doubt)
      return old ?? second ?? none
    case 'update':
      if (first?.kind === 'dict') for (const [each, value] of first.entries) setEntry(of, string(each), value, doubt)
      if (first !== undefined && first.kind !== 'dict') of.open ??= reasonOf(first)
      if (first?.kind === 'dict') of.open ??= first.open
      for (const [each, value] of named) setEntry(of, string(each), value, doubt)
      return none
    case 'copy':
      return dict(of.entries, of.open)
    case 'keys':
      return list([...of.entries.keys()].map(string), of.open)
    case 'values':
      return list([...of.entries.values()], of.open)
    case 'items':
      return list(
        [...of.entries].map(([each, value]) => list([string(each), value])),
        of.open,
      )
    default:
      return unknown(`\`${name}()\``)
  }
}

type OfString = (of: string, given: Given, texts: readonly (string | null)[]) => Value | null

const transformed =
  (make: (of: string) => string): OfString =>
  (of) =>
    string(make(of))

const tested =
  (test: (of: string, by: string) => boolean): OfString =>
  (of, { args: [by] }) => {
    const all = by?.kind === 'list' && by.open === null ? by.items.map(shown) : [by ? shown(by) : null]
    return all.every((each) => each !== null) ? bool(all.some((each) => test(of, each!))) : null
  }

/** Texts are the paths of `pathlib`, too. */
const ofString: Readonly<Record<string, OfString>> = {
  lower: transformed((of) => of.toLowerCase()),
  upper: transformed((of) => of.toUpperCase()),
  strip: transformed((of) => of.trim()),
  rstrip: (of, { args }) => (args.length === 0 ? string(of.trimEnd()) : null),
  lstrip: (of, { args }) => (args.length === 0 ? string(of.trimStart()) : null),
  resolve: transformed((of) => of),
  absolute: transformed((of) => of),
  as_posix: transformed((of) => of),
  relative_to: transformed((of) => of),
  startswith: tested((of, by) => of.startsWith(by)),
  endswith: tested((of, by) => of.endsWith(by)),
  replace: (of, _, [from, to]) =>
    from == null || to == null || of.length * to.length > longestText * 100 ? null : string(of.replaceAll(from, to)),
  joinpath: (of, _, texts) =>
    texts.every((each) => each !== null) ? string(posix.join(of, ...(texts as string[]))) : null,
  with_suffix: (of, _, [end]) => (end == null ? null : string(of.slice(0, of.length - posix.extname(of).length) + end)),
  split: (of, _, [by]) =>
    by === null ? null : list((by === undefined ? of.trim().split(/\s+/) : of.split(by)).map(string)),
  join: (of, { args: [all] }) => {
    const texts = all?.kind === 'list' && all.open === null && all.perhaps.length === 0 ? all.items.map(shown) : [null]
    const length = texts.reduce((sum, each) => sum + (each?.length ?? 0) + of.length, 0)
    return texts.every((each) => each !== null) && length <= longestText ? string(texts.join(of)) : null
  },
  format: (of, { args, named }) => {
    let next = 0
    let isKnown = true
    const text = of.replace(/\{(\w*)(?::([^{}]*))?\}/g, (_, name: string, spec: string | undefined) => {
      const value = name === '' ? args[next++] : (named.get(name) ?? args[Number(name)])
      const part = value ? formatted(value, spec ?? '') : null
      isKnown &&= part !== null
      return part ?? ''
    })
    return isKnown ? string(text) : null
  },
}

/** Calls a method of a value that has no class of the script. @param doubt what it depends on whether that is done */
export function callMethod(
  of: Value,
  name: string,
  given: Given,
  doubt: string | null,
  environment: BuildEnvironment,
): Value {
  if (of.kind === 'list') return ofList(of, name, given, doubt)
  if (of.kind === 'dict') return ofDict(of, name, given, doubt)
  if (of.kind !== 'string') return unknown(`\`${name}()\``)
  if (name === 'glob' || name === 'rglob' || name === 'exists' || name === 'is_file') {
    const part = given.args[0]?.kind === 'string' ? given.args[0].value : ''
    const pattern = posix.normalize(posix.join(of.value, name === 'rglob' ? '**' : '', part))
    const files = environment.find(pattern)
    if (name.endsWith('glob')) return list((files ?? []).map(string), files ? null : `the files \`${pattern}\``)
    return files ? bool(files.length > 0) : unknown(`whether there is \`${pattern}\``)
  }
  const method = Object.hasOwn(ofString, name) ? ofString[name] : undefined
  const texts = given.args.map((each) => (each.kind === 'string' ? each.value : null))
  const depends = given.args.find(({ kind }) => kind === 'unknown')
  return method?.(of.value, given, texts) ?? unknown(depends ? reasonOf(depends) : `\`${name}()\``)
}
