import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FileCode } from './file-code.ts'
import { outlineOf } from './outline.ts'
import { eachStatement, innerStatements, valuesInCode, valuesOf } from './statements.ts'
import type { FunctionCode, Statement, Value } from './tree.ts'
import { calleeName, operandsOf } from './values.ts'

const dealloc = `static void
spam_dealloc(SpamObject *self, int (*visit)(PyObject *, void *), PyObject *NPY_UNUSED(ignored))
{
    PyTypeObject *tp = Py_TYPE((PyObject *)self), *other = NULL;
    const char *format = "%" PRIu64 "\\n";
    PyObject_GC_UnTrack(self);
    if (self->weak != NULL && !done(self)) {
        PyObject_ClearWeakRefs((PyObject *)self);
    }
    else if (self->count)
        return;
    for (int i = 0; i < self->count; i++) {
        Py_CLEAR(self->items[i]);
        if (i > 3) continue;
    }
    while ((self->next = next(self)) != NULL) self->count -= 1;
    do { Py_XDECREF(self->dict); } while (0);
    switch (self->kind) {
    case A: free(self->a); break;
    default: goto end;
    }
    Py_BEGIN_ALLOW_THREADS
    close(self->fd);
    Py_END_ALLOW_THREADS
end:
    ((freefunc)PyType_GetSlot(tp, Py_tp_free))(self);
    tp->tp_free((PyObject *)self), Py_DECREF(tp);
}
`

const only = (text: string, isCxx = false): FunctionCode => {
  const functions = new FileCode(text, isCxx).allFunctions()
  expect(functions).toHaveLength(1)
  return functions[0]!
}

/** The kinds of statements, with those in them in parentheses. */
const shape = (statements: readonly Statement[]): string =>
  statements
    .map((each) => {
      const inner = innerStatements(each)
      return inner.length > 0 ? `${each.kind}(${shape(inner)})` : each.kind
    })
    .join(' ')

const calls = (code: FunctionCode): (string | null)[] =>
  valuesInCode(code.body).flatMap((value) => (value.kind === 'call' ? [calleeName(value)] : []))

interface Spanned {
  readonly span: { readonly start: number; readonly end: number }
}

function expectNested(outer: Spanned, inner: readonly Spanned[]): void {
  let at = outer.span.start
  for (const { span } of inner) {
    expect(span.start).toBeGreaterThanOrEqual(at)
    expect(span.end).toBeGreaterThanOrEqual(span.start)
    expect(span.end).toBeLessThanOrEqual(outer.span.end)
    at = Math.max(at, span.start)
  }
}

function expectWellPlaced(code: FunctionCode): void {
  const value = (each: Value): void => {
    expectNested(each, operandsOf(each))
    operandsOf(each).forEach(value)
  }
  const statements = (outer: Spanned, inner: readonly Statement[]): void => {
    let at = outer.span.start
    for (const each of inner) {
      expect(each.span.start).toBeGreaterThanOrEqual(at)
      expect(each.span.end).toBeLessThanOrEqual(outer.span.end)
      at = each.span.end
      for (const every of valuesOf(each)) {
        expectNested(each, [every])
        value(every)
      }
      statements(each, innerStatements(each))
    }
  }
  statements(code, code.body)
}

/** Text without blanks, comments and directives: what statements have to cover. */
const bareText = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|^[ \t]*#.*$/gm, '').replace(/\s+/g, '')

