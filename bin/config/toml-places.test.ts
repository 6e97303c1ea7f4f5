import fc from 'fast-check'
import { parse, stringify } from 'smol-toml'
import { expect, test } from 'vitest'
import { lineAndColumn, type TomlPath, tomlPlaces } from './toml-places.ts'

/** Where something stands, as `line:column`, and the text from there on. */
function at(text: string, ...path: TomlPath): string | null {
  const offset = tomlPlaces(text)(path)
  if (offset === null) return null
  const { line, column } = lineAndColumn(text, offset)
  return `${line}:${column} ${text.slice(offset, offset + 6)}`
}

const text = `# [not.a.table]
"é" = 1
title = "[tool] # x = 1" # [other]
long = """
[tool.fake]
target = 1
\\""" still"""
raw = '''
[tool.fake]'''''
[tool . "abi3lint"]
target = [ # first
  "3.9", # "3.10"
  '3.11',
]
rules.'private-name' = "off"
nested = { a.b = [1, { c = 2 }], "d\\u0065" = 3 }
when = 1979-05-27 07:32:00

  [[tool.abi3lint.overrides]]
files = ["a"]
[tool.abi3lint.overrides.rules]
x = "off"
[[ tool.abi3lint.overrides ]]\r
  files = ["b"]
`

test('keys, tables and items stand where they are written', () => {
  const tool = ['tool', 'abi3lint'] as const
  expect(parse(text)).toMatchObject({ raw: "[tool.fake]''" })
  expect(at(text, 'title')).toBe('3:1 title ')
  expect(at(text, 'raw')).toBe('8:1 raw = ')
  expect(at(text, 'tool', 'fake')).toBeNull()
  expect(at(text, ...tool)).toBe('10:9 "abi3l')
  expect(at(text, ...tool, 'target')).toBe('11:1 target')
  expect(at(text, ...tool, 'target', 1)).toBe("13:3 '3.11'")
  expect(at(text, ...tool, 'target', 2)).toBeNull()
  expect(at(text, ...tool, 'rules', 'private-name')).toBe("15:7 'priva")
  expect(at(text, ...tool, 'nested', 'a', 'b', 1, 'c')).toBe('16:24 c = 2 ')
  expect(at(text, ...tool, 'nested', 'de')).toBe('16:34 "d\\u00')
  expect(at(text, ...tool, 'overrides', 0)).toBe('19:3 [[tool')
  expect(at(text, ...tool, 'overrides', 0, 'rules', 'x')).toBe('22:1 x = "o')
  expect(at(text, ...tool, 'overrides', 1, 'files', 0)).toBe('24:12 "b"]\n')
})

/** All paths in a value that are written down: keys of tables, items of lists. */
function pathsIn(value: unknown, path: TomlPath = []): TomlPath[] {
  if (typeof value !== 'object' || value === null) return []
  const entries: [string | number, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value)
  return entries.flatMap(([key, each]) => [[...path, key], ...pathsIn(each, [...path, key])])
}

test('whatever a text holds, every key and item has a place, and the key stands there', () => {
  const word = fc.oneof(fc.constantFrom('a', 'target', 'rules', 'x-y', 'a.b', "it's", 'say "x"', '[x]'), fc.string())
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.string(),
      fc.constantFrom('[tool]\nx = 1', '"""', "'''", '# no', 'a = [', 'C:\\dir\\'),
      fc.integer(),
      fc.boolean(),
      fc.array(fc.oneof(fc.string(), fc.integer()), { maxLength: 3 }),
      fc.array(tie('table'), { maxLength: 3 }),
      tie('table'),
    ),
    table: fc.dictionary(word, tie('value'), { maxKeys: 4 }),
  }))
  fc.assert(
    fc.property(fc.dictionary(word, value, { maxKeys: 5 }), (table) => {
      const written = stringify(table)
      const place = tomlPlaces(written)
      const read = parse(written)
      for (const path of pathsIn(read)) {
        const offset = place(path)
        expect(offset, JSON.stringify(path)).not.toBeNull()
        const key = path.at(-1)!
        if (typeof key === 'number') continue
        const bare = written.startsWith(key, offset!) && /^[\w-]+$/.test(key)
        expect(bare || /["']/.test(written[offset!]!)).toBe(true)
      }
    }),
    { numRuns: 300 },
  )
})
