import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { CommentServer } from '../fixtures/action/comment-server.ts'

const scratch = mkdtempSync(join(tmpdir(), 'abi3lint-comment-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const script = join(import.meta.dirname, 'action/comment.mjs')

/** What is written as a comment of a report. */
async function commentOf(report: string, more: Readonly<Record<string, string>> = {}): Promise<string> {
  const [event, markdown] = [join(scratch, 'event.json'), join(scratch, 'report.md')]
  writeFileSync(event, '{"pull_request":{"number":7}}')
  writeFileSync(markdown, report)
  const server = new CommentServer('secret')
  const env = {
    ...process.env,
    GITHUB_API_URL: await server.listen(),
    GITHUB_EVENT_PATH: event,
    GITHUB_REPOSITORY: 'spam/ham',
    GITHUB_SERVER_URL: 'https://github.example',
    GITHUB_RUN_ID: '42',
    ABI3LINT_TOKEN: 'secret',
    ABI3LINT_MARKDOWN: markdown,
    ABI3LINT_EXIT_CODE: '1',
    ABI3LINT_COMMENT_AUTHOR: 'github-actions[bot]',
    ...more,
  }
  const { stdout } = await promisify(execFile)(process.execPath, [script], { env }).finally(() => server.close())
  expect(stdout).toBe('the comment is written\n')
  return server.comments[0]!.body.slice(server.comments[0]!.body.indexOf('\n') + 1)
}

test('a report that a comment can have is written as it is', async () => {
  const report = `## abi3lint\n\n${'- a finding\n'.repeat(5_000)}`
  expect(await commentOf(report)).toBe(report)
})

test.each([
  ['of a list', '- `f.c:1` a finding\n'],
  ['of one that is folded', '<details><summary>a rule</summary>\n\n- a finding\n\n</details>\n'],
  ['of code', '````c\nint a;\n```\nint b;\n````\n'],
  ['of one that is folded twice', '<details>\n<details>\n- a finding\n</details>\n</details>\n'],
])('a longer one %s is cut behind a line, and what is open is closed', async (_, part) => {
  const head = '## abi3lint\n\nFound many errors.\n\n'
  for (const blanks of [0, 7, 20, 33]) {
    const body = await commentOf(head + '\n'.repeat(blanks) + part.repeat(10_000))
    expect(body.startsWith(head)).toBe(true)
    expect(
      body.endsWith('All of it is in the [summary of the job](https://github.example/spam/ham/actions/runs/42).\n'),
    ).toBe(true)
    expect(body.length).toBeGreaterThan(64_000)
    expect(body.split('<details>').length).toBe(body.split('</details>').length)
    expect((body.match(/^````/gm) ?? []).length % 2).toBe(0)
  }
})

test('one long line is no comment, but the note is, without an address that is none', async () => {
  const body = await commentOf(`## abi3lint\n${'x'.repeat(70_000)}`, { GITHUB_SERVER_URL: 'javascript:x' })
  expect(body).toBe(
    '## abi3lint\n\n**This is not all:** the report is too long for a comment. ' +
      'All of it is in the summary of the job.\n',
  )
})
