/**
 * Gives equal texts, and equal lists of texts, as one: findings are many, and say few different things.
 */
export class Interning {
  private readonly texts = new Map<string, string>()
  private readonly lists = new Map<string, readonly string[]>()

  text(text: string): string {
    const known = this.texts.get(text)
    if (known !== undefined) return known
    this.texts.set(text, text)
    return text
  }

  list(list: readonly string[]): readonly string[] {
    // No text holds this character, but for what nobody writes.
    const key = list.join('\0')
    const known = this.lists.get(key)
    if (known !== undefined && known.length === list.length) return known
    const own = list.map((each) => this.text(each))
    this.lists.set(key, own)
    return own
  }
}
