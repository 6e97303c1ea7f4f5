import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hostileText } from '../fixtures/reports/hostile.ts'
import { quotedName, shownName, uriOf } from './file-name.ts'

test.each([
  ['src/a.c', 'src/a.c', 'src/a.c', 'src/a.c'],
  ['a b.c', 'a b.c', 'a%20b.c', 'a b.c'],
  ['é.c', 'é.c', '%C3%A9.c', String.raw`"\303\251.c"`],
  ['\udce9\udc80.c', String.raw`\xe9\x80.c`, '%E9%80.c', String.raw`"\351\200.c"`],
  ['a\n"\\\x1b.c', 'a␊"\\␛.c', 'a%0A%22%5C%1B.c', String.raw`"a\n\"\\\033.c"`],
  ['::error::x.c', './::error::x.c', '%3A%3Aerror%3A%3Ax.c', '::error::x.c'],
  ['\u00a0 ::x.c', './\u00a0 ::x.c', '%C2%A0%20%3A%3Ax.c', String.raw`"\302\240 ::x.c"`],
  [
    '##[error]##vso[x.y]',
    '## [error]## vso[x.y]',
    '%23%23%5Berror%5D%23%23vso%5Bx.y%5D',
    String.raw`"#\043[error]#\043vso[x.y]"`,
  ],
])('name %# is shown, located and quoted', (name, shown, uri, quoted) => {
  expect([shownName(name), uriOf(name), quotedName(name)]).toEqual([shown, uri, quoted])
})

test('a URI says what `encodeURIComponent` says, and that of no name throws', () => {
  fc.assert(
    fc.property(hostileText, (name) => {
      const uri = uriOf(name)
      expect(uri).toMatch(/^[\w!'()*.~%/-]*$/)
      if (!/\p{Cs}/u.test(name)) expect(uri).toBe(name.split('/').map(encodeURIComponent).join('/'))
    }),
  )
})
