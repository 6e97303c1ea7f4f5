import type { ChalkInstance } from 'chalk'
import { examplesOf } from '../../analyzer/check/examples.ts'
import type { Rule } from '../../analyzer/check/rule.ts'
import type { Api } from '../../analyzer/knowledge/api.ts'
import { recipes } from '../../analyzer/knowledge/recipes/index.ts'
import type { Replacement } from '../../analyzer/knowledge/replacement.ts'
import type { ApiFact, StructFact } from '../../analyzer/knowledge/table.ts'
import { type Minor, newest, oldestAbi3t, showVersion } from '../../analyzer/knowledge/version.ts'
import { catalogue, type Pattern } from '../../rules/catalogue.ts'
import { type Profile, profiles, titleOf } from '../../rules/profiles.ts'
import { findShim } from '../../rules/shims/header.ts'
import type { Shim } from '../../rules/shims/shim.ts'
import { didYouMean } from '../did-you-mean.ts'
import { UsageError } from '../exit.ts'

/**
 * What the tool knows of a rule, a C API name or a field (`PyTypeObject.tp_free`), as lines of text.
 * @returns null where it knows nothing of that name
 */
export function explain(
  name: string,
  rules: readonly Rule[],
  api: Api,
  replacements: ReadonlyMap<string, Replacement>,
): string | null {
  const rule = rules.find((each) => each.name === name)
  if (rule) return rulePage(rule)
  const profile = profiles.find((each) => each.name === name)
  if (profile) return profileCard(profile, rules)
  const pattern = catalogue.find((each) => each.name === name)
  if (pattern) return patternCard(pattern, rules)
  const [struct, field] = name.split('.')
  if (field !== undefined) {
    const fact = api.struct(struct!)
    return fact?.fields.has(field) ? `${fieldCard(fact, field, replacements)}${rulesLine(field, rules)}` : null
  }
  const fact = api.fact(name)
  if (Object.hasOwn(levelMacros, name)) return `${name}: macro that the build defines, ${levelMacros[name]!}\n`
  if (fact) return `${nameCard(fact, api, replacements)}${rulesLine(name, rules)}`
  const shim = findShim(name)
  if (shim) return shimCard(name, shim)
  return Object.hasOwn(buildMacros, name) ? buildMacroCard(name, api) : fieldPage(name, rules, api, replacements)
}

/** A set of rules with its rules. */
function profileCard({ name, summary, has }: Profile, rules: readonly Rule[]): string {
  const members = rules.filter(has).map((rule) => `  ${rule.name}: ${rule.summary}\n`)
  return `${name}: profile, for --select and --ignore\n\n${summary}\n\nrules\n${members.join('')}`
}

/** A pattern of the catalogue that is no rule of its own. */
function patternCard({ name, note, rules: named }: Pattern, rules: readonly Rule[]): string {
  const told = rules.filter((each) => named.includes(each.name))
  const by = told.map((rule) => `  ${rule.name}: ${rule.summary}\n`).join('')
  const how = by === '' ? '' : `\nrules\n${by}`
  return `${name}: a pattern of docs/catalogue.md, and no rule\n\n${note}\n${how}`
}

/** What is known of a field that is named without its struct: in each struct that has it, and as a slot of specs. */
function fieldPage(
  name: string,
  rules: readonly Rule[],
  api: Api,
  replacements: ReadonlyMap<string, Replacement>,
): string | null {
  const structs = api.structNames().flatMap((each) => api.struct(each) ?? [])
  const cards = structs.filter(({ fields }) => fields.has(name)).map((struct) => fieldCard(struct, name, replacements))
  if (cards.length === 0) return null
  const slot = api.fact(`Py_${name}`) ? `\nslot               Py_${name}; abi3lint explain Py_${name}\n` : ''
  return `${cards.join('\n')}${slot}${rulesLine(name, rules)}`
}

