import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  type Entry,
  interfaceHeaders,
  interfaceNames,
  type NativeInterface,
  sampleEntries,
  sampleObjectEntries,
} from './interface.ts'

const first: NativeInterface = {
  module: 'pkg._oven',
  major: 1,
  entries: sampleEntries,
  objectEntries: sampleObjectEntries,
}
const more = (since: number): Entry => ({
  name: `more_${since}`,
  declaration: `int more_${since}`,
  about: 'new',
  since,
})
const linesOf = (given: NativeInterface): readonly string[] => interfaceHeaders(given)[0].text.split('\n')

describe('the headers of a native interface', () => {
  test.each([
    ['spam', { stem: 'spam', type: 'Spam', macro: 'SPAM' }],
    ['a.b._spam_and_Eggs2', { stem: 'spam_and_eggs2', type: 'SpamAndEggs2', macro: 'SPAM_AND_EGGS2' }],
    ['pkg.__x__', { stem: 'x__', type: 'X', macro: 'X__' }],
    ['pkg._', null],
    ['pkg._2', null],
    ['pkg.é', null],
  ])('%s gives names', (module, names) => expect(interfaceNames(module)).toEqual(names))

  test('nothing is left of what they were made from', () => {
    for (const { file, text } of interfaceHeaders(first)) {
      expect(file).toMatch(/^oven_(?:api|export)\.h$/)
      expect(text).not.toMatch(/spam|SPAM|Spam|@[A-Z]/)
      expect(text.split('\n').filter((line) => line.length > 120)).toEqual([])
    }
    const [itself] = interfaceHeaders({ ...first, module: 'pkg.spam' })
    expect(itself.text).toContain('#define SPAM_API_MODULE "pkg.spam"')
  })

  test('without tables of single objects there is no word of them', () => {
    for (const { text } of interfaceHeaders({ ...first, objectEntries: null }))
      expect(text).not.toMatch(/ObjectApi|OBJECT_API/)
  })

  test('a minor version adds lines and takes away none but the number', () => {
    const before = linesOf(first)
    const after = linesOf({ ...first, entries: [...sampleEntries, more(2)] })
    expect(before.filter((line) => !after.includes(line))).toEqual(['#define OVEN_API_MINOR 0'])
    expect(after.filter((line) => !before.includes(line))).toEqual([
      '#define OVEN_API_MINOR 2',
      '    /* from 1.2 on */',
      '    int more_2; /* new */',
      '#define OVEN_API_SIZE_1 OVEN_API_END(greeting)',
      '#define OVEN_API_SIZE_2 OVEN_API_END(more_2)',
      '#define OVEN_OBJECT_API_SIZE_1 OVEN_OBJECT_API_END(count)',
      '#define OVEN_OBJECT_API_SIZE_2 OVEN_OBJECT_API_END(count)',
    ])
  })

  test('a table of objects that begins later', () => {
    const [{ text }] = interfaceHeaders({ ...first, objectEntries: [more(1)] })
    expect(text).toContain('#define OVEN_API_MINOR 1\n')
    expect(text).toContain('#define OVEN_OBJECT_API_SIZE_0 OVEN_OBJECT_API_END(object)\n')
  })

  test('entries keep their own words', () => {
    const entry: Entry = { name: 'spam', declaration: 'SPAM_Object *(*spam)(Spam *)', about: '', since: 0 }
    const [{ text }] = interfaceHeaders({ ...first, entries: [entry], objectEntries: null, isStatic: true })
    expect(text).toContain('    SPAM_Object *(*spam)(Spam *);\n} OvenApi;')
    expect(text).toContain('    SPAM_Object *(*spam)(Spam *);\n} OvenApiEntries;')
    expect(text).toContain('#define OVEN_API_SIZE_0 OVEN_API_END(spam)\n')
    expect(text).toContain('    entries.spam = imported.api->spam;\n')
  })

  test('a copy has what the table has', () => {
    const [{ text }] = interfaceHeaders({ ...first, entries: [...sampleEntries, more(2)], isStatic: true })
    expect(text).toContain('entries.more_2 = OVEN_API_HAS(imported.api, more_2) ? imported.api->more_2 : NULL;')
  })

  test('the page has their messages', () => {
    const page = readFileSync(new URL('../../docs/native-interface.md', import.meta.url), 'utf8')
    const refusals = [...interfaceHeaders(first)[0].text.matchAll(/_Refuse\(\s*"([^"]*)"/g)]
    const rows = page.split('\n').filter((line) => line.startsWith('| the '))
    const meets = (format: string, row: string): boolean => {
      const pattern = format.replace('%u.%u%s', '%u.%u.*').replaceAll('%s', 'pkg._spam')
      return new RegExp(`^\\| ${pattern.replaceAll(/%z?u/g, '\\d+')} \\|`).test(row)
    }
    for (const [, format] of refusals)
      expect(
        rows.some((row) => meets(format!, row)),
        format,
      ).toBe(true)
    for (const row of rows)
      expect(
        refusals.some(([, format]) => meets(format!, row)),
        row,
      ).toBe(true)
  })

  test('a name that is none', () => expect(() => interfaceHeaders({ ...first, module: '1' })).toThrow('1'))
})
