import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Example } from '../analyzer/check/rule.ts'
import { parseTarget, type Target } from '../analyzer/check/target.ts'
import { showVersion, versionHex } from '../analyzer/knowledge/version.ts'
import { fetchHeaders, headerDirectories, headerVersions, type HeaderVersion } from '../fixtures/headers.ts'
import { sourceOf, targetOf } from './harness.ts'
import { rules } from './index.ts'
import { smallProjects } from './projects.ts'

/**
 * `npm run judge`: the compiler has the last word on the examples and on the small projects. A bad one must be refused, or draw a warning that stands
 * for it (C calls of undeclared functions); a good one must compile. Examples that say that a compiler is silent must
 * compile as well. Of a project some unit is refused if and only if a line is marked, and none without the Limited API.
 * Needs gcc, and Debian's archive for the headers.
 */

const run = promisify(execFile)
const work = await mkdtemp(join(tmpdir(), 'abi3lint-judge-'))
let passed = 0
let failed = 0

interface Answer {
  readonly accepted: boolean
  readonly said: string
}

/** Whether gcc accepts an example at its target, undeclared functions counting as errors. */
async function compiles(example: Example): Promise<Answer> {
  const file = join(work, 'example.c')
  await writeFile(file, `#include <stdio.h>\n#include <stdlib.h>\n${sourceOf(example)}`)
  return compileFile(file, targetOf(example), true)
}

/** @param limited whether to build for the target's level, or for its headers alone */
async function compileFile(file: string, target: Target, limited: boolean): Promise<Answer> {
  const version = (headerVersions.find((each) => Number(each.slice(2)) >= target.headers) ?? headerVersions.at(-1)!) as HeaderVersion
  await fetchHeaders(version)
  const define = target.abi3t ? '-DPy_TARGET_ABI3T=0x030f0000' : `-DPy_LIMITED_API=0x${versionHex(target.level).toString(16)}`
  const cxx = file.endsWith('.cpp')
  const options = ['-fsyntax-only', ...(cxx ? ['-std=gnu++17'] : ['-std=gnu11', '-Werror=implicit-function-declaration', '-Werror=int-conversion']), ...(limited ? [define] : [])]
  try {
    await run(cxx ? 'g++' : 'gcc', [...options, ...headerDirectories(version)!.flatMap((directory) => ['-isystem', directory]), file])
    return { accepted: true, said: '' }
  } catch (error) {
    return { accepted: false, said: String((error as { stderr?: string }).stderr ?? error).split('\n').filter((line) => line.includes('error'))[0] ?? '' }
  }
}

for (const rule of rules) {
  for (const example of rule.examples) {
    if (example.file !== undefined) continue
    const { accepted, said } = await compiles(example)
    const expected = example.kind === 'good' || example.compiler === 'silent'
    if (accepted === expected) passed++
    else {
      failed++
      process.stdout.write(`${rule.name} (${example.kind}, target ${example.target}, headers ${showVersion(targetOf(example).headers)}): gcc ${accepted ? 'accepts' : `refuses: ${said}`}\n  ${example.code}\n`)
    }
  }
}
for (const [index, { name, target: text, files, compiler }] of smallProjects.entries()) {
  if (compiler === 'silent') continue
  const target = parseTarget(text)!
  const directory = join(work, String(index))
  await mkdir(directory)
  for (const [file, code] of Object.entries(files)) await writeFile(join(directory, file), /\.(?:c|cpp)$/.test(file) ? `#include <Python.h>\n${code}` : code)
  const units = Object.keys(files).filter((file) => /\.(?:c|cpp)$/.test(file)).map((file) => join(directory, file))
  const [full, limited] = await Promise.all([false, true].map(async (each) => {
    const answers = await Promise.all(units.map((unit) => compileFile(unit, target, each)))
    return answers.find(({ accepted }) => !accepted) ?? answers[0]!
  }))
  const isMarked = Object.values(files).some((code) => code.includes('//! '))
  if (full!.accepted && limited!.accepted !== isMarked) passed++
  else {
    failed++
    process.stdout.write(`project "${name}": gcc ${!full!.accepted ? `refuses it without the Limited API: ${full!.said}` : limited!.accepted ? 'accepts' : `refuses: ${limited!.said}`}\n`)
  }
}
await rm(work, { recursive: true })
process.stdout.write(`${passed} passed, ${failed} failed\n`)
process.exitCode = failed > 0 ? 1 : 0