/** The rules that speak of a name; nothing where none does. */
function rulesLine(name: string, rules: readonly Rule[]): string {
  const word = new RegExp(`(?<!\\w)${name}(?!\\w)`)
  const found = rules.filter(({ summary, explanation }) => word.test(`${summary}\n${explanation}`))
  return found.length === 0 ? '' : `\nrules\n${found.map((rule) => `  ${rule.name}: ${rule.summary}\n`).join('')}`
}

/** Macros that the project itself defines, and that decide which API the headers declare. Source: PEP 384, PEP 803. */
const levelMacros: Readonly<Record<string, string>> = {
  Py_LIMITED_API:
    'before Python.h is included: the level, which is the\noldest Python that the module runs on. 0x03090000 is 3.9; ' +
    'an empty one is 3.2.',
  Py_TARGET_ABI3T:
    'before Python.h is included: the level of the stable\nABI for builds with and without the GIL, 0x030F0000 or ' +
    'above.',
}

/** A function or macro of the header of shims. */
function shimCard(name: string, shim: Shim): string {
  const { replaces, since, until, differs, cost, limited, full } = shim
  const lines = [
    `${name}: shim${replaces.length > 0 ? ` for ${replaces.join(', ')}` : ''}`,
    '',
    `works              from level ${showVersion(since)} on`,
    ...(until === null ? [] : [`needed             up to level ${showVersion(until - 1)}`]),
    ...(differs === '' ? [] : [`differs            ${differs}`]),
    ...(cost === '' ? [] : [`costs              ${cost}`]),
    `header             abi3lint shims ${name}`,
    '',
    ...(limited === full ? [] : ['with Py_LIMITED_API']),
    indent(limited.trim()),
    ...(limited === full ? [] : ['', 'without', indent(full.trim())]),
  ]
  return `${lines.join('\n')}\n`
}

/**
 * Macros that say how CPython was built, and on which parts of the stable ABI depend. Source: its manifest,
 * `Misc/stable_abi.toml`.
 */
const buildMacros: Readonly<Record<string, string>> = {
  MS_WINDOWS: 'defined on Windows',
  HAVE_FORK: 'defined where the system has fork()',
  USE_STACKCHECK: 'defined where CPython looks for the end of the stack, which is on Windows',
  PY_HAVE_THREAD_NATIVE_ID: 'defined where the system numbers its threads',
  Py_REF_DEBUG: 'defined in debug builds, which count all references',
  Py_TRACE_REFS: 'defined in special debug builds, which keep a list of all objects',
}

function buildMacroCard(name: string, api: Api): string {
  const names = api.names().filter((each) => api.fact(each)!.platform === name)
  const only =
    names.length > 0 ? `\nonly with it       ${names.join(', ')}\n` : '\nno name of the Limited API depends on it\n'
  return `${name}: macro of the build, ${buildMacros[name]!}\n${only}`
}

function rulePage(rule: Rule): string {
  const examples = examplesOf(rule).map(({ kind, target, headers, file, setup, code }) => {
    const places = [
      `target ${target}`,
      ...(headers === undefined ? [] : [`headers ${headers}`]),
      ...(file === undefined ? [] : [file]),
    ]
    const others = setup === undefined ? '' : `\n  setup.py:\n${indent(setup)}\n  source:`
    return `${kind === 'bad' ? 'reported' : 'silent'} (${places.join(', ')}):${others}\n${indent(code)}`
  })
  const request = rule.onRequest ? '; runs only where it is selected, by its name, by advice or by all' : ''
  const parts = [
    `${rule.name}: ${rule.summary}`,
    `severity: ${rule.severity}, effect: ${rule.effect}, ${titleOf(rule.effect)}${request}`,
    rule.explanation,
    ...examples,
  ]
  return `${parts.join('\n\n')}\n`
}

const indent = (text: string): string => text.trimEnd().replace(/^(?=.)/gm, '    ')

