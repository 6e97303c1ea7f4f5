import { rmSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { bad } from '../fixtures/checked.ts'
import { folder, run, scratch } from '../fixtures/command-line.ts'

/** What is said of arguments that nobody can mean. */

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

describe.concurrent('mistakes on the command line', () => {
  const cwd = folder({ 'a.c': bad })

  test.each<[string, readonly string[], RegExp]>([
    ['target', ['-t', '3.99'], /^error: --target 3\.99: known are 3\.2 to 3\.\d+, and abi3t\n$/],
    ['target, the second of two', ['-t', '3.9,abi4'], /^error: --target abi4: known are 3\.2 to /],
    ['headers', ['--headers', '2.7'], /^error: --headers 2\.7: known are 3\.2 to /],
    ['rule to select', ['--select', 'unavailable-makro'], /^error: .*unavailable-makro.*abi3lint rules/],
    ['rule to ignore', ['--ignore', 'unavailable-macro,nothing'], /^error: .*nothing.*abi3lint rules/],
    ['format', ['-f', 'jsn'], /^error: .*\bjsn\b.*\bjson\b.*\bsarif\b/],
    ['format without its file', ['-f', 'json='], /^error: -f json=: a format, or a format and a file: json, sarif=/],
    ['file without its format', ['-f', '=x'], /^error: -f =x: a format, or a format and a file: /],
    ['second format for stdout', ['-f', 'json', '-f', 'full'], /^error: only one format can go to stdout/],
    ['command', ['chek'], /^error: chek is neither a command nor a path; did you mean check\?\n$/],
    ['path', ['check', '-t', '3.11', 'chek'], /^error: chek: cannot be read: there is no such file/],
    ['option', ['--taget', '3.9'], /^error: unknown option '--taget'\n\(Did you mean --target\?\)/],
    ['option without its value', ['--target'], /^error: option '-t, --target <version>' argument missing/],
    ['number of threads', ['-j', 'many'], /^error: --jobs many: a number from 1 to 99, or auto\n$/],
    ['number of threads, none', ['-j', '0'], /^error: --jobs 0: /],
    ['colour', ['--color', 'sometimes'], /^error: .*'sometimes' is invalid\. Allowed choices are auto, always, never/],
    ['name to explain', ['explain', 'PyTuple_GetItm'], /^error: PyTuple_GetItm .*did you mean PyTuple_GetItem\b/],
    ['rule to explain', ['explain', 'unavailable-makro'], /^error: unavailable-makro .*mean unavailable-macro\b/],
    ['field to explain', ['explain', 'PyTypeObject.tp_fre'], /^error: PyTypeObject\.tp_fre /],
    ['member of every JavaScript object', ['explain', 'toString'], /^error: toString is neither /],
    ['nothing to explain', ['explain'], /^error: missing required argument 'name'/],
  ])('unknown %s: 2, and stderr names it', async (_, args, message) => {
    const { code, stdout, stderr } = await run(cwd, args)
    expect(stderr).toMatch(message)
    expect([code, stdout.replace(/^Found nothing in 0 files.*\n/, '')]).toEqual([2, ''])
  })
})
