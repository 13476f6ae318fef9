/**
 * The indices of so many things that are measured in turn, in an order that is another each time: whoever always comes
 * after the same one pays for its garbage.
 */
export function randomOrder(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => ({ index, place: Math.random() }))
    .toSorted((one, other) => one.place - other.place)
    .map(({ index }) => index);
}
