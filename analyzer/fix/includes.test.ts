import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RegionIndex, readDirectives } from '../preprocess/directives.ts'
import { scan } from '../preprocess/scanner.ts'
import { applyEdits } from './edits.ts'
import { includeEdit } from './includes.ts'

const withIncludes = (text: string, headers: readonly string[]): string => {
  const edit = includeEdit(text, headers)
  return edit ? applyEdits(text, [edit]) : text
}

const headers = ['<string.h>', '"pep_shims.h"']

/** Lines as a preprocessor takes them: comments and conditions are closed. */
const { lines } = fc.letrec<{ line: string; lines: string[] }>((tie) => ({
  lines: fc.array(tie('line'), { maxLength: 8 }),
  line: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(
      '',
      '// note',
      '// note \\\n goes on',
      '/* note\n   more of it */ int v;',
      '/* note\n#include <string.h>\n*/',
      '#include <Python.h>',
      '#include <string.h>',
      '#include "own.h" /* it\n goes on */',
      '#include "own.h" \\\n  /* more */',
      '#define A 1',
      '#define B \\\n  2',
      'int f(void);',
      'int g(void) {',
      '  return 1; }',
      '}',
      'const char *s = "a \\\n#no include";',
      '#pragma once',
    ),
    fc
      .tuple(fc.constantFrom('#if A', '#ifdef Py_LIMITED_API', '#ifndef A_H'), tie('lines'), fc.option(tie('lines')))
      .map(([condition, then, other]) =>
        [condition, ...then, ...(other ? ['#else', ...other] : []), '#endif'].join('\n'),
      ),
  ),
}))
const file = fc.tuple(lines, fc.constantFrom('\n', '\r\n'), fc.boolean()).map(([lines, end, last]) =>
  lines
    .join('\n')
    .concat(last ? '\n' : '')
    .replaceAll('\n', end),
)

test('includes once, whatever the file is like', () => {
  fc.assert(
    fc.property(file, (text) => {
      const once = withIncludes(text, headers)
      expect(withIncludes(once, headers)).toBe(once)
    }),
    { numRuns: 400 },
  )
})

test(
  'an include is read where it is put: in no comment, string or continued line, and under the conditions of the ' +
    'code alone',
  () => {
    fc.assert(
      fc.property(file, (text) => {
        const edit = includeEdit(text, headers)
        if (edit === null) return
        const { includes, regions } = readDirectives(scan(applyEdits(text, [edit])))
        const paths = includes.filter(({ offset }) => edit.start <= offset && offset < edit.start + edit.text.length)
        expect(paths).toHaveLength(edit.text.split('#include').length - 1)
        // Nothing that stood before is read in another way.
        expect(readDirectives(scan(text)).includes).toHaveLength(includes.length - paths.length)
        const tokens = scan(text)
        let code = 0
        while (code < tokens.count && tokens.isInDirective[code] !== 0) code++
        if (code === tokens.count || regions.length !== readDirectives(tokens).regions.length) return
        const index = new RegionIndex(readDirectives(tokens).regions)
        const around = new Set<number>()
        for (let region = index.at(tokens.start[code]!); region >= 0; region = regions[region]!.parent)
          around.add(region)
        for (const { region } of paths) expect(around.has(region)).toBe(true)
      }),
      { numRuns: 400 },
    )
  },
)

test('goes below the includes that the file begins with', () => {
  expect(withIncludes('#include <Python.h>\n#include "a.h"\n\nint f(void);\n', ['<string.h>'])).toBe(
    '#include <Python.h>\n#include "a.h"\n#include <string.h>\n\nint f(void);\n',
  )
  expect(withIncludes('#ifndef A_H\n#define A_H\n#include <Python.h>\nint f(void);\n#endif\n', ['<string.h>'])).toBe(
    '#ifndef A_H\n#define A_H\n#include <Python.h>\n#include <string.h>\nint f(void);\n#endif\n',
  )
  expect(withIncludes('#include <Python.h>\nextern "C" {\n#include "a.h"\nint f(void);\n}\n', ['<string.h>'])).toBe(
    '#include <Python.h>\nextern "C" {\n#include "a.h"\n#include <string.h>\nint f(void);\n}\n',
  )
  expect(withIncludes('#include <Python.h>\r\nint x;\r\n', ['<string.h>'])).toBe(
    '#include <Python.h>\r\n#include <string.h>\r\nint x;\r\n',
  )
})

