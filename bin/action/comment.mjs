// Says on a pull request what is found, in one comment: the one of an earlier run is written anew, and where there is
// none and nothing is found none is made. The report is Markdown in which no text of the sources is markup. What the
// API answers is not shown but for numbers and names of states: it holds text of others.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

const env = (name) => process.env[name] ?? ''
const api = env('GITHUB_API_URL') || 'https://api.github.com'
/** GitHub takes comments of so many characters. */
const longest = 65_536
/** So many pages of a hundred comments are looked through. */
const mostPages = 100

/** By a digest of its key: no text of others stands in the comment that is looked for. */
const mark = `<!-- abi3lint ${createHash('sha256').update(env('ABI3LINT_COMMENT_KEY')).digest('hex').slice(0, 16)} -->`

async function ask(method, path, body) {
  const response = await fetch(`${api}${path}`, {
    method,
    headers: {
      Accept: 'application/vnd.github+json',
      Authorization: `Bearer ${env('ABI3LINT_TOKEN')}`,
      'User-Agent': 'abi3lint',
      'X-GitHub-Api-Version': '2022-11-28',
      ...(body && { 'Content-Type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
    // With the token nobody is to be sent elsewhere.
    redirect: 'error',
    signal: AbortSignal.timeout(60_000),
  })
  if (response.ok) return response.json()
  throw Object.assign(new Error(`${method} of comments: GitHub answers ${response.status}`), {
    status: response.status,
  })
}

/** The comment of an earlier run; anybody can write the mark, so it has to be of the same author. */
async function findComment(issue) {
  for (let page = 1; page <= mostPages; page++) {
    const comments = await ask('GET', `${issue}/comments?per_page=100&page=${page}`)
    const own = comments.find(
      ({ user, body }) => user?.login === env('ABI3LINT_COMMENT_AUTHOR') && body?.startsWith(mark),
    )
    if (own) return own
    if (comments.length < 100) break
  }
  return null
}

/** As many lines of a report as a comment may have, with what they leave open closed, and where all of it stands. */
function fitting(body, repository) {
  if (body.length <= longest) return body
  const [server, run] = [env('GITHUB_SERVER_URL'), env('GITHUB_RUN_ID')]
  const hasAddress = /^https?:\/\/[\w.:/-]+$/.test(server) && /^\d+$/.test(run)
  const summary = hasAddress
    ? `[summary of the job](${server}/${repository}/actions/runs/${run})`
    : 'summary of the job'
  const note = `\n**This is not all:** the report is too long for a comment. All of it is in the ${summary}.\n`
  let [kept, open, fence] = ['', 0, '']
  for (const line of body.match(/[^\n]*\n|[^\n]+$/g)) {
    const closing = `${fence && `${fence}\n`}${'\n</details>\n'.repeat(open + 1)}`
    if (kept.length + line.length + closing.length + note.length + 10 > longest) break
    kept += line
    const mark = /^ *(`{3,})/.exec(line)?.[1] ?? ''
    if (mark !== '') fence = fence === '' ? mark : mark.length >= fence.length ? '' : fence
    else if (fence === '') open += line.split('<details>').length - line.split('</details>').length
  }
  return `${kept}${fence && `${fence}\n`}${'\n</details>\n'.repeat(open)}${note}`
}

async function main() {
  const event = JSON.parse(readFileSync(env('GITHUB_EVENT_PATH'), 'utf8'))
  const number = event.pull_request?.number
  if (!Number.isSafeInteger(number)) return 'this is no run for a pull request: no comment'
  const repository = env('GITHUB_REPOSITORY')
  if (!/^[\w.-]+\/[\w.-]+$/.test(repository)) throw new Error('GITHUB_REPOSITORY is no name of a repository')
  const body = fitting(`${mark}\n${readFileSync(env('ABI3LINT_MARKDOWN'), 'utf8')}`, repository)
  const before = await findComment(`/repos/${repository}/issues/${number}`)
  if (before !== null) {
    if (before.body.replaceAll('\r\n', '\n').trimEnd() === body.trimEnd()) return 'the comment says it already'
    await ask('PATCH', `/repos/${repository}/issues/comments/${Number(before.id)}`, { body })
    return 'the comment is brought up to date'
  }
  if (env('ABI3LINT_EXIT_CODE') === '0') return 'nothing to comment on'
  await ask('POST', `/repos/${repository}/issues/${number}/comments`, { body })
  return 'the comment is written'
}

try {
  process.stdout.write(`${await main()}\n`)
} catch (error) {
  if (error.status === 403 || error.status === 404) {
    // So it is for pull requests from forks: what is found stands in the summary of the job.
    process.stdout.write(
      'note: the token may not comment: `permissions: { pull-requests: write }` allows it, but not from forks\n',
    )
  } else {
    process.stdout.write(`error: ${JSON.stringify(error.message)}\n`)
    process.exitCode = 1
  }
}
