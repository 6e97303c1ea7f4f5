/** Hyperlinks in the output of a terminal: OSC 8, which terminals show that know it. */

/** Values of `TERM_PROGRAM` of terminals that know hyperlinks. Source: their documentation. */
const programs = /^(?:iTerm\.app|WezTerm|vscode|ghostty|Hyper|rio|Tabby)$/

/** Values of `TERM` that only such terminals have. */
const terms = /^(?:xterm-kitty|xterm-ghostty|alacritty|foot|wezterm|contour)/

/**
 * Whether a terminal is known to show hyperlinks. What stands between (`tmux`, `screen`, a CI system) may not hand them
 * on, and others show what they do not know.
 * @param level of colour: where nothing is painted, nothing is linked
 */
export function knowsHyperlinks(environment: NodeJS.ProcessEnv, isTerminal: boolean, level: number): boolean {
  const { TERM = '', TERM_PROGRAM = '', VTE_VERSION, CI, TMUX, STY } = environment
  if (!isTerminal || level === 0 || CI || TMUX || STY || /^(?:dumb|screen|tmux)/.test(TERM)) return false
  return (
    programs.test(TERM_PROGRAM) ||
    terms.test(TERM) ||
    Number(VTE_VERSION) >= 5000 ||
    ['WT_SESSION', 'KITTY_WINDOW_ID', 'KONSOLE_VERSION', 'DOMTERM'].some((name) => Boolean(environment[name]))
  )
}
