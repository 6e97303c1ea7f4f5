import type { Profile } from '../../rules/profiles.ts'
import { keys, schemaOf } from './keys.ts'

/**
 * JSON Schema of a configuration, for editors: of an `abi3lint.toml`, and of `[tool.abi3lint]` in `pyproject.toml`.
 * @param rules names of all rules, with what they are about
 * @returns text with a final line feed
 */
export function configSchema(
  rules: readonly { readonly name: string; readonly summary: string }[],
  profiles: readonly Profile[],
): string {
  const described = ({ name, summary }: { readonly name: string; readonly summary: string }): object => ({
    const: name,
    description: summary,
  })
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Configuration of abi3lint',
    ...schemaOf(keys),
    $defs: {
      rule: { oneOf: rules.map(described) },
      'rule-or-profile': { oneOf: [...profiles, ...rules].map(described) },
    },
  }
  return `${JSON.stringify(schema, null, 2)}\n`
}