function nameCard(fact: ApiFact, api: Api, replacements: ReadonlyMap<string, Replacement>): string {
  const span = api.levels(fact, newest)
  const entity = fact.entity === 'data' ? 'variable' : fact.entity
  const lines = [
    `${fact.name}: ${entity}${fact.type && fact.entity !== 'type' ? `, ${showType(fact)}` : ''}`,
    '',
    ...bars(fact, span),
    `CPython            ${spanText(fact.full)}`,
    `Limited API        ${limitedText(fact, span)}`,
    `abi3t              ${fact.abi3t ? `yes, from ${showVersion(oldestAbi3t)} on` : 'no'}`,
  ]
  const hasSymbol = ['function', 'data', 'macro'].includes(fact.entity)
  if (fact.inline) lines.push('import             none: a macro or an inline function at its lowest level')
  else if (hasSymbol && fact.exported !== null) {
    const what = fact.entity === 'macro' ? 'what it calls, ' : ''
    lines.push(`exported           ${what}by Python from ${showVersion(fact.exported)} on${lag(fact, span)}`)
    if (fact.inDll !== null && fact.inDll !== fact.exported)
      lines.push(`python3.dll        from ${showVersion(fact.inDll)} on`)
  }
  if (fact.abiOnly)
    lines.push('stable ABI         still exported for old binaries, though no longer to be used in sources')
  if (fact.platform) lines.push(`only where         ${fact.platform} is defined`)
  const struct = fact.entity === 'type' ? api.struct(fact.name) : null
  if (struct) lines.push(...structLines(struct))
  lines.push(...adviceLines(fact.name, replacements))
  return `${lines.join('\n')}\n`
}

/** The versions that a bar has, and how it says yes and no. */
const barred = Array.from({ length: newest - 2 + 1 }, (_, index) => (index + 2) as Minor)

/**
 * Bars over the versions of CPython: which have a name, at which levels the Limited API does, which export it. Seventy
 * columns wide.
 */
function bars(fact: ApiFact, span: { readonly first: Minor; readonly last: Minor } | null): string[] {
  const row = (title: string, has: (minor: Minor) => boolean): string =>
    `${title.padEnd(19)}${barred.map((minor) => (has(minor) ? '###' : '...')).join(' ')}`
  const isIn = (range: { readonly first: Minor; readonly last: Minor } | null, minor: Minor): boolean =>
    range !== null && range.first <= minor && minor <= range.last
  const last = (minor: Minor): boolean => fact.exported !== null && minor >= fact.exported
  return [
    `${''.padEnd(19)}${barred.map((minor) => showVersion(minor).slice(1).padEnd(3)).join(' ')}`,
    row('CPython 3.', (minor) => isIn(fact.full, minor)),
    row('level 3.', (minor) => isIn(span, minor)),
    ...(fact.exported === null || fact.inline ? [] : [row('exported by 3.', last)]),
    '',
  ]
}

/** Columns that bars take. */
const barsWidth = 75

const barLines = /^(?:CPython 3\.|level 3\.|exported by 3\.| {19}\.2 ).*\n(?:\n(?=CPython ))?/gm

