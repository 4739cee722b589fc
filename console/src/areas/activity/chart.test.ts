import { expect, test } from 'vitest';
import { line, scale, within, type Metric } from './chart';

test('marks are round numbers above every value', () => {
    expect(scale([3, 7, null])).toEqual({ top: 10, marks: [0, 5, 10] });
    expect(scale([230]).top).toBe(250);
    expect(scale([0.3]).top).toBe(0.5);
    expect(scale([null, 0]).top).toBe(1);
    expect(scale([])).toEqual({ top: 1, marks: [0, 1] });
});

test('a line is broken where there is no value', () => {
    expect(line([0, 5, null, 10], 10, 30, 100)).toBe('M0 100L10 50M30 0h1');
    expect(line([4], 4, 30, 10)).toBe('M0 0h1');
    expect(line([], 1, 10, 10)).toBe('');
});

test('a range takes the newest points', () => {
    const metric = { step_seconds: 60, points: Array.from({ length: 60 }, (_, index) => ({ date: String(index) })) } as unknown as Metric;
    expect(within(metric, '15m').map(({ date }) => date)).toHaveLength(15);
    expect(within(metric, '15m').at(-1)?.date).toBe('59');
    expect(within(metric, '24h')).toHaveLength(60);
});
