import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Example } from '../analyzer/check/rule.ts'
import { showVersion, versionHex } from '../analyzer/knowledge/version.ts'
import { fetchHeaders, headerDirectories, headerVersions, type HeaderVersion } from '../fixtures/headers.ts'
import { sourceOf, targetOf } from './harness.ts'
import { rules } from './index.ts'

/**
 * `npm run judge`: the compiler has the last word on the examples. A bad one must be refused, or draw a warning that stands
 * for it (C calls of undeclared functions); a good one must compile. Examples that say that a compiler is silent must
 * compile as well. Needs gcc, and Debian's archive for the headers.
 */

const run = promisify(execFile)
const work = await mkdtemp(join(tmpdir(), 'abi3lint-judge-'))
let passed = 0
let failed = 0

/** Whether gcc accepts an example at its target, undeclared functions counting as errors. */
async function compiles(example: Example): Promise<{ readonly accepted: boolean; readonly said: string }> {
  const target = targetOf(example)
  const version = (headerVersions.find((each) => Number(each.slice(2)) >= target.headers) ?? headerVersions.at(-1)!) as HeaderVersion
  await fetchHeaders(version)
  const define = target.abi3t ? '-DPy_TARGET_ABI3T=0x030f0000' : `-DPy_LIMITED_API=0x${versionHex(target.level).toString(16)}`
  const file = join(work, 'example.c')
  await writeFile(file, `#include <stdio.h>\n#include <stdlib.h>\n${sourceOf(example)}`)
  const options = ['-fsyntax-only', '-std=gnu11', '-Werror=implicit-function-declaration', '-Werror=int-conversion', define]
  try {
    await run('gcc', [...options, ...headerDirectories(version)!.flatMap((directory) => ['-isystem', directory]), file])
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
await rm(work, { recursive: true })
process.stdout.write(`${passed} passed, ${failed} failed\n`)
process.exitCode = failed > 0 ? 1 : 0
