import { catalogue } from './catalogue.ts'

/** Where CPython's documentation is, of the newest version that is out. */
const documentation = 'https://docs.python.org/3/'

/** On the Limited API as a whole. */
const general = 'c-api/stable.html'

/** The pages on what the sections of the catalogue are about; `general` for the others. */
const pages: Readonly<Record<string, string>> = {
  'From static types to specs': 'c-api/type.html',
  'Heap types': 'howto/isolating-extensions.html',
  'Module initialisation': 'c-api/module.html',
  'Module state': 'howto/isolating-extensions.html',
  Capsules: 'c-api/capsule.html',
  abi3t: 'howto/free-threading-extensions.html',
}

/** Of a rule that several sections name, the one with the pattern of its name. */
const sectionOf = new Map(
  [
    ...catalogue.filter(({ answer }) => answer !== 'rule'),
    ...catalogue.filter(({ answer }) => answer === 'rule'),
  ].flatMap(({ section, rules }) => rules.map((rule) => [rule, section] as const)),
)

/**
 * Where the pages of `docs` are published as a site, with a slash at its end; empty as long as they are nowhere. What
 * `homepage` in package.json says, which `npm run build` puts here.
 */
declare const siteAddress: string | undefined

/** The address of the page of CPython's documentation on what a rule is about. @param rule its name */
export const documentationOf = (rule: string): string => documentation + (pages[sectionOf.get(rule) ?? ''] ?? general)

/**
 * The address of a rule's page: ours where a site has it, else that of CPython's documentation, so that it never leads
 * nowhere.
 * @param rule its name
 * @param site the address of the site
 */
export const pageOf = (rule: string, site = typeof siteAddress === 'string' ? siteAddress : ''): string =>
  site === '' ? documentationOf(rule) : `${site.replace(/\/*$/, '/')}rules/${rule}.html`