/** A page as a terminal has it: with its bars painted, or without bars where it is too narrow for them. */
export function pageOn(
  { chalk, width }: { readonly chalk: ChalkInstance; readonly width: number },
  page: string,
): string {
  if (width < barsWidth) return page.replaceAll(barLines, '')
  if (chalk.level === 0) return page
  return page.replaceAll(
    /^(CPython 3\.|level 3\.|exported by 3\.)( +)([#. ]+)$/gm,
    (_, title: string, blanks: string, bar: string) => {
      const painted = bar.replaceAll(/#[# ]*#/g, (part) => chalk.green(part))
      return `${title}${blanks}${painted}`
    },
  )
}

const showType = (fact: ApiFact): string => (fact.type.endsWith('()') ? `gives ${fact.type.slice(0, -2)}` : fact.type)

const spanText = (span: { readonly first: Minor; readonly last: Minor } | null): string =>
  span === null
    ? 'not in the headers of any version known'
    : span.last >= newest
      ? `since ${showVersion(span.first)}${span.first === 2 ? ' or before' : ''}`
      : `${showVersion(span.first)} to ${showVersion(span.last)}, gone in ${showVersion(span.last + 1)}`

function limitedText(fact: ApiFact, span: { readonly first: Minor; readonly last: Minor } | null): string {
  if (span === null) {
    const before = fact.levels.findLastIndex((each) => each !== null)
    return before < 0 ? 'no, at no level' : 'no longer: older headers had it'
  }
  const until = span.last < newest ? `, up to level ${showVersion(span.last)}` : ''
  return `from level ${showVersion(span.first)} on${until} (headers of ${showVersion(newest)})`
}

const lag = (fact: ApiFact, span: { readonly first: Minor } | null): string =>
  span !== null && fact.exported! > span.first ? `; below that it compiles, and the import fails` : ''

function structLines(struct: StructFact): string[] {
  const level = struct.complete.at(-1) ?? null
  const open =
    level === null ? 'opaque at every level of the Limited API' : `complete from level ${showVersion(level)} on`
  return [
    `struct             ${open}; ${struct.abi3t ? 'complete' : 'opaque'} for abi3t`,
    `fields             ${[...struct.fields.keys()].join(', ')}`,
  ]
}

function fieldCard(struct: StructFact, field: string, replacements: ReadonlyMap<string, Replacement>): string {
  const type = struct.fields.get(field)
  const name = `${struct.name}.${field}`
  const lines = [
    `${name}: field${type ? `, ${type}` : ', not in the newest headers'}`,
    '',
    ...structLines(struct).slice(0, 1),
    ...adviceLines(name, replacements),
  ]
  return `${lines.join('\n')}\n`
}

function adviceLines(name: string, replacements: ReadonlyMap<string, Replacement>): string[] {
  const replacement = replacements.get(name)
  if (!replacement) return []
  const shim = findShim(name)
  const ways = replacement.ways.map(({ use, needs, differs }) => {
    const needed = needs.length > 0 ? ` (needs ${needs.join(', ')})` : ''
    return `  ${use}${needed}${differs ? `\n      ${differs}` : ''}`
  })
  return [
    '',
    'instead',
    ...ways,
    ...(shim ? [`  shim: ${shimFor(name, shim)}; abi3lint shims ${name}`] : [`  otherwise: ${replacement.otherwise}`]),
  ]
}

/** What of a shim stands for a name: what fixes write for it, else what is called like it. */
export function shimFor(name: string, { provides }: Shim): string {
  const written = (recipes.get(name) ?? []).flatMap(({ shims }) => shims).find((each) => provides.includes(each))
  const word = name
    .replace(/^.*[._]/, '')
    .replace(/^Py/, '')
    .toLowerCase()
  return written ?? provides.find((each) => each.toLowerCase().endsWith(word)) ?? provides[0]
}

/**
 * The page on a name, with what is shipped loaded for it.
 * @throws UsageError for a name that nothing is known of, with what was perhaps meant
 */
export async function explanationOf(name: string): Promise<string> {
  const { readAsset } = await import('../../analyzer/store/assets.ts')
  const { loadApi } = await import('../../analyzer/workspace/assets.ts')
  const api = await loadApi(readAsset)
  const { replacements } = await import('../../analyzer/knowledge/replacements/index.ts')
  const { rules } = await import('../../rules/index.ts')
  const page = explain(name, rules, api, replacements)
  if (page === null) {
    const struct = name.split('.')[0]!
    const fields = [...(name.includes('.') ? (api.struct(struct)?.fields.keys() ?? []) : [])].map(
      (field) => `${struct}.${field}`,
    )
    const known = [...rules.map((rule) => rule.name), ...api.names(), ...fields]
    throw new UsageError(
      `${name} is neither a rule nor a name of the C API of CPython 3.2 to 3.${newest}${didYouMean(name, known)}`,
    )
  }
  return page
}
