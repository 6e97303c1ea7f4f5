import { describe, expect, it } from 'vitest'
import { Api } from '../api.ts'
import table from '../table.json' with { type: 'json' }
import type { Target } from '../target.ts'
import { type Minor, newest, oldest, oldestAbi3t } from '../version.ts'
import { replacements } from './index.ts'

const api = new Api(table)
const entries = [...new Set(replacements.values())]

const minors = (from: Minor, to: Minor): Minor[] => Array.from({ length: to - from + 1 }, (_, index) => from + index)

/** Every target: each level with the headers of its own version and of every newer one, and abi3t. */
const targets: readonly Target[] = [
  ...minors(oldest, newest).flatMap((headers) =>
    minors(oldest, headers).map((level) => ({ level, headers, abi3t: false })),
  ),
  { level: oldestAbi3t, headers: newest, abi3t: true },
]

const offered = new Map<string, boolean>()

/** Whether some target offers a name in the Limited API. */
function isOffered(name: string): boolean {
  let known = offered.get(name)
  if (known === undefined) {
    known = targets.some((target) => api.offers(name, target))
    offered.set(name, known)
  }
  return known
}

/** Names that code uses and the table has no line for, each with the reason. */
const notInTable: ReadonlyMap<string, string> = new Map([
  ['_PyLong_GetZero', 'of the internal header pycore_long.h, which the table is not read from'],
  ['_PyLong_GetOne', 'of the internal header pycore_long.h, which the table is not read from'],
  ['_PyObject_CallNoArgs', 'of the internal header pycore_call.h; public headers have _PyObject_CallNoArg, of 3.9'],
])

describe('the names that the replacements need', () => {
  const needs = [...new Set(entries.flatMap((entry) => entry.ways.flatMap((way) => way.needs)))].sort()

  it('are all known', () => {
    expect(needs.length).toBeGreaterThan(100)
    expect(needs.filter((name) => api.fact(name) === null)).toEqual([])
  })

  it('are all offered to some target', () => {
    expect(needs.filter((name) => !isOffered(name))).toEqual([])
  })

  it('are offered together, so that no way is never open', () => {
    const closed = entries
      .flatMap((entry) => entry.ways.map((way) => ({ entry, way })))
      .filter(({ way }) => !targets.some((target) => way.needs.every((name) => api.offers(name, target))))
    expect(closed.map(({ entry, way }) => `${entry.names.join(' ')}: ${way.use}`)).toEqual([])
  })
})

describe('the names that the replacements stand for', () => {
  const names = [...replacements.keys()]

  it('are in the table, apart from those with a reason', () => {
    const unknown = names.filter((name) => !name.includes('.') && api.fact(name) === null && api.struct(name) === null)
    expect(unknown.filter((name) => !notInTable.has(name))).toEqual([])
    expect([...notInTable.keys()].filter((name) => !unknown.includes(name))).toEqual([])
  })

  it('are fields of structs of the table', () => {
    const wrong = names
      .filter((name) => name.includes('.'))
      .filter((name) => {
        const [struct, field] = name.split('.')
        return !api.struct(struct!)?.fields.has(field!)
      })
    expect(wrong).toEqual([])
  })
})
