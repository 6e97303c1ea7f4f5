/** So many items are one part of a report. */
const itemsInPart = 500

/**
 * The texts of items, joined to parts of a report that can be written one after the other.
 * @param show gives the text of an item, with its line feed
 */
export function* inParts<T>(items: readonly T[], show: (item: T, index: number) => string): Generator<string> {
  for (let from = 0; from < items.length; from += itemsInPart)
    yield items
      .slice(from, from + itemsInPart)
      .map((item, index) => show(item, from + index))
      .join('')
}
