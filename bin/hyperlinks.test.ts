import { expect, test } from 'vitest'
import { knowsHyperlinks } from './hyperlinks.ts'

test('hyperlinks are for terminals that are known to show them, and nothing between', () => {
  for (const known of [
    { WT_SESSION: '1' },
    { TERM: 'xterm-kitty' },
    { TERM_PROGRAM: 'WezTerm' },
    { VTE_VERSION: '6800' },
  ]) {
    expect(knowsHyperlinks(known, true, 1)).toBe(true)
    expect(knowsHyperlinks(known, false, 1)).toBe(false)
    expect(knowsHyperlinks(known, true, 0)).toBe(false)
    expect(knowsHyperlinks({ ...known, CI: 'true' }, true, 1)).toBe(false)
    expect(knowsHyperlinks({ ...known, TMUX: '/tmp/tmux' }, true, 1)).toBe(false)
    expect(knowsHyperlinks({ ...known, TERM: 'screen-256color' }, true, 1)).toBe(false)
  }
  for (const other of [{}, { TERM: 'xterm-256color' }, { VTE_VERSION: '4205' }, { TERM_PROGRAM: 'Apple_Terminal' }])
    expect(knowsHyperlinks(other, true, 1)).toBe(false)
})