describe('what a function holds', () => {
  test('has its head, its parameters, its statements and its calls', () => {
    const code = only(dealloc)
    expect([code.name, code.storage, code.result]).toEqual(['spam_dealloc', 'static', 'void'])
    expect(code.parameters.map(({ name, type }) => [name, type])).toEqual([
      ['self', 'SpamObject*'],
      ['visit', 'int()*'],
      ['ignored', 'PyObject*'],
    ])
    expect(shape(code.body)).toBe(
      'declaration declaration expression if(block(expression) if(return)) ' +
        'loop(declaration expression expression block(expression if(jump))) loop(expression expression) ' +
        'loop(block(expression) expression) ' +
        'switch(block(label expression jump label jump)) expression expression expression label expression expression',
    )
    expect(calls(code)).toEqual([
      'Py_TYPE',
      'PyObject_GC_UnTrack',
      'done',
      'PyObject_ClearWeakRefs',
      'Py_CLEAR',
      'next',
      'Py_XDECREF',
      'free',
      'close',
      null,
      'PyType_GetSlot',
      null,
      'Py_DECREF',
    ])
  })

  test.each([
    ['casts', 'x = (T *)y, (int)z, (T)w, (T)(v), (T)&u, (void (*)(int))t;', 6],
    ['no casts', 'int y, a; x = (y) & 1, (y) - 1, (f)(x), (a) * 2, sizeof(y), (y)[0];', 0],
  ])('%s', (_, statement, count) => {
    const code = only(`int x; void f(int x) { ${statement} }`)
    expect(valuesInCode(code.body).filter(({ kind }) => kind === 'cast')).toHaveLength(count)
  })
})

describe('functions as they are written', () => {
  test('old heads, macros for heads, C++ members, lambdas', () => {
    expect(only('int f(a, b) PyObject *a; { return 0; }').parameters.map(({ type }) => type)).toEqual([
      'PyObject*',
      'int',
    ])
    expect(only('MODULE_INIT(spam)\n{ return g(); }').name).toBe('MODULE_INIT')
    const member = only('PyObject *Spam::repr(this_t &self) const { return each([&](int x) { return h(x); }); }', true)
    expect([member.name, member.result]).toEqual(['repr', 'PyObject*'])
    const [lambda] = valuesInCode(member.body).filter(({ kind }) => kind === 'code')
    expect(lambda?.kind === 'code' && lambda.lambda?.parameters.map(({ name }) => name)).toEqual(['x'])
  })

  test('a `#pragma` may stand in a head, and before one', () => {
    const head = 'PyMODINIT_FUNC\n#pragma once_more\nPyInit_spam(void)\n{\n}\n'
    expect(only(head).headStart).toBe(0)
    const before = 'int a;\n#pragma pack(1)\n'
    expect(only(`${before}${head}`).headStart).toBe(before.length)
  })

  test('`#if` around whole statements keeps its branches; in the middle of one its last branch is read', () => {
    const whole = only('void f(void) { a();\n#if X\n b(); c();\n#elif Y\n#else\n if (d()) e();\n#endif\n g(); }')
    expect(shape(whole.body)).toBe('expression branches(expression expression if(expression)) expression')
    const [, branches] = whole.body
    expect(branches?.kind === 'branches' && [branches.branches.length, branches.hasElse]).toEqual([3, true])
    const middle = only('void f(void) { if (a()\n#if X\n && b()\n#endif\n) c();\n#if Y\n else d();\n#endif\n }')
    expect([shape(middle.body), calls(middle)]).toEqual(['if(expression expression)', ['a', 'b', 'c', 'd']])
  })

  test('`#if` around what an `if` does, and behind one that was gone into', () => {
    const code = only(
      'void f(void) { if (a())\n#if X\n return b();\n#else\n return;\n#endif\n' +
        '#if X\n c(); if (d()) return;\n#else\n e();\n#endif\n }',
    )
    expect(shape(code.body)).toBe('if(branches(return return)) branches(expression if(return) expression)')
    expect(calls(code)).toEqual(['a', 'b', 'c', 'd', 'e'])
    expectWellPlaced(code)
  })

  test.each([
    ['Py_DECREF(*x); f(*y, *z);', 'expression expression'],
    ['T (*x)(int); T (*y)[3]; int (*z);', 'declaration declaration declaration'],
    ['f(&x); g(&x)->y;', 'expression expression'],
  ])('declarations and calls: %s', (body, expected) => {
    expect(shape(only(`void f(void) { ${body} }`).body)).toBe(expected)
  })

  test('macros have bodies like functions, and what they stand for', () => {
    const code = new FileCode(
      '#define FREE(o) do { (o)->ob_type->tp_free(o); } \\\n while (0)\n#define GET(o) ((o)->x)\n',
      false,
    )
    expect(shape(code.macrosNamed('FREE')[0]!.body)).toBe('loop(block(expression) expression)')
    expect(shape(code.macrosNamed('GET')[0]!.body)).toBe('expression')
  })

  test('variables at file level have their initialisers, with conditions in them', () => {
    const code = new FileCode(
      'static PyType_Slot slots[] = {{Py_tp_new, f},\n#if X\n{Py_tp_free, .pfunc = g},\n#endif\n{0}};\n' +
        'int a, *b = &a; struct s { int c; };',
      false,
    )
    expect(code.variables.map(({ name, type, storage }) => [name, type, storage])).toEqual([
      ['slots', 'PyType_Slot[]', 'static'],
      ['a', 'int', ''],
      ['b', 'int*', ''],
    ])
    const initialiser = code.variables[0]!.initialiser
    expect(initialiser?.kind === 'braces' && initialiser.entries?.map(({ kind }) => kind)).toEqual([
      'item',
      'branches',
      'item',
    ])
  })
})

