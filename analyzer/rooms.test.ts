import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Which room may import from which, besides itself. Tests stand outside: they are no part of the program. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  bin: [
    'analyzer/source',
    'analyzer/knowledge',
    'analyzer/check',
    'analyzer/audit',
    'analyzer/workspace',
    'analyzer/store',
    'rules',
    'rules/native-interface',
    'reports',
  ],
  'bin/api': [
    'analyzer/source',
    'analyzer/knowledge',
    'analyzer/build',
    'analyzer/fix',
    'analyzer/check',
    'analyzer/workspace',
    'analyzer/store',
    'rules',
  ],
  'bin/distribution': [],
  'rules/native-interface': [],
  rules: [
    'analyzer/source',
    'analyzer/preprocess',
    'analyzer/code',
    'analyzer/facts',
    'analyzer/project',
    'analyzer/build',
    'analyzer/semantics',
    'analyzer/fix',
    'analyzer/check',
    'analyzer/suppressions',
    'analyzer/knowledge',
  ],
  reports: ['analyzer/source', 'analyzer/audit', 'analyzer/check', 'analyzer/fix', 'analyzer/knowledge'],
  'analyzer/source': [],
  'analyzer/knowledge': ['analyzer/source'],
  'analyzer/preprocess': ['analyzer/source', 'analyzer/knowledge'],
  'analyzer/syntax': [],
  'analyzer/code': ['analyzer/source', 'analyzer/preprocess', 'analyzer/knowledge'],
  'analyzer/facts': ['analyzer/source', 'analyzer/preprocess', 'analyzer/syntax', 'analyzer/knowledge'],
  'analyzer/project': [
    'analyzer/source',
    'analyzer/preprocess',
    'analyzer/code',
    'analyzer/facts',
    'analyzer/knowledge',
  ],
  'analyzer/build': [
    'analyzer/source',
    'analyzer/preprocess',
    'analyzer/facts',
    'analyzer/project',
    'analyzer/knowledge',
  ],
  'analyzer/semantics': [
    'analyzer/source',
    'analyzer/preprocess',
    'analyzer/code',
    'analyzer/facts',
    'analyzer/project',
    'analyzer/build',
    'analyzer/knowledge',
  ],
  'analyzer/fix': [
    'analyzer/source',
    'analyzer/preprocess',
    'analyzer/facts',
    'analyzer/project',
    'analyzer/semantics',
    'analyzer/knowledge',
  ],
  'analyzer/rewrite': [
    'analyzer/source',
    'analyzer/preprocess',
    'analyzer/code',
    'analyzer/facts',
    'analyzer/project',
    'analyzer/semantics',
    'analyzer/build',
    'analyzer/fix',
    'analyzer/knowledge',
    'rules/native-interface',
  ],
  'analyzer/suppressions': ['analyzer/source', 'analyzer/preprocess', 'analyzer/knowledge'],
  'analyzer/check': [
    'analyzer/source',
    'analyzer/suppressions',
    'analyzer/code',
    'analyzer/project',
    'analyzer/build',
    'analyzer/semantics',
    'analyzer/fix',
    'analyzer/rewrite',
    'analyzer/knowledge',
  ],
  'analyzer/audit': ['analyzer/check', 'analyzer/knowledge', 'analyzer/source'],
  'analyzer/workspace': [
    'analyzer/source',
    'analyzer/preprocess',
    'analyzer/syntax',
    'analyzer/facts',
    'analyzer/project',
    'analyzer/build',
    'analyzer/fix',
    'analyzer/check',
    'analyzer/suppressions',
    'analyzer/knowledge',
    'rules',
  ],
  'analyzer/store': ['analyzer/source', 'analyzer/syntax', 'analyzer/facts', 'analyzer/workspace'],
}

const outside = /\.test\.ts$/

/** Rooms within others. */
const inner = ['bin/api', 'bin/distribution', 'rules/native-interface']

const roomOf = (file: string): string => {
  const [first, second] = relative(root, file).split(sep)
  return first === 'analyzer' || inner.includes(`${first}/${second}`) ? `${first}/${second}` : first!
}

function sources(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) return sources(path)
    return entry.name.endsWith('.ts') && !outside.test(path.split(sep).join('/')) ? [path] : []
  })
}

const files = ['bin', 'analyzer', 'rules', 'reports'].flatMap((room) => sources(join(root, room)))

/** Imports of files of ours, those that are made at run time among them. */
const importPattern = /(?:^(?:import|export)\b[^'"]*?from\s+|\bimport\()'(\.[^']+)'/gm

test('rooms import only from the rooms that they may', () => {
  const wrong: string[] = []
  for (const file of files) {
    const from = roomOf(file)
    for (const [, path] of readFileSync(file, 'utf8').matchAll(importPattern)) {
      const to = roomOf(join(dirname(file), path!))
      if (to === from || to === 'package.json') continue
      if (!allowed[from]?.includes(to)) wrong.push(`${relative(root, file)} -> ${path}`)
    }
  }
  expect(wrong).toEqual([])
})

test('the analyzer knows neither Node nor a console, its store apart; only syntax knows the parser', () => {
  const wrong: string[] = []
  for (const file of files) {
    const room = roomOf(file)
    const text = readFileSync(file, 'utf8')
    const isForAnyPlace = room === 'rules' || (room.startsWith('analyzer/') && room !== 'analyzer/store')
    const onlyNode = /\b(?:from|import\() ?'(?:node:|chalk)|\bconsole\.|\bprocess\.(?:std|env|cwd|argv|exit|platform)/
    if (isForAnyPlace && onlyNode.test(text)) wrong.push(relative(root, file))
    if (room !== 'analyzer/syntax' && text.includes("from 'web-tree-sitter'")) wrong.push(relative(root, file))
  }
  expect(wrong).toEqual([])
})

test('only code knows the brackets of code, and what comes after it no token', () => {
  const withTokens = [
    'analyzer/preprocess',
    'analyzer/code',
    'analyzer/facts',
    'analyzer/project',
    'analyzer/fix',
    'analyzer/suppressions',
  ]
  const wrong: string[] = []
  for (const file of files) {
    const room = roomOf(file)
    for (const [, path] of readFileSync(file, 'utf8').matchAll(importPattern)) {
      const isWrong =
        (path!.endsWith('/outline.ts') && room !== 'analyzer/code') ||
        (path!.endsWith('/scanner.ts') && !withTokens.includes(room))
      if (isWrong) wrong.push(`${relative(root, file)} -> ${path}`)
    }
  }
  expect(wrong).toEqual([])
})

test('no file imports itself by way of others', () => {
  const imports = new Map(
    files.map((file) => [
      file,
      [...readFileSync(file, 'utf8').matchAll(importPattern)].map(([, path]) => join(dirname(file), path!)),
    ]),
  )
  const done = new Set<string>()
  const circles: string[] = []
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) {
      circles.push([...path.slice(path.indexOf(file)), file].map((each) => relative(root, each)).join(' -> '))
      return
    }
    if (done.has(file)) return
    for (const next of imports.get(file) ?? []) visit(next, [...path, file])
    done.add(file)
  }
  for (const file of files) visit(file, [])
  expect(circles).toEqual([])
})
