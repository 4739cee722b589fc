import { expect, test } from 'vitest';
import { layout, type Box, type Edge } from './layout';

const boxes = (...ids: string[]): Box[] => ids.map((id) => ({ id, width: 100, height: 50 }));
const edges = (...pairs: string[]): Edge[] => pairs.map((pair) => ({ from: pair.charAt(0), to: pair.charAt(1) }));
const x = (found: ReturnType<typeof layout>, id: string) => found.boxes.find((box) => box.id === id)?.x ?? Number.NaN;

function overlapping(found: ReturnType<typeof layout>): string[] {
    return found.boxes.flatMap((a) =>
        found.boxes
            .filter((b) => a.id < b.id && a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height)
            .map((b) => `${a.id} ${b.id}`),
    );
}

test('references point to the left, and nothing overlaps', () => {
    const found = layout(boxes('a', 'b', 'c', 'd', 'e'), edges('ba', 'cb', 'db'));
    expect(x(found, 'a')).toBeLessThan(x(found, 'b'));
    expect(x(found, 'b')).toBeLessThan(x(found, 'c'));
    expect(overlapping(found)).toEqual([]);
    expect(found.boxes).toHaveLength(5);
});

test('circles, references to itself and to nowhere do no harm', () => {
    const found = layout(boxes('a', 'b', 'c'), edges('ab', 'bc', 'ca', 'aa', 'az'));
    expect(found.boxes).toHaveLength(3);
    expect(overlapping(found)).toEqual([]);
});

test('lines that need not cross do not', () => {
    const found = layout(boxes('a', 'b', 'c', 'd'), edges('cb', 'da'));
    const y = (id: string) => found.boxes.find((box) => box.id === id)?.y ?? 0;
    expect(y('a') < y('b')).toBe(y('d') < y('c'));
});

test('a thousand boxes are placed quickly, in columns', () => {
    const ids = Array.from({ length: 1000 }, (_, index) => `t${index}`);
    const started = performance.now();
    const found = layout(boxes(...ids), ids.slice(1).map((id, index) => ({ from: id, to: `t${Math.floor(index / 3)}` })));
    expect(performance.now() - started).toBeLessThan(2000);
    expect(found.height).toBeLessThan(2000);
    expect(new Set(found.boxes.map((box) => `${box.x}:${box.y}`)).size).toBe(1000);
});

test('nothing is no error', () => expect(layout([], []).boxes).toEqual([]));
