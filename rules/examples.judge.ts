import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Example, Rule } from '../analyzer/check/rule.ts'
import { parseTarget, type Target } from '../analyzer/check/target.ts'
import { fetchHeaders, type HeaderVersion, headerVersions } from '../fixtures/headers.ts'
import { compile, limited, minorOf, poolOf } from './compiler.judge.ts'
import { check, shims, sourceOf, targetOf } from './harness.ts'
import { rules } from './index.ts'
import { smallProjects } from './projects.ts'
import { shimHeader } from './shims/header.ts'

/**
 * `npm run judge`: the compiler has the last word on the examples and on the small projects. A bad one must be
 * refused, or draw a warning that stands for it (C calls of undeclared functions); a good one must compile, and what
 * fixes make of a bad one too, also without the Limited API. Examples that say that a compiler is silent must compile
 * as well. All of that with each header set from the target's level on; there the rules say what is to be refused. Of
 * a project some unit is refused if and only if a line is marked, and none without the Limited API. Needs gcc, and
 * Debian's archive for the headers.
 */

const work = await mkdtemp(join(tmpdir(), 'abi3lint-judge-'))
let passed = 0
let failed = 0
let files = 0

interface Answer {
  readonly accepted: boolean
  readonly said: string
}

/**
 * @param build whether to build for the target's level, or for its headers alone
 * @param isStrict whether pointers of other types are errors
 */
async function compileFile(
  file: string,
  target: Target,
  version: HeaderVersion,
  build: 'limited' | 'full',
  isStrict = false,
): Promise<Answer> {
  // Compilers before gcc 14 only warn of a pointer of another type; what fixes write is held to more.
  const mild = file.endsWith('.c') && !isStrict ? ['-Wno-error=incompatible-pointer-types'] : []
  const errors = (await compile(file, version, [...mild, ...(build === 'limited' ? limited(target) : [])])).filter(
    ({ kind }) => kind === 'error',
  )
  return { accepted: errors.length === 0, said: errors[0]?.message ?? '' }
}

/** What the compiler says of a piece of C. */
async function compileText(
  text: string,
  target: Target,
  version: HeaderVersion,
  build: 'limited' | 'full' = 'limited',
  isStrict = false,
): Promise<Answer> {
  const file = join(work, `example-${files++}.c`)
  const used = [...new Set(text.match(/\bPep\w+/g) ?? [])].filter((name) => shims.has(name))
  if (used.length > 0) await writeFile(`${file}.h`, shimHeader(used, target.level))
  const whole =
    used.length > 0 ? text.replace(/#include <Python\.h>\n/, (line) => `${line}#include "${file}.h"\n`) : text
  await writeFile(file, `#include <stdio.h>\n#include <stdlib.h>\n${whole}`)
  return compileFile(file, target, version, build, isStrict)
}

/** The header set that stands for the headers of a target. */
const versionFor = ({ headers }: Target): HeaderVersion =>
  headerVersions.find((each) => minorOf(each) >= headers) ?? headerVersions.at(-1)!

async function judgeExample(rule: Rule, example: Example): Promise<void> {
  const target = targetOf(example)
  const own = versionFor(target)
  const expect = (answer: Answer, accepted: boolean, version: HeaderVersion, what: string): void => {
    if (answer.accepted === accepted) passed++
    else {
      failed++
      process.stdout.write(
        `${rule.name} (${what}, target ${example.target}, headers ${version}): gcc ` +
          `${answer.accepted ? 'accepts' : `refuses: ${answer.said}`}\n  ${example.code}\n`,
      )
    }
  }
  for (const version of headerVersions) {
    const headers = minorOf(version)
    const isOther = version !== own
    if (headers < target.level || (isOther && (target.abi3t || example.compiler === 'silent'))) continue
    // The headers of the example are what it speaks of; with others the rules say what to expect.
    const isRefused = !isOther
      ? example.kind === 'bad' && example.compiler !== 'silent'
      : (await check({ 'example.c': sourceOf(example) }, rules, [{ ...target, headers }])).some(
          ({ effect, severity }) => effect === 'build-break' && severity === 'error',
        )
    expect(await compileText(sourceOf(example), target, version), !isRefused, version, example.kind)
    if (example.fixed === undefined) continue
    const text = sourceOf({ ...example, code: example.fixed })
    expect(await compileText(text, target, version, 'limited', true), true, version, 'fixed')
    expect(await compileText(text, target, version, 'full', true), true, version, 'fixed, not limited')
  }
}

for (const version of headerVersions) await fetchHeaders(version)
await poolOf(
  rules.flatMap((rule) =>
    rule.examples.flatMap((example) => (example.file === undefined ? [() => judgeExample(rule, example)] : [])),
  ),
)
for (const [index, { name, target: text, files: texts, compiler }] of smallProjects.entries()) {
  if (compiler === 'silent') continue
  const target = parseTarget(text)!
  const directory = join(work, String(index))
  await mkdir(directory)
  for (const [file, code] of Object.entries(texts))
    await writeFile(join(directory, file), /\.(?:c|cpp)$/.test(file) ? `#include <Python.h>\n${code}` : code)
  const units = Object.keys(texts)
    .filter((file) => /\.(?:c|cpp)$/.test(file))
    .map((file) => join(directory, file))
  const [full, limited] = await Promise.all(
    (['full', 'limited'] as const).map(async (build) => {
      const answers = await Promise.all(units.map((unit) => compileFile(unit, target, versionFor(target), build)))
      return answers.find(({ accepted }) => !accepted) ?? answers[0]!
    }),
  )
  const isMarked = Object.values(texts).some((code) => code.includes('//! '))
  if (full!.accepted && limited!.accepted !== isMarked) passed++
  else {
    failed++
    const said = !full!.accepted
      ? `refuses it without the Limited API: ${full!.said}`
      : limited!.accepted
        ? 'accepts'
        : `refuses: ${limited!.said}`
    process.stdout.write(`project "${name}": gcc ${said}\n`)
  }
}
await rm(work, { recursive: true })
process.stdout.write(`${passed} passed, ${failed} failed\n`)
process.exitCode = failed > 0 ? 1 : 0