describe('what stands at file level', () => {
  test.each([
    ['static PyTypeObject FOO = {0};', 'FOO', 'PyTypeObject', 'static'],
    ['staticforward PyTypeObject Spam;', 'Spam', 'PyTypeObject', 'static'],
    ['PyAPI_DATA(PyTypeObject) Spam;', 'Spam', 'PyTypeObject', 'extern'],
    ['PyTypeObject HIDDEN Spam = {0};', 'Spam', 'PyTypeObject', ''],
    ['static PyTypeObject Spam UNUSED = {0};', 'Spam', 'PyTypeObject', 'static'],
    ['CLOSURE(Spam) Spam_get = {0};', 'Spam_get', 'CLOSURE()', ''],
    ['EXPORT_MODULE(spam)\nstatic int spam;', 'spam', 'int', 'static'],
    ['static struct { int a; } table[2] = {{1}};', 'table', 'struct[]', 'static'],
  ])('%s', (text, ...expected) => {
    const code = new FileCode(`int f(a) int a; { return a; }\n${text}\n`, false)
    expect(code.variables.map(({ name, type, storage }) => [name, type, storage])).toEqual([expected])
  })

  test('structs have their fields, in order, where no condition chooses among them', () => {
    const text = 'struct s { int a, *b; PyObject *(*c)(int); };\nstruct t {\n#if X\nint a;\n#endif\n};\n'
    const code = new FileCode(text, false)
    expect(
      code.declarations.map(({ struct }) => [
        struct!.tag,
        code.fieldsIn(struct!.span)?.map(({ name, type }) => `${type} ${name}`) ?? null,
      ]),
    ).toEqual([
      ['struct s', ['int a', 'int* b', 'PyObject*()* c']],
      ['struct t', null],
    ])
  })

  test('values have the conditions in them, and branches their directives', () => {
    const text = 'int a[] = {\n#if X\n1 |\n#endif\n2, .b = 3,\n#ifdef Y\n4,\n#else\n5,\n#endif /* Y */\n};\n'
    const [variable] = new FileCode(text, false).variables
    const { initialiser } = variable!
    const [first, second, third] = initialiser?.kind === 'braces' ? initialiser.entries! : []
    const written = ({ start, end }: { readonly start: number; readonly end: number }): string => text.slice(start, end)
    expect(first?.kind === 'item' && [written(first.written), first.holdsDirectives]).toEqual([
      '#if X\n1 |\n#endif\n2',
      true,
    ])
    expect(second?.kind === 'item' && [second.designator, written(second.written), written(second.span)]).toEqual([
      'b',
      '3',
      '.b = 3,',
    ])
    expect(
      third?.kind === 'branches' && [
        third.branches.map(({ directive, entries }) => [written(directive), entries.map(({ span }) => written(span))]),
        third.hasElse,
        written(third.endif),
      ],
    ).toEqual([
      [
        ['#ifdef Y', ['4,']],
        ['#else', ['5,']],
      ],
      true,
      '#endif /* Y */',
    ])
  })

  test('code is found by a place in it', () => {
    const text =
      '#define A(x) f(x##_Type, #x)\n#ifdef B\n#endif\nint *c = &g;\nDEFINE(d, &e)\n' +
      'int h(int i) { static T j = {&k}; return l(&m); }\n'
    const code = new FileCode(text, false)
    const at = (name: string): string | undefined => code.codeAt(text.search(new RegExp(`\\b${name}\\b`)))?.kind
    expect(['f', 'B', 'g', 'd', 'e', 'i', 'k', 'm'].map(at)).toEqual([
      'macro',
      undefined,
      'file',
      'file',
      'file',
      undefined,
      'function',
      'function',
    ])
    const [macro] = code.macrosNamed('A')
    expect([...valuesInCode(macro!.body)].flatMap((value) => (value.kind === 'name' ? [value.name] : []))).toEqual([
      'f',
      'x##_Type',
      'x',
    ])
  })
})

