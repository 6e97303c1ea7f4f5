import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { folder, isWindows, type Outcome, run, type Settings, scratch } from '../fixtures/command-line.ts'
import { commit } from './write/commits.ts'

/** `port --commits` in repositories in which it cannot commit, or only with care. */

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const files = {
  'setup.py': 'from setuptools import setup, Extension\nsetup(ext_modules=[Extension("spam", ["spam.c"])])\n',
  'spam.c': `#include <Python.h>

static PyObject *first(PyObject *self, PyObject *args)
{
    return PyMethod_Check(args) ? NULL : Py_NewRef(PyTuple_GET_ITEM(args, 0));
}

static PyMethodDef methods[] = {{"first", first, METH_VARARGS, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "spam", NULL, -1, methods};

PyMODINIT_FUNC
PyInit_spam(void)
{
    return PyModule_Create(&module);
}
`,
}
const subjects = ['Use what the Limited API of Python 3.12 has', 'Build for the stable ABI of Python 3.12 and later']

/** Git for what a test prepares and looks at; without locks that another program would see. */
const git = (cwd: string, ...words: string[]): string =>
  execFileSync('git', ['-c', 'core.autocrlf=false', '-c', 'protocol.file.allow=always', ...words], {
    cwd,
    encoding: 'utf8',
    stdio: 'pipe',
    env: { ...process.env, GIT_OPTIONAL_LOCKS: '0', GIT_EDITOR: 'true' },
  })
const fails = (cwd: string, ...words: string[]): void => expect(() => git(cwd, ...words)).toThrow()

function repository(more: Readonly<Record<string, string>> = {}): string {
  const cwd = folder({ ...files, ...more })
  git(cwd, 'init', '-q', '-b', 'main')
  git(cwd, 'config', 'user.name', 'a')
  git(cwd, 'config', 'user.email', 'a@b.c')
  commitAll(cwd, 'All')
  return cwd
}

function commitAll(cwd: string, message: string): void {
  git(cwd, 'add', '-A')
  git(cwd, 'commit', '-q', '-m', message)
}

function write(cwd: string, file: string, text: string): void {
  writeFileSync(join(cwd, file), text)
}

const port = (cwd: string, env = {}, settings: Settings = {}): Promise<Outcome> =>
  run(cwd, ['port', '-t', '3.12', '--commits'], { env, ...settings })
const log = (cwd: string): string[] => git(cwd, 'log', '--format=%s', '--reverse').trim().split('\n')

/** Two branches that both have a file `x`, the current one with an own text. */
function branches(cwd: string): string {
  git(cwd, 'switch', '-q', '-c', 'other')
  write(cwd, 'x', 'other\n')
  commitAll(cwd, 'Other')
  git(cwd, 'switch', '-q', 'main')
  write(cwd, 'x', 'main\n')
  commitAll(cwd, 'Main')
  return cwd
}

