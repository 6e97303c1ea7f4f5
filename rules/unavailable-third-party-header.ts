import { buildText } from '../analyzer/build/build-text.ts'
import type { CheckContext, Finding, Rule } from '../analyzer/check/rule.ts'
import { showTarget } from '../analyzer/knowledge/target.ts'

export const unavailableThirdPartyHeader: Rule = {
  name: 'unavailable-third-party-header',
  summary: 'header of a binding library that was not read, and decides what of the C API is used',
  explanation: `The headers of a binding library use the C API in every file that includes them. Where they were not read,
nothing is known of what they use but what the library says:

- pybind11, Boost.Python and cppy do not compile with \`Py_LIMITED_API\`, at any level.
- nanobind does from 3.12 on, with \`STABLE_ABI\`; nanobind 3 also from 3.10 on, and for abi3t from 3.15 on, with
  \`BACKEND_MODULE\`.

So these files are never free of blockers below that.`,
  severity: 'warning',
  effect: 'build-break',
  examples: () => [
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      file: 'spam.cpp',
      code: '#include <pybind11/pybind11.h>\nint f(int a) { return a; }\nPYBIND11_MODULE(spam, m) { m.def("f", &f); }',
      reports: {
        at: '1:11 pybind11/pybind11.h',
        message: '`pybind11` does not compile with `Py_LIMITED_API`, at any level',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      file: 'spam.cpp',
      code: '#include <nanobind/nanobind.h>\nint f(int a) { return a; }\nNB_MODULE(spam, m) { m.def("f", &f); }',
      reports: {
        at: '1:11 nanobind/nanobind.h',
        message: '`nanobind` does not work with 3.9 where it is linked into the module',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      file: 'spam.cpp',
      code: '#include <nanobind/nanobind.h>\nint f(int a) { return a; }\nNB_MODULE(spam, m) { m.def("f", &f); }',
      reports: {
        at: '1:11 nanobind/nanobind.h',
        message: '`nanobind` decides what of the C API is used here, and its headers were not read',
        severity: 'info',
      },
    },
    {
      kind: 'good',
      target: '3.12',
      compiler: 'silent',
      file: 'spam.cpp',
      code: '#include <boost/optional.hpp>\n#if 0\n#include <boost/python.hpp>\n#endif\nint f(int a) { return a; }',
    },
  ],
  *check(context) {
    const { model } = context
    for (const [file, { includes }] of model.files.entries()) {
      const seen = new Set<string>()
      for (const [index, { path, region, offset }] of includes.entries()) {
        const library = libraries.find(({ headers }) => headers.test(path))
        if (!library || seen.has(library.name) || model.project.graph.targets[file]![index] !== null) continue
        if (model.active(file, region) === 'no') continue
        seen.add(library.name)
        const { severity, message, advice } = library.judge(context)
        // The fact is where the directive begins.
        const start = model.project.code(file).text.indexOf(path, offset)
        yield { file, start, end: start + path.length, symbol: library.name, severity, message, advice }
      }
    }
  },
}

type Judgement = Required<Pick<Finding, 'severity' | 'message' | 'advice'>>

interface Library {
  readonly name: string
  readonly headers: RegExp
  judge(context: CheckContext): Judgement
}

const hasNone = (name: string, why: string) => (): Judgement => ({
  severity: 'warning',
  message: `\`${name}\` does not compile with \`Py_LIMITED_API\`, at any level`,
  advice: why,
})

const libraries: readonly Library[] = [
  {
    name: 'pybind11',
    headers: /^pybind11\//,
    judge: hasNone(
      'pybind11',
      'Build a wheel for each Python, or move to nanobind, which has `STABLE_ABI` from 3.12 on.',
    ),
  },
  {
    name: 'Boost.Python',
    headers: /^boost\/python(?:\.hpp|\/)/,
    judge: hasNone(
      'Boost.Python',
      'Build a wheel for each Python, or move to nanobind, which has `STABLE_ABI` from 3.12 on.',
    ),
  },
  {
    name: 'cppy',
    headers: /^cppy\//,
    judge: hasNone('cppy', 'Write functions of your own in its place: its headers read the names of types from them.'),
  },
  { name: 'nanobind', headers: /^nanobind\//, judge: ofNanobind },
]

const linked = ' where it is linked into the module'

/** Linked builds need 3.12; the split builds of nanobind 3 need 3.10, and make abi3t from 3.15 on. */
function ofNanobind({ target, buildFiles }: CheckContext): Judgement {
  const isSplit = buildFiles.some((file) => /\bBACKEND_MODULE\b/.test(buildText(file).code))
  const works = isSplit ? target.level >= 10 : target.level >= 12 && !target.abi3t
  if (works)
    return {
      severity: 'info',
      message: '`nanobind` decides what of the C API is used here, and its headers were not read',
      advice: isSplit ? '' : 'Give `STABLE_ABI` to `nanobind_add_module`.',
    }
  return {
    severity: 'warning',
    message: `\`nanobind\` does not work with ${showTarget(target)}${isSplit ? '' : linked}`,
    advice: target.abi3t
      ? 'Use `BACKEND_MODULE` of nanobind 3, which makes abi3t from 3.15 on.'
      : 'Raise the target to 3.12, or to 3.10 with `BACKEND_MODULE` of nanobind 3.',
  }
}
