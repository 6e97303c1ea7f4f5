import type { Located, Run } from '../analyzer/check/diagnostic.ts'

/** A diagnostic that tests change as they need. */
export const plainDiagnostic: Located = {
  rule: 'unavailable-macro',
  severity: 'error',
  effect: 'build-break',
  file: 'src/conn.c',
  start: 0,
  end: 1,
  line: 1,
  column: 1,
  endLine: 1,
  endColumn: 2,
  excerpt: ['x'],
  symbol: 'PyTuple_GET_ITEM',
  message: 'A message',
  advice: '',
  fix: null,
  notes: [],
  targets: ['3.9'],
}

/** A run over one file without findings, for tests to change. */
export const cleanRun: Run = {
  tool: { name: 'abi3lint', version: '0.1.0' },
  targets: ['3.9'],
  headers: '3.15',
  diagnostics: [],
  fixed: null,
  problems: [],
  rules: [
    {
      name: 'unavailable-macro',
      severity: 'error',
      summary: 'Macros that the Limited API does not have',
      explanation: 'Such a macro reads a struct that the Limited API hides.\n\nCall the function of the same purpose.',
    },
  ],
  files: { checked: 1, parsedBytes: 120, unparsedBytes: 0, unparsed: [] },
}

/**
 * A diagnostic whose place is given by marks in the source.
 * @param line number of the first of the lines, from 1
 * @param source whole lines, the span between `«` and `»`
 */
export function marked(line: number, source: string, rest: Partial<Located>): Located {
  const [before, span] = source.split(/[«»]/) as [string, string]
  const column = (text: string): number => [...text.split('\n').at(-1)!].length + 1
  const bytes = (text: string): number => new TextEncoder().encode(text).length
  const start = 40 * line + bytes(before)
  return {
    ...plainDiagnostic,
    line,
    column: column(before),
    endLine: line + span.split('\n').length - 1,
    endColumn: column(before + span),
    start,
    end: start + bytes(span),
    excerpt: source.replace(/[«»]/g, '').split('\n').slice(0, 3),
    ...rest,
  }
}

/** One of everything that is hard to show. */
export const sampleRun: Run = {
  ...cleanRun,
  targets: ['3.9', '3.12'],
  diagnostics: [
    marked(8, '«"\x1b[31m\x9b\u202e\0"», \x07', {
      file: 'src/\x1b]0;owned\x07.c',
      rule: 'no-such-rule',
      message: 'odd `"\x1b[31m|"` and <b> @someone #1',
      symbol: '',
      targets: ['3.9', '3.12'],
    }),
    marked(214, '\tPyObject *key =\t«PyTuple_GET_ITEM»(args, 0);', {
      message: '`PyTuple_GET_ITEM` is not in the Limited API',
      advice:
        'Use `PyTuple_GetItem`, which checks the index and the type, gives a borrowed reference as well, and is ' +
        'there in every version of the Limited API.',
      notes: ['reads the struct of the tuple', 'expanded from `FIRST` in `src/conn.h`, line 12'],
      targets: ['3.9', '3.12'],
    }),
    marked(301, '/* 連接 🐍 */ 連接«->tp_free»(self);', {
      rule: 'opaque-struct-member',
      symbol: 'PyTypeObject.tp_free',
      effect: 'abi-break',
      message: '`PyTypeObject.tp_free` is hidden by the Limited API',
      targets: ['3.9', '3.12'],
    }),
    marked(1000, `${'f(x); '.repeat(250)}«PyType_FromMetaclass»(meta, mod);${' g(y);'.repeat(250)}`, {
      rule: 'newer-than-target',
      severity: 'warning',
      symbol: 'PyType_FromMetaclass',
      effect: 'import-break',
      message: '`PyType_FromMetaclass` needs Limited API 3.12',
      advice: 'Raise the target to 3.12.',
      targets: ['3.9'],
    }),
    marked(7, '    x = «PyModule_Create2(\n\n        &def, // of 模\n        VERSION)»;', {
      rule: 'single-phase',
      severity: 'info',
      file: 'src/évil, name: 100%|`<b>`.c',
      symbol: '',
      effect: 'advice',
      message: 'the module is not created in two phases',
      targets: ['3.9', '3.12'],
    }),
  ],
  problems: [
    { file: 'src/gone.c', severity: 'error', message: 'cannot be read; check its permissions' },
    { file: 'src/\x1b[2J.c', severity: 'warning', message: 'is not UTF-8; read as Latin-1' },
  ],
  files: {
    checked: 14,
    parsedBytes: 99_000,
    unparsedBytes: 140,
    unparsed: [
      { file: 'src/conn.c', line: 5, endLine: 6, bytes: 100 },
      { file: 'src/x.c', line: 9, endLine: 9, bytes: 40 },
    ],
  },
}
