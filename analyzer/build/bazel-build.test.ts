import { expect, test } from 'vitest'
import { showVersion } from '../knowledge/version.ts'
import type { BuildFile } from './build-file.ts'
import type { BuiltLevel, Read } from './built-modules.ts'
import { fits } from './file-patterns.ts'
import { packageBuilds } from './package-build.ts'

const shown = <T>(what: Read<T>, text: (value: T) => string): string =>
  what.kind === 'known' ? text(what.value) : `? ${what.why}`

const version = (level: BuiltLevel): string => (typeof level === 'number' ? showVersion(level) : String(level ?? '-'))

/** What is read of files of Bazel, a line for each module, then the tag. @param sources files that are there besides */
function read(files: Readonly<Record<string, string>>, sources: readonly string[] = []): string[] {
  const given = Object.entries(files).map(([path, text]): BuildFile => ({ kind: 'BUILD.bazel', path, text }))
  const names = [...Object.keys(files), ...sources]
  const find = (pattern: string): readonly string[] => names.filter((name) => fits(pattern, name))
  return packageBuilds(given, { python: 13, find }).flatMap(({ modules, otherModules, tag }) => [
    ...modules.map(({ name, level, isNamedStable, sources: own, otherSources }) =>
      [
        shown(name, (each) => each),
        shown(level, version),
        shown(isNamedStable, (is) => (is ? 'stable' : 'plain')),
        own.join(' '),
        ...(otherSources === null ? [] : [`? ${otherSources}`]),
      ].join(', '),
    ),
    ...(otherModules === null ? [] : [`others: ${otherModules}`]),
    `tag: ${shown(tag, version)}`,
  ])
}

const rule = 'load("@rules_python//python/cc:py_extension.bzl", "py_extension")\n'

test('py_extension of rules_python', () => {
  const build = `${rule}
SOURCES = glob(["*.c"], exclude = ["test_*.c"])
py_extension(name = "_core", srcs = SOURCES, hdrs = ["core.h"], local_defines = ["Py_LIMITED_API=0x03090000"],
    py_limited_api = "3.9")
py_extension(name = "plain", srcs = ["plain.cc", "plain.h"], imports = ["."])
py_extension(name = "ext", module_name = "_named", deps = [":code"], imports = [".."], py_limited_api = "3.10")
cc_library(name = "code", srcs = [":files", "//other:more.c"], deps = ["//other:base", "@elsewhere//:x"])
filegroup(name = "files", srcs = ["code.c"])
`
  const files = {
    'MODULE.bazel': 'module(name = "spam")\nbazel_dep(name = "rules_python", version = "2.3.0")\n',
    'src/spam/BUILD.bazel': build,
    'other/BUILD': 'cc_library(name = "base", srcs = ["base.c"], defines = ["Py_LIMITED_API=0x030a0000"])\n',
  }
  expect(read(files, ['src/spam/a.c', 'src/spam/test_a.c'])).toEqual([
    'src.spam._core, 3.9, stable, src/spam/a.c',
    'plain, -, plain, src/spam/plain.cc',
    'spam._named, 3.10, stable, src/spam/code.c other/more.c',
    'tag: -',
  ])
})

test('choices of Bazel are certain where they are for the system, and else a doubt', () => {
  const build = (options: string): string[] =>
    read({
      BUILD: `${rule}py_extension(name = "a", srcs = ["a.c"] + select({
  "@platforms//os:windows": ["win.c"], "//conditions:default": ["unix.c"]}), copts = ["-O2"] + ${options})\n`,
    })
  const limited = '["-DPy_LIMITED_API=0x03090000"]'
  expect(build('[]')[0]).toBe('a, -, plain, a.c unix.c')
  expect(build(limited)[0]).toBe('a, 3.9, plain, a.c unix.c')
  expect(build(`select({"@platforms//os:linux": ${limited}, "//conditions:default": []})`)[0]).toContain(', 3.9,')
  expect(build(`select({":flag": ${limited}, "//conditions:default": []})`)[0]).toContain('? `select()` of `:flag`')
  expect(build(`select({":a": ${limited}, ":b": ${limited}})`)[0]).toContain(', 3.9,')
  expect(build('select({":fast": ["-O3"], "//conditions:default": []})')[0]).toContain('a, -, plain')
  expect(build('OPTIONS')[0]).toContain('? `OPTIONS`')
})

