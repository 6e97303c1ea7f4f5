import { parseTarget } from '../../analyzer/knowledge/target.ts'
import { newest, parseVersion } from '../../analyzer/knowledge/version.ts'
import type { TomlPath } from './toml-places.ts'

/** What is wrong with a value. */
export interface Fault {
  /** Of what it is about, from the value on. */
  readonly path: TomlPath
  /** A sentence without full stop that says what to write. */
  readonly message: string
}

/** What a key may have for a value: one description for who checks it, for editors and for the page. */
export interface Kind {
  /** As a noun: "a string". */
  readonly what: string
  /** JSON Schema, draft 2020-12. */
  readonly schema: object
  faults(value: unknown): readonly Fault[]
}

/** What the value of a rule may be. */
export const ruleSeverities = ['error', 'warning', 'info', 'off'] as const

/** In a pattern so many `**` count: each multiplies the time by the depth of a path. */
const mostWildcards = 3

/** Of a longer pattern nobody would know what it means. */
const longestPattern = 1000

/** The name of what a TOML value is. */
function nameOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (value instanceof Date) return 'a date'
  if (typeof value === 'object' && value !== null) return 'a table'
  return typeof value === 'bigint' ? 'a number' : `a ${typeof value}`
}

/** @param wrong says of a text why it will not do; null where it does */
function text(what: string, schema: object, wrong: (value: string) => string | null): Kind {
  return {
    what,
    schema,
    faults(value) {
      if (typeof value !== 'string') return [{ path: [], message: `is ${nameOf(value)}, and should be ${what}` }]
      const message = wrong(value)
      return message === null ? [] : [{ path: [], message }]
    },
  }
}

/** One, or a list of them. */
function oneOrMore(one: Kind, many: string): Kind {
  return {
    what: `${one.what}, or a list of ${many}`,
    schema: { anyOf: [one.schema, { type: 'array', items: one.schema }] },
    faults(value) {
      if (!Array.isArray(value)) return one.faults(value)
      return value.flatMap((each, index) =>
        one.faults(each).map(({ path, message }) => ({ path: [index, ...path], message })),
      )
    },
  }
}

const list = (one: Kind, many: string): Kind => ({
  what: `a list of ${many}`,
  schema: { type: 'array', items: one.schema },
  faults: (value) =>
    Array.isArray(value)
      ? oneOrMore(one, many).faults(value)
      : [{ path: [], message: `is ${nameOf(value)}, and should be a list of ${many}` }],
})

const versions = Array.from({ length: newest - 1 }, (_, index) => `3.${index + 2}`)

/** `3.10` without quotes is the number 3.1. */
const quoted = (kind: Kind): Kind => ({
  ...kind,
  faults: (value) =>
    typeof value === 'number' || typeof value === 'bigint'
      ? [{ path: [], message: 'is a number, and as a number 3.10 is 3.1: put quotes around it' }]
      : kind.faults(value),
})

const aTarget = quoted(
  text('a version like "3.9", or "abi3t"', { enum: [...versions, 'abi3t'] }, (value) =>
    parseTarget(value) === null ? `knows no target ${value}: there are 3.2 to 3.${newest}, and abi3t` : null,
  ),
)

const aPath = text('a path', { type: 'string', minLength: 1 }, (value) =>
  value === '' ? 'is empty, and should be a path' : null,
)

const aPattern = text('a pattern of names', { type: 'string', minLength: 1 }, (value) => {
  if (value.trim() === '') return 'is empty, and should be a pattern of names'
  if (value.length > longestPattern) return `has more than ${longestPattern} characters`
  if (value.split('**').length - 1 > mostWildcards) return `has more than ${mostWildcards} \`**\``
  if (/^\/?\.\.?(?:\/|$)/.test(value)) return `is compared with names below the project's directory: leave \`./\` out`
  return null
})

const aRule = text('the name of a rule or of a profile', { $ref: '#/$defs/rule-or-profile' }, () => null)

const aMacro = text(
  'a macro, or a macro and its value',
  { type: 'string', pattern: '^[A-Za-z_][A-Za-z0-9_]*(=.*)?$' },
  (value) =>
    /^[A-Za-z_]\w*(?:=[^\n]*)?$/.test(value) ? null : 'should be a macro, or a macro and its value: HAVE_X=1',
)

const aName = text('the name of a macro', { type: 'string', pattern: '^[A-Za-z_][A-Za-z0-9_]*$' }, (value) =>
  /^[A-Za-z_]\w*$/.test(value) ? null : 'should be the name of a macro',
)

export const path = aPath
export const paths = list(aPath, 'paths')
export const pathOrPaths = oneOrMore(aPath, 'them')
export const patterns = list(aPattern, 'patterns of names')
export const targets = oneOrMore(aTarget, 'them')
export const ruleNames = list(aRule, 'names of rules and profiles')
export const macros = list(aMacro, 'macros, each with or without a value')
export const macroNames = list(aName, 'names of macros')

export const version = quoted(
  text('a version like "3.13"', { enum: versions }, (value) =>
    parseVersion(value) === null ? `knows no version ${value}: there are 3.2 to 3.${newest}` : null,
  ),
)

const severitiesShown = ruleSeverities.map((each) => `"${each}"`).join(', ')

export const severities: Kind = {
  what: `a table: the name of a rule, and ${severitiesShown.replace(/, ("off")$/, ' or $1')}`,
  schema: {
    type: 'object',
    propertyNames: { $ref: '#/$defs/rule' },
    additionalProperties: { enum: ruleSeverities },
  },
  faults(value) {
    if (nameOf(value) !== 'a table')
      return [{ path: [], message: `is ${nameOf(value)}, and should be a table: the name of a rule, and its severity` }]
    return Object.entries(value as object).flatMap(([rule, severity]) =>
      (ruleSeverities as readonly unknown[]).includes(severity)
        ? []
        : [{ path: [rule], message: `should be one of ${severitiesShown}` }],
    )
  },
}

/** A list of tables, each with keys of its own. @param faultsOf what is wrong with one of them */
export const tables = (schema: () => object, faultsOf: (table: object) => readonly Fault[]): Kind => ({
  what: 'a list of tables',
  get schema() {
    return { type: 'array', items: schema() }
  },
  faults(value) {
    if (!Array.isArray(value))
      return [{ path: [], message: `is ${nameOf(value)}, and should be a list of tables: [[overrides]]` }]
    return value.flatMap((each, index) =>
      nameOf(each) === 'a table'
        ? faultsOf(each as object).map(({ path: inside, message }) => ({ path: [index, ...inside], message }))
        : [{ path: [index], message: `is ${nameOf(each)}, and should be a table` }],
    )
  },
})