/** A text with `|` where the includes go. */
test.each([
  ['nothing', '|'],
  ['code alone', '|int x;\n'],
  ['code behind blank lines', '\n\n|  int x;\n'],
  ['code behind a comment', '/* note */ |int x;\n'],
  ['code behind a comment of several lines', '/* note\n */ |int x;\n'],
  ['an include without a line end', '#include <Python.h>|'],
  ['an include behind code', '|int x;\n#include "late.h"\n'],
  ['an include that goes on', '#include "own.h" /* it\n goes on */\n|int x;\n'],
  ['includes under a condition alone', '#ifdef A\n#include "a.h"\n#else\n#include "b.h"\n#endif\n|int x;\n'],
  ['nested conditions', '#ifdef A\n# ifdef B\n#include "a.h"\n# endif\n#  endif\n|int x;\n'],
  ['two conditions', '#ifdef A\n#include "a.h"\n#endif\n|#ifdef B\n#include "b.h"\n#endif\nint x;\n'],
  ['a condition between includes', '#include "a.h"\n#ifdef A\n#include "b.h"\n#endif\n#include "c.h"\n|int x;\n'],
  ['includes, then a condition', '#include "a.h"\n|#ifdef A\n#include "b.h"\n#endif\nint x;\n'],
  ['a guard', '#ifndef A_H\n#define A_H\n|int x;\n#endif\n'],
  ['a guard with an include', '#ifndef A_H\n#define A_H\n#include "a.h"\n|int x;\n#endif\n'],
  ['a guard within a guard', '#ifndef A_H\n#define A_H\n#ifndef B_H\n#define B_H\n|int x;\n#endif\n#endif\n'],
  ['a guard without a definition', '#ifndef A_H\n|int x;\n#endif\n'],
  ['a guard, then a condition', '#ifndef A_H\n#define A_H\n|#ifdef B\nint y;\n#endif\nint x;\n#endif\n'],
  ['#pragma once', '#pragma once\n|int x;\n'],
  ['another pragma', '|#pragma GCC poison once_more\nint x;\n'],
  ['a definition', '|#define PY_SSIZE_T_CLEAN\nint x;\n'],
  ['a word of a pragma elsewhere', '|#define once\nint x;\n'],
  ['extern "C"', 'extern "C" {\n|int x;\n}\n'],
  ['extern without a block', '|extern int x;\n'],
  ['extern with one declaration', '|extern "C" int x;\n'],
])('where the includes go: %s', (_, marked) => {
  const at = marked.indexOf('|')
  const text = marked.replace('|', '')
  const edit = includeEdit(text, headers)!
  expect(`${text.slice(0, edit.start)}|${text.slice(edit.start)}`).toBe(marked)
  expect(edit).toEqual({
    start: at,
    end: at,
    text: `${/[^\n]$/.test(text.slice(0, at)) ? '\n' : ''}#include <string.h>\n#include "pep_shims.h"\n`,
  })
})

test.each([
  ['all', '#include <string.h>\n#include "pep_shims.h"\nint x;\n', []],
  ['with other quotes', '#include "string.h"\n#include <pep_shims.h>\nint x;\n', headers],
  ['below the code', 'int x;\n#include <string.h>\n#include "pep_shims.h"\n', ['<string.h>']],
  ['in another condition', '#ifdef A\n#include <string.h>\n#endif\nint x;\n', headers],
  [
    'in the guard that holds the code',
    '#ifndef A\n#define A\n#include <string.h>\nint x;\n#endif\n',
    ['"pep_shims.h"'],
  ],
  [
    'in a condition that holds the first code and not the last',
    '#ifdef A\n#include <string.h>\nint x;\n#endif\nint y;\n',
    headers,
  ],
])('what is included already: %s', (_, text, missing) => {
  const written = missing.map((header) => `#include ${header}\n`).join('')
  expect(includeEdit(text, headers)?.text ?? '').toBe(written)
})

test('line ends are those of the file', () => {
  expect(includeEdit('#include <Python.h>\r\nint x;\r\n', ['<string.h>'])?.text).toBe('#include <string.h>\r\n')
  expect(includeEdit('#include <Python.h>\nint x;\n', ['<string.h>'])?.text).toBe('#include <string.h>\n')
})

test('a branch with the functions of a header is not where its macros find an include', () => {
  const macros =
    '#if PY3\n#define RESIZE(b, n) _PyBytes_Resize(b, n)\n#else\nstatic int f(void) { return 1; }\n#endif\n'
  expect(withIncludes(`#ifndef A_H\n#define A_H\n${macros}#endif\n`, ['"pep_shims.h"'])).toBe(
    `#ifndef A_H\n#define A_H\n#include "pep_shims.h"\n${macros}#endif\n`,
  )
  const after = '#define RESIZE(b, n) _PyBytes_Resize(b, n)\n#ifdef OLD\nstatic int f(void) { return 1; }\n#endif\n'
  expect(withIncludes(`#pragma once\n#include "own.h"\n${after}`, ['"pep_shims.h"'])).toBe(
    `#pragma once\n#include "own.h"\n#include "pep_shims.h"\n${after}`,
  )
  // What is set above the first include uses nothing.
  const whole = '#define API NPY_API\n#ifdef HAVE\n#include <Python.h>\nint f(void);\n#endif\n'
  expect(withIncludes(whole, ['"pep_shims.h"'])).toBe(
    whole.replace('<Python.h>\n', '<Python.h>\n#include "pep_shims.h"\n'),
  )
})

test('what no build compiles is no code that an include has to stand before', () => {
  const text = '/* Spam */\n#if 0\n{{{ "\n#endif\n#include <Python.h>\nint x;\n'
  expect(withIncludes(text, ['"pep_shims.h"'])).toBe(text.replace('Python.h>\n', 'Python.h>\n#include "pep_shims.h"\n'))
})

test('a carriage return alone ends a line, as it does for compilers', () => {
  const text = '#include <Python.h>\r#if 0\n#endif\nint x;\n'
  expect(withIncludes(text, ['"a.h"'])).toBe(text.replace('Python.h>\r', 'Python.h>\r#include "a.h"\n'))
})
