import { rmSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { bad, concise, flaw, found, good, head, unfixable } from '../fixtures/checked.ts'
import { folder, isWindows, run, scratch } from '../fixtures/command-line.ts'
import { formats } from '../reports/index.ts'

/** Files in any encoding, that end anywhere, or that are no C. */

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

describe.concurrent('odd contents', () => {
  const texts: Readonly<Record<string, [content: string | Buffer, expected: string]>> = {
    'Latin-1': [Buffer.from(`${head}/* \xe9\xff */ ${flaw}`, 'latin1'), found('a.c', 3, 44)],
    'UTF-8, columns in characters': [`${head}/* \u00e9\u4e2d\u{1f600} */ ${flaw}`, found('a.c', 3, 45)],
    'UTF-8 with a byte order mark': [`\ufeff${bad}`, found('a.c')],
    CRLF: [bad.replaceAll('\n', '\r\n'), found('a.c')],
    CR: [bad.replaceAll('\n', '\r'), found('a.c')],
    'NUL bytes': [`${bad}int a\0b;\n\0${flaw}`, found('a.c') + found('a.c', 5, 36)],
    'no line end': [bad.trimEnd(), found('a.c')],
    'nothing at all': ['', ''],
    'an end in a string': [`${bad}const char *s = "PyTuple_GET_ITEM`, found('a.c')],
    'an end in an escape': [`${bad}const char *s = "PyTuple_GET_ITEM\\`, found('a.c')],
    'an end in a character': [`${bad}int s = 'P`, found('a.c')],
    'an end in a comment': [`${bad}/* PyTuple_GET_ITEM(a, 0)`, found('a.c')],
    'an end in a line comment': [`${bad}// PyTuple_GET_ITEM(a, 0) \\`, found('a.c')],
    'an end in #if': [`${bad}#if`, found('a.c')],
    'an end in a condition': [`${bad}#if defined(A) && (PY_VERSION_HEX >= 0x0`, found('a.c')],
    'an end before #endif': [`${bad}#ifndef A\n${flaw}`, found('a.c') + found('a.c', 5)],
    'an end in a macro': [`${bad}#define A(x`, found('a.c')],
    'an end in an include': [`${bad}#include "a`, found('a.c')],
    'an end in a call': [`${bad}void g(PyObject *a) { PyTuple_GET_ITEM(`, found('a.c') + unfixable('a.c', 4, 23)],
    'a file that includes itself': [`#include "a.c"\n${bad}`, found('a.c', 4)],
  }
  test.each(Object.keys(texts))('%s', async (name) => {
    const [content, expected] = texts[name]!
    expect(await concise(folder({ 'a.c': content }))).toEqual({ code: expected ? 1 : 0, stdout: expected, stderr: '' })
  })

  const refused = {
    'UTF-16': [Buffer.from(`\ufeff${bad}`, 'utf16le'), 'is UTF-16 text, which compilers do not read; save it as UTF-8'],
    'UTF-16 without a mark': [Buffer.from(bad, 'utf16le'), 'is binary, not C source'],
    'a binary file': [Buffer.from(Array.from({ length: 2000 }, (_, at) => (at * 7) % 31)), 'is binary, not C source'],
  } as const
  test.each(Object.keys(refused) as (keyof typeof refused)[])('%s: 2 where named, else a warning', async (name) => {
    const [content, message] = refused[name]
    const cwd = folder({ 'odd.c': content, 'a.c': bad, 'good/b.c': good, 'good/odd.c': content })
    expect(await concise(cwd, 'odd.c')).toEqual({ code: 2, stdout: '', stderr: `error: odd.c: ${message}\n` })
    expect(await concise(cwd, 'good')).toEqual({ code: 0, stdout: '', stderr: `warning: good/odd.c: ${message}\n` })
    expect(await concise(cwd)).toMatchObject({ code: 1, stdout: found('a.c') })
  })

  test.skipIf(isWindows)('terminal escape sequences in source text do not reach a terminal', async () => {
    const line = `void *f(void *a) { /* \x1b[31m\x07\u202e */ return PyTuple_GET_ITEM(a, 0); } // \x1b]0;x\x07\n`
    const cwd = folder({ 'a.c': head + line, '\x1b[31m.c': bad })
    for (const format of Object.keys(formats)) {
      const { code, stdout } = await run(cwd, ['-f', format])
      expect(code, format).toBe(1)
      expect(stdout, format).toContain('PyTuple_GET_ITEM')
      expect(stdout, format).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/)
    }
    const gone = await concise(cwd, '\x1b[2Jnone.c')
    expect(gone.stderr).toBe('error: \u241b[2Jnone.c: cannot be read: there is no such file or directory\n')
    expect(gone.code).toBe(2)
  })
})