describe('whatever the text is', () => {
  const { tokens } = outlineOf(dealloc)

  test('spans nest, and the statements of a body cover it', () => {
    const code = only(dealloc)
    expectWellPlaced(code)
    const covered = code.body.map(({ span }) => dealloc.slice(span.start, span.end)).join('')
    expect(bareText(covered)).toBe(bareText(dealloc.slice(code.span.start + 1, code.span.end - 1)))
  })

  test('line ends of another system change nothing', () => {
    const code = only(dealloc.replaceAll('\n', '\r\n'))
    expect([shape(code.body), calls(code)]).toEqual([shape(only(dealloc).body), calls(only(dealloc))])
  })

  test('a condition around any token changes no statement and no call', () => {
    const expected = only(dealloc)
    const inside = Array.from({ length: tokens.count }, (_, token) => ({
      start: tokens.start[token]!,
      end: tokens.end[token]!,
    })).filter(({ start, end }) => start > expected.span.start && end < expected.span.end)
    fc.assert(
      fc.property(fc.nat(inside.length - 1), fc.constantFrom('#if X', '#if X\n#else'), (which, condition) => {
        const { start, end } = inside[which]!
        const word = dealloc.slice(start, end)
        const text = `${dealloc.slice(0, start)}\n${condition}\n${word}\n#endif\n${dealloc.slice(end)}`
        const code = only(text)
        expectWellPlaced(code)
        expect(calls(code)).toEqual(calls(expected))
        const plain = [...eachStatement(code.body)].filter(({ kind }) => kind !== 'branches').map(({ kind }) => kind)
        expect(plain).toEqual([...eachStatement(expected.body)].map(({ kind }) => kind))
      }),
      { numRuns: 300 },
    )
  })

  test('nothing throws on texts that were cut, shuffled or broken, and spans nest in them', () => {
    const words = [
      '{',
      '}',
      '(',
      ')',
      '[',
      ']',
      ';',
      ',',
      '#if X\n',
      '\n#else\n',
      '\n#endif\n',
      '"',
      "'",
      '<',
      '>',
      'if',
      '=',
      '\\\n',
      '/*',
    ]
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(dealloc.length), fc.constantFrom(...words), fc.nat(4)), { maxLength: 6 }),
        fc.boolean(),
        (changes, isCxx) => {
          let text = dealloc
          for (const [at, word, cut] of changes) text = text.slice(0, at) + word + text.slice(at + cut)
          const code = new FileCode(text, isCxx)
          for (const each of code.allFunctions()) expectWellPlaced(each)
          void code.variables
        },
      ),
      { numRuns: 500 },
    )
  })

  test('a cast of what is no value is none', () => {
    expectWellPlaced(only('void f(void) { g((T *)if), h(); }'))
  })

  test('brackets that nest deeply are unknown, not a fault', () => {
    const deep = `void f(void) { ${'('.repeat(5000)}x${')'.repeat(5000)}; ${'{'.repeat(5000)}${'}'.repeat(5000)} g(); }`
    expect(calls(only(deep))).toContain('g')
  })
})
