// Two texts, line by line: what stayed, what went, what came.

export interface Line {
    kind: 'same' | 'gone' | 'new';
    text: string;
}

/** Products of line counts above this are not compared one by one. */
const MOST = 4_000_000;

/** The lines of both texts in one order. Very long texts are told as all gone and all new between what they share at both ends. */
export function diff(before: string, after: string): Line[] {
    const old = before.split('\n');
    const now = after.split('\n');
    let start = 0;
    while (start < old.length && start < now.length && old[start] === now[start]) start += 1;
    let end = 0;
    while (end < old.length - start && end < now.length - start && old[old.length - 1 - end] === now[now.length - 1 - end]) end += 1;
    const line = (kind: Line['kind']) => (text: string): Line => ({ kind, text });
    return [
        ...old.slice(0, start).map(line('same')),
        ...between(old.slice(start, old.length - end), now.slice(start, now.length - end)),
        ...old.slice(old.length - end).map(line('same')),
    ];
}

function between(old: string[], now: string[]): Line[] {
    const all = (kind: Line['kind'], texts: string[]): Line[] => texts.map((text) => ({ kind, text }));
    if (old.length * now.length > MOST) return [...all('gone', old), ...all('new', now)];
    // Lengths of the longest common rest, by the positions in both.
    const width = now.length + 1;
    const rest = new Uint32Array((old.length + 1) * width);
    const at = (row: number, column: number) => rest[row * width + column] ?? 0;
    for (let row = old.length - 1; row >= 0; row--) {
        for (let column = now.length - 1; column >= 0; column--) {
            rest[row * width + column] = old[row] === now[column] ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
        }
    }
    const found: Line[] = [];
    let row = 0;
    let column = 0;
    while (row < old.length && column < now.length) {
        if (old[row] === now[column]) {
            found.push({ kind: 'same', text: old[row] ?? '' });
            row += 1;
            column += 1;
        } else if (at(row + 1, column) >= at(row, column + 1)) found.push({ kind: 'gone', text: old[row++] ?? '' });
        else found.push({ kind: 'new', text: now[column++] ?? '' });
    }
    return [...found, ...all('gone', old.slice(row)), ...all('new', now.slice(column))];
}

/** The lines with long stretches of unchanged ones left out; `undefined` stands for what is left out. */
export function folded(lines: Line[], around = 3): (Line | undefined)[] {
    const near = lines.map((_, index) => lines.slice(Math.max(0, index - around), index + around + 1).some((line) => line.kind !== 'same'));
    return lines.flatMap((line, index) => (near[index] ? [line] : near[index - 1] || index === 0 ? [undefined] : []));
}
