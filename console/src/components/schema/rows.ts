/** The list with one entry moved by so many places. */
export function moved<T>(list: T[], index: number, by: number): T[] {
    const next = list.slice();
    const [entry] = next.splice(index, 1);
    if (entry !== undefined) next.splice(index + by, 0, entry);
    return next;
}
