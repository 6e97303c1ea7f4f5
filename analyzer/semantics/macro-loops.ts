import { openingsIn, plain, readShape, type Shape } from '../code/loop-shapes.ts'
import type { FunctionCode } from '../code/tree.ts'
import type { Project, ProjectModel } from '../project/model.ts'
import type { FileId, Offset, Span } from '../source/text.ts'

/** What macros hide of the ways through a function: loops that they open, labels, jumps. */

/** Where macros open loops in a function, and where they jump. */
export interface MacroWays {
  readonly loops: readonly Span[]
  readonly jumps: readonly Offset[]
}

const known = new WeakMap<Project, { shapes: Map<string, Shape>; ways: WeakMap<FunctionCode, MacroWays> }>()

/** Where macros of the project, or of nobody that is known, open loops in a function, and where its macros jump. */
export function macroWaysIn({ project }: ProjectModel, file: FileId, code: FunctionCode): MacroWays {
  const cache = known.get(project) ?? { shapes: new Map(), ways: new WeakMap() }
  known.set(project, cache)
  const found = cache.ways.get(code) ?? readWays(project, cache.shapes, file, code)
  cache.ways.set(code, found)
  return found
}

function readWays(project: Project, shapes: Map<string, Shape>, file: FileId, { span }: FunctionCode): MacroWays {
  const text = project.code(file).text.slice(span.start, span.end)
  const isOwn = (name: string): boolean => project.declarations.macro(name).length > 0
  const { loops, jumps } = openingsIn(text, (name) =>
    isOwn(name) ? shapeOf(project, shapes, name) : /^_?Py/.test(name) ? plain : null,
  )
  return {
    loops: loops.map(({ start, end }) => ({ start: span.start + start, end: span.start + end })),
    jumps: jumps.map((each) => span.start + each),
  }
}

function shapeOf(project: Project, shapes: Map<string, Shape>, name: string): Shape {
  const found = shapes.get(name)
  if (found !== undefined) return found
  // A macro in its own body means itself.
  shapes.set(name, plain)
  let shape = plain
  for (const { file, fact } of project.declarations.macro(name)) {
    const body = project.code(file).text.slice(fact.bodyStart, fact.bodyEnd)
    const one = readShape(body, (each) => shapeOf(project, shapes, each))
    const opens = [shape.opens, one.opens]
    shape = {
      opens: opens.includes('rest') ? 'rest' : opens.includes('statement') ? 'statement' : 'nothing',
      jumps: shape.jumps || one.jumps,
    }
  }
  shapes.set(name, shape)
  return shape
}
