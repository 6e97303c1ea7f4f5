import posix from 'path-browserify'
import type { BuildFile } from '../build-file.ts'
import { buildSets } from '../build-sets.ts'
import { buildText } from '../build-text.ts'
import { at, toml } from '../pyproject.ts'
import { argumentsIn, withArguments } from './arguments.ts'
import type { BuildEdit, ByHand } from './limited-file.ts'

/** The first setuptools that names modules and wheels for abi3t. Source: its history, issue 5193. */
const floorForAbi3t = '84.2'

/**
 * The edits that make projects with a `setup.py` ask for a setuptools that knows abi3t, where Pythons build that have
 * it. Others go on with what they had: setuptools 84 needs Python 3.10.
 */
export function abi3tFloor(buildFiles: readonly BuildFile[]): {
  readonly edits: ReadonlyMap<string, readonly BuildEdit[]>
  readonly byHand: readonly ByHand[]
} {
  const edits = new Map<string, readonly BuildEdit[]>()
  const byHand: ByHand[] = []
  for (const { root, files } of buildSets(buildFiles)) {
    const file = files.find(({ kind, path }) => kind === 'pyproject.toml' && posix.dirname(path) === root)
    const own = file && floorEdits(file)
    if (own === null && file) byHand.push({ file, message: `has to ask for setuptools ${floorForAbi3t} or later` })
    else if (own && own.length > 0) edits.set(file!.path, own)
  }
  return { edits, byHand }
}

/** A requirement of setuptools without a marker: what is asked of its version. */
const requirement = /^setuptools[ \t]*(?:\[[\w, -]*\][ \t]*)?([^;[\]]*)$/

/**
 * None where no setuptools is asked for, as who asks for none gets the newest; null where it is not written plainly.
 */
function floorEdits(file: BuildFile): BuildEdit[] | null {
  const requires = at(toml(file), 'build-system', 'requires')
  const all: readonly unknown[] = Array.isArray(requires) ? requires : []
  const asked = all.filter(
    (each): each is string => typeof each === 'string' && /^setuptools(?![\w.-])/.test(each.trim()),
  )
  if (asked.length === 0) return []
  const bounds = asked.map((each) => requirement.exec(each.trim())?.[1]?.trim())
  if (asked.some((each) => each.includes(';')) && asked.some((each) => each.includes(floorForAbi3t))) return []
  if (bounds.some((each) => each === undefined)) return null
  const floors = bounds.map((each) => /^>=[ \t]*([\d.]+)$/.exec(each!)?.[1])
  if (floors.some((floor) => floor !== undefined && isAtLeast(floor, floorForAbi3t))) return []
  const text = buildText(file)
  const list = /^[ \t]*requires[ \t]*=[ \t]*\[/m.exec(text.code)
  if (list === null) return null
  const open = list.index + list[0].length - 1
  const call = { start: open + 1, end: text.brackets.closing(open) }
  const written = argumentsIn(text, call).map(({ value }) => value)
  // A table before this one may have a list of that name.
  const isList =
    written.length === all.length &&
    written.every(({ start, end }, index) => {
      const each = text.code.slice(start, end)
      return /^(["'])[^"'\\]*\1$/.test(each) && each.slice(1, -1) === all[index]
    })
  if (!isList) return null
  // What allows no newer one goes on to count for older Pythons alone.
  const marked = written.filter(({ start, end }) => {
    const bound = requirement.exec(text.code.slice(start + 1, end - 1).trim())?.[1]
    return bound !== undefined && !/^(?:(?:>=?|!=)[^<=~,]*)?$/.test(bound.trim())
  })
  const marker = (quote: string, sign: string): string => `; python_version ${sign} ${quote}3.15${quote}`
  return [
    ...marked.map(({ end }): BuildEdit => {
      const quote = text.code[end - 1] === '"' ? "'" : '"'
      return { start: end - 1, end: end - 1, text: marker(quote, '<') }
    }),
    ...withArguments(text, call, [`"setuptools>=${floorForAbi3t}${marker("'", '>=')}"`]),
  ]
}

/** Whether a version, as numbers between dots, is another one or newer. */
export function isAtLeast(version: string, floor: string): boolean {
  const [have, need] = [version, floor].map((each) => each.split('.').map(Number)) as [number[], number[]]
  for (const [index, part] of need.entries()) if ((have[index] ?? 0) !== part) return (have[index] ?? 0) > part
  return true
}
