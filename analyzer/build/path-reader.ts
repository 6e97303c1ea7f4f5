import { type BuildText, expressionAt, type Span } from './build-text.ts'
import { assignmentsTo, pythonString } from './python-value.ts'

/** Names that stand for others are followed so deep, and lists in lists are read so deep. */
const deepestName = 4
const deepestList = 20

/** No path is longer, and no expression that gives one. */
export const longestPath = 1000

/** Reads paths from expressions of Python or Meson. Reads what a name is set to once, however often it is named. */
export class PathReader {
  /** The paths found, in their order. */
  readonly found = new Set<string>()
  private readonly followed = new Set<string>()
  private readonly firstPaths = new Map<string, string>()

  constructor(private readonly text: BuildText) {}

  /** Takes the paths of an expression: of a list its elements, of a name what it is set to, else what is joined. */
  read(expression: Span, depth = 0, lists = 0): void {
    const plain = this.text.code.slice(expression.start, expression.end)
    const string = pythonString(plain)
    if (string !== null) this.found.add(string)
    else if (/^[[(]/.test(plain)) this.readList(expression.start + 1, depth, lists + 1)
    else if (/^[A-Za-z_]\w*$/.test(plain)) this.follow(plain, depth)
    else {
      const path = this.joined(expression, depth).replace(/^\/+/, '')
      if (path !== '') this.found.add(path)
    }
  }

  /** Takes the paths of the expressions between commas, from a place after a bracket to where it closes. */
  readList(start: number, depth = 0, lists = 0): void {
    if (lists > deepestList) return
    for (const each of elements(this.text, start)) this.read(each, depth, lists)
  }

  /**
   * The strings of an expression, and what names in it are set to, one behind the other as parts of a path; empty for
   * what is no path.
   */
  joined({ start, end }: Span, depth = 0): string {
    if (end - start > longestPath) return ''
    const path = (name: string): string => (depth < deepestName ? this.firstPath(name, depth + 1) : '')
    const parts = [
      ...this.text.code
        .slice(start, end)
        .matchAll(/([A-Za-z]{0,2})(?:"([^"\\\n]*)"|'([^'\\\n]*)')|(?<![\w.])([A-Za-z_]\w*)(?![\w.(])/g),
    ].map(([, prefix, double, single, name]) => {
      const string = double ?? single
      if (string === undefined) return path(name!)
      return /f/i.test(prefix!)
        ? string.replace(/\{(\w*)(?:[^\w{}][^{}]*)?\}/g, (_, each: string) => path(each))
        : string
    })
    const whole = parts.filter((part) => part !== '').join('/')
    return whole.length > longestPath ? '' : whole
  }

  /** Takes the paths that a name is set to, wherever that is done. */
  private follow(name: string, depth: number): void {
    const key = `${name} ${depth}`
    if (depth >= deepestName || this.followed.has(key)) return
    this.followed.add(key)
    for (const value of this.valuesOf(name)) this.read(value, depth + 1)
  }

  /** The first path that a name is set to; empty for none. */
  private firstPath(name: string, depth: number): string {
    const key = `${name} ${depth}`
    let path = this.firstPaths.get(key)
    if (path === undefined) {
      path = this.firstOfAll(this.valuesOf(name), depth, 0) ?? ''
      this.firstPaths.set(key, path)
    }
    return path
  }

  private firstOfAll(expressions: Iterable<Span>, depth: number, lists: number): string | null {
    for (const each of expressions) {
      const path = this.firstOf(each, depth, lists)
      if (path !== null) return path
    }
    return null
  }

  /** The first path of an expression; null for none. */
  private firstOf(expression: Span, depth: number, lists: number): string | null {
    const plain = this.text.code.slice(expression.start, expression.end)
    const string = pythonString(plain)
    if (string !== null) return string
    if (/^[[(]/.test(plain))
      return lists > deepestList ? null : this.firstOfAll(elements(this.text, expression.start + 1), depth, lists + 1)
    const isName = /^[A-Za-z_]\w*$/.test(plain)
    const path = isName
      ? depth < deepestName
        ? this.firstPath(plain, depth + 1)
        : ''
      : this.joined(expression, depth).replace(/^\/+/, '')
    return path === '' ? null : path
  }

  private valuesOf(name: string): readonly Span[] {
    return assignmentsTo(this.text, name)
      .filter(({ annotated }) => !annotated)
      .map(({ start }) => expressionAt(this.text, start, true))
  }
}

/** The expressions between commas, from a place after a bracket to where it closes. */
function* elements(text: BuildText, start: number): Iterable<Span> {
  for (let from = start; ; ) {
    yield expressionAt(text, from)
    const end = text.brackets.comma(from)
    if (text.skeleton[end] !== ',') return
    from = end + 1
  }
}
