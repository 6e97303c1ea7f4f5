import { eastAsianWidth } from 'get-east-asian-width'

const zero = /^[\p{Mn}\p{Me}\p{Cf}]$/u
const wideEmoji = /^\p{Emoji_Presentation}$/u

/**
 * How many columns a terminal takes for a text without control characters: wide characters two, combining marks none.
 * (The usual package for this asks `Intl.Segmenter`, which costs more to start than all the rest of a run on one file.)
 */
export function displayWidth(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length
  let width = 0
  for (const character of text) {
    if (zero.test(character)) continue
    width += wideEmoji.test(character) ? 2 : eastAsianWidth(character.codePointAt(0)!)
  }
  return width
}
