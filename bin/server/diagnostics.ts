import { type Diagnostic, DiagnosticSeverity } from 'vscode-languageserver/node'
import type { Located, Run, Severity } from '../../analyzer/check/diagnostic.ts'
import { printableLines } from '../../reports/printable.ts'
import type { Findings } from './checked-file.ts'
import type { PlacedText } from './placed-text.ts'

const severities: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  info: DiagnosticSeverity.Information,
}

/** What a finding says, in lines of plain text that cannot act. */
const messageOf = ({ message, advice, notes }: Pick<Located, 'message' | 'advice' | 'notes'>): string =>
  printableLines([message, ...(advice === '' ? [] : [advice]), ...notes].join('\n'))

/** What a diagnostic is made of; offsets are bytes of its file. */
export type Shown = Pick<
  Located,
  'rule' | 'severity' | 'start' | 'end' | 'message' | 'advice' | 'notes' | 'fingerprint'
>

/** A finding as an editor shows it. @param page the address of what there is to read on its rule */
export const shownAs = (found: Shown, text: PlacedText, page: string | undefined): Diagnostic => ({
  range: text.rangeOf(found),
  severity: severities[found.severity],
  code: found.rule,
  ...(page !== undefined && { codeDescription: { href: page } }),
  source: 'abi3lint',
  message: messageOf(found),
  data: found.fingerprint,
})

/** The findings of a file as an editor shows them. */
export function diagnosticsOf(
  { diagnostics, rules }: Pick<Findings, 'diagnostics' | 'rules'>,
  text: PlacedText,
): Diagnostic[] {
  const pages = pagesOf(rules)
  return diagnostics.map((each) => shownAs(each, text, pages.get(each.rule)))
}

const pagesOf = (rules: Run['rules']): ReadonlyMap<string, string> =>
  new Map(rules.map(({ name, page }) => [name, page]))
