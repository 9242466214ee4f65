/** The items of `first` that `second` lacks; both in ascending order. Reads each once, and holds none. */
export async function* missingEntries(
  first: AsyncIterable<string>,
  second: AsyncIterable<string>,
): AsyncGenerator<string> {
  const others = second[Symbol.asyncIterator]();
  let other = await others.next();
  for await (const id of first) {
    while (other.done !== true && other.value < id) other = await others.next();
    if (other.done === true || other.value !== id) yield id;
  }
}
