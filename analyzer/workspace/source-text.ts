import posix from 'path-browserify'
import type { BuildFile } from '../build/build-file.ts'
import { asByteText } from '../source/text.ts'
import type { Dialect } from '../syntax/grammar.ts'

/** What a file holds: its bytes, or a text that is written as UTF-8. */
export type Content = string | Uint8Array

/** Files by name: relative to the project's root, with `/`. */
export type Texts = ReadonlyMap<string, Content>

/** A source whose text is at hand. */
export interface SourceText {
  /** The name as reports show it: relative to the project's root, with `/`. */
  readonly file: string
  /** One character per byte. */
  readonly text: string
  /** It is not what the store has. */
  readonly changed?: true
  readonly dialect: Dialect
  /** Whether it can hold anything about the C API; if not, only its macros and includes matter. */
  readonly concernsPython: boolean
}

/** What is read without anybody including it. */
const sourceSuffix = /\.(?:c|h|cc|cpp|cxx|c\+\+|hh|hpp|hxx|h\+\+|tcc|ipp|inl|inc)$/i

/** Files that configure the build of a project. */
const buildFileNames: readonly BuildFile['kind'][] = [
  'setup.py',
  'setup.cfg',
  'pyproject.toml',
  'meson.build',
  'meson.options',
  'CMakeLists.txt',
  'Cargo.toml',
  'BUILD.bazel',
]

/** Whether a file is C or C++ by its name. */
export const isSourceName = (file: string): boolean => sourceSuffix.test(file)

/** The name of `meson.options` before Meson 1.1. */
const olderOptions = 'meson_options.txt'

/** What BUILD files of Bazel and the file of its workspace are called, too. */
const ofBazel = new Set(['BUILD', 'MODULE.bazel', 'WORKSPACE', 'WORKSPACE.bazel'])

/** Which of the files that configure a build a file is by its name; null for none. */
export const buildFileKind = (file: string): BuildFile['kind'] | null => {
  const name = posix.basename(file)
  if (ofBazel.has(name)) return 'BUILD.bazel'
  return name === olderOptions ? 'meson.options' : (buildFileNames.find((each) => each === name) ?? null)
}

/** The build files that the root of a project may have, which tell its target. */
export const rootBuildFiles: readonly string[] = [...buildFileNames, olderOptions, 'MODULE.bazel']

/** Text that is no source by itself: it counts only where something includes it. */
export const isFragment = (file: string): boolean => /\.inc$/i.test(file)

const cxxSuffix = /\.(?:cc|cpp|cxx|c\+\+|hh|hpp|hxx|h\+\+|tcc|ipp|C)$/
const cxxText = /^[ \t]*(?:namespace\b|template\s*<|public\s*:|private\s*:|using\s+\w+\s*=)/m
const classHead = /^[ \t]*class\s+(?=\w)/gm
const otherSign = /[^\w\s]/g
/** Names of the C API, and headers of libraries that use it in whoever includes them. */
const concerns = /Py|PY_|ob_type|ob_refcnt|\btp_[a-z]|[<"/](?:pybind11|nanobind)\/|\bboost\/python/

/** Whether a text has what C has not. @param text one character per byte */
export const looksLikeCxx = (text: string): boolean => cxxText.test(text) || definesClass(text)

/** Whether a line begins with a class, and its words lead to a colon or a brace. */
function definesClass(text: string): boolean {
  let end = -1
  for (const { index, 0: head } of text.matchAll(classHead)) {
    // The words behind the class before may be those behind this one, too.
    if (index < end) continue
    otherSign.lastIndex = index + head.length
    end = otherSign.exec(text)?.index ?? text.length
    if (text[end] === ':' || text[end] === '{') return true
  }
  return false
}

/** The language of a file: by its name, a `.h` by what is in it. @param text one character per byte */
export function dialectOf(file: string, text: string): Dialect {
  if (cxxSuffix.test(file)) return 'cpp'
  return posix.extname(file) !== '.c' && looksLikeCxx(text) ? 'cpp' : 'c'
}

/** A source with what is told by its name and text alone. @param text one character per byte */
export const sourceText = (file: string, text: string): SourceText => ({
  file,
  text,
  dialect: dialectOf(file, text),
  concernsPython: concerns.test(text),
})

const utf8 = new TextEncoder()

/** The bytes of what somebody gave. */
export const bytesOf = (content: Content): Uint8Array => (typeof content === 'string' ? utf8.encode(content) : content)

/** What somebody gave as text with one character per byte. */
export const byteTextOf = (content: Content): string => asByteText(bytesOf(content))