test('conditions of a project hold by its flags, and by what .bazelrc says of all builds', () => {
  const settings = `load("@bazel_skylib//rules:common_settings.bzl", "bool_flag", "string_flag")
load("@bazel_skylib//lib:selects.bzl", "selects")
bool_flag(name = "limited", build_setting_default = True)
string_flag(name = "python", build_setting_default = "system", values = ["system", "39"])
config_setting(name = "abi3", flag_values = {":limited": "True"})
config_setting(name = "old", flag_values = {":python": "39"})
config_setting(name = "defined", define_values = {"abi": "3"})
config_setting(name = "defined_so", values = {"define": "abi=3"})
config_setting(name = "fast", values = {"compilation_mode": "opt"})
config_setting(name = "of_others", flag_values = {"@rules_python//python/config_settings:python_version": "3.12"})
selects.config_setting_group(name = "both", match_all = [":abi3", "@platforms//os:linux"])
selects.config_setting_group(name = "either", match_any = [":old", ":defined"])
alias(name = "other_name", actual = ":both")
`
  const level = (condition: string, options = ''): string => {
    const copts = `select({"${condition}": ["-DPy_LIMITED_API=0x03090000"], "//conditions:default": []})`
    const build = `${rule}py_extension(name = "a", srcs = ["a.c"], copts = ${copts})\n${settings}`
    return read({ BUILD: build, 'flags/BUILD': settings, '.bazelrc': options })[0]!.split(', ')[1]!
  }
  expect(
    ['abi3', 'old', 'defined', 'defined_so', 'both', 'either', 'other_name'].map((each) => level(`:${each}`)),
  ).toEqual(['3.9', '-', '-', '-', '3.9', '-', '3.9'])
  expect(level('//flags:abi3')).toBe('3.9')
  expect(level('@//flags:abi3')).toBe('3.9')
  expect(level(':abi3": [], ":both')).toBe('? `select()` of `:abi3`')
  for (const each of [':fast', ':of_others', ':gone']) expect(level(each)).toBe(`? \`select()\` of \`${each}\``)
  expect(level(':abi3', 'build --//:limited=false')).toBe('-')
  expect(level(':abi3', 'build --no//:limited')).toBe('-')
  expect(level(':abi3', 'build:x --no//:limited\n# build --no//:limited\ntest --no//:limited')).toBe('3.9')
  expect(level(':old', "common --config x\nbuild:x \\\n  '--//:python=39'")).toBe('3.9')
  expect(level(':defined', 'build --define abi=3')).toBe('3.9')
  expect(level(':defined_so', 'build --enable_platform_specific_config\nbuild:linux --define=abi=3')).toBe('3.9')
  expect(level(':gone', 'build --copt=-DPy_LIMITED_API=0x030a0000')).toBe('3.10')
  expect(level(':of_others', 'build --@rules_python//python/config_settings:python_version=3.12')).toBe('3.9')
  const nanobind =
    'load("@nanobind_bazel//:build_defs.bzl", "nanobind_extension")\nnanobind_extension(name = "n", srcs = ["n.cc"])\n'
  const told = (options: string): string => read({ BUILD: nanobind, '.bazelrc': options })[0]!
  expect(told('build --@nanobind_bazel//:py-limited-api=cp312')).toBe('n, 3.12, stable, n.cc')
  expect(told('build --@nanobind_bazel//:py-limited-api=unset')).toBe('n, -, plain, n.cc')
  expect(told('')).toContain('? the flag `--@nanobind_bazel//:py-limited-api`')
})

test("a project's own py_extension, as its macro says", () => {
  const files = {
    'python/BUILD.bazel': `load("//python:defs.bzl", "py_extension")
load(":options.bzl", WARNINGS = "OWN")
FLAGS = {":limited": ["-DPy_LIMITED_API=0x030a0000"], "//conditions:default": []}
filegroup(name = "sources", srcs = ["a.c", "a.h", "b.c"])
py_extension(name = "_message", srcs = [":sources"], copts = WARNINGS + select(FLAGS), deps = ["//lib:other"])
`,
    'python/options.bzl': 'OWN = ["-Wall"]\n',
    'python/defs.bzl': `
def py_extension(name, srcs, copts, deps = [], **kwargs):
    """Makes a library."""
    native.cc_binary(name = name + "_binary", srcs = srcs, copts = copts + ["-fvisibility=hidden"],
        linkshared = True, deps = deps, **kwargs)
    output = "spam/_own/" + name + ".abi3.so"
    native.genrule(name = "copy" + name, srcs = [":" + name + "_binary"], outs = [output], cmd = "cp $< $@")
    py_library(name = name, data = [output], imports = ["."])
`,
  }
  expect(read(files)).toEqual([
    'spam._own._message, ? `select()` of `:limited`, stable, python/a.c python/b.c',
    'tag: -',
  ])
  const unread = { 'python/BUILD.bazel': files['python/BUILD.bazel'] }
  expect(read(unread)).toEqual([
    'python._message, ? `select()` of `:limited`, ? what `py_extension()` names its file, python/a.c python/b.c',
    'tag: -',
  ])
})

test('modules of pybind11 and nanobind, plain libraries, and wheels of Bazel', () => {
  const build = `load("@pybind11_bazel//:build_defs.bzl", "pybind_extension")
load("@nanobind_bazel//:build_defs.bzl", "nanobind_extension")
load("@rules_python//python:packaging.bzl", "py_wheel")
pybind_extension(name = "one", srcs = ["one.cc"])
nanobind_extension(name = "two", srcs = ["two.cc"])
cc_binary(name = "three.abi3.so", srcs = ["three.c"], linkshared = True, copts = ["-DPy_LIMITED_API=0x03080000"],
    deps = ["@rules_python//python/cc:current_py_cc_headers"])
cc_binary(name = "other.so", srcs = ["other.c"], linkshared = True)
py_wheel(name = "wheel", distribution = "spam", python_tag = "cp38", abi = "abi3")
[pybind_extension(name = each, srcs = [each + ".cc"]) for each in ["four"]]
`
  const flag = '? the flag `--@nanobind_bazel//:py-limited-api`'
  expect(read({ BUILD: build })).toEqual([
    'one, -, plain, one.cc',
    `two, ${flag}, ${flag}, two.cc`,
    'four, -, plain, four.cc',
    'three, 3.8, stable, three.c',
    'tag: 3.8',
  ])
  expect(read({ BUILD: `${rule}if True:\n  match = = 3\npy_extension(name = "a")\n` })).toEqual([
    'a, -, plain, ',
    'others: `match = =`, which is not understood',
    'tag: -',
  ])
  expect(read({ BUILD: 'These are instructions on how to build spam: py_extension\n' })).toEqual([])
  expect(read({ BUILD: 'Type make.\n' })).toEqual([])
})
