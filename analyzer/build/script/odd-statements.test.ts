import { expect, test } from 'vitest'
import { packageBuilds } from '../package-build.ts'

/** What is read of a script: names of modules with their levels, and why there may be others. */
function read(body: string): string[] {
  const text = `from setuptools import Extension, setup\nimport sys\n${body}`
  const files = [{ kind: 'setup.py', path: 'setup.py', text }] as const
  return packageBuilds(files, { python: 13, find: () => [] }).flatMap(({ modules, otherModules }) => [
    ...modules.map(({ name, level }) => {
      const shown = level.kind === 'unknown' ? `? ${level.why}` : String(level.value ?? '-')
      return `${name.kind === 'known' ? name.value : name.why}, ${shown}`
    }),
    ...(otherModules === null ? [] : [`others: ${otherModules}`]),
  ])
}

const set = (modules: string): string => `setup(ext_modules=${modules})\n`
const one = 'Extension("a", ["a.c"], define_macros=macros)'

test('match', () => {
  const by = (subject: string, more = ''): string[] =>
    read(`macros = []
match ${subject}:
    case "win32" | "cygwin":
        macros = [("WIN", "1")]
    case "linux":
        macros.append(("Py_LIMITED_API", "0x03090000"))
        ${more}
    case _ if sys.argv:
        macros = []
${set(`[${one}]`)}`)
  expect(by('sys.platform')).toEqual(['a, 9'])
  expect(by('("linux")', 'pass')).toEqual(['a, 9'])
  expect(by('"darwin"')).toEqual(['a, -'])
  expect(by('unknown()')).toEqual(['a, ? `unknown()`'])
  const cases = (pattern: string): string[] =>
    read(`modules = [Extension("a", ["a.c"])]
match (1, 2):
    case ${pattern}:
        modules.append(Extension("b", [b]))
${set('modules')}`)
  expect(cases('(1, b)')).toEqual(['a, -', 'others: `match`'])
  expect(cases('b')).toEqual(['a, -', 'b, -'])
  // A name like another.
  expect(read(`match = re.match("a", "a")\nmatch.group(0)\nmatch(1)\n${set('[Extension("a", ["a.c"])]')}`)).toEqual([
    'a, -',
  ])
})

test('slices with commas and steps, read and set', () => {
  const after = (line: string): string[] =>
    read(`modules = [Extension("a", ["a.c"]), Extension("b", ["b.c"])]\n${line}\n${set('modules')}`)
  for (const line of [
    'x = table[1:2, 3]',
    'x = table[:, 0]',
    'x = table[..., 1:]',
    'x = table[1:2,]',
    'x = t[*a, 1:2:3]',
  ])
    expect(after(line)).toEqual(['a, -', 'b, -'])
  expect(after('modules[:] = [Extension("c", ["c.c"])]')).toEqual(['c, -'])
  expect(after('modules[1:] = [Extension("c", ["c.c"])]')).toEqual(['others: what is set in `modules`'])
  expect(after('modules[::2] = []')).toEqual(['others: `a slice with steps`'])
  expect(after('del modules[1:2, 3]')).toEqual(['others: `a slice with commas`'])
  expect(after('modules[:] = [each for each in modules if each.name != "a"]')).toEqual(['b, -'])
})

test('tuples without parentheses are set whole', () => {
  expect(read(`d = {}\nd['k'] = 'a', 'b'\n${set('[Extension(each, [each + ".c"]) for each in d["k"]]')}`)).toEqual([
    'a, -',
    'b, -',
  ])
  expect(read(`d = {}\nd['k'], e = ['a'], ['b']\n${set('[Extension(x, ["x.c"]) for x in d["k"] + e]')}`)).toEqual([
    'a, -',
    'b, -',
  ])
  const macros = `macros = {}\nmacros['Py_LIMITED_API'] = '0x03090000',\n`
  expect(read(`${macros}${set('[Extension("a", ["a.c"], define_macros=list(macros.items()))]')}`)[0]).toMatch(/^a, \?/)
})

test('type statements, parameters of types, and global names', () => {
  const body = `type Names[T: int] = list[str]
type = "a"
def first[T](name: T) -> T: return name
class Own[T](Extension): ...
macros = []
def limit():
    global macros
    macros = [("Py_LIMITED_API", "0x03090000")]
limit()
${set(`[Own(first(type), ["a.c"], define_macros=macros)]`)}`
  expect(read(body)).toEqual(['a, 9'])
  const doubtful = body.replace('\nlimit()', '\nif unknown(): limit()')
  expect(read(doubtful)).toEqual(['a, ? `unknown()`'])
})

test('what is not understood is a doubt, with the names in it', () => {
  const extension = set(`[Extension("a", ["a.c"]), ${one.replace('"a"', '"b"')}]`)
  expect(read(`macros = []\n\\\n\n${extension}`)).toEqual(['a, -', 'b, -'])
  expect(read(`macros = []\nx = 1 + \\\n  2\n${extension}`)).toEqual(['a, -', 'b, -'])
  const lone = 'others: `x = 1`, which is not understood'
  expect(read(`macros = []\nx = 1 \\ \n${extension}`)).toEqual(['a, -', 'b, -', lone])
  expect(read(`macros = []\n${extension}\\`)).toEqual(['a, -', 'b, -', 'others: `\\`, which is not understood'])
  const odd = '`frob macros :`, which is not understood'
  expect(read(`macros = []\nfrob macros:\n    macros.append(1)\n${extension}`)).toEqual([
    'a, -',
    `b, ? ${odd}`,
    `others: ${odd}`,
  ])
  expect(read(`macros = []\ndef never():\n    frob macros\n${extension}`)).toEqual(['a, -', 'b, -'])
  expect(read(`macros = []\nprint "building"\n${extension}`)).toEqual([
    'a, -',
    'b, -',
    'others: `print "building"`, which is not understood',
  ])
  expect(read(`macros = $\n${extension}`)).toEqual(['others: `setup.py, which is not understood`'])
})
