import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Which room may import from which, besides itself. Programs (`generate`, `fixtures`) and tests stand outside. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  bin: ['analyzer/*', 'rules', 'reports'],
  rules: ['analyzer/*'],
  reports: ['analyzer/check', 'analyzer/fix', 'analyzer/knowledge'],
  'analyzer/source': [],
  'analyzer/knowledge': ['analyzer/facts', 'analyzer/source'],
  'analyzer/preprocess': ['analyzer/source', 'analyzer/knowledge'],
  'analyzer/syntax': [],
  'analyzer/facts': ['analyzer/source', 'analyzer/preprocess', 'analyzer/syntax'],
  'analyzer/project': ['analyzer/source', 'analyzer/facts', 'analyzer/preprocess', 'analyzer/knowledge'],
  'analyzer/fix': ['analyzer/source', 'analyzer/preprocess'],
  'analyzer/rewrite': [
    'analyzer/source',
    'analyzer/preprocess',
    'analyzer/facts',
    'analyzer/project',
    'analyzer/knowledge',
    'analyzer/fix',
  ],
  'analyzer/binary': [],
  'analyzer/check': [
    'analyzer/binary',
    'analyzer/fix',
    'analyzer/rewrite',
    'analyzer/facts',
    'analyzer/preprocess',
    'analyzer/project',
    'analyzer/knowledge',
    'analyzer/source',
  ],
  'analyzer/store': ['analyzer/source', 'analyzer/preprocess', 'analyzer/syntax', 'analyzer/facts'],
}

const outside = /(?:\.test|\.judge)\.ts$|rules\/harness\.ts$|knowledge\/generate\/|reports\/(?:sample|hostile)\.ts$/

const roomOf = (file: string): string => {
  const [first, second] = relative(root, file).split(sep)
  return first === 'analyzer' ? `${first}/${second}` : first!
}

function sources(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) return sources(path)
    return entry.name.endsWith('.ts') && !outside.test(path.split(sep).join('/')) ? [path] : []
  })
}

const files = ['bin', 'analyzer', 'rules', 'reports'].flatMap((room) => sources(join(root, room)))

test('rooms import only from the rooms that they may', () => {
  const wrong: string[] = []
  for (const file of files) {
    const from = roomOf(file)
    for (const [, path] of readFileSync(file, 'utf8').matchAll(/^(?:import|export)\b[^'"]*?from\s+'(\.[^']+)'/gm)) {
      const to = roomOf(join(dirname(file), path!))
      if (to === from || to === 'package.json') continue
      const may = allowed[from] ?? []
      if (!may.includes(to) && !(may.includes('analyzer/*') && to.startsWith('analyzer/')))
        wrong.push(`${relative(root, file)} -> ${path}`)
    }
  }
  expect(wrong).toEqual([])
})

test('the analyzer reads no files and prints nothing, its store apart; only syntax knows the parser', () => {
  const wrong: string[] = []
  for (const file of files) {
    const room = roomOf(file)
    const text = readFileSync(file, 'utf8')
    if (
      room.startsWith('analyzer') &&
      room !== 'analyzer/store' &&
      /from '(?:node:(?:fs|process|child_process)|chalk)|\bconsole\.|process\.std/.test(text)
    )
      wrong.push(relative(root, file))
    if (room !== 'analyzer/syntax' && text.includes("from 'web-tree-sitter'")) wrong.push(relative(root, file))
  }
  expect(wrong).toEqual([])
})