const states: readonly (readonly [what: string, prepare: (cwd: string) => void, said: string])[] = [
  ['a branch is merged', (cwd) => fails(branches(cwd), 'merge', 'other'), 'a merge is going on'],
  [
    'a commit is picked, and nothing staged',
    (cwd) => {
      branches(cwd)
      fails(cwd, 'cherry-pick', 'other')
      git(cwd, 'checkout', '-q', 'HEAD', 'x')
    },
    '`git cherry-pick --abort`',
  ],
  [
    'commits are moved',
    (cwd) => {
      branches(cwd)
      fails(cwd, 'rebase', 'other')
    },
    '`git rebase --abort`',
  ],
  [
    'a fault is looked for',
    (cwd) => {
      git(cwd, 'bisect', 'start')
    },
    '`git bisect reset`',
  ],
  [
    'there is no branch',
    (cwd) => {
      git(cwd, 'checkout', '-q', '--detach')
    },
    'HEAD is at no branch',
  ],
  ['the index is locked', (cwd) => write(cwd, '.git/index.lock', ''), 'remove .git/index.lock'],
  ['the branch is locked', (cwd) => write(cwd, '.git/refs/heads/main.lock', ''), 'remove .git/refs/heads/main.lock'],
  [
    'nobody is known who commits',
    (cwd) => {
      git(cwd, 'config', '--unset', 'user.email')
      git(cwd, 'config', 'user.useConfigOnly', 'true')
    },
    '`git config user.email`',
  ],
  [
    'something is staged',
    (cwd) => {
      write(cwd, 'mine', 'mine\n')
      git(cwd, 'add', 'mine')
    },
    'something is staged already',
  ],
  [
    'the header of shims is ignored',
    (cwd) => {
      write(cwd, '.gitignore', '# built\n*.h\n')
      commitAll(cwd, 'Ignore')
    },
    'pep_shims.h: would be new, and git ignores it (`*.h`, .gitignore:2)',
  ],
  [
    'a source is left out of the working tree',
    (cwd) => {
      git(cwd, 'update-index', '--skip-worktree', 'spam.c')
    },
    'sparse-checkout',
  ],
  [
    'the sources are in a submodule',
    (cwd) => {
      const inner = repository()
      git(cwd, 'rm', '-q', 'spam.c', 'setup.py')
      git(cwd, 'submodule', 'add', '-q', inner, 'sub')
      git(cwd, 'commit', '-q', '-m', 'Add')
    },
    'sub/spam.c: is in a repository of its own',
  ],
  [
    'git refuses line ends',
    (cwd) => {
      git(cwd, 'config', 'core.autocrlf', 'true')
      git(cwd, 'config', 'core.safecrlf', 'true')
    },
    'pep_shims.h: has line ends that git would change',
  ],
  [
    'commits are to be signed, and nobody can',
    (cwd) => {
      git(cwd, 'config', 'commit.gpgSign', 'true')
      git(cwd, 'config', 'user.signingKey', 'nobody')
    },
    'commits are to be signed (commit.gpgSign), and cannot be',
  ],
  [
    'a sparse checkout leaves new files out',
    (cwd) => {
      git(cwd, 'sparse-checkout', 'set', '--no-cone', '/spam.c', '/setup.py', '/*.h')
    },
    'MANIFEST.in: would be new, and the sparse checkout leaves it out',
  ],
]

test.each(states)('nothing is written where %s', async (_, prepare, said) => {
  const cwd = repository()
  prepare(cwd)
  const before = [git(cwd, 'status', '--porcelain', '--ignored'), log(cwd)]
  const { code, stdout, stderr } = await port(cwd, { HOME: scratch })
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toContain(said)
  expect([git(cwd, 'status', '--porcelain', '--ignored'), log(cwd)]).toEqual(before)
})

/** A program that signs once, and no more. */
const signsOnce = `#!/bin/sh
cat > /dev/null
mkdir "$0.used" || exit 1
printf '\\n[GNUPG:] SIG_CREATED \\n' >&2
printf 'signature\\n'
`

test.skipIf(isWindows)('a commit that fails leaves nothing staged, and is told of with its files', async () => {
  const cwd = repository()
  const home = folder({ sign: signsOnce })
  chmodSync(join(home, 'sign'), 0o755)
  write(home, '.gitconfig', `[commit]\ngpgSign = true\n[gpg]\nprogram = ${home}/sign\n`)
  const { code, stdout, stderr } = await port(cwd, { HOME: home })
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toContain('gpg failed to sign the data')
  expect(stderr).toContain('nothing is written of what was to follow: build\n')
  for (const file of ['spam.c', 'pep_shims.h', 'MANIFEST.in'])
    expect(stderr).toContain(`${file}: is written and not committed\n`)
  expect(git(cwd, 'status', '--porcelain')).toBe(' M spam.c\n?? MANIFEST.in\n?? pep_shims.h\n')
})

test.skipIf(isWindows).each(['add', 'commit'])(
  'a run that is killed by %s is told of by the next one',
  async (word) => {
    const cwd = repository()
    const deadly = `case " $* " in *" --dry-run "*) ;; *" ${word} "*) kill -9 $PPID; exit 1;; esac`
    const bin = folder({ git: `#!/bin/sh\n${deadly}\nPATH="${process.env.PATH}" exec git "$@"\n` })
    chmodSync(join(bin, 'git'), 0o755)
    expect((await port(cwd, { PATH: `${bin}:${process.env.PATH}` }, { alone: true })).code).toBe(null)
    const { code, stderr } = await port(cwd)
    const said =
      '--commits: a run that was killed had begun to write pep_shims.h, spam.c, MANIFEST.in, and had not committed'
    expect([code, stderr]).toEqual([2, expect.stringContaining(said)])
    commitAll(cwd, 'Theirs')
    expect((await port(cwd)).stderr).toBe('')
    expect(log(cwd)).toEqual(['All', 'Theirs', subjects[1]])
    expect(readdirSync(join(cwd, '.git')).filter((name) => name.includes('abi3lint'))).toEqual([])
  },
)

