import { expect, test } from 'vitest';
import { jsonProblem, nextRuns } from './schedule';

const runs = (frequency: number, at: string) => nextRuns(frequency, new Date(at)).map((date) => date.toISOString().slice(11, 16));

test('a task runs at the multiples of its frequency within the hour', () => {
    expect(runs(5, '2026-01-02T10:03:20Z')).toEqual(['10:05', '10:10', '10:15']);
    expect(runs(25, '2026-01-02T10:26:00Z')).toEqual(['10:50', '11:00', '11:25']);
    expect(runs(1, '2026-01-02T23:58:59Z')).toEqual(['23:59', '00:00', '00:01']);
});

test('of more than an hour it runs at every full hour', () => {
    expect(runs(90, '2026-01-02T10:00:00Z')).toEqual(['11:00', '12:00', '13:00']);
});

test('a frequency that is none has no runs', () => {
    expect(nextRuns(0, new Date())).toEqual([]);
    expect(nextRuns(1.5, new Date())).toEqual([]);
});

test('an empty body is fine, half an object is not', () => {
    expect(jsonProblem(null)).toBeUndefined();
    expect(jsonProblem(' ')).toBeUndefined();
    expect(jsonProblem('{"a":1}')).toBeUndefined();
    expect(jsonProblem('{"a":')).toBeDefined();
});