test('what nobody has committed and does not change is no matter, nor are names without contents', async () => {
  const cwd = repository({ '.gitignore': '/config.h\n', 'spam.c': `#include "config.h"\n${files['spam.c']}` })
  write(cwd, 'config.h', '#define X 1\n')
  write(cwd, 'mine', 'mine\n')
  git(cwd, 'add', '-N', 'mine')
  expect((await port(cwd)).stderr).toBe('')
  expect(log(cwd)).toEqual(['All', ...subjects])
  expect(git(cwd, 'status', '--porcelain')).toBe(' A mine\n')
})

test.skipIf(isWindows)('no hook runs, and the repository is that of the files', async () => {
  const cwd = repository()
  const hooks = join(cwd, '.git/hooks')
  mkdirSync(hooks, { recursive: true })
  for (const name of ['pre-commit', 'commit-msg', 'post-commit', 'reference-transaction', 'post-index-change']) {
    writeFileSync(join(hooks, name), `#!/bin/sh\ntouch '${cwd}/.git/ran'\nexit 1\n`)
    chmodSync(join(hooks, name), 0o755)
  }
  const elsewhere = repository()
  const { stderr } = await run(elsewhere, ['port', '-t', '3.12', '--commits', cwd])
  expect([stderr, existsSync(join(cwd, '.git/ran'))]).toEqual(['', false])
  expect([log(cwd), log(elsewhere)]).toEqual([['All', ...subjects], ['All']])
})

test('a header that git does not have is not written over, though nothing includes it', async () => {
  const cwd = repository()
  await run(cwd, ['shims', '-t', '3.12', '-o', 'pep_shims.h', 'PyRun_String'])
  const header = `${readFileSync(join(cwd, 'pep_shims.h'), 'utf8').replace('\n#endif\n', '\n/* mine */\n#endif\n')}`
  write(cwd, 'pep_shims.h', header)
  const { code, stderr } = await run(cwd, ['port', '-t', '3.12'])
  expect([code, stderr.includes('pep_shims.h: has changes that git could not bring back')]).toEqual([2, true])
  const { stderr: left } = await run(cwd, ['check', '--fix', '-t', '3.12', '.'])
  expect(left).toContain('pep_shims.h: has fixes, but changes that git could not bring back')
  expect(readFileSync(join(cwd, 'pep_shims.h'), 'utf8')).toBe(header)
  commitAll(cwd, 'Header')
  expect((await run(cwd, ['port', '-t', '3.12'])).stderr).toBe('')
  expect(readFileSync(join(cwd, 'pep_shims.h'), 'utf8')).toMatch(/PepRun_String[\s\S]*PepMethod_Check/)
})

test('what is committed is what was written, or nothing', () => {
  const cwd = repository()
  write(cwd, 'spam.c', 'mine\n')
  write(cwd, 'other.c', 'ours\n')
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
  const spam = { file: join(cwd, 'spam.c'), isNew: false, bytes: bytes('ours\n') }
  const other = { file: join(cwd, 'other.c'), isNew: true, bytes: bytes('ours\n') }
  expect(() => commit(realpathSync(cwd), [other, spam], 'Ours')).toThrow('spam.c was changed by somebody else')
  expect([git(cwd, 'status', '--porcelain'), log(cwd)]).toEqual([' M spam.c\n?? other.c\n', ['All']])
  git(cwd, 'add', 'spam.c')
  expect(() => commit(realpathSync(cwd), [other], 'Ours')).toThrow('spam.c was staged meanwhile')
  expect([git(cwd, 'status', '--porcelain'), log(cwd)]).toEqual(['M  spam.c\n?? other.c\n', ['All']])
  git(cwd, 'reset', '-q')
  commit(realpathSync(cwd), [other, { ...spam, bytes: bytes('mine\n') }], 'Ours')
  expect([git(cwd, 'status', '--porcelain'), log(cwd)]).toEqual(['', ['All', 'Ours']])
})

test('line ends that git stores otherwise are no change', () => {
  const cwd = repository({ '.gitattributes': '*.c text eol=crlf\n' })
  write(cwd, 'other.c', 'ours\r\n')
  const bytes = new TextEncoder().encode('ours\r\n')
  commit(realpathSync(cwd), [{ file: join(cwd, 'other.c'), isNew: true, bytes }], 'Ours')
  expect(git(cwd, 'show', 'HEAD:other.c')).toBe('ours\n')
})
